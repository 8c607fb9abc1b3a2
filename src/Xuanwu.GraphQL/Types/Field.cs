using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

/// <summary>A field of an object or interface type.</summary>
public sealed class Field
{
    internal Field(string name, SchemaType type, IReadOnlyList<InputField> arguments)
    {
        Name = name;
        Type = type;
        Arguments = arguments;
        for (var i = 0; i < arguments.Count; i++) arguments[i].Index = i;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The type of its value.</summary>
    public SchemaType Type { get; }

    /// <summary>Arguments in the order they were defined.</summary>
    public IReadOnlyList<InputField> Arguments { get; }

    /// <summary>Markdown for the schema's readers.</summary>
    public string? Description { get; internal init; }

    /// <summary>Why it should not be used any more; null when it should.</summary>
    public string? DeprecationReason { get; internal init; }

    /// <summary>How the executor gets and writes the value.</summary>
    internal FieldRunner Runner { get; set; } = FieldRunner.Missing;

    /// <summary>Where the events come from; of root fields of subscriptions alone.</summary>
    internal EventSource? Events { get; set; }

    /// <summary>The argument of that name, or null.</summary>
    public InputField? Argument(string name)
    {
        foreach (var argument in Arguments)
        {
            if (argument.Name == name) return argument;
        }

        return null;
    }
}

/// <summary>An argument of a field or directive, or a field of an input object.</summary>
public sealed class InputField
{
    internal InputField(string name, SchemaType type, ValueNode? defaultValue = null)
    {
        Name = name;
        Type = type;
        DefaultValue = defaultValue;
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Its type.</summary>
    public SchemaType Type { get; }

    /// <summary>A constant; null when there is no default.</summary>
    public ValueNode? DefaultValue { get; }

    /// <summary>Markdown for the schema's readers.</summary>
    public string? Description { get; internal init; }

    /// <summary>Why it should not be used any more; null when it should.</summary>
    public string? DeprecationReason { get; internal init; }

    /// <summary>Whether a value must be given.</summary>
    public bool IsRequired => Type.IsNonNull && DefaultValue is null;

    /// <summary>Position among the field's arguments or the input object's fields.</summary>
    internal int Index { get; set; }

    /// <summary>Turns the coerced value into what the resolver's parameter takes; null leaves it as it is.</summary>
    internal Func<object?, object?>? Bind { get; init; }

    /// <summary>What the resolver gets when no value is given and there is no default.</summary>
    internal object? Absent { get; init; }
}

/// <summary>A directive of the schema (section 3.13).</summary>
public sealed class DirectiveType
{
    internal DirectiveType(
        string name, IReadOnlyList<string> locations, IReadOnlyList<InputField> arguments, bool isRepeatable = false)
    {
        Name = name;
        Locations = locations;
        Arguments = arguments;
        IsRepeatable = isRepeatable;
    }

    /// <summary>The name, without the at sign.</summary>
    public string Name { get; }

    /// <summary>Where it may stand; see <see cref="DirectiveLocations"/>.</summary>
    public IReadOnlyList<string> Locations { get; }

    /// <summary>Arguments in the order they were defined.</summary>
    public IReadOnlyList<InputField> Arguments { get; }

    /// <summary>Whether it may stand several times at one place.</summary>
    public bool IsRepeatable { get; }

    /// <summary>Markdown for the schema's readers.</summary>
    public string? Description { get; internal init; }
}
