using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.8.3: variables that an operation uses, through fragments too, are defined by it.
internal sealed class NoUndefinedVariables : ValidationRule
{
    public override void LeaveDocument(Document node)
    {
        foreach (var operation in node.Definitions.OfType<OperationDefinition>())
        {
            var defined = operation.Variables.Select(it => it.Variable.Name).ToHashSet();
            foreach (var usage in Context.Reachable(operation).SelectMany(it => it.Usages))
            {
                if (Context.IsFull) return;
                if (defined.Contains(usage.Node.Name)) continue;
                Report(
                    operation.Name is { } name
                        ? $"Variable \"${usage.Node.Name}\" is not defined by operation \"{name}\"."
                        : $"Variable \"${usage.Node.Name}\" is not defined.",
                    usage.Node.Start,
                    operation.Start);
            }
        }
    }
}
