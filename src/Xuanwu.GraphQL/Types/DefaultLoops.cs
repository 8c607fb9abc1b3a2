using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

// Defaults of input fields that stand for themselves: {} for a field of a type whose own default for that field is {}
// again has no end (specification, section 3.10, InputObjectDefaultValueHasCycle).
internal sealed class DefaultLoops(Schema schema)
{
    private readonly HashSet<InputField> done = [];
    private readonly List<(InputField Field, string Name)> path = [];
    private readonly List<string> found = [];

    public IReadOnlyList<string> Find()
    {
        foreach (var type in schema.Types.OfType<InputObjectType>()) Enter(type, given: null);
        return found;
    }

    // What a value of the type is made of: the fields that are given, and the defaults of those that are not.
    private void Enter(InputObjectType type, ObjectValue? given)
    {
        foreach (var field in type.Fields)
        {
            var value = given?.Fields.FirstOrDefault(it => it.Name.Value == field.Name)?.Value;
            if (value is not null) Walk(value, field.Type);
            else if (field.DefaultValue is { } implied) Default(type, field, implied);
        }
    }

    private void Default(InputObjectType type, InputField field, ValueNode value)
    {
        if (path.FindIndex(it => it.Field == field) is var at and >= 0)
        {
            var via = string.Join(", ", path.Skip(at + 1).Select(it => it.Name));
            found.Add($"Invalid circular reference. The default value of Input Object field {type}.{field.Name} "
                + $"references itself{(via.Length == 0 ? "" : " via the default values of: " + via)}.");
            return;
        }

        if (!done.Add(field)) return;
        path.Add((field, $"{type}.{field.Name}"));
        Walk(value, field.Type);
        path.RemoveAt(path.Count - 1);
    }

    private void Walk(ValueNode value, SchemaType type)
    {
        if (type.Nullable is ListType list)
        {
            if (value is not ListValue items) Walk(value, list.Item);
            else foreach (var item in items.Items) Walk(item, list.Item);
        }
        else if (type.Nullable is InputObjectType input && value is ObjectValue given)
        {
            Enter(input, given);
        }
    }
}
