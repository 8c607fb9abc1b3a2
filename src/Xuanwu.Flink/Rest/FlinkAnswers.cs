namespace Xuanwu.Flink.Rest;

/// <summary>A job as <c>GET /jobs/:jobid</c> shows it.</summary>
/// <param name="Id">32 hex digits.</param>
/// <param name="Name">pipeline.name.</param>
/// <param name="State">Flink's state.</param>
/// <param name="StartTime">When the job was received.</param>
/// <param name="EndTime">When it ended; null while it lives.</param>
/// <param name="Timestamps">When it entered each state, by Flink's names of them; states never entered are left
/// out.</param>
/// <param name="Vertices">Its operators.</param>
public sealed record FlinkJob(
    string Id,
    string? Name,
    FlinkState State,
    DateTimeOffset? StartTime,
    DateTimeOffset? EndTime,
    IReadOnlyDictionary<string, DateTimeOffset> Timestamps,
    IReadOnlyList<FlinkVertex> Vertices);

/// <summary>One vertex of a job's graph. Status is a task state, such as RUNNING or CANCELING.</summary>
public sealed record FlinkVertex(string Id, string? Name, int? Parallelism, string? Status);

/// <summary>A job in the overview.</summary>
public sealed record FlinkJobSummary(
    string Id, string? Name, FlinkState State, DateTimeOffset? StartTime, DateTimeOffset? EndTime, int? RunningTasks,
    int? TotalTasks);

/// <summary>Failures that Flink remembers, the latest first.</summary>
public sealed record FlinkExceptions(IReadOnlyList<FlinkException> Entries, bool Truncated)
{
    /// <summary>The root cause of the latest failure.</summary>
    public RootCause? Latest => Entries.Count == 0 ? null : Entries[0].Root;
}

/// <summary>One failure.</summary>
/// <param name="At">When.</param>
/// <param name="Root">The innermost cause.</param>
/// <param name="StackTrace">As Java printed it.</param>
/// <param name="TaskName">The task that failed, when it was one.</param>
/// <param name="TaskManagerId">Where it ran.</param>
public sealed record FlinkException(
    DateTimeOffset? At, RootCause Root, string StackTrace, string? TaskName, string? TaskManagerId);

/// <summary>What <c>GET /jobs/:jobid/checkpoints</c> tells of a job's snapshots.</summary>
public sealed record FlinkCheckpoints(
    CheckpointCounts Counts,
    FlinkCheckpoint? LatestCompleted,
    FlinkCheckpoint? LatestSavepoint,
    FlinkCheckpoint? LatestFailed,
    RestoredCheckpoint? LatestRestored);

public sealed record CheckpointCounts(long Total, long InProgress, long Completed, long Failed, long Restored);

/// <summary>
/// A checkpoint or savepoint. Ids restart at 1 after an empty start: never order by them across attempts.
/// </summary>
public sealed record FlinkCheckpoint(
    long Id,
    bool IsSavepoint,
    DateTimeOffset? TriggeredAt,
    TimeSpan? Duration,
    long? StateBytes,
    string? Path,
    bool Discarded,
    string? FailureMessage);

public sealed record RestoredCheckpoint(long Id, DateTimeOffset? RestoredAt, bool IsSavepoint, string? Path);

/// <summary>How far a savepoint is. Flink's COMPLETED means over, not successful; these tell the two apart.</summary>
public abstract record SavepointStatus
{
    private protected SavepointStatus()
    {
    }
}

public sealed record SavepointInProgress : SavepointStatus;

/// <summary>It is taken, and lies at Path.</summary>
public sealed record SavepointCompleted(string Path) : SavepointStatus;

/// <summary>
/// It failed. Path is set when the savepoint is whole all the same and only the stop after it failed.
/// </summary>
public sealed record SavepointFailed(RootCause Cause, string? Path) : SavepointStatus;

public sealed record FlinkOverview(
    string? FlinkVersion, int TaskManagers, int SlotsTotal, int SlotsAvailable, int JobsRunning, int JobsFinished,
    int JobsCancelled, int JobsFailed);

public sealed record FlinkTaskManager(string Id, int Slots, int FreeSlots, DateTimeOffset? LastHeartbeat);
