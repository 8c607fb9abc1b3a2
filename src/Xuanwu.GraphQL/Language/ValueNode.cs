using System.Collections.Immutable;

namespace Xuanwu.GraphQL.Language;

/// <summary>An input value (specification, section 2.10).</summary>
public abstract class ValueNode(int start) : Node(start);

/// <summary>A variable's use.</summary>
public sealed class Variable(int start, string name) : ValueNode(start)
{
    /// <summary>The name, without the dollar sign.</summary>
    public string Name { get; } = name;
}

/// <summary>An integer of any size, as it was written.</summary>
public sealed class IntValue(int start, string text) : ValueNode(start)
{
    /// <summary>Digits, with a minus if there was one.</summary>
    public string Text { get; } = text;
}

/// <summary>A number with a fraction or an exponent, as it was written.</summary>
public sealed class FloatValue(int start, string text) : ValueNode(start)
{
    /// <summary>The number as it was written.</summary>
    public string Text { get; } = text;
}

/// <summary>A string; escapes are resolved and block strings are dedented.</summary>
public sealed class StringValue(int start, string value, bool block) : ValueNode(start)
{
    /// <summary>The string's meaning.</summary>
    public string Value { get; } = value;

    /// <summary>Whether it was written between triple quotes.</summary>
    public bool Block { get; } = block;
}

/// <summary>true or false.</summary>
public sealed class BooleanValue(int start, bool value) : ValueNode(start)
{
    /// <summary>The value.</summary>
    public bool Value { get; } = value;
}

/// <summary>The literal null.</summary>
public sealed class NullValue(int start) : ValueNode(start);

/// <summary>A name that is not true, false or null.</summary>
public sealed class EnumValue(int start, string name) : ValueNode(start)
{
    /// <summary>The enum value's name.</summary>
    public string Name { get; } = name;
}

/// <summary>A list.</summary>
public sealed class ListValue(int start, ImmutableArray<ValueNode> items) : ValueNode(start)
{
    /// <summary>Items in order.</summary>
    public ImmutableArray<ValueNode> Items { get; } = items;
}

/// <summary>An input object.</summary>
public sealed class ObjectValue(int start, ImmutableArray<ObjectField> fields) : ValueNode(start)
{
    /// <summary>Fields in order.</summary>
    public ImmutableArray<ObjectField> Fields { get; } = fields;
}

/// <summary>A field of an input object.</summary>
public sealed class ObjectField(Name name, ValueNode value) : Node(name.Start)
{
    /// <summary>The field's name.</summary>
    public Name Name { get; } = name;

    /// <summary>Its value.</summary>
    public ValueNode Value { get; } = value;
}
