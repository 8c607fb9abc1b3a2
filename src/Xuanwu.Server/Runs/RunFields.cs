using Xuanwu.Flink.Manifests;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.GraphQL;
using Xuanwu.Server.History;
using Xuanwu.Server.Jobs;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.Runs;

/// <summary>Fields of a run that need a second read.</summary>
public static class RunFields
{
    /// <summary>Place in the journal of the latest event that this shows: a subscription goes on after it.</summary>
    public static Task<long?> Sequence(RunView run, RequestContext request) =>
        Loaders.SequenceAsync(request, run.Id, run.Place);

    /// <summary>The job that it is a run of.</summary>
    public static Task<JobView?> Job(RunView run, RequestContext request) =>
        Loaders.Jobs.LoadAsync(request, run.JobId);

    /// <summary>The cluster that it runs on.</summary>
    public static Task<ClusterView?> Cluster(RunView run, RequestContext request) =>
        Loaders.Clusters.LoadAsync(request, run.ClusterId);

    /// <summary>Address of Flink's own web UI, while there is one.</summary>
    public static async Task<Uri?> UiAddress(RunView run, RequestContext request)
    {
        if (!run.Deployed || run.Released) return null;
        var cluster = await Loaders.Clusters.LoadAsync(request, run.ClusterId);
        return cluster is null ? null : RunAddress.Rest(cluster.Spec, RunNames.ClusterId(run.Id));
    }

    /// <summary>When something was last known of it for certain.</summary>
    public static async Task<DateTimeOffset?> ObservedAt(RunView run, RequestContext request) =>
        (await Loaders.Observations.LoadAsync(request, run.Id))?.ObservedAt;

    /// <summary>Since when it does not answer; null while it does. No answer never changes its state.</summary>
    public static async Task<DateTimeOffset?> UnreachableSince(RunView run, RequestContext request) =>
        run.Released ? null : (await Loaders.Observations.LoadAsync(request, run.Id))?.UnreachableSince;

    /// <summary>Why it does not answer.</summary>
    public static async Task<string?> UnreachableReason(RunView run, RequestContext request) =>
        run.Released ? null : (await Loaders.Observations.LoadAsync(request, run.Id))?.Reason;

    /// <summary>How it went over time; follows the journal by some milliseconds.</summary>
    public static Task<RunTimelineView?> Timeline(RunView run, RequestContext request) =>
        Loaders.Timelines.LoadAsync(request, run.Id);

    /// <summary>Every event of the run.</summary>
    public static Task<Connection<JournalEvent>> History(
        RunView run, PageArguments page, Lists lists, CancellationToken ct) =>
        lists.EventsAsync(new(page, Where: null, Order: null, "stream_id = $1", [run.Id]), ct);
}
