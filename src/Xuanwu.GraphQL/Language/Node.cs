using System.Collections.Immutable;

namespace Xuanwu.GraphQL.Language;

/// <summary>A part of a parsed document. <see cref="Start"/> is the byte offset of its first token.</summary>
public abstract class Node(int start)
{
    /// <summary>Byte offset in the document; <see cref="Source.Locate"/> makes line and column of it.</summary>
    public int Start { get; } = start;
}

/// <summary>A name and where it stands.</summary>
public readonly record struct Name(string Value, int Start)
{
    /// <summary>The name's text.</summary>
    public override string ToString() => Value;
}

/// <summary>A parsed document (specification, section 2.2).</summary>
public sealed class Document(Source source, ImmutableArray<Definition> definitions, int tokens) : Node(0)
{
    /// <summary>The text it was parsed from.</summary>
    public Source Source { get; } = source;

    /// <summary>Definitions in the order of the text.</summary>
    public ImmutableArray<Definition> Definitions { get; } = definitions;

    /// <summary>How many lexical tokens it had: a measure of its size in memory.</summary>
    public int Tokens { get; } = tokens;
}

/// <summary>An operation, a fragment, or a definition of the type system.</summary>
public abstract class Definition(int start, StringValue? description) : Node(start)
{
    /// <summary>The string ahead of the definition, if there is one.</summary>
    public StringValue? Description { get; } = description;
}

/// <summary>A definition that can be executed: operation or fragment.</summary>
public abstract class ExecutableDefinition(
    int start, StringValue? description, ImmutableArray<Directive> directives, SelectionSet selectionSet)
    : Definition(start, description)
{
    /// <summary>Directives in order.</summary>
    public ImmutableArray<Directive> Directives { get; } = directives;

    /// <summary>What is selected.</summary>
    public SelectionSet SelectionSet { get; } = selectionSet;
}

/// <summary>The three kinds of operations.</summary>
public enum OperationKind
{
    /// <summary>Reads; root fields may run in parallel.</summary>
    Query,

    /// <summary>Writes; root fields run one after another.</summary>
    Mutation,

    /// <summary>A stream of results.</summary>
    Subscription,
}

/// <summary>An operation (section 2.4).</summary>
public sealed class OperationDefinition(
    int start,
    StringValue? description,
    OperationKind kind,
    Name? name,
    ImmutableArray<VariableDefinition> variables,
    ImmutableArray<Directive> directives,
    SelectionSet selectionSet)
    : ExecutableDefinition(start, description, directives, selectionSet)
{
    /// <summary>Query, mutation or subscription.</summary>
    public OperationKind Kind { get; } = kind;

    /// <summary>Null for an anonymous operation.</summary>
    public Name? Name { get; } = name;

    /// <summary>Variables in order.</summary>
    public ImmutableArray<VariableDefinition> Variables { get; } = variables;
}

/// <summary>A named fragment (section 2.9).</summary>
public sealed class FragmentDefinition(
    int start,
    StringValue? description,
    Name name,
    NamedTypeNode typeCondition,
    ImmutableArray<Directive> directives,
    SelectionSet selectionSet)
    : ExecutableDefinition(start, description, directives, selectionSet)
{
    /// <summary>The fragment's name.</summary>
    public Name Name { get; } = name;

    /// <summary>The type after <c>on</c>.</summary>
    public NamedTypeNode TypeCondition { get; } = typeCondition;
}

/// <summary>A variable's declaration (section 2.11).</summary>
public sealed class VariableDefinition(
    int start,
    StringValue? description,
    Variable variable,
    TypeNode type,
    ValueNode? defaultValue,
    ImmutableArray<Directive> directives)
    : Node(start)
{
    /// <summary>The string ahead of it, if there is one.</summary>
    public StringValue? Description { get; } = description;

    /// <summary>The variable.</summary>
    public Variable Variable { get; } = variable;

    /// <summary>Its type.</summary>
    public TypeNode Type { get; } = type;

    /// <summary>Used when the request gives no value; null when there is none.</summary>
    public ValueNode? DefaultValue { get; } = defaultValue;

    /// <summary>Directives in order.</summary>
    public ImmutableArray<Directive> Directives { get; } = directives;
}

/// <summary>What stands between braces (section 2.5).</summary>
public sealed class SelectionSet(int start, ImmutableArray<Selection> selections) : Node(start)
{
    /// <summary>Selections in order.</summary>
    public ImmutableArray<Selection> Selections { get; } = selections;
}

/// <summary>A field, a fragment spread or an inline fragment.</summary>
public abstract class Selection(int start, ImmutableArray<Directive> directives) : Node(start)
{
    /// <summary>Directives in order.</summary>
    public ImmutableArray<Directive> Directives { get; } = directives;
}

/// <summary>A field (section 2.6).</summary>
public sealed class FieldNode(
    int start,
    Name? alias,
    Name name,
    ImmutableArray<Argument> arguments,
    ImmutableArray<Directive> directives,
    SelectionSet? selectionSet)
    : Selection(start, directives)
{
    /// <summary>The alias, if there is one.</summary>
    public Name? Alias { get; } = alias;

    /// <summary>The field's name in the schema.</summary>
    public Name Name { get; } = name;

    /// <summary>The key in the response: alias or name.</summary>
    public string ResponseName => Alias?.Value ?? Name.Value;

    /// <summary>Arguments in order.</summary>
    public ImmutableArray<Argument> Arguments { get; } = arguments;

    /// <summary>Null for a leaf.</summary>
    public SelectionSet? SelectionSet { get; } = selectionSet;
}

/// <summary>A spread of a named fragment.</summary>
public sealed class FragmentSpread(int start, Name name, ImmutableArray<Directive> directives)
    : Selection(start, directives)
{
    /// <summary>The fragment's name.</summary>
    public Name Name { get; } = name;
}

/// <summary>A fragment written in place.</summary>
public sealed class InlineFragment(
    int start, NamedTypeNode? typeCondition, ImmutableArray<Directive> directives, SelectionSet selectionSet)
    : Selection(start, directives)
{
    /// <summary>The type after <c>on</c>; null keeps the enclosing type.</summary>
    public NamedTypeNode? TypeCondition { get; } = typeCondition;

    /// <summary>What is selected.</summary>
    public SelectionSet SelectionSet { get; } = selectionSet;
}

/// <summary>A named value given to a field or a directive (section 2.7).</summary>
public sealed class Argument(Name name, ValueNode value) : Node(name.Start)
{
    /// <summary>The argument's name.</summary>
    public Name Name { get; } = name;

    /// <summary>Its value.</summary>
    public ValueNode Value { get; } = value;
}

/// <summary>A directive (section 2.13).</summary>
public sealed class Directive(int start, Name name, ImmutableArray<Argument> arguments) : Node(start)
{
    /// <summary>The name, without the at sign.</summary>
    public Name Name { get; } = name;

    /// <summary>Arguments in order.</summary>
    public ImmutableArray<Argument> Arguments { get; } = arguments;
}

/// <summary>A reference to a type (section 2.12).</summary>
public abstract class TypeNode(int start) : Node(start);

/// <summary>A type by name.</summary>
public sealed class NamedTypeNode(Name name) : TypeNode(name.Start)
{
    /// <summary>The type's name.</summary>
    public Name Name { get; } = name;
}

/// <summary>A list of a type.</summary>
public sealed class ListTypeNode(int start, TypeNode item) : TypeNode(start)
{
    /// <summary>The items' type.</summary>
    public TypeNode Item { get; } = item;
}

/// <summary>A type that excludes null.</summary>
public sealed class NonNullTypeNode(int start, TypeNode inner) : TypeNode(start)
{
    /// <summary>A named type or a list.</summary>
    public TypeNode Inner { get; } = inner;
}
