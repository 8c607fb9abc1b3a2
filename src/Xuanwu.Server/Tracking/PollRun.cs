using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Rest;
using Xuanwu.Kubernetes;
using Xuanwu.Messaging;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Tracking;

public sealed record PollRun(Guid RunId);

// One message per run, in the queue of the run's state; it goes back to the tail of that queue, or into the queue of
// the new state, until the run is released. Delivered at least once and one at a time per run.
//
// A probe has three answers. Exists: what Flink says becomes a command. Absent: Flink, or Kubernetes, said for certain
// that the thing is not there; only several of these in a row, over some time, end a run. Unknown: nothing is
// concluded, ever; it is only shown. The end of a run is checked again at a low rate before its cluster is taken away,
// because an end that was inferred can be taken back.
public static class PollRunHandler
{
    public static async Task<object[]> Handle(
        PollRun message,
        RunReader runs,
        ClusterLinks links,
        Observations observations,
        TrackingOptions options,
        TimeProvider clock,
        CancellationToken ct)
    {
        var run = await runs.FindAsync(message.RunId, ct);
        if (run is null || run.Released)
        {
            observations.Forget(message.RunId);
            return [];
        }

        var now = clock.GetUtcNow();
        if (run.Ended && now - run.EndedAt >= options.RecheckFor(run)) return [new ReleaseRun(run.Id)];
        if (run.Ended && run.PendingSavepoints.IsEmpty && await runs.IsSupersededAsync(run, ct))
        {
            return [new ReleaseRun(run.Id)];
        }

        if (!run.Submitted && !run.Ended && !run.CancelRequested && (await runs.SpecAsync(run, ct)).Jar is null)
        {
            return run.Deployed ? [new SubmitRun(run.Id, run.Attempt)] : [new DeployRun(run.Id, run.Attempt)];
        }

        var link = await links.GetAsync(run.ClusterId, ct);
        var flink = link.Flink(run.Id);
        var probe = await flink.JobAsync(run.FlinkJobId, ct);
        var commands = new List<object>();
        if (probe is Exists<FlinkJob>(var job))
        {
            observations.Note(run.Id, unknown: null);
            foreach (var settled in await SavepointAnswer.SettleAsync(flink, run, job, now, ct))
            {
                var failure = settled.Failure is null ? null : await runs.MaskAsync(run, settled.Failure, ct);
                commands.Add(settled with { Failure = failure });
            }

            if (await ObserveAsync(flink, runs, run, job, ct) is { } observed) commands.Add(observed);
        }
        else if (await IsAbsentAsync(link, run, probe, observations, ct))
        {
            var counts = Absence.Counts(observations.NoteAbsence(run.Id), now);
            if (counts && !run.Ended)
            {
                commands.AddRange(SavepointAnswer.Lost(run));
                commands.Add(Absence.End(run, probe is Absent<FlinkJob>));
            }
        }

        var state = commands.OfType<ObserveRun>().Select(it => it.State).Append(run.State).First();
        return [.. commands.Select(command => new ChangeRun(run.Id, command)), new PutBack(
            Period(run, commands, options, now), Queues.Of(state))];
    }

    private static async Task<ObserveRun?> ObserveAsync(
        FlinkRest flink, RunReader runs, RunView run, FlinkJob job, CancellationToken ct)
    {
        var state = RunStates.Map(job.State, stoppedByUser: false);
        if (state == run.State && job.State.Name() == run.FlinkState) return null;
        if (state is not RunState.Failed) return new(state, job.State.Name(), RootCause: null);
        var exceptions = await flink.ExceptionsAsync(run.FlinkJobId, ct);
        var cause = (exceptions as Exists<FlinkExceptions>)?.Value.Latest?.ToString();
        return new(state, job.State.Name(), cause is null ? null : await runs.MaskAsync(run, cause, ct));
    }

    // Without an answer from Flink the run's own objects are looked for: only a cluster that is certainly gone is
    // absent. That Kubernetes does not answer either is one more thing that is unknown.
    private static async Task<bool> IsAbsentAsync(
        ClusterLink link, RunView run, Probe<FlinkJob> probe, Observations observations, CancellationToken ct)
    {
        var reason = (probe as Unknown<FlinkJob>)?.Reason;
        if (probe is Absent<FlinkJob> && (run.Submitted || run.CancelRequested)) return true;
        observations.Note(run.Id, reason); // now, since Kubernetes may keep us waiting
        if (!run.Deployed) return false;
        try
        {
            if (probe is Unknown<FlinkJob> && await link.IsGoneAsync(run.Id, ct)) return true;
            var trouble = await link.PodTroubleAsync(run.Id, ct);
            if (trouble is not null) observations.Note(run.Id, $"{reason} {trouble}".TrimStart());
        }
        catch (ApiError broken)
        {
            observations.Note(run.Id, $"{reason} {broken.Message}");
        }

        return false;
    }

    private static TimeSpan Period(RunView run, List<object> commands, TrackingOptions options, DateTimeOffset now)
    {
        if (commands.Count > 0 || run.CancelRequested || !run.PendingSavepoints.IsEmpty) return options.FastestPoll;
        if (run.Ended) return options.RecheckEvery;
        var steady = (now - run.ChangedAt) / 8;
        return steady < options.FastestPoll ? options.FastestPoll : steady > options.SlowestPoll
            ? options.SlowestPoll : steady;
    }
}
