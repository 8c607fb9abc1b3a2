using Xuanwu.Domain.Runs;

namespace Xuanwu.Domain.Jobs;

public sealed record CreateJob(
    string Project, string Name, JobKind Kind, string Owner, IReadOnlyDictionary<string, string> Labels);

public sealed record SaveDraft(JobSpec Draft);

public sealed record PublishVersion(string Note);

public sealed record RollBackJob(int ToVersion, string Note);

/// <summary>How a start gets its state.</summary>
public enum RestoreFrom
{
    /// <summary>Start empty.</summary>
    None,

    /// <summary>Start from the job's latest savepoint; refused when there is none.</summary>
    LatestSavepoint,

    /// <summary>Start from the given path.</summary>
    Path,
}

/// <summary>Version null is the latest. Force lets a restore cross Flink 1.x and 2.x.</summary>
public sealed record StartJob(
    Guid RunId, int? Version, Guid ClusterId, RestoreFrom From, string? Path, bool AllowNonRestoredState, bool Force);

public sealed record FollowRun(Guid RunId, RunState State);

public sealed record KeepSavepoint(Guid RunId, Savepoint Savepoint);

public sealed record ArchiveJob;
