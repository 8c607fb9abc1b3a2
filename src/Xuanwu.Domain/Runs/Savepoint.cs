namespace Xuanwu.Domain.Runs;

/// <summary>
/// A savepoint that was taken. "Latest" is by attempt and then by trigger time: Flink's own ids restart at 1 after an
/// empty start.
/// </summary>
/// <param name="Path">Where it lies.</param>
/// <param name="FlinkVersion">The Flink version that wrote it.</param>
/// <param name="Attempt">The job's attempt that it was taken of.</param>
/// <param name="TriggeredAt">When it was asked for.</param>
public sealed record Savepoint(string Path, string FlinkVersion, int Attempt, DateTimeOffset TriggeredAt)
{
    public bool IsLaterThan(Savepoint? other) =>
        other is null || Attempt > other.Attempt || (Attempt == other.Attempt && TriggeredAt > other.TriggeredAt);
}
