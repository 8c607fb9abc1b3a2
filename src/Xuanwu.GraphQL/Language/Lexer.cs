using System.Globalization;
using System.Text;
using System.Text.Unicode;

namespace Xuanwu.GraphQL.Language;

// Lexical tokens of the September 2025 edition (section 2.1), straight from UTF-8. One token of look-ahead: the
// fields below describe the current token. The text is checked to be valid UTF-8 once, so that decoding cannot fail.
internal ref struct Lexer
{
    private readonly ReadOnlySpan<byte> text;
    private readonly Source source;
    private readonly int maxTokens;
    private int position;
    private int tokens;

    public Lexer(Source source, ParserLimits limits)
    {
        this.source = source;
        text = source.Text.Span;
        maxTokens = limits.MaxTokens;
        if (text.Length > limits.MaxBytes)
        {
            throw TooLarge(0, $"The document has {text.Length} bytes; at most {limits.MaxBytes} are allowed.");
        }

        if (!Utf8.IsValid(text)) throw Error(0, "The document is not valid UTF-8.");
    }

    public TokenKind Kind { get; private set; }

    /// <summary>Offset of the token's first byte, quotes included.</summary>
    public int Start { get; private set; }

    /// <summary>Offset behind the token's last byte.</summary>
    public int End { get; private set; }

    /// <summary>Whether the current string has escapes and cannot be copied as it stands.</summary>
    public bool HasEscapes { get; private set; }

    public readonly ReadOnlySpan<byte> Raw => text[Start..End];

    public void Next()
    {
        SkipIgnored();
        Start = position;
        if (position == text.Length)
        {
            Kind = TokenKind.EndOfFile;
            End = position;
            return;
        }

        if (++tokens > maxTokens)
        {
            throw TooLarge(Start, $"The document has more than {maxTokens} tokens.");
        }

        var first = text[position];
        if (IsNameStart(first))
        {
            while (position < text.Length && IsNamePart(text[position])) position++;
            Kind = TokenKind.Name;
            End = position;
            return;
        }

        if (first == '"')
        {
            if (text[position..].StartsWith("\"\"\""u8)) ReadBlockString();
            else ReadString();
            return;
        }

        if (first == '-' || IsDigit(first))
        {
            ReadNumber();
            return;
        }

        Kind = first switch
        {
            (byte)'!' => TokenKind.Bang,
            (byte)'$' => TokenKind.Dollar,
            (byte)'&' => TokenKind.Ampersand,
            (byte)'(' => TokenKind.ParenOpen,
            (byte)')' => TokenKind.ParenClose,
            (byte)':' => TokenKind.Colon,
            (byte)'=' => TokenKind.EqualSign,
            (byte)'@' => TokenKind.At,
            (byte)'[' => TokenKind.BracketOpen,
            (byte)']' => TokenKind.BracketClose,
            (byte)'{' => TokenKind.BraceOpen,
            (byte)'|' => TokenKind.Pipe,
            (byte)'}' => TokenKind.BraceClose,
            (byte)'.' when text[position..].StartsWith("..."u8) => TokenKind.Spread,
            (byte)'\'' => throw Error(
                position, "Unexpected single quote character ('), did you mean to use a double quote (\")?"),
            _ => throw Error(position, $"Unexpected character: {Show(position)}."),
        };
        position += Kind == TokenKind.Spread ? 3 : 1;
        End = position;
    }

    /// <summary>The meaning of the current string token (section 2.9.4).</summary>
    public readonly string StringValue()
    {
        if (Kind == TokenKind.BlockString)
        {
            return BlockString.Dedent(Encoding.UTF8.GetString(text[(Start + 3)..(End - 3)]));
        }

        var body = text[(Start + 1)..(End - 1)];
        if (!HasEscapes) return Encoding.UTF8.GetString(body);

        var value = new StringBuilder(body.Length);
        while (true)
        {
            var escape = body.IndexOf((byte)'\\');
            if (escape < 0) return value.Append(Encoding.UTF8.GetString(body)).ToString();

            value.Append(Encoding.UTF8.GetString(body[..escape]));
            body = body[escape..];
            if (body[1] != 'u')
            {
                value.Append(Simple(body[1]));
                body = body[2..];
            }
            else if (body[2] == '{')
            {
                var close = body.IndexOf((byte)'}');
                value.Append(new Rune(ReadHex(body[3..close])).ToString());
                body = body[(close + 1)..];
            }
            else
            {
                value.Append((char)ReadHex(body.Slice(2, 4)));
                body = body[6..];
            }
        }
    }

    public readonly SyntaxException Error(int offset, string message) => new(
        new GraphQLError("Syntax Error: " + message)
        {
            Locations = [source.Locate(offset)],
            Code = ErrorCodes.Syntax,
        });

    public readonly SyntaxException TooLarge(int offset, string message) => new(
        new GraphQLError(message) { Locations = [source.Locate(offset)], Code = ErrorCodes.DocumentTooLarge });

    /// <summary>The current token as an error message shows it.</summary>
    public readonly string Describe() => Kind switch
    {
        TokenKind.EndOfFile => "<EOF>",
        TokenKind.Name => $"Name \"{Encoding.UTF8.GetString(Raw)}\"",
        TokenKind.Int => $"Int \"{Encoding.UTF8.GetString(Raw)}\"",
        TokenKind.Float => $"Float \"{Encoding.UTF8.GetString(Raw)}\"",
        TokenKind.String => $"String {Shorten(Encoding.UTF8.GetString(Raw))}",
        TokenKind.BlockString => "BlockString",
        _ => $"\"{Encoding.UTF8.GetString(Raw)}\"",
    };

    private static string Shorten(string it) => it.Length <= 60 ? it : it[..57] + "...\"";

    private static bool IsDigit(byte it) => (uint)(it - '0') <= 9;

    private static bool IsNameStart(byte it) => (uint)((it | 0x20) - 'a') <= 25 || it == '_';

    private static bool IsNamePart(byte it) => IsNameStart(it) || IsDigit(it);

    private static char Simple(byte letter) => letter switch
    {
        (byte)'b' => '\b',
        (byte)'f' => '\f',
        (byte)'n' => '\n',
        (byte)'r' => '\r',
        (byte)'t' => '\t',
        _ => (char)letter,
    };

    private static int ReadHex(ReadOnlySpan<byte> digits) =>
        digits.Length is > 0 and <= 8
        && int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : -1;

    private void SkipIgnored()
    {
        while (position < text.Length)
        {
            switch (text[position])
            {
                case (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t' or (byte)',':
                    position++;
                    break;
                case (byte)'#':
                    var end = text[position..].IndexOfAny((byte)'\n', (byte)'\r');
                    position = end < 0 ? text.Length : position + end;
                    break;
                case 0xEF when text[position..].StartsWith("\uFEFF"u8):
                    position += 3;
                    break;
                default:
                    return;
            }
        }
    }

    private void ReadNumber()
    {
        Kind = TokenKind.Int;
        if (text[position] == '-') position++;
        if (Peek() == '0')
        {
            position++;
            if (IsDigit(Peek())) throw Error(position, $"Invalid number, unexpected digit after 0: {Show(position)}.");
        }
        else
        {
            ReadDigits();
        }

        if (Peek() == '.')
        {
            Kind = TokenKind.Float;
            position++;
            ReadDigits();
        }

        if ((Peek() | 0x20) == 'e')
        {
            Kind = TokenKind.Float;
            position++;
            if (Peek() is (byte)'+' or (byte)'-') position++;
            ReadDigits();
        }

        if (Peek() == '.' || IsNameStart(Peek()))
        {
            throw Error(position, $"Invalid number, expected digit but got: {Show(position)}.");
        }

        End = position;
    }

    private void ReadDigits()
    {
        if (!IsDigit(Peek())) throw Error(position, $"Invalid number, expected digit but got: {Show(position)}.");
        while (IsDigit(Peek())) position++;
    }

    private readonly byte Peek() => position < text.Length ? text[position] : (byte)0;

    private void ReadString()
    {
        Kind = TokenKind.String;
        HasEscapes = false;
        position++;
        while (true)
        {
            var stop = text[position..].IndexOfAny("\"\\\n\r"u8);
            if (stop < 0)
            {
                position = text.Length;
                throw Error(position, "Unterminated string.");
            }

            position += stop;
            if (text[position] == '"')
            {
                End = ++position;
                return;
            }

            if (text[position] != '\\') throw Error(position, "Unterminated string.");
            HasEscapes = true;
            CheckEscape();
        }
    }

    private void CheckEscape()
    {
        var at = position;
        var rest = text[position..];
        if (rest.Length < 2) throw Error(text.Length, "Unterminated string.");
        if (rest[1] != 'u')
        {
            if (!"\"\\/bfnrt"u8.Contains(rest[1]))
            {
                throw Error(at, $"Invalid character escape sequence: \"{ShowRun(at, 2)}\".");
            }

            position += 2;
            return;
        }

        if (rest.Length > 2 && rest[2] == '{')
        {
            var close = rest[..Math.Min(rest.Length, 16)].IndexOf((byte)'}');
            var point = close < 0 ? -1 : ReadHex(rest[3..close]);
            if (!Rune.IsValid(point))
            {
                throw Error(at, $"Invalid Unicode escape sequence: \"{ShowRun(at, close < 0 ? 4 : close + 1)}\".");
            }

            position += close + 1;
            return;
        }

        var unit = rest.Length < 6 ? -1 : ReadHex(rest.Slice(2, 4));
        if (unit < 0) throw Error(at, $"Invalid Unicode escape sequence: \"{ShowRun(at, 6)}\".");
        position += 6;
        if (!char.IsSurrogate((char)unit)) return;

        // A leading surrogate must be followed by its trailing one; anything else is no Unicode scalar value.
        var trailing = rest.Length >= 12 && rest[6] == '\\' && rest[7] == 'u' ? ReadHex(rest.Slice(8, 4)) : -1;
        if (trailing < 0 || !char.IsSurrogatePair((char)unit, (char)trailing))
        {
            throw Error(at, $"Invalid Unicode escape sequence: \"{ShowRun(at, 6)}\".");
        }

        position += 6;
    }

    private void ReadBlockString()
    {
        Kind = TokenKind.BlockString;
        position += 3;
        while (true)
        {
            var quote = text[position..].IndexOf("\"\"\""u8);
            if (quote < 0)
            {
                position = text.Length;
                throw Error(position, "Unterminated string.");
            }

            position += quote + 3;
            if (text[position - 4] != '\\' || position - 4 < Start + 3)
            {
                End = position;
                return;
            }
        }
    }

    private readonly string Show(int offset)
    {
        if (offset >= text.Length) return "<EOF>";
        Rune.DecodeFromUtf8(text[offset..], out var rune, out _);
        return rune.Value is >= 0x20 and < 0x7F
            ? rune.Value == '"' ? "'\"'" : $"\"{rune}\""
            : string.Create(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
    }

    private readonly string ShowRun(int offset, int length)
    {
        var run = text[offset..Math.Min(text.Length, offset + length)];
        var end = run.IndexOfAny("\n\r\""u8);
        return Encoding.UTF8.GetString(end < 1 ? run : run[..end]);
    }
}
