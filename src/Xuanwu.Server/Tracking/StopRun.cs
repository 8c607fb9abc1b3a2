using Xuanwu.Domain.Runs;
using Xuanwu.Messaging;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;

namespace Xuanwu.Server.Tracking;

public sealed record StopRun(Guid RunId, string TriggerId);

public static class StopRunPolicy
{
    public static Outgoing On(RunStopRequested it, Guid id) => new(new StopRun(id, it.TriggerId), id.ToString());
}

// The trigger id is ours and was recorded first: asking Flink twice for the same one is one stop.
public static class StopRunHandler
{
    public static async Task<object[]> Handle(
        StopRun message, RunReader runs, ClusterLinks links, MessageBus bus, CancellationToken ct)
    {
        var run = await runs.FindAsync(message.RunId, ct);
        var pending = run?.PendingSavepoints.Find(pending => pending.TriggerId == message.TriggerId);
        // settled, or overtaken by a cancel
        if (run is null || pending is null || run.Ended || run.CancelRequested) return [];

        var link = await links.GetAsync(run.ClusterId, ct);
        var asked = await link.Flink(run.Id).StopAsync(
            run.FlinkJobId, link.Spec.SavepointDirectory, pending.Drain, message.TriggerId, ct);
        return await SavepointAnswer.FollowAsync(asked, run.Id, message.TriggerId, bus, ct);
    }
}
