using System.Globalization;
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
    public static JobDiff Between(JobVersion from, JobVersion to)
    {
        var one = FieldsOf(from.Spec);
        var other = FieldsOf(to.Spec);
        var changes = one.Keys.Union(other.Keys)
            .Order(StringComparer.Ordinal)
            .Select(field => new FieldChange(field, one.GetValueOrDefault(field), other.GetValueOrDefault(field)))
            .Where(change => change.From != change.To)
            .ToList();
        var unified = UnifiedDiff.Between(
            Text(from.Spec), Text(to.Spec), $"version {from.Number}", $"version {to.Number}");
        return new(from.Number, to.Number, unified, changes);
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
}
