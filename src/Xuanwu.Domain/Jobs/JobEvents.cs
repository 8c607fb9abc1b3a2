using Xuanwu.Domain.Runs;

namespace Xuanwu.Domain.Jobs;

public abstract record JobEvent;

public sealed record JobCreated(
    string Project, string Name, JobKind Kind, string Owner, IReadOnlyDictionary<string, string> Labels) : JobEvent;

public sealed record JobDraftSaved(JobSpec Draft) : JobEvent;

/// <summary>
/// A version was published; <c>RestoredFrom</c> is the version that a roll-back took its content from.
/// </summary>
public sealed record JobVersionPublished(
    int Number, JobSpec Spec, string Hash, string Note, int? RestoredFrom) : JobEvent;

public sealed record JobStartRequested(
    Guid RunId, int Attempt, int Version, Guid ClusterId, RestorePoint From) : JobEvent;

public sealed record JobRunObserved(Guid RunId, RunState State) : JobEvent;

public sealed record JobSavepointTaken(Guid RunId, Savepoint Savepoint) : JobEvent;

public sealed record JobArchived : JobEvent;
