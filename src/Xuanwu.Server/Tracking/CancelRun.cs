using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Rest;
using Xuanwu.Messaging;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;

namespace Xuanwu.Server.Tracking;

public sealed record CancelRun(Guid RunId);

public static class CancelRunPolicy
{
    public static Outgoing On(RunCancelRequested _, Guid id) => new(new CancelRun(id), id.ToString());
}

// Asks Flink until the job has ended. A cancel is always possible: when Flink does not answer for long, or never got
// the job,
// the run's cluster is taken away, and that it is gone is the end.
public static class CancelRunHandler
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    public static async Task<object[]> Handle(
        CancelRun message, RunReader runs, ClusterLinks links, MessageBus bus, TimeProvider clock, CancellationToken ct)
    {
        var run = await runs.FindAsync(message.RunId, ct);
        if (run is null || run.Ended) return [];
        var link = await links.GetAsync(run.ClusterId, ct);
        if (run.Submitted || (run.Deployed && await IsJarAsync(runs, run, ct)))
        {
            var asked = await link.Flink(run.Id).CancelAsync(run.FlinkJobId, ct);
            if (asked is CommandAccepted or JobHasEnded)
            {
                await bus.HurryAsync<PollRun>(run.Id.ToString(), ct);
                return [new PutBack(TimeSpan.FromSeconds(2))];
            }

            if (clock.GetUtcNow() - run.ChangedAt < Patience) return [new PutBack(TimeSpan.FromSeconds(1))];
        }

        await link.RemoveAsync(run.Id, ct);
        if (!await link.IsGoneAsync(run.Id, ct)) return [new PutBack(TimeSpan.FromSeconds(1))];
        var reason = run.Submitted ? "Stopped by a user; Flink did not answer, so its cluster was removed."
            : "Stopped by a user before the job was running.";
        return
        [
            .. SavepointAnswer.Lost(run).Select(lost => new ChangeRun(run.Id, lost)),
            new ChangeRun(run.Id, new EndRun(RunState.Canceled, reason, RootCause: null)),
        ];
    }

    private static async Task<bool> IsJarAsync(RunReader runs, Runs.RunView run, CancellationToken ct) =>
        (await runs.SpecAsync(run, ct)).Jar is not null;
}
