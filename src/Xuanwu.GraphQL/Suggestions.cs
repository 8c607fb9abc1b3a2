namespace Xuanwu.GraphQL;

// "Did you mean …?": the closest names by edit distance with transpositions, at most five.
internal static class Suggestions
{
    private const int MaxShown = 5;
    private const int MaxLength = 64;

    public static string DidYouMean(string wrong, IEnumerable<string> names)
    {
        var close = Closest(wrong, names);
        return close.Count switch
        {
            0 => "",
            1 => $" Did you mean \"{close[0]}\"?",
            _ => $" Did you mean {string.Join(", ", close.SkipLast(1).Select(it => $"\"{it}\""))} or \"{close[^1]}\"?",
        };
    }

    public static List<string> Closest(string wrong, IEnumerable<string> names)
    {
        if (wrong.Length > MaxLength) return [];
        var limit = (int)(wrong.Length * 0.4) + 1;
        return
        [
            .. names.Where(it => Math.Abs(it.Length - wrong.Length) <= limit && it.Length <= MaxLength)
                .Select(it => (Name: it, Distance: Distance(wrong, it)))
                .Where(it => it.Distance <= limit)
                .OrderBy(it => it.Distance).ThenBy(it => it.Name, StringComparer.Ordinal)
                .Take(MaxShown)
                .Select(it => it.Name),
        ];
    }

    private static int Distance(string a, string b)
    {
        if (string.Equals(a, b, StringComparison.OrdinalIgnoreCase)) return a == b ? 0 : 1;
        a = a.ToLowerInvariant();
        b = b.ToLowerInvariant();
        var rows = new int[3][];
        for (var i = 0; i < 3; i++) rows[i] = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++) rows[0][j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            int[] row = rows[i % 3], up = rows[(i - 1) % 3], upper = rows[(i + 1) % 3];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(up[j] + 1, row[j - 1] + 1), up[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                {
                    row[j] = Math.Min(row[j], upper[j - 2] + 1);
                }
            }
        }

        return rows[a.Length % 3][b.Length];
    }
}
