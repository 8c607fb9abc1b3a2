namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>
/// Cuts a line of a sheet or of a rules file into words, each with what stands behind its <c>=</c>; <c> -- </c> begins
/// the description.
/// </summary>
internal ref struct WordReader
{
    private ReadOnlySpan<char> rest;

    public WordReader(ReadOnlySpan<char> line)
    {
        rest = line;
        var dashes = DescriptionAt(line);
        if (dashes < 0) return;
        Description = line[(dashes + 4)..].Trim().ToString();
        rest = line[..dashes];
    }

    public string? Description { get; }

    /// <summary>The next word; false at the end. A key that holds a <c>=</c> of its own is written in quotes.</summary>
    public bool Next(out string word, out string? value)
    {
        (word, value) = ("", null);
        rest = rest.TrimStart();
        if (rest.IsEmpty) return false;
        if (rest[0] == '\'')
        {
            word = Quoted();
        }
        else
        {
            var end = rest.IndexOfAny(' ', '=');
            if (end < 0) end = rest.Length;
            word = rest[..end].ToString();
            rest = rest[end..];
        }

        if (!rest.StartsWith("=")) return true;
        rest = rest[1..];
        if (rest.StartsWith("'"))
        {
            value = Quoted();
            return true;
        }

        var stop = rest.IndexOf(' ');
        if (stop < 0) stop = rest.Length;
        value = rest[..stop].ToString();
        rest = rest[stop..];
        return true;
    }

    private string Quoted()
    {
        var end = 1;
        while (end < rest.Length)
        {
            if (rest[end] != '\'') end++;
            else if (end + 1 < rest.Length && rest[end + 1] == '\'') end += 2;
            else break;
        }

        var text = rest[1..Math.Min(end, rest.Length)].ToString().Replace("''", "'", StringComparison.Ordinal);
        rest = end < rest.Length ? rest[(end + 1)..] : [];
        return text;
    }

    private static int DescriptionAt(ReadOnlySpan<char> line)
    {
        var quoted = false;
        for (var at = 0; at + 3 < line.Length; at++)
        {
            if (line[at] == '\'') quoted = !quoted;
            else if (!quoted && line[at] == ' ' && line[at + 1] == '-' && line[at + 2] == '-' && line[at + 3] == ' ')
                return at;
        }

        return -1;
    }
}
