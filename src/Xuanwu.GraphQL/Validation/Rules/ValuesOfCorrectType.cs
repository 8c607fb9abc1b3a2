using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Validation.Rules;

// Section 5.6.1: literals fit the types of their places. A misfit is reported where it stands, once.
internal sealed class ValuesOfCorrectType : ValidationRule
{
    public override void EnterArgument(Argument node)
    {
        if (Context.Argument is { } argument) Check(node.Value, argument.Type);
    }

    public override void EnterVariableDefinition(VariableDefinition node)
    {
        if (node.DefaultValue is { } value && Context.Schema.Resolve(node.Type) is { IsInput: true } type)
        {
            Check(value, type);
        }
    }

    private void Check(ValueNode node, SchemaType type)
    {
        switch (node)
        {
            case Variable:
                break;
            case NullValue:
                if (type.IsNonNull) Report($"Expected value of type \"{type}\", found null.", node.Start);
                break;
            case ListValue it when type.Nullable is ListType list:
                foreach (var item in it.Items) Check(item, list.Item);
                break;
            case not ListValue when type.Nullable is ListType list:
                Check(node, list.Item);
                break;
            case ObjectValue it when type.Nullable is InputObjectType input:
                CheckObject(it, input);
                break;
            default:
                CheckLeaf(node, type.Nullable, type);
                break;
        }
    }

    private void CheckLeaf(ValueNode node, SchemaType type, SchemaType shown)
    {
        switch (type)
        {
            case ScalarType scalar when scalar.Codec.Parse(ScalarInput.From(node)) is not null:
            case EnumType names when node is EnumValue it && names.TryGet(it.Name, out _):
                break;
            case ScalarType scalar when BuiltInScalars.IsBuiltIn(scalar.Name):
                Report($"{scalar.Codec.Expectation} {Show(node)}", node.Start);
                break;
            case EnumType names when node is EnumValue it:
                Report(
                    $"Value \"{it.Name}\" does not exist in \"{names}\" enum."
                        + Suggestions.DidYouMean(it.Name, names.Values.Select(value => value.Name)),
                    node.Start);
                break;
            case EnumType names:
                Report(
                    $"Enum \"{names}\" cannot represent non-enum value: {Show(node)}."
                        + (node is StringValue text
                            ? Suggestions.DidYouMean(text.Value, names.Values.Select(value => value.Name)) : ""),
                    node.Start);
                break;
            default:
                Report($"Expected value of type \"{shown}\", found {Show(node)}.", node.Start);
                break;
        }
    }

    private void CheckObject(ObjectValue node, InputObjectType type)
    {
        var given = new HashSet<string>();
        foreach (var field in node.Fields)
        {
            given.Add(field.Name.Value);
            if (type.TryGetField(field.Name.Value, out var known))
            {
                Check(field.Value, known.Type);
                continue;
            }

            Report(
                $"Field \"{field.Name}\" is not defined by type \"{type}\"."
                    + Suggestions.DidYouMean(field.Name.Value, type.Fields.Select(it => it.Name)),
                field.Start);
        }

        foreach (var field in type.Fields)
        {
            if (!field.IsRequired || given.Contains(field.Name)) continue;
            Report(
                $"Field \"{type}.{field.Name}\" of required type \"{field.Type}\" was not provided.", node.Start);
        }

        if (!type.IsOneOf) return;
        if (node.Fields.Length != 1)
        {
            Report($"OneOf Input Object \"{type}\" must specify exactly one key.", node.Start);
        }
        else if (node.Fields[0].Value is NullValue)
        {
            Report($"Field \"{type}.{node.Fields[0].Name}\" must be non-null.", node.Start);
        }
    }

    private static string Show(ValueNode node)
    {
        var text = Printer.Print(node);
        return text.Length <= 200 ? text : text[..200] + "…";
    }
}
