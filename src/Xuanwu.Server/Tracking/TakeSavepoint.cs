using Xuanwu.Domain.Runs;
using Xuanwu.Messaging;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;

namespace Xuanwu.Server.Tracking;

public sealed record TakeSavepoint(Guid RunId, string TriggerId);

public static class TakeSavepointPolicy
{
    public static Outgoing On(RunSavepointRequested it, Guid id) =>
        new(new TakeSavepoint(id, it.TriggerId), id.ToString());
}

// The trigger id is ours and was recorded first: asking Flink twice for the same one is one savepoint.
public static class TakeSavepointHandler
{
    public static async Task<object[]> Handle(
        TakeSavepoint message, RunReader runs, ClusterLinks links, MessageBus bus, CancellationToken ct)
    {
        var run = await runs.FindAsync(message.RunId, ct);
        // settled
        if (run is null || run.PendingSavepoints.All(pending => pending.TriggerId != message.TriggerId)) return [];
        if (run.Ended) return [];

        var link = await links.GetAsync(run.ClusterId, ct);
        var flink = link.Flink(run.Id);
        var asked =
            await flink.TriggerSavepointAsync(run.FlinkJobId, link.Spec.SavepointDirectory, message.TriggerId, ct);
        return await SavepointAnswer.FollowAsync(asked, run.Id, message.TriggerId, bus, ct);
    }
}
