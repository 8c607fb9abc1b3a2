using System.Collections.Immutable;
using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain.Runs;

/// <summary>A savepoint that was asked for and has not ended.</summary>
public sealed record PendingSavepoint(DateTimeOffset TriggeredAt, bool Stops, bool Drain);

// What is true now: only what a decision needs. What people look at is RunView.
//
//   Accepted ──observed──► Running ──observed / ended──► Failed | Canceled | Finished ──released──► (left alone)
//      └──────────────────────ended─────────────────────►      │
//                                 ▲────────── observed ────────┘   an end that was only inferred is taken back
public sealed record Run(
    RunRequested? Request,
    RunState State,
    string? FlinkState,
    bool Deployed,
    bool Submitted,
    bool CancelRequested,
    bool Stopping,
    ImmutableDictionary<string, PendingSavepoint> Pending,
    bool Released)
{
    public static readonly Run Absent = new(
        Request: null,
        RunState.Accepted,
        FlinkState: null,
        Deployed: false,
        Submitted: false,
        CancelRequested: false,
        Stopping: false,
        ImmutableDictionary<string, PendingSavepoint>.Empty,
        Released: false);

    public bool Exists => Request is not null;

    public bool Ended => State is RunState.Failed or RunState.Canceled or RunState.Finished;

    public bool StopRequested => CancelRequested || Stopping;

    public static Run Evolve(Run run, RunEvent happened) => happened switch
    {
        RunRequested it => run with { Request = it },
        RunDeployed => run with { Deployed = true },
        RunSubmitted => run with { Submitted = true },
        RunObserved it => run with { State = it.State, FlinkState = it.FlinkState },
        RunSavepointRequested it => run with
        {
            Pending = run.Pending.Add(it.TriggerId, new(it.TriggeredAt, Stops: false, Drain: false)),
        },
        RunSavepointTaken it => run with { Pending = run.Pending.Remove(it.TriggerId) },
        RunSavepointFailed it => run with
        {
            Pending = run.Pending.Remove(it.TriggerId),
            Stopping = run.Stopping && !run.Pending[it.TriggerId].Stops,
        },
        RunStopRequested it => run with
        {
            Pending = run.Pending.Add(it.TriggerId, new(it.TriggeredAt, Stops: true, it.Drain)),
            Stopping = true,
        },
        RunCancelRequested => run with { CancelRequested = true },
        RunEnded it => run with { State = it.State, FlinkState = it.FlinkState ?? run.FlinkState },
        RunReleased => run with { Released = true },
        _ => throw new UnknownEvent(happened),
    };

    public static Decision<RunEvent> Decide(Run run, RequestRun command) => run.Exists ? Nothing : command.Run;

    public static Decision<RunEvent> Decide(Run run, MarkRunDeployed _) =>
        !run.Exists || run.Deployed || run.Ended ? Nothing : new RunDeployed();

    public static Decision<RunEvent> Decide(Run run, MarkRunSubmitted _) =>
        !run.Exists || run.Submitted || run.Ended ? Nothing : new RunSubmitted();

    public static Decision<RunEvent> Decide(Run run, ObserveRun command)
    {
        if (!run.Exists || run.Released) return Nothing;

        // Flink calls a stop with savepoint FINISHED; that a user stopped it only we can know.
        var state = command.State is RunState.Finished && run.StopRequested ? RunState.Canceled : command.State;

        // A new leader begins anew with INITIALIZING; the run has run and has not ended.
        if (state is RunState.Accepted && run.State is RunState.Running) state = RunState.Running;

        if (state == run.State && (command.FlinkState == run.FlinkState || run.Ended)) return Nothing;

        // A late answer from before the end says nothing new; only a job that runs again takes an end back.
        if (run.Ended && state is not RunState.Running) return Nothing;
        if (run.Ended && run.State is RunState.Canceled) return Nothing;
        var arrived = run.Submitted ? Array.Empty<RunEvent>() : [new RunSubmitted()];
        RunEvent happened = state is RunState.Accepted or RunState.Running
            ? new RunObserved(state, command.FlinkState)
            : new RunEnded(state, command.FlinkState, Sentence(state, command), command.RootCause);
        return arrived.Append(happened).ToArray();
    }

    public static Decision<RunEvent> Decide(Run run, EndRun command)
    {
        if (!run.Exists || run.Ended) return Nothing;
        return new RunEnded(command.State, FlinkState: null, command.Reason, command.RootCause);
    }

    public static Decision<RunEvent> Decide(Run run, RequestSavepoint command)
    {
        if (!run.Exists) return NoRun();
        if (run.Pending.ContainsKey(command.TriggerId)) return Nothing;
        if (run.State is not RunState.Running || run.StopRequested)
        {
            return Reject(
                "RUN_NOT_RUNNING", "A savepoint can only be taken of a run that is running and not being stopped.");
        }

        return new RunSavepointRequested(command.TriggerId, command.TriggeredAt);
    }

    public static Decision<RunEvent> Decide(Run run, RequestStop command)
    {
        if (!run.Exists) return NoRun();
        if (run.Ended || run.StopRequested) return Nothing;

        // Before Flink runs the job there is no state to save: a stop is a cancel.
        if (!command.WithSavepoint || run.State is RunState.Accepted) return new RunCancelRequested();
        if (run.Pending.ContainsKey(command.TriggerId))
        {
            return Reject(
                "TRIGGER_ID_TAKEN", "A savepoint with this trigger id is being taken; give another.", "triggerId");
        }

        return new RunStopRequested(command.TriggerId, command.TriggeredAt, command.Drain);
    }

    public static Decision<RunEvent> Decide(Run run, RequestCancel _)
    {
        if (!run.Exists) return NoRun();
        return run.Ended || run.CancelRequested ? Nothing : new RunCancelRequested();
    }

    public static Decision<RunEvent> Decide(Run run, SettleSavepoint command)
    {
        if (!run.Pending.TryGetValue(command.TriggerId, out var pending)) return Nothing;
        if (command.Path is null)
        {
            return new RunSavepointFailed(command.TriggerId, command.Failure ?? "Flink gave no reason.");
        }

        var savepoint = new Savepoint(
            command.Path, run.Request!.FlinkVersion, run.Request.Attempt, pending.TriggeredAt);
        return new RunSavepointTaken(command.TriggerId, savepoint);
    }

    public static Decision<RunEvent> Decide(Run run, MarkRunReleased _)
    {
        if (!run.Ended || run.Released) return Nothing;
        return new RunReleased(HighAvailabilityKept: run.State is RunState.Failed);
    }

    private static string Sentence(RunState state, ObserveRun command) => state switch
    {
        RunState.Canceled => "Stopped by a user.",
        RunState.Finished => "The job reached its end.",
        _ => command.RootCause is null ? "Flink reports that the job failed." : FirstLine(command.RootCause),
    };

    private static string FirstLine(string text) =>
        text.AsSpan().IndexOf('\n') is >= 0 and var end ? text[..end] : text;

    private static Rejection NoRun() => Reject("RUN_UNKNOWN", "There is no run with this id.", "runId");
}
