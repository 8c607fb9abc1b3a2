using Xuanwu.Domain.Runs;
using Xuanwu.Messaging;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;

namespace Xuanwu.Server.Tracking;

public sealed record ReleaseRun(Guid RunId);

// Takes away the cluster of a run that has ended: one delete of the root object removes all that it owns. Deleting
// twice is
// harmless. High-availability ConfigMaps have no owner: they go when a user or the job itself ended the run; after a
// failure
// they are what a recovery would need.
public static class ReleaseRunHandler
{
    public static async Task<object[]> Handle(
        ReleaseRun message, RunReader runs, ClusterLinks links, CancellationToken ct)
    {
        var run = await runs.FindAsync(message.RunId, ct);
        if (run is null || run.Released) return [];
        if (!run.Ended) return [new PollRun(run.Id)]; // the end was taken back

        var link = await links.GetAsync(run.ClusterId, ct);
        await link.RemoveAsync(run.Id, ct);
        if (!await link.IsGoneAsync(run.Id, ct)) return [new PutBack(TimeSpan.FromSeconds(1))];
        if (run.State is not RunState.Failed) await link.RemoveHighAvailabilityAsync(run.Id, ct);
        return [new ChangeRun(run.Id, new MarkRunReleased())];
    }
}
