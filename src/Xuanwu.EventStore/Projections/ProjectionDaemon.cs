using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>Sizes and times of the daemon.</summary>
public sealed record ProjectionOptions
{
    /// <summary>A dead node's projections are taken over after at most this long and a third.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often an idle projection looks although nothing woke it.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often a stopped projection tries the event again.</summary>
    public TimeSpan RetryStopped { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most events folded in one transaction.</summary>
    public int PieceSize { get; init; } = 1000;

    /// <summary>So many recent documents of each view stay in memory.</summary>
    public int RememberedDocuments { get; init; } = 20_000;
}

/// <summary>
/// The asynchronous views of a store. Each is followed by one node at a time, under a lease. An event that cannot be
/// applied stops its view, and only that, and is on record with the reason; nothing is ever skipped.
/// </summary>
public sealed class ProjectionDaemon : IAsyncDisposable
{
    internal const string ResumeChannel = "xuanwu_projections";

    private readonly EventStore _store;
    private readonly IReadOnlyList<StreamView> _views;
    private readonly ProjectionOptions _options;
    private readonly CancellationTokenSource _stopping = new();
    private Task[] _running = [];

    /// <param name="store">The store, whose inline views the daemon rebuilds and reports on as well.</param>
    /// <param name="views">The asynchronous views.</param>
    /// <param name="options">Sizes and times; the defaults serve a server.</param>
    public ProjectionDaemon(EventStore store, IReadOnlyList<StreamView> views, ProjectionOptions? options = null)
    {
        (_store, _views, _options) = (store, views, options ?? new ProjectionOptions());
        foreach (var view in views) store.Know(view);
    }

    /// <summary>Makes the tables that are missing and begins to follow the journal. A new view starts with its first
    /// event.</summary>
    public async Task StartAsync(CancellationToken ct)
    {
        await ViewTables.EnsureAsync(_store, _views, inline: false, ct);
        _running = [.. _views.Select(view => Task.Run(
            () => new ProjectionRunner(_store, view, _options).RunAsync(_stopping.Token), CancellationToken.None))];
    }

    /// <summary>Every view, the inline ones first.</summary>
    public async Task<IReadOnlyList<ProjectionStatus>> StatusAsync(CancellationToken ct)
    {
        await using var command = _store.Database.Source.CreateCommand("""
            SELECT v.name, v.generation, coalesce(p.last_seq_id, 0),
              coalesce((SELECT max(seq_id) FROM xuanwu.mt_events), 0),
              coalesce((SELECT expires_at > clock_timestamp() FROM xuanwu.leases WHERE name = 'projection/' || v.name), false),
              coalesce((SELECT expires_at > clock_timestamp() FROM xuanwu.leases WHERE name = 'rebuild/' || v.name), false),
              v.stopped_at, v.stopped_sequence, v.stopped_stream, v.stopped_version, v.stopped_type, v.stopped_reason
            FROM unnest($1) WITH ORDINALITY AS n(name, place)
            JOIN xuanwu.projections v ON v.name = n.name
            LEFT JOIN xuanwu.mt_event_progression p ON p.name = v.name || ':All'
            ORDER BY n.place
            """);
        var inline = _store.InlineViews.Select(view => view.Name).ToHashSet();
        command.Parameters.Add(
            new NpgsqlParameter<string[]> { TypedValue = [.. inline, .. _views.Select(view => view.Name)] });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var all = new List<ProjectionStatus>();
        while (await reader.ReadAsync(ct))
        {
            var (name, head) = (reader.GetString(0), reader.GetInt64(3));
            var fault = reader.IsDBNull(6) ? null : new ProjectionFault(
                reader.GetInt64(7), reader.GetGuid(8), reader.GetInt64(9), reader.GetString(10), reader.GetString(11));
            var state = inline.Contains(name) ? ProjectionState.Inline
                : fault is not null ? ProjectionState.Stopped
                : reader.GetBoolean(4) ? ProjectionState.Running : ProjectionState.Unattended;
            all.Add(new ProjectionStatus(
                name, state, inline.Contains(name)
                    ? head
                    : reader.GetInt64(2), head, reader.GetInt64(1), reader.GetBoolean(5),
                fault, fault is null ? null : reader.GetFieldValue<DateTimeOffset>(6)));
        }

        return all;
    }

    /// <summary>Lets stopped projections try again at once, on whichever node.</summary>
    public async Task ResumeAsync(CancellationToken ct)
    {
        await using var command = _store.Database.Source.CreateCommand($"SELECT pg_notify('{ResumeChannel}', '')");
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>Waits until an asynchronous view shows all events up to a sequence number.</summary>
    public async Task WaitForAsync(StreamView view, long sequence, CancellationToken ct)
    {
        using var moved = _store.Database.Wakeups.Listen(ProjectionRunner.MovedChannel(view.Name));
        while (true)
        {
            await using (var command = _store.Database.Source.CreateCommand(
                "SELECT coalesce(max(last_seq_id), 0) FROM xuanwu.mt_event_progression WHERE name = $1"))
            {
                command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = view.ProgressName });
                if ((long)(await command.ExecuteScalarAsync(ct))! >= sequence) return;
            }

            await moved.WaitAsync(TimeSpan.FromMilliseconds(100), ct); // when another node follows, only this looks again
        }
    }

    /// <summary>
    /// Makes the table of a view anew from the whole journal, beside the live one, which is served and kept up to date
    /// meanwhile, and swaps the two at the end.
    /// </summary>
    /// <returns>How many events were folded.</returns>
    /// <exception cref="RebuildFailed">An event cannot be applied, or another rebuild of this view is under way; the
    /// live view stays.</exception>
    public Task<long> RebuildAsync(StreamView view, CancellationToken ct)
    {
        var inline = _store.InlineViews.Contains(view);
        if (!inline && !_views.Contains(view)) throw new ArgumentException($"View {view.Name} is not of this daemon.");
        return new Rebuild(_store, view, inline).RunAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_running);
    }
}
