using System.Text.Json;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

/// <summary>What an input scalar looked like, whether it came as a literal or in the variables' JSON.</summary>
public enum ScalarKind
{
    /// <summary>A number without fraction and exponent.</summary>
    Int,

    /// <summary>Any other number.</summary>
    Float,

    /// <summary>A string.</summary>
    String,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A bare name; literals only.</summary>
    Enum,

    /// <summary>A list or an object.</summary>
    Tree,
}

/// <summary>One input scalar.</summary>
/// <param name="Kind">Its form.</param>
/// <param name="Text">Digits, the string's meaning, "true" or "false", or the name.</param>
/// <param name="Json">The JSON it came from; null for literals.</param>
/// <param name="Literal">The literal it came from; null for JSON.</param>
public readonly record struct ScalarInput(ScalarKind Kind, string Text, JsonElement? Json, ValueNode? Literal)
{
    internal static ScalarInput From(ValueNode node) => node switch
    {
        IntValue it => new(ScalarKind.Int, it.Text, null, node),
        FloatValue it => new(ScalarKind.Float, it.Text, null, node),
        StringValue it => new(ScalarKind.String, it.Value, null, node),
        BooleanValue it => new(ScalarKind.Boolean, it.Value ? "true" : "false", null, node),
        EnumValue it => new(ScalarKind.Enum, it.Name, null, node),
        _ => new(ScalarKind.Tree, "", null, node),
    };

    internal static ScalarInput From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.String => new(ScalarKind.String, json.GetString()!, json, null),
        JsonValueKind.True => new(ScalarKind.Boolean, "true", json, null),
        JsonValueKind.False => new(ScalarKind.Boolean, "false", json, null),
        JsonValueKind.Number when json.GetRawText() is var raw =>
            new(raw.AsSpan().IndexOfAny('.', 'e', 'E') < 0 ? ScalarKind.Int : ScalarKind.Float, raw, json, null),
        _ => new(ScalarKind.Tree, "", json, null),
    };
}

/// <summary>
/// Reads and writes one scalar. Parsing gives the neutral C# value that resolvers' parameters are made of; null means
/// that the input does not fit.
/// </summary>
public abstract class ScalarCodec
{
    /// <summary>The value of an input, or null when it does not fit.</summary>
    public abstract object? Parse(in ScalarInput input);

    /// <summary>Why an input does not fit, for the client.</summary>
    public abstract string Expectation { get; }

    /// <summary>Writes a value of a resolver whose C# type is not known; false when it does not fit.</summary>
    public abstract bool TryWrite(JsonBuffer output, object value);
}
