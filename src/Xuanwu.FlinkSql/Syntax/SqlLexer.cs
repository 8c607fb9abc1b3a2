using System.Buffers;

namespace Xuanwu.FlinkSql.Syntax;

/// <summary>
/// Cuts a text into tokens, by the lexical rules of Calcite's Lex.JAVA as Flink sets it up: names in backquotes, texts
/// in single quotes without backslash escapes, a doubled quote is one, block comments do not nest, <c>//</c> begins a
/// comment as <c>--</c> does, <c>/*+</c> and <c>*/</c> are tokens. Every character is looked at once and a token takes
/// no memory but its slot, so time and space are linear.
/// </summary>
internal ref struct SqlLexer(string source, List<SqlDiagnostic> diagnostics)
{
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n");

    private readonly string source = source;
    private readonly ReadOnlySpan<char> text = source;
    private readonly List<SqlDiagnostic> diagnostics = diagnostics;
    private SqlToken[] tokens = new SqlToken[(source.Length / 5) + 16];
    private int count;
    private int at;

    /// <summary>The tokens; the last is <see cref="Tok.End"/>, and after it the array may have room.</summary>
    public SqlToken[] Run(out int number)
    {
        do
        {
            SkipBlanks();
            if (count == tokens.Length) Array.Resize(ref tokens, count * 2);
            var start = at;
            var id = start < text.Length ? Next(text[start]) : Tok.End;
            tokens[count++] = new(id, start, at - start);
        }
        while (tokens[count - 1].Id != Tok.End);
        number = count;
        return tokens;
    }

    /// <summary>Whether a name without quotes may hold the character after its first.</summary>
    public static bool IsNamePart(char c) =>
        char.IsAsciiLetterOrDigit(c) || c is '_' or '$'
        || (c > '\x7F' && (char.IsLetterOrDigit(c) || char.IsSurrogate(c)));

    private static bool IsNameStart(char c) => IsNamePart(c) && !char.IsAsciiDigit(c);

    private Tok Next(char c)
    {
        switch (c)
        {
            case '\'': return Quoted('\'', Tok.Text);
            case '`': return Quoted('`', Tok.QuotedName);
            case '"': return DoubleQuoted();
            case >= '0' and <= '9': return Number();
            case '.' when char.IsAsciiDigit(Peek(1)): return Number();
            case '(': return One(Tok.Open);
            case ')': return One(Tok.Close);
            case '[': return One(Tok.OpenBracket);
            case ']': return One(Tok.CloseBracket);
            case '{': return One(Tok.OpenBrace);
            case '}': return One(Tok.CloseBrace);
            case ',': return One(Tok.Comma);
            case ';': return One(Tok.Semicolon);
            case '.': return One(Tok.Dot);
            case '+': return One(Tok.Plus);
            case '-': return Peek(1) == '>' ? Two(Tok.Arrow) : One(Tok.Minus);
            case '%': return One(Tok.Percent);
            case '?': return One(Tok.Question);
            case '^': return One(Tok.Caret);
            case '$' when !IsNamePart(Peek(1)): return One(Tok.Dollar);
            case ':': return Peek(1) == ':' ? Two(Tok.DoubleColon) : One(Tok.Colon);
            case '*': return Peek(1) == '/' ? Two(Tok.HintEnd) : One(Tok.Star);
            case '/': return Peek(1) == '*' ? Skip(3, Tok.HintStart) : One(Tok.Slash);
            case '=': return Peek(1) == '>' ? Two(Tok.NamedArrow) : One(Tok.Equal);
            case '<':
                return Peek(1) switch
                {
                    '=' => Peek(2) == '>' ? Skip(3, Tok.NullSafeEqual) : Two(Tok.LessOrEqual),
                    '>' => Two(Tok.NotEqual),
                    _ => One(Tok.Less),
                };
            case '>': return Peek(1) == '=' ? Two(Tok.GreaterOrEqual) : One(Tok.Greater);
            case '!': return Peek(1) == '=' ? Two(Tok.BangEqual) : One(Tok.Unknown);
            case '|': return Peek(1) == '|' ? Two(Tok.Concat) : One(Tok.Bar);
            default: return IsNameStart(c) ? Word() : Skip(1, Tok.Unknown);
        }
    }

    private Tok Word()
    {
        var start = at;
        var hash = 0u;
        while (at < text.Length && IsNamePart(text[at])) hash = SqlWords.Hash(hash, text[at++]);
        var word = text[start..at];
        if (at < text.Length && text[at] == '\'')
        {
            switch (word)
            {
                case "x" or "X":
                    Quoted('\'', Tok.BinaryText);
                    return Tok.BinaryText;
                case "e" or "E":
                    return Escaped(start);
                case "n" or "N":
                case ['_', ..]:
                    return Quoted('\'', Tok.Text);
            }
        }
        else if (word is "u" or "U" && Peek(0) == '&' && Peek(1) == '\'')
        {
            at++;
            return Quoted('\'', Tok.Text);
        }

        return SqlWords.Find(word, hash) ?? Tok.Name;
    }

    private Tok Number()
    {
        SkipDigits();
        if (Peek(0) == '.' && text[at - 1] != '.')
        {
            at++;
            SkipDigits();
        }

        if (Peek(0) is 'e' or 'E')
        {
            var sign = Peek(1) is '+' or '-' ? 1 : 0;
            if (char.IsAsciiDigit(Peek(1 + sign)))
            {
                at += 1 + sign;
                SkipDigits();
            }
        }

        return Tok.Number;
    }

    private void SkipDigits()
    {
        if (Peek(0) == '.') at++;
        while (char.IsAsciiDigit(Peek(0))) at++;
    }

    // From the opening quote to the closing one, a doubled quote being one. Without an end the text ends at its last
    // character, and what is told is where it began: that is where the author has to look.
    private Tok Quoted(char quote, Tok id)
    {
        var start = at++;
        while (true)
        {
            var next = text[at..].IndexOf(quote);
            if (next < 0)
            {
                at = text.Length;
                diagnostics.Add(quote == '`'
                    ? new("SQL_NAME_OPEN", "The name that begins here has no end; close it with `.", start, 1)
                    : new("SQL_TEXT_OPEN", "The text that begins here has no end; close it with ', and double a "
                        + "quote inside it ('it''s').", start, 1));
                return id;
            }

            at += next + 1;
            if (at >= text.Length || text[at] != quote) return id;
            at++;
        }
    }

    // E'...': a backslash takes the next character with it.
    private Tok Escaped(int start)
    {
        at++;
        while (at < text.Length && text[at] != '\'') at += text[at] == '\\' ? 2 : 1;
        if (at < text.Length)
        {
            at++;
            return Tok.Text;
        }

        at = text.Length;
        diagnostics.Add(new("SQL_TEXT_OPEN", "The text that begins here has no end; close it with '.", start, 1));
        return Tok.Text;
    }

    // Flink knows no double quotes. One that closes on its line is taken for what it was meant to be, so that the rest
    // of the statement is still read; the parser tells its author.
    private Tok DoubleQuoted()
    {
        var rest = text[(at + 1)..];
        var end = rest.IndexOf('"');
        var line = rest.IndexOfAny(LineEnds);
        var closed = end >= 0 && (line < 0 || end < line);
        var length = closed ? end + 2 : 1;
        if (!closed) diagnostics.Add(new("SQL_DOUBLE_QUOTES", SqlDiagnostic.NoDoubleQuotes, at, 1));
        at += length;
        return closed ? Tok.DoubleQuoted : Tok.Unknown;
    }

    private void SkipBlanks()
    {
        while (at < text.Length)
        {
            var c = text[at];
            if (c is ' ' or '\n' or '\r' or '\t' || (c is '\uFEFF' or '\f' or '\v') || (c > '\x7F'
                && char.IsWhiteSpace(c)))
            {
                at++;
            }
            else if ((c == '-' && Peek(1) == '-') || (c == '/' && Peek(1) == '/'))
            {
                var end = text[at..].IndexOfAny(LineEnds);
                at = end < 0 ? text.Length : at + end;
            }
            else if (c == '/' && Peek(1) == '*' && Peek(2) != '+')
            {
                var end = text[(at + 2)..].IndexOf("*/");
                if (end < 0)
                {
                    diagnostics.Add(new(
                        "SQL_COMMENT_OPEN", "The comment that begins here has no end; close it with */.", at, 2));
                    at = text.Length;
                    return;
                }

                at += end + 4;
            }
            else
            {
                return;
            }
        }
    }

    private readonly char Peek(int ahead) => at + ahead < text.Length ? text[at + ahead] : '\0';

    private Tok One(Tok id) => Skip(1, id);

    private Tok Two(Tok id) => Skip(2, id);

    private Tok Skip(int length, Tok id)
    {
        at += length;
        return id;
    }
}
