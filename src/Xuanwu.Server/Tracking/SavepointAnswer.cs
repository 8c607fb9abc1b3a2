using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Rest;
using Xuanwu.Messaging;
using Xuanwu.Server.Commands;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Tracking;

/// <summary>From asking for a savepoint to knowing its path, whatever is lost on the way.</summary>
public static class SavepointAnswer
{
    private static readonly TimeSpan LostAfter = TimeSpan.FromSeconds(20);

    /// <summary>After asking: taken up (the poll will settle it), refused for good, or unknown (ask again for the same
    /// trigger id).</summary>
    public static async Task<object[]> FollowAsync(
        CommandReply asked, Guid runId, string triggerId, MessageBus bus, CancellationToken ct)
    {
        if (asked is CommandRefused refused)
        {
            return [new ChangeRun(runId, new SettleSavepoint(triggerId, Path: null, refused.Why))];
        }

        if (asked is CommandUnanswered or NoSuchJob) return [new PutBack(TimeSpan.FromSeconds(1))];
        await bus.HurryAsync<PollRun>(runId.ToString(), ct);
        return [];
    }

    /// <summary>
    /// Commands for the pending savepoints that have ended. Flink forgets a trigger after five minutes, or with its
    /// JobManager;
    /// then the job's own list of savepoints is the witness, and only a trigger that is in neither for long is given
    /// up.
    /// </summary>
    public static async Task<IReadOnlyList<SettleSavepoint>> SettleAsync(
        FlinkRest flink, RunView run, FlinkJob job, DateTimeOffset now, CancellationToken ct)
    {
        if (run.PendingSavepoints.IsEmpty) return [];
        var settled = new List<SettleSavepoint>();
        foreach (var pending in run.PendingSavepoints)
        {
            var status = await flink.SavepointAsync(run.FlinkJobId, pending.TriggerId, ct);
            if (status is Exists<SavepointStatus>(SavepointCompleted taken))
            {
                settled.Add(new(pending.TriggerId, taken.Path, Failure: null));
            }
            else if (status is Exists<SavepointStatus>(SavepointFailed failed)) settled.Add(Failed(pending, failed));
            else if (status is Absent<SavepointStatus>
                && await ByWitnessAsync(flink, run, job, pending, now, ct) is { } found) settled.Add(found);
        }

        return settled;
    }

    /// <summary>Commands for the pending savepoints of a run whose cluster is gone: nobody is left to ask.</summary>
    public static IEnumerable<SettleSavepoint> Lost(RunView run) => run.PendingSavepoints.Select(
        pending => new SettleSavepoint(pending.TriggerId, Path: null, "The run's cluster is gone, and its answer "
            + "with it."));

    // A savepoint that is whole is kept even when the stop after it failed.
    private static SettleSavepoint Failed(PendingSavepointView pending, SavepointFailed failed) =>
        failed.Path is { } path
        ? new(pending.TriggerId, path, Failure: null)
        : new(pending.TriggerId, Path: null, failed.Cause.ToString());

    private static async Task<SettleSavepoint?> ByWitnessAsync(
        FlinkRest flink,
        RunView run,
        FlinkJob job,
        PendingSavepointView pending,
        DateTimeOffset now,
        CancellationToken ct)
    {
        if (await flink.CheckpointsAsync(run.FlinkJobId, ct) is not Exists<FlinkCheckpoints>(var checkpoints))
        {
            return null;
        }

        if (checkpoints.LatestSavepoint is { Path: { } path } latest
            && latest.TriggeredAt >= pending.TriggeredAt.AddSeconds(-1))
        {
            return new(pending.TriggerId, path, Failure: null);
        }

        var over = RunStates.Map(job.State, stoppedByUser: false) is not (RunState.Accepted or RunState.Running);
        if (!over && now - pending.TriggeredAt < LostAfter) return null;
        return new(
            pending.TriggerId,
            Path: null,
            "Flink no longer knows of this savepoint; its JobManager changed, or the job ended before it was done.");
    }
}
