using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.8.5: a variable's type fits every place it is used, in each operation that reaches the place.
internal sealed class VariablesInAllowedPosition : ValidationRule
{
    public override void LeaveDocument(Document node)
    {
        foreach (var operation in node.Definitions.OfType<OperationDefinition>())
        {
            if (operation.Variables.Length == 0) continue;
            var defined = new Dictionary<string, VariableDefinition>();
            foreach (var it in operation.Variables) defined.TryAdd(it.Variable.Name, it);
            foreach (var usage in Context.Reachable(operation).SelectMany(it => it.Usages))
            {
                if (Context.IsFull) return;
                if (defined.TryGetValue(usage.Node.Name, out var definition)) Check(definition, usage);
            }
        }
    }

    private void Check(VariableDefinition definition, VariableUsage usage)
    {
        if (usage.Type is not { } expected || Context.Schema.Resolve(definition.Type) is not { } type) return;
        if (!IsAllowed(type, definition.DefaultValue, expected, usage.HasDefault))
        {
            Report(
                $"Variable \"${usage.Node.Name}\" of type \"{type}\" used in position expecting type \"{expected}\".",
                definition.Start,
                usage.Node.Start);
        }

        if (usage.OneOf is { } oneOf && !type.IsNonNull)
        {
            Report(
                $"Variable \"${usage.Node.Name}\" is of type \"{type}\" but must be non-nullable to be used for "
                    + $"OneOf Input Object \"{oneOf}\".",
                definition.Start,
                usage.Node.Start);
        }
    }

    private static bool IsAllowed(SchemaType type, ValueNode? defaultValue, SchemaType expected, bool hasDefault)
    {
        if (!expected.IsNonNull || type.IsNonNull) return Fits(type, expected);
        return (defaultValue is not null and not NullValue || hasDefault) && Fits(type, expected.Nullable);
    }

    private static bool Fits(SchemaType type, SchemaType expected) => (type, expected) switch
    {
        (NonNullType a, NonNullType b) => Fits(a.Inner, b.Inner),
        (_, NonNullType) => false,
        (NonNullType a, _) => Fits(a.Inner, expected),
        (ListType a, ListType b) => Fits(a.Item, b.Item),
        _ => ReferenceEquals(type, expected),
    };
}
