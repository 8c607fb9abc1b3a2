using System.Text;

namespace Xuanwu.GraphQL.Language;

// Block strings (specification, section 2.9.4): common indentation and blank first and last lines do not count.
internal static class BlockString
{
    private static readonly string[] LineEnds = ["\r\n", "\n", "\r"];

    public static string Dedent(string raw)
    {
        var lines = raw.Replace("\\\"\"\"", "\"\"\"", StringComparison.Ordinal)
            .Split(LineEnds, StringSplitOptions.None);
        var common = int.MaxValue;
        int first = -1, last = -1;
        for (var i = 0; i < lines.Length; i++)
        {
            var indent = Indent(lines[i]);
            if (indent == lines[i].Length) continue;
            if (first < 0) first = i;
            last = i;
            if (i > 0) common = Math.Min(common, indent);
        }

        if (first < 0) return "";
        var value = new StringBuilder(raw.Length);
        for (var i = first; i <= last; i++)
        {
            if (i > first) value.Append('\n');
            value.Append(i == 0 ? lines[i] : lines[i][Math.Min(common, lines[i].Length)..]);
        }

        return value.ToString();
    }

    /// <summary>The value between triple quotes, over several lines unless it is short and plain.</summary>
    public static string Print(string value)
    {
        var escaped = value.Replace("\"\"\"", "\\\"\"\"", StringComparison.Ordinal);
        var lines = escaped.Split('\n');
        var single = lines.Length == 1;
        var forceLeading = lines.Length > 1 && lines.Skip(1).All(it => it.Length == 0 || it[0] is ' ' or '\t');
        var trailingQuote = escaped.EndsWith('"') && !escaped.EndsWith("\\\"\"\"", StringComparison.Ordinal);
        var forceTrailing = trailingQuote || value.EndsWith('\\');
        var multiple = !single || value.Length > 70 || forceTrailing || forceLeading
            || escaped.EndsWith("\\\"\"\"", StringComparison.Ordinal);
        var result = new StringBuilder("\"\"\"");
        var leadingSpace = single && value.Length > 0 && value[0] is ' ' or '\t';
        if ((multiple && !leadingSpace) || forceLeading) result.Append('\n');
        result.Append(escaped);
        if (multiple || forceTrailing) result.Append('\n');
        return result.Append("\"\"\"").ToString();
    }

    /// <summary>Whether <see cref="Dedent"/> gives back what <see cref="Print"/> wrote.</summary>
    public static bool CanPrint(string value) =>
        !value.Contains('\r') && value.All(it => it is '\n' or '\t' or >= ' ') && Dedent("\n" + value + "\n") == value;

    private static int Indent(string line)
    {
        var i = 0;
        while (i < line.Length && line[i] is ' ' or '\t') i++;
        return i;
    }
}
