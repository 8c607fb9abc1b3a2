namespace Xuanwu.Domain.Runs;

public abstract record RunEvent;

/// <summary>
/// Written before anything is deployed. The Flink job id is ours, so that a lost answer can be looked for.
/// </summary>
public sealed record RunRequested(
    Guid JobId,
    string Project,
    string JobName,
    int Version,
    Guid ClusterId,
    int Attempt,
    string FlinkVersion,
    string Image,
    string FlinkJobId,
    RestorePoint From) : RunEvent;

/// <summary>All Kubernetes objects of the run's cluster are applied.</summary>
public sealed record RunDeployed : RunEvent;

/// <summary>Flink took the job.</summary>
public sealed record RunSubmitted : RunEvent;

/// <summary>The state changed: ours, or Flink's own beside it.</summary>
public sealed record RunObserved(RunState State, string FlinkState) : RunEvent;

public sealed record RunSavepointRequested(string TriggerId, DateTimeOffset TriggeredAt) : RunEvent;

public sealed record RunSavepointTaken(string TriggerId, Savepoint Savepoint) : RunEvent;

public sealed record RunSavepointFailed(string TriggerId, string Reason) : RunEvent;

/// <summary>A user asked to stop it with a savepoint.</summary>
public sealed record RunStopRequested(string TriggerId, DateTimeOffset TriggeredAt, bool Drain) : RunEvent;

/// <summary>A user asked to cancel it.</summary>
public sealed record RunCancelRequested : RunEvent;

/// <summary>The run is over. Taken back by a later RunObserved when Flink shows that it was not.</summary>
public sealed record RunEnded(RunState State, string? FlinkState, string Reason, string? RootCause) : RunEvent;

/// <summary>The run's cluster is gone; its high-availability ConfigMaps are kept only when it failed.</summary>
public sealed record RunReleased(bool HighAvailabilityKept) : RunEvent;
