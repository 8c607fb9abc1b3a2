using System.Buffers;

namespace Xuanwu.FlinkSql;

/// <summary>Tells lines and columns of offsets that only grow, passing over the text once for all of them.</summary>
internal ref struct SqlLines(string text)
{
    private static readonly SearchValues<char> LineEnds = SearchValues.Create("\r\n");

    private readonly ReadOnlySpan<char> text = text;
    private int at;
    private int line = 1;
    private int lineStart;

    /// <summary>The position of an offset not before the last one asked for.</summary>
    public SqlPosition Of(int offset)
    {
        while (true)
        {
            var next = text[at..offset].IndexOfAny(LineEnds);
            if (next < 0) break;
            at += next + 1;
            if (text[at - 1] == '\r' && at < text.Length && text[at] == '\n')
            {
                // Between the two halves of a line's end is still that line.
                if (at == offset) return new(offset, line, offset - lineStart + 1);
                at++;
            }

            line++;
            lineStart = at;
        }

        at = offset;
        return new(offset, line, offset - lineStart + 1);
    }
}
