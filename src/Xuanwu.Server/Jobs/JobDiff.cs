using System.Globalization;
using System.Text;
using DiffPlex;
using Xuanwu.Domain.Jobs;

namespace Xuanwu.Server.Jobs;

/// <summary>A field that two versions say differently; null stands for "not set".</summary>
public sealed record FieldChange(string Field, string? From, string? To);

/// <summary>What changed between two versions of a job.</summary>
/// <param name="From">The earlier version's number.</param>
/// <param name="To">The later version's number.</param>
/// <param name="Unified">The SQL (or the arguments of the jar) as a unified diff; empty when it is the same.</param>
/// <param name="Fields">Every other field that differs.</param>
public sealed record JobDiff(int From, int To, string Unified, IReadOnlyList<FieldChange> Fields)
{
    private const int Context = 3;

    public static JobDiff Between(JobVersion from, JobVersion to)
    {
        var one = FieldsOf(from.Spec);
        var other = FieldsOf(to.Spec);
        var changes = one.Keys.Union(other.Keys)
            .Order(StringComparer.Ordinal)
            .Select(field => new FieldChange(field, one.GetValueOrDefault(field), other.GetValueOrDefault(field)))
            .Where(change => change.From != change.To)
            .ToList();
        return new(from.Number, to.Number, Unify(Text(from.Spec), Text(to.Spec), from.Number, to.Number), changes);
    }

    private static string Text(JobSpec spec) => spec.Sql ?? string.Join('\n', spec.Jar?.Arguments ?? []);

    private static SortedDictionary<string, string?> FieldsOf(JobSpec spec)
    {
        var fields = new SortedDictionary<string, string?>(StringComparer.Ordinal)
        {
            ["flinkVersion"] = spec.FlinkVersion,
            ["parallelism"] = Number(spec.Parallelism),
            ["jar.uri"] = spec.Jar?.Uri,
            ["jar.entryClass"] = spec.Jar?.EntryClass,
            ["resources.jobManager.cpu"] = Number(spec.Resources.JobManager.Cpu),
            ["resources.jobManager.memoryMiB"] = Number(spec.Resources.JobManager.MemoryMiB),
            ["resources.jobManager.replicas"] = Number(spec.Resources.JobManager.Replicas),
            ["resources.taskManager.cpu"] = Number(spec.Resources.TaskManager.Cpu),
            ["resources.taskManager.memoryMiB"] = Number(spec.Resources.TaskManager.MemoryMiB),
            ["resources.taskManager.slots"] = Number(spec.Resources.TaskManager.Slots),
            ["catalogs"] = spec.Catalogs.Count == 0 ? null : string.Join(", ", spec.Catalogs),
        };
        foreach (var (key, value) in spec.Parameters) fields[$"parameters.{key}"] = value;
        return fields;
    }

    private static string Number(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    // DiffPlex finds the changed blocks; the unified form (as GNU diff -u writes it) groups them with three lines of
    // context.
    private static string Unify(string from, string to, int fromVersion, int toVersion)
    {
        var diff = Differ.Instance.CreateLineDiffs(from, to, ignoreWhitespace: false);
        if (diff.DiffBlocks.Count == 0) return "";
        var text = new StringBuilder($"--- version {fromVersion}\n+++ version {toVersion}\n");
        for (var first = 0; first < diff.DiffBlocks.Count;)
        {
            var last = first;
            while (last + 1 < diff.DiffBlocks.Count
                && diff.DiffBlocks[last + 1].DeleteStartA - End(last) <= 2 * Context) last++;
            Hunk(first, last);
            first = last + 1;
        }

        return text.ToString();

        int End(int block) => diff.DiffBlocks[block].DeleteStartA + diff.DiffBlocks[block].DeleteCountA;

        void Hunk(int first, int last)
        {
            var opening = diff.DiffBlocks[first];
            var closing = diff.DiffBlocks[last];
            var before = Math.Min(Context, opening.DeleteStartA);
            var after = Math.Min(Context, diff.PiecesOld.Count - End(last));
            var oldLines = End(last) + after - (opening.DeleteStartA - before);
            var newLines = closing.InsertStartB + closing.InsertCountB + after - (opening.InsertStartB - before);
            text.Append(
                CultureInfo.InvariantCulture,
                $"@@ -{Start(opening.DeleteStartA - before, oldLines)} "
                + $"+{Start(opening.InsertStartB - before, newLines)} @@\n");
            var line = opening.DeleteStartA - before;
            for (var block = first; block <= last; block++)
            {
                var change = diff.DiffBlocks[block];
                while (line < change.DeleteStartA) Line(' ', diff.PiecesOld[line++]);
                for (var deleted = 0; deleted < change.DeleteCountA; deleted++) Line('-', diff.PiecesOld[line++]);
                for (var inserted = 0; inserted < change.InsertCountB; inserted++)
                {
                    Line('+', diff.PiecesNew[change.InsertStartB + inserted]);
                }
            }

            for (var rest = 0; rest < after; rest++) Line(' ', diff.PiecesOld[line++]);
        }

        static string Start(int line, int count) =>
            string.Create(CultureInfo.InvariantCulture, $"{(count == 0 ? line : line + 1)},{count}");

        void Line(char mark, string piece) => text.Append(mark).Append(piece).Append('\n');
    }
}
