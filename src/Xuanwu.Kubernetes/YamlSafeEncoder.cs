using System.Text.Encodings.Web;

namespace Xuanwu.Kubernetes;

/// <summary>
/// Escapes so that the JSON text is also the YAML text meant. The API server reads an apply as YAML, where a character
/// beyond the first plane may not be written as two \u escapes, while line separators and what YAML holds unprintable
/// must be escaped (YAML 1.1, 5.1 character set; the rule is that of go-yaml's reader).
/// </summary>
internal sealed class YamlSafeEncoder : JavaScriptEncoder
{
    public static YamlSafeEncoder Instance { get; } = new();

    public override int MaxOutputCharactersPerInputCharacter => 6;

    public override bool WillEncode(int unicodeScalar) => unicodeScalar switch
    {
        '"' or '\\' => true,
        < 0x20 or (>= 0x7f and < 0xa0) => true,
        0x2028 or 0x2029 or 0xfeff or 0xfffe or 0xffff => true,
        _ => false,
    };

    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var characters = new ReadOnlySpan<char>(text, textLength);
        for (var i = 0; i < characters.Length; i++)
        {
            if (WillEncode(characters[i])) return i;
            if (!char.IsSurrogate(characters[i])) continue;
            if (i + 1 == characters.Length || !char.IsSurrogatePair(characters[i], characters[i + 1])) return i;
            i++;
        }

        return -1;
    }

    public override unsafe bool TryEncodeUnicodeScalar(
        int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var output = new Span<char>(buffer, bufferLength);
        var shorthand = unicodeScalar switch
        {
            '"' => '"',
            '\\' => '\\',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            _ => '\0',
        };
        if (shorthand == '\0') return output.TryWrite($"\\u{unicodeScalar:x4}", out numberOfCharactersWritten);
        return output.TryWrite($"\\{shorthand}", out numberOfCharactersWritten);
    }
}
