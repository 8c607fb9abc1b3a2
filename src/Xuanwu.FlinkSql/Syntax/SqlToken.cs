namespace Xuanwu.FlinkSql.Syntax;

/// <summary>What a token is.</summary>
public enum SqlTokenKind
{
    /// <summary>A keyword, reserved or not; where it is not reserved it may serve as a name.</summary>
    Word,

    /// <summary>A name without quotes that is no keyword.</summary>
    Name,

    /// <summary>`name`.</summary>
    QuotedName,

    /// <summary>'text' with the prefix before it: N'', X'', U&amp;'', E'', _charset''.</summary>
    Text,

    /// <summary>"text", which Flink takes neither for a name nor for a text.</summary>
    DoubleQuoted,

    /// <summary>1, 1.5, .5, 1E3.</summary>
    Number,

    /// <summary>An operator, a bracket, a comma; also /*+ and */ of a hint.</summary>
    Symbol,

    /// <summary>A character that begins no token of Flink SQL, such as # or !.</summary>
    Unknown,

    /// <summary>The end of the text; of no length.</summary>
    End,
}

/// <summary>
/// A token: a slice of the text. What lies between two tokens is blanks and comments, so tokens and text together
/// lose nothing.
/// </summary>
public readonly struct SqlToken
{
    internal SqlToken(Tok id, int start, int length) => (Id, Start, Length) = (id, start, length);

    /// <summary>UTF-16 code units before it.</summary>
    public int Start { get; }

    /// <summary>Its length in UTF-16 code units.</summary>
    public int Length { get; }

    /// <summary>Where it ends (exclusive).</summary>
    public int End => Start + Length;

    public SqlTokenKind Kind => Id switch
    {
        Tok.End => SqlTokenKind.End,
        Tok.Name => SqlTokenKind.Name,
        Tok.QuotedName => SqlTokenKind.QuotedName,
        Tok.Text or Tok.BinaryText => SqlTokenKind.Text,
        Tok.DoubleQuoted => SqlTokenKind.DoubleQuoted,
        Tok.Number => SqlTokenKind.Number,
        Tok.Unknown => SqlTokenKind.Unknown,
        < Tok.FirstWord => SqlTokenKind.Symbol,
        _ => SqlTokenKind.Word,
    };

    internal Tok Id { get; }
}

/// <summary>A part of a text.</summary>
/// <param name="Start">UTF-16 code units before it.</param>
/// <param name="Length">Its length in UTF-16 code units.</param>
public readonly record struct SqlSpan(int Start, int Length)
{
    /// <summary>Where it ends (exclusive).</summary>
    public int End => Start + Length;

    /// <summary>From one offset to another (exclusive).</summary>
    public static SqlSpan Between(int start, int end) => new(start, end - start);

    /// <summary>The part of the text.</summary>
    public string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Substring(Start, Length);
    }
}
