using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Conformance;

/// <summary>
/// Values made from types alone: Int 2, Float 3.14, String "str", Boolean true, ID "id", an enum's first value, two
/// items for a list, a union's first member by name, an interface's last object type by name, "str" for any other
/// scalar.
/// </summary>
public sealed class DefaultValues(Schema schema)
{
    /// <summary>The value of the root types.</summary>
    public static readonly object Root = new Instance("");

    /// <summary>A value of the type.</summary>
    public object? Of(SchemaType type) => type.Nullable switch
    {
        ListType it => new[] { Of(it.Item), Of(it.Item) },
        ScalarType { Name: "Int" } => 2,
        ScalarType { Name: "Float" } => 3.14,
        ScalarType { Name: "Boolean" } => true,
        ScalarType { Name: "ID" } => "id",
        ScalarType => "str",
        EnumType it => it.Values[0].Value,
        UnionType it => Make(schema.PossibleTypes(it).MinBy(member => member.Name, StringComparer.Ordinal)),
        InterfaceType it => Make(schema.PossibleTypes(it).MaxBy(member => member.Name, StringComparer.Ordinal)),
        NamedType it => new Instance(it.Name),
        _ => null,
    };

    private static Instance? Make(ObjectType? type) => type is null ? null : new Instance(type.Name);

    /// <summary>An object whose fields are resolved by their types.</summary>
    public sealed record Instance(string TypeName);
}
