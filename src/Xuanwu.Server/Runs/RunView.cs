using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Xuanwu.Domain;
using Xuanwu.Domain.Runs;
using Xuanwu.EventStore;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.Server.Runs;

/// <summary>A savepoint that was asked for and has not ended; Stops says that the run ends with it.</summary>
public sealed record PendingSavepointView(string TriggerId, DateTimeOffset TriggeredAt, bool Stops, bool Drain);

/// <summary>One attempt to run a version of a job on a cluster of its own.</summary>
public sealed record RunView(
    Guid Id,
    Guid JobId,
    string Project,
    string JobName,
    int Version,
    Guid ClusterId,
    int Attempt,
    RunState State,
    string? FlinkState,
    string FlinkVersion,
    string Image,
    string FlinkJobId,
    RestorePoint RestoredFrom,
    bool Deployed,
    bool Submitted,
    bool CancelRequested,
    bool Stopping,
    ImmutableList<PendingSavepointView> PendingSavepoints,
    ImmutableList<Savepoint> Savepoints,
    string? LastSavepointFailure,
    DateTimeOffset RequestedAt,
    string RequestedBy,
    DateTimeOffset? StartedAt,
    DateTimeOffset? EndedAt,
    DateTimeOffset ChangedAt,
    string? Reason,
    string? RootCause,
    bool Released,
    bool HighAvailabilityKept) : IPlaced
{
    public static readonly StreamView<RunView, RunEvent> Stored = new("run", Evolve);

    /// <inheritdoc/>
    [JsonIgnore, GraphQLIgnore]
    public ViewPlace Place { get; set; }

    public bool Ended => State is RunState.Failed or RunState.Canceled or RunState.Finished;

    public static RunView? Evolve(RunView? run, Recorded<RunEvent> recorded)
    {
        if (recorded.Event is RunRequested requested) return Requested(requested, recorded);
        if (run is null)
        {
            throw new InvalidOperationException($"The run {recorded.StreamId} does not begin with RunRequested.");
        }

        run = run with { ChangedAt = recorded.At };
        return recorded.Event switch
        {
            RunDeployed => run with { Deployed = true },
            RunSubmitted => run with { Submitted = true },
            RunObserved it => run with
            {
                State = it.State,
                FlinkState = it.FlinkState,
                StartedAt = run.StartedAt ?? (it.State is RunState.Running ? recorded.At : null),
                EndedAt = null,
                Reason = null,
                RootCause = null,
            },
            RunSavepointRequested it => run with
            {
                PendingSavepoints =
                    run.PendingSavepoints.Add(new(it.TriggerId, it.TriggeredAt, Stops: false, Drain: false)),
            },
            RunStopRequested it => run with
            {
                PendingSavepoints = run.PendingSavepoints.Add(new(it.TriggerId, it.TriggeredAt, Stops: true, it.Drain)),
                Stopping = true,
            },
            RunSavepointTaken it => Settled(run, it.TriggerId) with { Savepoints = run.Savepoints.Add(it.Savepoint) },
            RunSavepointFailed it => Settled(run, it.TriggerId) with
            {
                LastSavepointFailure = it.Reason,
                Stopping = run.Stopping && !run.PendingSavepoints.Any(
                    pending => pending.TriggerId == it.TriggerId && pending.Stops),
            },
            RunCancelRequested => run with { CancelRequested = true },
            RunEnded it => run with
            {
                State = it.State,
                FlinkState = it.FlinkState ?? run.FlinkState,
                EndedAt = recorded.At,
                Reason = it.Reason,
                RootCause = it.RootCause,
            },
            RunReleased it => run with { Released = true, HighAvailabilityKept = it.HighAvailabilityKept },
            _ => throw new UnknownEvent(recorded.Event),
        };
    }

    private static RunView Settled(RunView run, string triggerId) =>
        run with { PendingSavepoints = run.PendingSavepoints.RemoveAll(pending => pending.TriggerId == triggerId) };

    private static RunView Requested(RunRequested it, Recorded<RunEvent> recorded) => new(
        recorded.StreamId,
        it.JobId,
        it.Project,
        it.JobName,
        it.Version,
        it.ClusterId,
        it.Attempt,
        RunState.Accepted,
        FlinkState: null,
        it.FlinkVersion,
        it.Image,
        it.FlinkJobId,
        it.From,
        Deployed: false,
        Submitted: false,
        CancelRequested: false,
        Stopping: false,
        [],
        [],
        LastSavepointFailure: null,
        recorded.At,
        recorded.By,
        StartedAt: null,
        EndedAt: null,
        recorded.At,
        Reason: null,
        RootCause: null,
        Released: false,
        HighAvailabilityKept: false);
}
