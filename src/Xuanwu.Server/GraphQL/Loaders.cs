using Xuanwu.EventStore;
using Xuanwu.GraphQL.Execution;
using Xuanwu.Postgres;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Jobs;
using Xuanwu.Server.Runs;
using Xuanwu.Server.Tracking;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.GraphQL;

/// <summary>What fields of many objects ask for one by one is read in one statement.</summary>
public static class Loaders
{
    public static readonly Loader<Guid, JobView> Jobs = Of<JobView>();
    public static readonly Loader<Guid, RunView> Runs = Of<RunView>();
    public static readonly Loader<Guid, ClusterView> Clusters = Of<ClusterView>();
    public static readonly Loader<Guid, RunTimelineView> Timelines = Of<RunTimelineView>();

    /// <summary>What was last seen of a run.</summary>
    public static readonly Loader<Guid, Observation> Observations = new(async (batch, request) =>
    {
        var table = request.Require<ObservationTable>();
        foreach (var (run, seen) in await table.FindAsync(batch.Keys, request.Cancellation)) batch.Set(run, seen);
    });

    /// <summary>Place in the journal of an event, by its stream and version.</summary>
    public static readonly Loader<(Guid Id, long Version), long?> Sequences = new(async (batch, request) =>
    {
        var found = await request.Require<Database>().ReadAsync(
            """
            select e.stream_id, e.version, e.seq_id from unnest($1, $2) as k (id, version)
            join xuanwu.mt_events e on e.stream_id = k.id and e.version = k.version
            """,
            [batch.Keys.Select(key => key.Id).ToArray(), batch.Keys.Select(key => key.Version).ToArray()],
            reader => (Key: (reader.GetGuid(0), reader.GetInt64(1)), Sequence: reader.GetInt64(2)),
            request.Cancellation);
        foreach (var (key, sequence) in found) batch.Set(key, sequence);
    });

    /// <summary>The sequence of what a view shows; null for one that was not told its place.</summary>
    public static Task<long?> SequenceAsync(RequestContext request, Guid id, ViewPlace place) =>
        place.Sequence is { } known ? Task.FromResult<long?>(known) : Sequences.LoadAsync(request, (id, place.Version));

    private static Loader<Guid, TView> Of<TView>()
        where TView : class => new(async (batch, request) =>
    {
        var store = request.Require<EventStore.EventStore>();
        var found = await store.Database.ReadAsync(
            $"select id, data, mt_version from {store.ViewTable<TView>()} where id = any($1)",
            [batch.Keys.ToArray()],
            reader =>
            {
                var view = store.ReadView<TView>(reader.GetFieldValue<byte[]>(1));
                if (view is IPlaced placed) placed.Place = new(reader.GetInt64(2));
                return (Id: reader.GetGuid(0), View: view);
            },
            request.Cancellation);
        foreach (var (id, view) in found) batch.Set(id, view);
    });
}
