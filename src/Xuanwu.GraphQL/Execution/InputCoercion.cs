using System.Globalization;
using System.Text.Json;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// Input coercion (specification, sections 3.5 to 3.12 and 6.1.2): literals and JSON become neutral C# values, which
// binders turn into what resolvers take. A single value where a list is expected becomes a list of one.
internal static class InputCoercion
{
    /// <summary>The value of a literal, with variables put in; false when it does not fit.</summary>
    public static bool TryLiteral(ValueNode node, SchemaType type, VariableValues? variables, out object? value)
    {
        value = null;
        if (node is Variable variable)
        {
            if (variables is null || !variables.TryGet(variable.Name, out value)) return false;
            return value is not null || !type.IsNonNull;
        }

        if (node is NullValue) return !type.IsNonNull;
        switch (type.Nullable)
        {
            case ListType list:
                return TryList(node, list, variables, out value);
            case InputObjectType input:
                return node is ObjectValue it && TryObject(it, input, variables, out value);
            case EnumType names:
                if (node is not EnumValue name || !names.TryGet(name.Name, out var member)) return false;
                value = member.Value;
                return true;
            case ScalarType scalar:
                value = scalar.Codec.Parse(ScalarInput.From(node));
                return value is not null;
            default:
                return false;
        }
    }

    /// <summary>The value of JSON; faults are added with the path inside the variable.</summary>
    public static object? Json(JsonElement json, SchemaType type, string where, string at, List<GraphQLError> errors)
    {
        if (json.ValueKind == JsonValueKind.Null)
        {
            if (type.IsNonNull) Fault($"Expected non-nullable type \"{type}\" not to be null.");
            return null;
        }

        switch (type.Nullable)
        {
            case ListType list:
                if (json.ValueKind != JsonValueKind.Array) return new[] { Json(json, list.Item, where, at, errors) };
                var items = new object?[json.GetArrayLength()];
                var index = 0;
                foreach (var item in json.EnumerateArray())
                {
                    var step = string.Create(CultureInfo.InvariantCulture, $"{at}[{index}]");
                    items[index++] = Json(item, list.Item, where, step, errors);
                }

                return items;
            case InputObjectType input:
                return JsonObject(json, input, where, at, errors);
            case EnumType names:
                if (json.ValueKind == JsonValueKind.String && names.TryGet(json.GetString()!, out var member))
                {
                    return member.Value;
                }

                Fault(json.ValueKind == JsonValueKind.String
                    ? $"Value \"{json.GetString()}\" does not exist in \"{names}\" enum."
                        + Suggestions.DidYouMean(json.GetString()!, names.Values.Select(it => it.Name))
                    : $"Enum \"{names}\" cannot represent non-string value: {Show(json)}.");
                return null;
            case ScalarType scalar:
                var value = scalar.Codec.Parse(ScalarInput.From(json));
                if (value is null) Fault($"{scalar.Codec.Expectation} {Show(json)}");
                return value;
            default:
                throw new InvalidOperationException($"{type} is not an input type.");
        }

        void Fault(string message) => errors.Add(new GraphQLError(
            $"Variable \"${where}\" got invalid value{(at.Length == 0 ? "" : $" at \"{where}{at}\"")}; {message}")
        {
            Code = ErrorCodes.InvalidVariable,
        });
    }

    private static InputValue? JsonObject(
        JsonElement json, InputObjectType type, string where, string at, List<GraphQLError> errors)
    {
        if (json.ValueKind != JsonValueKind.Object)
        {
            Fault($"Expected type \"{type}\" to be an object.");
            return null;
        }

        var value = new InputValue(type);
        var count = 0;
        var hasNull = false;
        foreach (var property in json.EnumerateObject())
        {
            if (!type.TryGetField(property.Name, out var field))
            {
                Fault($"Field \"{property.Name}\" is not defined by type \"{type}\"."
                    + Suggestions.DidYouMean(property.Name, type.Fields.Select(it => it.Name)));
                continue;
            }

            count++;
            hasNull |= property.Value.ValueKind == JsonValueKind.Null;
            value.Set(field.Index, Json(property.Value, field.Type, where, $"{at}.{field.Name}", errors));
        }

        foreach (var field in type.Fields)
        {
            if (value.TryGet(field.Index, out _)) continue;
            if (field.DefaultValue is { } literal)
            {
                if (TryLiteral(literal, field.Type, null, out var implied)) value.Set(field.Index, implied);
            }
            else if (field.Type.IsNonNull)
            {
                Fault($"Field \"{type}.{field.Name}\" of required type \"{field.Type}\" was not provided.");
            }
        }

        if (type.IsOneOf)
        {
            if (count != 1) Fault($"Exactly one key must be specified for OneOf type \"{type}\".");
            else if (hasNull) Fault($"The field of OneOf type \"{type}\" must be non-null.");
        }

        return value;

        void Fault(string message) => errors.Add(new GraphQLError(
            $"Variable \"${where}\" got invalid value{(at.Length == 0 ? "" : $" at \"{where}{at}\"")}; {message}")
        {
            Code = ErrorCodes.InvalidVariable,
        });
    }

    private static bool TryList(ValueNode node, ListType list, VariableValues? variables, out object? value)
    {
        value = null;
        if (node is not ListValue literal)
        {
            if (!TryLiteral(node, list.Item, variables, out var only)) return false;
            value = new[] { only };
            return true;
        }

        var items = new object?[literal.Items.Length];
        for (var i = 0; i < items.Length; i++)
        {
            if (IsAbsent(literal.Items[i], variables))
            {
                if (list.Item.IsNonNull) return false;
            }
            else if (!TryLiteral(literal.Items[i], list.Item, variables, out items[i]))
            {
                return false;
            }
        }

        value = items;
        return true;
    }

    private static bool TryObject(ObjectValue node, InputObjectType type, VariableValues? variables, out object? value)
    {
        value = null;
        var made = new InputValue(type);
        foreach (var given in node.Fields)
        {
            if (!type.TryGetField(given.Name.Value, out var field)) return false;
            if (IsAbsent(given.Value, variables)) continue;
            if (!TryLiteral(given.Value, field.Type, variables, out var coerced)) return false;
            made.Set(field.Index, coerced);
        }

        if (type.IsOneOf && (node.Fields.Length != 1 || made.Count != 1 || made.Values.First() is null)) return false;
        foreach (var field in type.Fields)
        {
            if (made.TryGet(field.Index, out _)) continue;
            if (field.DefaultValue is { } literal)
            {
                if (TryLiteral(literal, field.Type, null, out var implied)) made.Set(field.Index, implied);
            }
            else if (field.Type.IsNonNull)
            {
                return false;
            }
        }

        value = made;
        return true;
    }

    private static bool IsAbsent(ValueNode node, VariableValues? variables) =>
        node is Variable it && (variables is null || !variables.TryGet(it.Name, out _));

    private static string Show(JsonElement json)
    {
        var raw = json.GetRawText();
        return raw.Length <= 100 ? raw : raw[..100] + "…";
    }
}
