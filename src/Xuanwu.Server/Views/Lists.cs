using System.Text.Json;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using Xuanwu.EventStore;
using Xuanwu.GraphQL.Types;
using Xuanwu.Postgres;
using Xuanwu.Server.Catalogs;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.History;
using Xuanwu.Server.Jobs;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Views;

/// <summary>What a list is asked for.</summary>
public sealed record ListArguments(
    PageArguments Page,
    IReadOnlyDictionary<string, object?>? Where,
    IEnumerable<IReadOnlyDictionary<string, object?>>? Order,
    string? Always = null,
    IReadOnlyList<object>? AlwaysValues = null);

/// <summary>The lists that GraphQL shows, with the columns that each can be filtered and sorted by.</summary>
public sealed class Lists(Database database, EventTypes types)
{
    private static readonly Column Id = new("id", "id", ColumnType.Uuid);

    public static readonly IReadOnlyList<Column> JobColumns =
    [
        Id,
        new("project", "(data ->> 'Project')", ColumnType.Text),
        new("name", "(data ->> 'Name')", ColumnType.Text),
        new("kind", "(data ->> 'Kind')", ColumnType.Enum, typeof(JobKind)),
        new("owner", "(data ->> 'Owner')", ColumnType.Text),
        new("state", "(data ->> 'State')", ColumnType.Enum, typeof(RunState), IsNullable: true),
        new("archived", "((data ->> 'Archived')::boolean)", ColumnType.Boolean),
        new("createdAt", "xuanwu.instant(data ->> 'CreatedAt')", ColumnType.Time),
        new("changedAt", "xuanwu.instant(data ->> 'ChangedAt')", ColumnType.Time),
    ];

    public static readonly IReadOnlyList<Column> RunColumns =
    [
        Id,
        new("jobId", "((data ->> 'JobId')::uuid)", ColumnType.Uuid),
        new("project", "(data ->> 'Project')", ColumnType.Text),
        new("jobName", "(data ->> 'JobName')", ColumnType.Text),
        new("clusterId", "((data ->> 'ClusterId')::uuid)", ColumnType.Uuid),
        new("attempt", "((data ->> 'Attempt')::int)", ColumnType.Int),
        new("state", "(data ->> 'State')", ColumnType.Enum, typeof(RunState)),
        new("flinkVersion", "(data ->> 'FlinkVersion')", ColumnType.Text),
        new("requestedAt", "xuanwu.instant(data ->> 'RequestedAt')", ColumnType.Time),
        new("changedAt", "xuanwu.instant(data ->> 'ChangedAt')", ColumnType.Time),
    ];

    public static readonly IReadOnlyList<Column> NamedColumns = [Id, new("name", "(data ->> 'Name')", ColumnType.Text)];

    public static readonly IReadOnlyList<Column> EventColumns =
    [
        new("sequence", "seq_id", ColumnType.Long),
        new("streamId", "stream_id", ColumnType.Uuid),
        new("type", "type", ColumnType.Text),
        new("by", "user_name", ColumnType.Text),
        new("at", "timestamp", ColumnType.Time),
    ];

    private readonly ListQuery<JobView> _jobs = Documents<JobView>(database, types, JobView.Stored.Table, JobColumns);
    private readonly ListQuery<RunView> _runs = Documents<RunView>(database, types, RunView.Stored.Table, RunColumns);
    private readonly ListQuery<ClusterView> _clusters =
        Documents<ClusterView>(database, types, ClusterView.Stored.Table, NamedColumns);
    private readonly ListQuery<CatalogView> _catalogs =
        Documents<CatalogView>(database, types, CatalogView.Stored.Table, NamedColumns);
    private readonly ListQuery<JournalEvent> _events = new(
        database, JournalEvent.Columns, "xuanwu.mt_events", EventColumns[0], EventColumns, JournalEvent.Read);

    public Task<Connection<JobView>> JobsAsync(ListArguments list, CancellationToken ct) =>
        ConnectAsync(_jobs, list, new(JobColumns[7], Descending: true), ct);

    public Task<Connection<RunView>> RunsAsync(ListArguments list, CancellationToken ct) =>
        ConnectAsync(_runs, list, new(RunColumns[8], Descending: true), ct);

    public Task<Connection<ClusterView>> ClustersAsync(ListArguments list, CancellationToken ct) =>
        ConnectAsync(_clusters, list, new(NamedColumns[1], Descending: false), ct);

    public Task<Connection<CatalogView>> CatalogsAsync(ListArguments list, CancellationToken ct) =>
        ConnectAsync(_catalogs, list, new(NamedColumns[1], Descending: false), ct);

    public Task<Connection<JournalEvent>> EventsAsync(ListArguments list, CancellationToken ct) =>
        ConnectAsync(_events, list, new(EventColumns[0], Descending: false), ct);

    private static ListQuery<T> Documents<T>(
        Database database, EventTypes types, string table, IReadOnlyList<Column> columns) =>
        new(database, "data, mt_version", table, Id, columns, reader =>
        {
            var view = JsonSerializer.Deserialize<T>(reader.GetString(0), types.Json)!;
            if (view is IPlaced placed) placed.Place = new(reader.GetInt64(1));
            return view;
        });

    private static async Task<Connection<T>> ConnectAsync<T>(
        ListQuery<T> query, ListArguments list, ListQuery<T>.Sort sort, CancellationToken ct)
        where T : class
    {
        var page = await query.PageAsync(list.Page, list.Where, list.Order, sort, list.Always, list.AlwaysValues, ct);
        var cursors =
            page.Rows.ToDictionary(row => (object)row.Item, row => row.Cursor, ReferenceEqualityComparer.Instance);
        return new(
            [.. page.Rows.Select(row => row.Item)],
            item => cursors[item],
            page.HasNext,
            page.HasPrevious,
            count => query.CountAsync(list.Where, list.Always, list.AlwaysValues, count));
    }
}
