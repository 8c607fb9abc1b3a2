namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>Finds what somebody who misspelt a name most likely meant.</summary>
public static class Nearest
{
    /// <summary>
    /// The candidate with the fewest edits (a letter put in, left out, changed, or two swapped), if they are few
    /// enough for its length: at most a third. Dots, dashes and underscores count as one another for half an edit. Null
    /// when nothing is near.
    /// </summary>
    public static string? To(string name, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(candidates);
        string? best = null;
        var least = int.MaxValue;
        foreach (var candidate in candidates)
        {
            var limit = Math.Min(Math.Max(name.Length, candidate.Length) * 2 / 3, least - 1);
            if (Math.Abs(name.Length - candidate.Length) * 2 > limit) continue;
            var edits = HalfEdits(name, candidate, limit);
            if (edits >= least || edits > limit) continue;
            (best, least) = (candidate, edits);
        }

        return best;
    }

    /// <summary>Restricted Damerau-Levenshtein distance in half edits; gives up with a number over the limit.</summary>
    internal static int HalfEdits(string one, string other, int limit)
    {
        var width = other.Length + 1;
        Span<int> cells = width * 3 <= 384 ? stackalloc int[width * 3] : new int[width * 3];
        var before = cells[..width];
        var above = cells[width..(2 * width)];
        var row = cells[(2 * width)..];
        for (var column = 0; column < width; column++) above[column] = 2 * column;
        for (var line = 1; line <= one.Length; line++)
        {
            row[0] = 2 * line;
            var least = row[0];
            for (var column = 1; column < width; column++)
            {
                var (a, b) = (one[line - 1], other[column - 1]);
                var edits = Math.Min(above[column - 1] + Cost(a, b), 2 + Math.Min(above[column], row[column - 1]));
                if (line > 1 && column > 1 && a == other[column - 2] && one[line - 2] == b)
                    edits = Math.Min(edits, before[column - 2] + 2);
                row[column] = edits;
                least = Math.Min(least, edits);
            }

            if (least > limit) return least;
            var spare = before;
            before = above;
            above = row;
            row = spare;
        }

        return above[width - 1];
    }

    private static int Cost(char a, char b)
    {
        if (a == b) return 0;
        return (IsMark(a) && IsMark(b)) || char.ToLowerInvariant(a) == char.ToLowerInvariant(b) ? 1 : 2;

        static bool IsMark(char letter) => letter is '.' or '-' or '_';
    }
}
