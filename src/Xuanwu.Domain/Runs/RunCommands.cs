namespace Xuanwu.Domain.Runs;

public sealed record RequestRun(RunRequested Run);

public sealed record MarkRunDeployed;

public sealed record MarkRunSubmitted;

/// <summary>
/// What Flink says of the job, by its own words and mapped to our states as if no user had touched it.
/// </summary>
public sealed record ObserveRun(RunState State, string FlinkState, string? RootCause);

/// <summary>
/// An end that Flink did not report: refused SQL, a cluster that is confirmed gone, a cancel before the start.
/// </summary>
public sealed record EndRun(RunState State, string Reason, string? RootCause);

public sealed record RequestSavepoint(string TriggerId, DateTimeOffset TriggeredAt);

public sealed record RequestStop(bool WithSavepoint, bool Drain, string TriggerId, DateTimeOffset TriggeredAt);

public sealed record RequestCancel;

/// <summary>How a savepoint ended; exactly one of path and failure is set.</summary>
public sealed record SettleSavepoint(string TriggerId, string? Path, string? Failure);

public sealed record MarkRunReleased;
