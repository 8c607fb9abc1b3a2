using System.Diagnostics.CodeAnalysis;

namespace Xuanwu.GraphQL.Types;

/// <summary>
/// A type as fields and arguments use it: a named type, a list of one, or a non-null one (section 3.4).
/// </summary>
public abstract class SchemaType
{
    private SchemaType? nonNull;
    private SchemaType? list;

    /// <summary>The named type inside all lists and non-nulls.</summary>
    public abstract NamedType Named { get; }

    /// <summary>Whether arguments and variables may have this type.</summary>
    public bool IsInput => Named is ScalarType or EnumType or InputObjectType;

    /// <summary>Whether fields may have this type.</summary>
    public bool IsOutput => Named is not InputObjectType;

    /// <summary>Whether the type excludes null.</summary>
    public bool IsNonNull => this is NonNullType;

    /// <summary>The type without its exclusion of null.</summary>
    public SchemaType Nullable => this is NonNullType it ? it.Inner : this;

    /// <summary>This type, excluding null.</summary>
    public SchemaType NonNull() => this is NonNullType ? this : nonNull ??= new NonNullType(this);

    /// <summary>A list of this type.</summary>
    public SchemaType List() => list ??= new ListType(this);

    /// <summary>Whether both are written the same way.</summary>
    public static bool Same(SchemaType a, SchemaType b) => (a, b) switch
    {
        (NonNullType x, NonNullType y) => Same(x.Inner, y.Inner),
        (ListType x, ListType y) => Same(x.Item, y.Item),
        _ => ReferenceEquals(a, b),
    };
}

/// <summary>A list (section 3.11).</summary>
public sealed class ListType(SchemaType item) : SchemaType
{
    /// <summary>The items' type.</summary>
    public SchemaType Item { get; } = item;

    /// <inheritdoc/>
    public override NamedType Named => Item.Named;

    /// <inheritdoc/>
    public override string ToString() => $"[{Item}]";
}

/// <summary>A type that excludes null (section 3.12).</summary>
public sealed class NonNullType(SchemaType inner) : SchemaType
{
    /// <summary>A named type or a list.</summary>
    public SchemaType Inner { get; } = inner;

    /// <inheritdoc/>
    public override NamedType Named => Inner.Named;

    /// <inheritdoc/>
    public override string ToString() => $"{Inner}!";
}

/// <summary>A type with a name.</summary>
public abstract class NamedType(string name) : SchemaType
{
    /// <summary>Unique in the schema.</summary>
    public string Name { get; } = name;

    /// <summary>Markdown for the schema's readers.</summary>
    public string? Description { get; internal set; }

    /// <summary>Whether the selection of a field of this type needs sub-selections.</summary>
    public bool IsComposite => this is FieldsType or UnionType;

    /// <summary>Whether it is part of introspection.</summary>
    public bool IsIntrospection => Name.StartsWith("__", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override NamedType Named => this;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>A leaf whose values a codec reads and writes (section 3.5).</summary>
public sealed class ScalarType(string name, ScalarCodec codec) : NamedType(name)
{
    /// <summary>Reads and writes values.</summary>
    public ScalarCodec Codec { get; } = codec;

    /// <summary>URL of the scalar's specification, or null.</summary>
    public string? SpecifiedBy { get; internal set; }
}

/// <summary>A closed set of names (section 3.9).</summary>
public sealed class EnumType(string name) : NamedType(name)
{
    private readonly List<EnumMember> values = [];
    private readonly Dictionary<string, EnumMember> byName = [];
    private readonly Dictionary<object, EnumMember> byValue = [];

    /// <summary>Values in the order they were defined.</summary>
    public IReadOnlyList<EnumMember> Values => values;

    internal bool Add(EnumMember member)
    {
        values.Add(member);
        byValue.TryAdd(member.Value, member);
        return byName.TryAdd(member.Name, member);
    }

    /// <summary>The value of that name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out EnumMember? member) => byName.TryGetValue(name, out member);

    internal bool TryGetByValue(object value, [NotNullWhen(true)] out EnumMember? member) =>
        byValue.TryGetValue(value, out member);
}

/// <summary>A value of an enum type.</summary>
/// <param name="Name">As clients write it.</param>
/// <param name="Value">What resolvers see: the C# enum value, or the name itself.</param>
public sealed record EnumMember(string Name, object Value)
{
    /// <summary>Markdown for the schema's readers.</summary>
    public string? Description { get; init; }

    /// <summary>Why it should not be used any more; null when it should.</summary>
    public string? DeprecationReason { get; init; }
}

/// <summary>A type with fields: object or interface.</summary>
public abstract class FieldsType(string name) : NamedType(name)
{
    private readonly List<Field> fields = [];
    private readonly Dictionary<string, Field> byName = [];
    private readonly List<InterfaceType> interfaces = [];

    /// <summary>Fields in the order they were defined.</summary>
    public IReadOnlyList<Field> Fields => fields;

    /// <summary>Implemented interfaces.</summary>
    public IReadOnlyList<InterfaceType> Interfaces => interfaces;

    /// <summary>The field of that name.</summary>
    public bool TryGetField(string name, [NotNullWhen(true)] out Field? field) => byName.TryGetValue(name, out field);

    internal bool Add(Field field)
    {
        fields.Add(field);
        return byName.TryAdd(field.Name, field);
    }

    internal void Add(InterfaceType type) => interfaces.Add(type);
}

/// <summary>An object type (section 3.6).</summary>
public sealed class ObjectType(string name) : FieldsType(name);

/// <summary>An interface (section 3.7).</summary>
public sealed class InterfaceType(string name) : FieldsType(name);

/// <summary>One of several object types (section 3.8).</summary>
public sealed class UnionType(string name) : NamedType(name)
{
    private readonly List<ObjectType> members = [];

    /// <summary>Member types.</summary>
    public IReadOnlyList<ObjectType> Members => members;

    internal void Add(ObjectType member) => members.Add(member);
}

/// <summary>An input object (section 3.10).</summary>
public sealed class InputObjectType(string name) : NamedType(name)
{
    private readonly List<InputField> fields = [];
    private readonly Dictionary<string, InputField> byName = [];

    /// <summary>Fields in the order they were defined.</summary>
    public IReadOnlyList<InputField> Fields => fields;

    /// <summary>Whether exactly one field must be given, and not null.</summary>
    public bool IsOneOf { get; internal set; }

    /// <summary>The field of that name.</summary>
    public bool TryGetField(string name, [NotNullWhen(true)] out InputField? field) =>
        byName.TryGetValue(name, out field);

    internal bool Add(InputField field)
    {
        field.Index = fields.Count;
        fields.Add(field);
        return byName.TryAdd(field.Name, field);
    }
}
