using System.Buffers;

namespace Xuanwu.FlinkSql;

internal enum SqlTokenKind
{
    /// <summary>The text is at its end.</summary>
    End,

    /// <summary>An unquoted name, a keyword or a number.</summary>
    Word,

    /// <summary>`name`, or "name", which Flink refuses but which may hold a semicolon all the same.</summary>
    Name,

    /// <summary>'text', whatever prefix stands before it.</summary>
    Text,

    /// <summary>/*+ … */ with all that is in it.</summary>
    Hint,

    Open,
    Close,
    Semicolon,

    /// <summary>Any other character.</summary>
    Symbol,

    /// <summary>A quote, comment or hint that never ends; <see cref="SqlScanner.Error"/> says which.</summary>
    Broken,
}

internal readonly record struct SqlToken(SqlTokenKind Kind, int Start, int End);

/// <summary>
/// Cuts Flink SQL into tokens by the lexical rules of Calcite's Lex.JAVA as Flink sets it up: no backslash escapes, a
/// doubled quote is one, block comments do not nest, <c>//</c> begins a comment as <c>--</c> does, <c>/*+</c> is a hint
/// and no comment. Every character is looked at once, so that time is linear in the text.
/// </summary>
internal ref struct SqlScanner(string text, int at = 0)
{
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n");
    private static readonly SearchValues<char> HintMarks = SearchValues.Create("'\"`*-/");

    private readonly ReadOnlySpan<char> text = text;
    private int at = at;

    /// <summary>Code, sentence and offset of what makes the last token Broken.</summary>
    public (string Code, string Message, int Offset)? Error { get; private set; }

    /// <summary>The next token; comments and blanks are passed over.</summary>
    public SqlToken Next()
    {
        if (!SkipBlanks()) return new(SqlTokenKind.Broken, at, text.Length);
        if (at >= text.Length) return new(SqlTokenKind.End, text.Length, text.Length);

        var start = at;
        var kind = text[at] switch
        {
            '\'' => Quoted('\'', SqlTokenKind.Text, "string"),
            '`' => Quoted('`', SqlTokenKind.Name, "name"),
            '"' => Quoted('"', SqlTokenKind.Name, "name"),
            '/' when At("/*+") => Hint(),
            '(' => One(SqlTokenKind.Open),
            ')' => One(SqlTokenKind.Close),
            ';' => One(SqlTokenKind.Semicolon),
            var c when IsWordPart(c) => Word(),
            _ => One(SqlTokenKind.Symbol),
        };
        return new(kind, start, at);
    }

    public readonly ReadOnlySpan<char> Of(SqlToken token) => text[token.Start..token.End];

    /// <summary>Whether the token is this keyword, given in capitals.</summary>
    public readonly bool Is(SqlToken token, ReadOnlySpan<char> keyword) =>
        token.Kind == SqlTokenKind.Word && Of(token).Equals(keyword, StringComparison.OrdinalIgnoreCase);

    private static bool IsWordPart(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '_' or '$'
        || (c > '\x7F' && (char.IsLetterOrDigit(c) || char.IsSurrogate(c)));

    private readonly bool At(ReadOnlySpan<char> mark) => text[at..].StartsWith(mark);

    private SqlTokenKind One(SqlTokenKind kind)
    {
        at++;
        return kind;
    }

    private SqlTokenKind Word()
    {
        while (at < text.Length && IsWordPart(text[at])) at++;
        return SqlTokenKind.Word;
    }

    private SqlTokenKind Quoted(char quote, SqlTokenKind kind, string what)
    {
        var start = at++;
        while (true)
        {
            var next = text[at..].IndexOf(quote);
            if (next < 0)
            {
                return Broken(
                    "SQL_QUOTE_OPEN",
                    $"The {what} that begins here with {quote} has no end; close it with {quote}.",
                    start);
            }

            at += next + 1;
            if (at >= text.Length || text[at] != quote) return kind;
            at++;
        }
    }

    private SqlTokenKind Hint()
    {
        var start = at;
        at += 3;
        while (true)
        {
            var next = text[at..].IndexOfAny(HintMarks);
            if (next < 0)
            {
                return Broken(
                    "SQL_HINT_OPEN", "The hint that begins here with /*+ has no end; close it with */.", start);
            }

            at += next;
            if (At("*/"))
            {
                at += 2;
                return SqlTokenKind.Hint;
            }

            if (text[at] is '\'' or '"' or '`')
            {
                if (Quoted(text[at], SqlTokenKind.Text, "string") == SqlTokenKind.Broken) return SqlTokenKind.Broken;
            }
            else if (At("--")) SkipLine();
            else at++;
        }
    }

    private void SkipLine()
    {
        var end = text[at..].IndexOfAny(LineEnds);
        at = end < 0 ? text.Length : at + end;
    }

    private bool SkipBlanks()
    {
        while (at < text.Length)
        {
            if (char.IsWhiteSpace(text[at]) || text[at] == '\uFEFF') at++;
            else if (At("--") || At("//")) SkipLine();
            else if (At("/*") && !At("/*+"))
            {
                var end = text[(at + 2)..].IndexOf("*/");
                if (end < 0)
                {
                    Broken(
                        "SQL_COMMENT_OPEN", "The comment that begins here with /* has no end; close it with */.", at);
                    return false;
                }

                at += end + 4;
            }
            else return true;
        }

        return true;
    }

    private SqlTokenKind Broken(string code, string message, int offset)
    {
        Error = (code, message, offset);
        at = text.Length;
        return SqlTokenKind.Broken;
    }
}
