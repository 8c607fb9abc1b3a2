using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.8.4: variables that an operation defines are used, by it or by its fragments.
internal sealed class NoUnusedVariables : ValidationRule
{
    public override void LeaveDocument(Document node)
    {
        foreach (var operation in node.Definitions.OfType<OperationDefinition>())
        {
            if (operation.Variables.Length == 0) continue;
            var used = Context.Reachable(operation).SelectMany(it => it.Usages).Select(it => it.Node.Name).ToHashSet();
            foreach (var variable in operation.Variables)
            {
                if (used.Contains(variable.Variable.Name)) continue;
                Report(
                    operation.Name is { } name
                        ? $"Variable \"${variable.Variable.Name}\" is never used in operation \"{name}\"."
                        : $"Variable \"${variable.Variable.Name}\" is never used.",
                    variable.Start);
            }
        }
    }
}
