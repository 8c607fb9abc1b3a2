using System.Globalization;
using System.Text;
using DiffPlex;

namespace Xuanwu.Server.Jobs;

/// <summary>
/// The changes between two texts as GNU diff -u writes them, so that patch, review tools and people's eyes take them.
/// DiffPlex finds which lines changed (Myers); where a change could as well stand some lines further down it is moved
/// there, as GNU does: the first of two equal lines then stays and the second is the new one.
/// </summary>
public sealed class UnifiedDiff
{
    private const int Context = 3;
    private readonly IReadOnlyList<string> _old;
    private readonly IReadOnlyList<string> _new;
    private readonly Marks _deleted;
    private readonly Marks _inserted;

    private UnifiedDiff(string from, string to)
    {
        var diff = Differ.Instance.CreateDiffs(from, to, ignoreWhiteSpace: false, ignoreCase: false, new Lines());
        (_old, _new) = (diff.PiecesOld, diff.PiecesNew);
        (_deleted, _inserted) = (new(_old.Count), new(_new.Count));
        foreach (var block in diff.DiffBlocks)
        {
            for (var at = 0; at < block.DeleteCountA; at++) _deleted[block.DeleteStartA + at] = true;
            for (var at = 0; at < block.InsertCountB; at++) _inserted[block.InsertStartB + at] = true;
        }

        Slide(_old, _deleted, _inserted);
        Slide(_new, _inserted, _deleted);
    }

    /// <summary>The diff; empty when the texts are the same.</summary>
    public static string Between(string from, string to, string fromLabel, string toLabel)
    {
        if (from == to) return "";
        var text = new StringBuilder().Append("--- ").Append(fromLabel).Append("\n+++ ").Append(toLabel).Append('\n');
        new UnifiedDiff(from, to).WriteHunks(text);
        return text.ToString();
    }

    // Moves each run of changed lines up as far as it goes, which joins it with runs above, and then down as far as it
    // goes, which joins it with runs below; last back up to a change in the other text, so that a replacement stays
    // one.
    private static void Slide(IReadOnlyList<string> lines, Marks mine, Marks other)
    {
        var (at, there) = (0, 0);
        while (true)
        {
            while (at < lines.Count && !mine[at])
            {
                while (other[there]) there++;
                at++;
                there++;
            }

            if (at >= lines.Count) return;
            var start = at;
            while (mine[at]) at++;
            while (other[there]) there++;
            int length, together;
            do
            {
                length = at - start;
                while (start > 0 && lines[start - 1] == lines[at - 1])
                {
                    mine[--start] = true;
                    mine[--at] = false;
                    while (mine[start - 1]) start--;
                    do there--;
                    while (other[there]);
                }

                together = other[there - 1] ? at : int.MaxValue;
                while (at < lines.Count && lines[start] == lines[at])
                {
                    mine[start++] = false;
                    mine[at++] = true;
                    while (mine[at]) at++;
                    there++;
                    while (other[there])
                    {
                        there++;
                        together = at;
                    }
                }
            }
            while (length != at - start);

            while (together < at)
            {
                mine[--start] = true;
                mine[--at] = false;
                do there--;
                while (other[there]);
            }
        }
    }

    private void WriteHunks(StringBuilder text)
    {
        var changes = Changes();
        for (var first = 0; first < changes.Count;)
        {
            var last = first;
            while (last + 1 < changes.Count && changes[last + 1].Old - changes[last].End <= 2 * Context) last++;
            WriteHunk(text, changes.GetRange(first, last - first + 1));
            first = last + 1;
        }
    }

    private List<Change> Changes()
    {
        var changes = new List<Change>();
        for (int old = 0, fresh = 0; old < _old.Count || fresh < _new.Count;)
        {
            var (fromOld, fromNew) = (old, fresh);
            while (_deleted[old]) old++;
            while (_inserted[fresh]) fresh++;
            if (old > fromOld || fresh > fromNew) changes.Add(new(fromOld, fromNew, old - fromOld, fresh - fromNew));
            old++;
            fresh++;
        }

        return changes;
    }

    private void WriteHunk(StringBuilder text, List<Change> changes)
    {
        var (opening, closing) = (changes[0], changes[^1]);
        var before = Math.Min(Context, opening.Old);
        var end = Math.Min(_old.Count, closing.End + Context);
        var after = end - closing.End;
        var (old, fresh) = (opening.Old - before, opening.New - before);
        text.Append("@@ -").Append(Range(old, end - old));
        text.Append(" +").Append(Range(fresh, closing.New + closing.Insertions + after - fresh)).Append(" @@\n");
        foreach (var change in changes)
        {
            while (old < change.Old) Write(text, ' ', _old[old++]);
            for (; old < change.End; old++) Write(text, '-', _old[old]);
            for (var at = change.New; at < change.New + change.Insertions; at++) Write(text, '+', _new[at]);
        }

        while (old < end) Write(text, ' ', _old[old++]);
    }

    // Lines count from 1; an empty range names the line before it; a count of one is left out.
    private static string Range(int start, int count) => count == 1
        ? string.Create(CultureInfo.InvariantCulture, $"{start + 1}")
        : string.Create(CultureInfo.InvariantCulture, $"{(count == 0 ? start : start + 1)},{count}");

    private static void Write(StringBuilder text, char mark, string line)
    {
        text.Append(mark).Append(line);
        if (!line.EndsWith('\n')) text.Append("\n\\ No newline at end of file\n");
    }

    private readonly record struct Change(int Old, int New, int Deletions, int Insertions)
    {
        public int End => Old + Deletions;
    }

    /// <summary>Which lines are changed; false before the first and after the last.</summary>
    private sealed class Marks(int count)
    {
        private readonly bool[] _marks = new bool[count + 2];

        public bool this[int line]
        {
            get => _marks[line + 1];
            set => _marks[line + 1] = value;
        }
    }

    /// <summary>Lines with their ends, so that a carriage return or a missing last line feed is a difference.</summary>
    private sealed class Lines : IChunker
    {
        public IReadOnlyList<string> Chunk(string text)
        {
            var lines = new List<string>();
            for (var start = 0; start < text.Length;)
            {
                var end = text.IndexOf('\n', start) is >= 0 and var feed ? feed + 1 : text.Length;
                lines.Add(text[start..end]);
                start = end;
            }

            return lines;
        }
    }
}
