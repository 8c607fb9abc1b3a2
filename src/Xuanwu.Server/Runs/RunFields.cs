using Xuanwu.Flink.Manifests;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Feeds;
using Xuanwu.Server.History;
using Xuanwu.Server.Jobs;
using Xuanwu.Server.Tracking;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.Runs;

/// <summary>Fields of a run that need a second read.</summary>
public static class RunFields
{
    /// <summary>Place in the journal of the latest event that this shows: a subscription goes on after it.</summary>
    public static ValueTask<long?> Sequence(RunView run, JournalReader journal, CancellationToken ct) =>
        journal.SequenceAsync(run.Id, run.Place, ct);

    /// <summary>The job that it is a run of.</summary>
    public static async ValueTask<JobView?> Job(RunView run, EventStore.EventStore store, CancellationToken ct) =>
        await store.FindViewAsync<JobView>(run.JobId, ct);

    /// <summary>The cluster that it runs on.</summary>
    public static async ValueTask<ClusterView?> Cluster(
        RunView run, EventStore.EventStore store, CancellationToken ct) =>
        await store.FindViewAsync<ClusterView>(run.ClusterId, ct);

    /// <summary>Address of Flink's own web UI, while there is one.</summary>
    public static async ValueTask<Uri?> UiAddress(RunView run, EventStore.EventStore store, CancellationToken ct)
    {
        if (!run.Deployed || run.Released) return null;
        var cluster = await store.FindViewAsync<ClusterView>(run.ClusterId, ct);
        return cluster is null ? null : RunAddress.Rest(cluster.Spec, RunNames.ClusterId(run.Id));
    }

    /// <summary>When something was last known of it for certain.</summary>
    public static async ValueTask<DateTimeOffset?> ObservedAt(
        RunView run, ObservationTable table, CancellationToken ct) =>
        (await table.FindAsync(run.Id, ct))?.ObservedAt;

    /// <summary>Since when it does not answer; null while it does. No answer never changes its state.</summary>
    public static async ValueTask<DateTimeOffset?> UnreachableSince(
        RunView run, ObservationTable table, CancellationToken ct) =>
        run.Released ? null : (await table.FindAsync(run.Id, ct))?.UnreachableSince;

    /// <summary>Why it does not answer.</summary>
    public static async ValueTask<string?> UnreachableReason(
        RunView run, ObservationTable table, CancellationToken ct) =>
        run.Released ? null : (await table.FindAsync(run.Id, ct))?.Reason;

    /// <summary>How it went over time; follows the journal by some milliseconds.</summary>
    public static async ValueTask<RunTimelineView?> Timeline(
        RunView run, EventStore.EventStore store, CancellationToken ct) =>
        await store.FindViewAsync<RunTimelineView>(run.Id, ct);

    /// <summary>Every event of the run.</summary>
    public static Task<Connection<JournalEvent>> History(
        RunView run, PageArguments page, Lists lists, CancellationToken ct) =>
        lists.EventsAsync(new(page, Where: null, Order: null, "stream_id = $1", [run.Id]), ct);
}
