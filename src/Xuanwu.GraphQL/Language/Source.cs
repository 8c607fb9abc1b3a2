using System.Text;

namespace Xuanwu.GraphQL.Language;

/// <summary>A place in a document. Both count from one; columns count UTF-16 code units, as graphql-js does.</summary>
public readonly record struct Location(int Line, int Column);

/// <summary>
/// A document's text, in UTF-8. Nodes know their byte offset; lines and columns are computed when asked.
/// </summary>
public sealed class Source(ReadOnlyMemory<byte> text)
{
    /// <summary>The document, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Text { get; } = text;

    /// <summary>Line and column of a byte offset. \n, \r and \r\n each end one line.</summary>
    public Location Locate(int offset)
    {
        var before = Text.Span[..Math.Min(offset, Text.Length)];
        int line = 1, start = 0;
        for (var i = 0; i < before.Length; i++)
        {
            if (before[i] == '\n' || (before[i] == '\r' && (i + 1 == Text.Length || Text.Span[i + 1] != '\n')))
            {
                line++;
                start = i + 1;
            }
        }

        return new Location(line, Encoding.UTF8.GetCharCount(before[start..]) + 1);
    }
}
