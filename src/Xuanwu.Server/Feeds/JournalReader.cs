using Npgsql;
using Xuanwu.EventStore;
using Xuanwu.Postgres;
using Xuanwu.Server.History;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.Feeds;

/// <summary>Which events somebody wants; null means all.</summary>
public sealed record JournalFilter(Guid? StreamId = null, IReadOnlyList<string>? Types = null)
{
    public static readonly JournalFilter All = new();

    public bool Takes(JournalEvent happened) =>
        (StreamId is null || StreamId == happened.StreamId) && (Types is null || Types.Contains(happened.Type));
}

/// <summary>Reads the journal, and the views that its events changed, forward from a place.</summary>
public sealed class JournalReader(Database database, EventStore.EventStore store)
{
    public Task<long> HeadAsync(CancellationToken ct) => store.HeadAsync(ct);

    /// <summary>The next events after a place that the filter takes, in order.</summary>
    public Task<List<JournalEvent>> PageAsync(long after, int limit, JournalFilter filter, CancellationToken ct)
    {
        var parameters = new List<object> { after, limit };
        var conditions = "";
        if (filter.StreamId is { } stream)
        {
            parameters.Add(stream);
            conditions += $" and stream_id = ${parameters.Count}";
        }

        if (filter.Types is { } types)
        {
            parameters.Add(types.ToArray());
            conditions += $" and type = any(${parameters.Count})";
        }

        var sql = $"select {JournalEvent.Columns} from xuanwu.mt_events "
            + $"where seq_id > $1{conditions} order by seq_id limit $2";
        return database.ReadAsync(sql, parameters, JournalEvent.Read, ct);
    }

    /// <summary>Views as they are now, with their places in the journal, for those of the ids that have one.</summary>
    public Task<List<TView>> ViewsAsync<TView>(IReadOnlyCollection<Guid> ids, CancellationToken ct)
        where TView : class, IPlaced => database.ReadAsync(
        $"""
        select d.data, d.mt_version, e.seq_id from {store.ViewTable<TView>()} d
        join xuanwu.mt_events e on e.stream_id = d.id and e.version = d.mt_version
        where d.id = any($1) order by e.seq_id
        """,
        [ids.ToArray()],
        Placed<TView>,
        ct);

    /// <summary>Views whose latest event stands after a place, by that event: each view once.</summary>
    public Task<List<TView>> ChangedAsync<TView>(long after, string? project, int limit, CancellationToken ct)
        where TView : class, IPlaced => database.ReadAsync(
        $"""
        select d.data, d.mt_version, e.seq_id from xuanwu.mt_events e
        join {store.ViewTable<TView>()} d on d.id = e.stream_id and d.mt_version = e.version
        where e.seq_id > $1{(project is null ? "" : " and d.data ->> 'Project' = $3")} order by e.seq_id limit $2
        """,
        project is null ? [after, limit] : [after, limit, project],
        Placed<TView>,
        ct);

    private TView Placed<TView>(NpgsqlDataReader reader)
        where TView : class, IPlaced
    {
        var view = store.ReadView<TView>(reader.GetFieldValue<byte[]>(0));
        view.Place = new(reader.GetInt64(1), reader.GetInt64(2));
        return view;
    }
}
