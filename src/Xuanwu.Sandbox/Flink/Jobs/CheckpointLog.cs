namespace Xuanwu.Sandbox.Flink.Jobs;

/// <summary>A checkpoint or savepoint as /jobs/:id/checkpoints tells of it.</summary>
internal sealed record CheckpointEntry(
    long Id, CheckpointOutcome Outcome, string Type, long TriggeredAt, long DurationMs, long Size, string? Path,
    string? Failure)
{
    public bool IsSavepoint => Type.EndsWith("SAVEPOINT", StringComparison.Ordinal);

    public long EndedAt => TriggeredAt + DurationMs;
}

internal enum CheckpointOutcome
{
    Completed,
    Failed,
}

/// <summary>The snapshot that a job, or a new JobManager, began from.</summary>
internal sealed record RestoredCheckpoint(long Id, long At, bool IsSavepoint, string Path);

/// <summary>
/// The checkpoints of a job. Periodic ones are not timed: what has happened by now follows from when the job began to
/// run and from its interval, and is worked out when somebody asks (<see cref="Advance"/>). A job nobody looks at costs
/// nothing.
/// </summary>
internal sealed class CheckpointLog(
    string jobId, JobCheckpointing settings, long firstId, Action<CheckpointEntry> whenCompleted)
{
    private const int HistorySize = 10;

    private readonly LinkedList<CheckpointEntry> history = new();
    private readonly Random random = new(string.GetHashCode(jobId, StringComparison.Ordinal));
    private long? clockStarted;
    private long ticks;

    public long NextId { get; private set; } = firstId;

    public long Completed { get; private set; }

    public long Failed { get; private set; }

    public long RestoredCount { get; private set; }

    public CheckpointEntry? LatestCompleted { get; private set; }

    public CheckpointEntry? LatestSavepoint { get; private set; }

    public CheckpointEntry? LatestFailed { get; private set; }

    public RestoredCheckpoint? Restored { get; private set; }

    /// <summary>The newest first, ten of them as Flink keeps by default.</summary>
    public IEnumerable<CheckpointEntry> History => history;

    /// <summary>The clock of periodic checkpoints starts when the tasks run and stops when they do not.</summary>
    public void StartClock(long now)
    {
        clockStarted = now;
        ticks = 0;
    }

    public void StopClock() => clockStarted = null;

    /// <summary>The trigger time of a periodic checkpoint that is under way now.</summary>
    public long? InProgressSince(long now)
    {
        if (clockStarted is not { } start || settings.Interval is not { } interval) return null;
        var next = start + (ticks + 1) * interval;
        return now >= next ? next : null;
    }

    /// <summary>Records what the interval has brought about until now.</summary>
    public void Advance(long now)
    {
        if (clockStarted is not { } start || settings.Interval is not { } interval) return;

        var until = (now - settings.Duration - start) / interval;
        if (until - ticks > HistorySize)
        {
            // Only the last ten are ever shown; the ones before them are counted.
            var skipped = until - ticks - HistorySize;
            NextId += skipped;
            if (settings.Fails) Failed += skipped;
            else Completed += skipped;
            ticks += skipped;
        }

        while (ticks < until)
        {
            ticks++;
            var triggered = start + ticks * interval;
            if (settings.Fails) Fail("CHECKPOINT", triggered, settings.Duration, settings.FailureMessage);
            else Complete("CHECKPOINT", triggered, settings.Duration, settings.PathOf(jobId, NextId));
        }
    }

    public CheckpointEntry Complete(string type, long triggered, long duration, string path)
    {
        var size = settings.StateSize + random.NextInt64(settings.StateSize / 8 + 1);
        var spread = type == "CHECKPOINT" ? random.NextInt64(duration / 2 + 1) : 0;
        var entry = new CheckpointEntry(
            NextId++, CheckpointOutcome.Completed, type, triggered, duration - spread, size, path, null);
        Completed++;
        if (entry.IsSavepoint) LatestSavepoint = entry;
        else LatestCompleted = entry;
        Remember(entry);
        whenCompleted(entry);
        return entry;
    }

    public void Fail(string type, long triggered, long duration, string message)
    {
        LatestFailed =
            new CheckpointEntry(NextId++, CheckpointOutcome.Failed, type, triggered, duration, 0, null, message);
        Failed++;
        Remember(LatestFailed);
    }

    public void Restore(RestoredCheckpoint restored)
    {
        Restored = restored;
        RestoredCount++;
        NextId = Math.Max(NextId, restored.Id + 1);
    }

    private void Remember(CheckpointEntry entry)
    {
        history.AddFirst(entry);
        if (history.Count > HistorySize) history.RemoveLast();
    }
}

/// <summary>What a job's settings say of its checkpoints.</summary>
internal sealed class JobCheckpointing(FlinkSettings settings, string nowhere)
{
    /// <summary>Milliseconds between two checkpoints, or null when there are none.</summary>
    public long? Interval { get; } =
        settings.Duration("execution.checkpointing.interval") is { TotalMilliseconds: >= 1 } interval
        ? (long)interval.TotalMilliseconds
        : null;

    public string? Directory { get; } = settings.Find(
        "execution.checkpointing.dir", "state.checkpoints.dir", "state.backend.fs.checkpointdir")?.TrimEnd('/');

    public string? SavepointDirectory { get; } = settings.Find(
        "execution.checkpointing.savepoint-dir", "state.savepoints.dir", "state.backend.fs.savepointdir")?.TrimEnd('/');

    public string Retention { get; } = settings.Find(
        "execution.checkpointing.externalized-checkpoint-retention",
        "execution.checkpointing.externalized-checkpoint")?.ToUpperInvariant() ?? "NO_EXTERNALIZED_CHECKPOINTS";

    public int Tolerable { get; } = settings.Number(0, "execution.checkpointing.tolerable-failed-checkpoints");

    public bool Fails { get; } = settings.Find("sandbox.checkpoint.fails") is { } text && text != "false";

    public string FailureMessage { get; } = settings.Find("sandbox.checkpoint.fails") is { } text and not "true"
        ? text
        : "Checkpoint expired before completing.";

    /// <summary>How long a checkpoint takes: well below the interval.</summary>
    public long Duration => Math.Min(180, (Interval ?? 1000) / 4);

    public long StateSize { get; } = settings.Bytes(4 << 20, "sandbox.state.size");

    /// <summary>Where the checkpoint lies; without a directory, a place that only the HA store knows.</summary>
    public string PathOf(string jobId, long id) =>
        Directory is null ? $"{nowhere}/{jobId}/completedCheckpoint-{id}" : $"{Directory}/{jobId}/chk-{id}";

    /// <summary>The path as told to users.</summary>
    public string Shown(string path) => Directory is null && path.StartsWith(nowhere, StringComparison.Ordinal)
        ? "<checkpoint-not-externally-addressable>"
        : path;
}
