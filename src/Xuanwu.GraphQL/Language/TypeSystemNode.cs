using System.Collections.Immutable;

namespace Xuanwu.GraphQL.Language;

/// <summary>A definition or extension of the type system (specification, section 3).</summary>
public abstract class TypeSystemDefinition(
    int start, StringValue? description, bool isExtension, ImmutableArray<Directive> directives)
    : Definition(start, description)
{
    /// <summary>Whether <c>extend</c> stands ahead of it.</summary>
    public bool IsExtension { get; } = isExtension;

    /// <summary>Directives in order.</summary>
    public ImmutableArray<Directive> Directives { get; } = directives;
}

/// <summary>One root operation type of a schema.</summary>
public sealed record RootOperation(OperationKind Kind, NamedTypeNode Type);

/// <summary><c>schema { … }</c>.</summary>
public sealed class SchemaDefinition(
    int start,
    StringValue? description,
    bool isExtension,
    ImmutableArray<Directive> directives,
    ImmutableArray<RootOperation> operations)
    : TypeSystemDefinition(start, description, isExtension, directives)
{
    /// <summary>Root operation types in order.</summary>
    public ImmutableArray<RootOperation> Operations { get; } = operations;
}

/// <summary><c>directive @name(…) repeatable on …</c>.</summary>
public sealed class DirectiveDefinition(
    int start,
    StringValue? description,
    Name name,
    ImmutableArray<InputValueDefinition> arguments,
    bool isRepeatable,
    ImmutableArray<Name> locations)
    : TypeSystemDefinition(start, description, false, [])
{
    /// <summary>The name, without the at sign.</summary>
    public Name Name { get; } = name;

    /// <summary>Arguments in order.</summary>
    public ImmutableArray<InputValueDefinition> Arguments { get; } = arguments;

    /// <summary>Whether it may stand several times at one place.</summary>
    public bool IsRepeatable { get; } = isRepeatable;

    /// <summary>Where it may stand.</summary>
    public ImmutableArray<Name> Locations { get; } = locations;
}

/// <summary>A definition or extension of a named type.</summary>
public abstract class TypeDefinition(
    int start, StringValue? description, bool isExtension, Name name, ImmutableArray<Directive> directives)
    : TypeSystemDefinition(start, description, isExtension, directives)
{
    /// <summary>The type's name.</summary>
    public Name Name { get; } = name;
}

/// <summary><c>scalar</c>.</summary>
public sealed class ScalarTypeDefinition(
    int start, StringValue? description, bool isExtension, Name name, ImmutableArray<Directive> directives)
    : TypeDefinition(start, description, isExtension, name, directives);

/// <summary><c>type</c> or <c>interface</c>: what has fields and implements interfaces.</summary>
public abstract class FieldsTypeDefinition(
    int start,
    StringValue? description,
    bool isExtension,
    Name name,
    ImmutableArray<NamedTypeNode> interfaces,
    ImmutableArray<Directive> directives,
    ImmutableArray<FieldDefinition> fields)
    : TypeDefinition(start, description, isExtension, name, directives)
{
    /// <summary>Implemented interfaces in order.</summary>
    public ImmutableArray<NamedTypeNode> Interfaces { get; } = interfaces;

    /// <summary>Fields in order.</summary>
    public ImmutableArray<FieldDefinition> Fields { get; } = fields;
}

/// <summary><c>type</c>.</summary>
public sealed class ObjectTypeDefinition(
    int start,
    StringValue? description,
    bool isExtension,
    Name name,
    ImmutableArray<NamedTypeNode> interfaces,
    ImmutableArray<Directive> directives,
    ImmutableArray<FieldDefinition> fields)
    : FieldsTypeDefinition(start, description, isExtension, name, interfaces, directives, fields);

/// <summary><c>interface</c>.</summary>
public sealed class InterfaceTypeDefinition(
    int start,
    StringValue? description,
    bool isExtension,
    Name name,
    ImmutableArray<NamedTypeNode> interfaces,
    ImmutableArray<Directive> directives,
    ImmutableArray<FieldDefinition> fields)
    : FieldsTypeDefinition(start, description, isExtension, name, interfaces, directives, fields);

/// <summary><c>union</c>.</summary>
public sealed class UnionTypeDefinition(
    int start,
    StringValue? description,
    bool isExtension,
    Name name,
    ImmutableArray<Directive> directives,
    ImmutableArray<NamedTypeNode> members)
    : TypeDefinition(start, description, isExtension, name, directives)
{
    /// <summary>Member types in order.</summary>
    public ImmutableArray<NamedTypeNode> Members { get; } = members;
}

/// <summary><c>enum</c>.</summary>
public sealed class EnumTypeDefinition(
    int start,
    StringValue? description,
    bool isExtension,
    Name name,
    ImmutableArray<Directive> directives,
    ImmutableArray<EnumValueDefinition> values)
    : TypeDefinition(start, description, isExtension, name, directives)
{
    /// <summary>Values in order.</summary>
    public ImmutableArray<EnumValueDefinition> Values { get; } = values;
}

/// <summary><c>input</c>.</summary>
public sealed class InputObjectTypeDefinition(
    int start,
    StringValue? description,
    bool isExtension,
    Name name,
    ImmutableArray<Directive> directives,
    ImmutableArray<InputValueDefinition> fields)
    : TypeDefinition(start, description, isExtension, name, directives)
{
    /// <summary>Fields in order.</summary>
    public ImmutableArray<InputValueDefinition> Fields { get; } = fields;
}

/// <summary>A field of an object or interface type.</summary>
public sealed class FieldDefinition(
    int start,
    StringValue? description,
    Name name,
    ImmutableArray<InputValueDefinition> arguments,
    TypeNode type,
    ImmutableArray<Directive> directives)
    : Node(start)
{
    /// <summary>The string ahead of it, if there is one.</summary>
    public StringValue? Description { get; } = description;

    /// <summary>The field's name.</summary>
    public Name Name { get; } = name;

    /// <summary>Arguments in order.</summary>
    public ImmutableArray<InputValueDefinition> Arguments { get; } = arguments;

    /// <summary>Its type.</summary>
    public TypeNode Type { get; } = type;

    /// <summary>Directives in order.</summary>
    public ImmutableArray<Directive> Directives { get; } = directives;
}

/// <summary>An argument, or a field of an input object.</summary>
public sealed class InputValueDefinition(
    int start,
    StringValue? description,
    Name name,
    TypeNode type,
    ValueNode? defaultValue,
    ImmutableArray<Directive> directives)
    : Node(start)
{
    /// <summary>The string ahead of it, if there is one.</summary>
    public StringValue? Description { get; } = description;

    /// <summary>The name.</summary>
    public Name Name { get; } = name;

    /// <summary>Its type.</summary>
    public TypeNode Type { get; } = type;

    /// <summary>Used when no value is given; null when there is none.</summary>
    public ValueNode? DefaultValue { get; } = defaultValue;

    /// <summary>Directives in order.</summary>
    public ImmutableArray<Directive> Directives { get; } = directives;
}

/// <summary>A value of an enum type.</summary>
public sealed class EnumValueDefinition(
    int start, StringValue? description, Name name, ImmutableArray<Directive> directives)
    : Node(start)
{
    /// <summary>The string ahead of it, if there is one.</summary>
    public StringValue? Description { get; } = description;

    /// <summary>The value's name.</summary>
    public Name Name { get; } = name;

    /// <summary>Directives in order.</summary>
    public ImmutableArray<Directive> Directives { get; } = directives;
}
