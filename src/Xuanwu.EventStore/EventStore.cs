using System.Runtime.CompilerServices;
using System.Text.Json;
using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>
/// Streams of events in PostgreSQL, in Marten's format (schema/sql/010_events.sql), and the views that their commits
/// fold. Commit order is sequence order: whoever has read up to a sequence number has missed nothing before it.
/// One instance per process; all members may be called at once.
/// </summary>
public sealed class EventStore : IAsyncDisposable
{
    private readonly EventStoreOptions _options;
    private readonly StreamCache _cache;
    private readonly Writer _writer;
    private readonly Dictionary<Type, StreamView> _viewsByType;

    public EventStore(Database database, EventTypes types, EventStoreOptions options)
    {
        (Database, Types, _options) = (database, types, options);
        _cache = new StreamCache(options.CachedStreams);
        _writer = new Writer(database, options, _cache, PrepareAgainAsync);
        _viewsByType = [];
        foreach (var view in options.InlineViews.Where(view => !_viewsByType.TryAdd(view.ViewType, view)))
            throw new ArgumentException($"Two inline views have the type {view.ViewType.Name}.", nameof(options));
    }

    public Database Database { get; }

    public EventTypes Types { get; }

    /// <summary>
    /// Makes the tables of inline views that are missing, and fills them from the journal if it is not empty. To be called
    /// after <see cref="Database.MigrateAsync"/> and before anything else; nodes that start together take turns.
    /// </summary>
    public Task StartAsync(CancellationToken ct) => ViewTables.EnsureAsync(this, _options.InlineViews, inline: true, ct);

    /// <summary>
    /// The fold of the stream. Streams used recently come from memory without a round trip; another node may have appended
    /// meanwhile, which the expected version of the commit finds out, and then the next load reads.
    /// </summary>
    /// <exception cref="UnknownEventType">The stream holds an event of a later release.</exception>
    public ValueTask<Snapshot<TState>> LoadAsync<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate, Guid id, CancellationToken ct)
        where TState : notnull
        where TEvent : class =>
        _cache.TryGet(id, out var cached) && cached.State is TState state && cached.Kind.Aggregate == aggregate
            ? ValueTask.FromResult(new Snapshot<TState>(state, cached.Version))
            : new ValueTask<Snapshot<TState>>(ReadStateAsync(aggregate, id, ct));

    /// <summary>Stores all of the commit or nothing of it, durably when the task ends.</summary>
    /// <exception cref="StoreUnavailable">The database could not be reached.</exception>
    /// <exception cref="CommitUnstorable">PostgreSQL refuses the content.</exception>
    /// <exception cref="StreamArchived">A stream takes no more events.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up. What was sent already may be stored.</exception>
    public async Task<CommitOutcome> CommitAsync(Commit commit, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        CheckText(commit.Who.User, commit.Who.Command, commit.Who.CommandId, commit.Who.CausationId, commit.Key);
        foreach (var (table, _) in commit.Rows)
        {
            if (!_options.BatchTables.Contains(table))
                throw new ArgumentException($"Batch table {table.Name} is not among the options of this store.");
        }

        try
        {
            var generation = _cache.Generation;
            var (streams, conflict) = await PrepareAsync(commit, generation, ct);
            if (conflict is not null)
                return commit.Key is { } key && await FindCommandAsync(key, ct) is { } first ? first : conflict;
            var pending = new PendingCommit(commit)
            {
                Streams = streams!,
                Headers = new Headers(commit.Who.Command, commit.Who.CommandId).Write(),
                Generation = generation,
            };
            pending.Bytes = SizeOf(pending);
            return await _writer.CommitAsync(pending, ct);
        }
        catch (NpgsqlException unreachable) when (unreachable is not PostgresException)
        {
            throw new StoreUnavailable("The database cannot be reached; the commit was not stored.", unreachable, false);
        }
    }

    /// <summary>The commit that was stored with this key, or null.</summary>
    public async Task<Repeated?> FindCommandAsync(string key, CancellationToken ct)
    {
        await using var connection = await Database.Source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand("SELECT at, sequence FROM xuanwu.commands WHERE key = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await command.PrepareAsync(ct);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        return new Repeated(key, reader.GetFieldValue<DateTimeOffset>(0), reader.IsDBNull(1) ? null : reader.GetInt64(1));
    }

    /// <summary>
    /// The events of a stream in order, archived or not, read as they are consumed. The connection is held until the
    /// enumeration ends.
    /// </summary>
    /// <param name="id">The stream; one that does not exist has no events.</param>
    /// <param name="afterVersion">Exclusive; 0 from the beginning.</param>
    /// <param name="toVersion">Inclusive; null to the end.</param>
    /// <param name="until">Inclusive; null to the end.</param>
    /// <param name="ct">Ends the reading.</param>
    public async IAsyncEnumerable<Recorded<TEvent>> ReadStreamAsync<TEvent>(
        Guid id, long afterVersion, long? toVersion, DateTimeOffset? until, [EnumeratorCancellation] CancellationToken ct)
        where TEvent : class
    {
        await using var connection = await Database.Source.OpenConnectionAsync(ct);
        await using var command = StreamCommand(connection, id, afterVersion, toVersion, until);
        await command.PrepareAsync(ct);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new EventReader(reader, Types);
        while (await reader.ReadAsync(ct)) yield return rows.Read().Typed<TEvent>();
    }

    /// <summary>The journal in global order, without archived streams.</summary>
    /// <param name="afterSequence">Exclusive.</param>
    /// <param name="limit">Most events.</param>
    /// <param name="ct">Ends the reading.</param>
    public async IAsyncEnumerable<Recorded<object>> ReadAllAsync(
        long afterSequence, int limit, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var connection = await Database.Source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(EventReader.SelectAll, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = afterSequence });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await command.PrepareAsync(ct);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new EventReader(reader, Types);
        while (await reader.ReadAsync(ct)) yield return rows.Read().Typed<object>();
    }

    /// <summary>The sequence number of the last event of the journal; 0 for an empty one.</summary>
    public async Task<long> HeadAsync(CancellationToken ct)
    {
        await using var command = Database.Source.CreateCommand("SELECT coalesce(max(seq_id), 0) FROM xuanwu.mt_events");
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The latest committed view, one prepared SELECT by primary key; null: there is none.</summary>
    public async ValueTask<TView?> FindViewAsync<TView>(Guid id, CancellationToken ct)
        where TView : class
    {
        await using var connection = await Database.Source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(
            $"SELECT data, mt_version FROM {ViewTable<TView>()} WHERE id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await command.PrepareAsync(ct);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return null;
        var view = ReadView<TView>(reader.GetFieldValue<byte[]>(0));
        if (view is IPlaced placed) placed.Place = new ViewPlace(reader.GetInt64(1));
        return view;
    }

    /// <summary>Reads a view's JSON, for SQL of the caller's own over <see cref="ViewTable{TView}"/>.</summary>
    public TView ReadView<TView>(ReadOnlySpan<byte> json)
        where TView : class =>
        (TView)JsonSerializer.Deserialize(json, Types.Json.GetTypeInfo(typeof(TView)))!;

    /// <summary>Qualified name of the table of a view: (id, data jsonb, mt_last_modified, mt_dotnet_type, mt_version).</summary>
    public string ViewTable<TView>() => ViewOf(typeof(TView)).Table;

    /// <summary>
    /// Archives a stream as Marten's <c>mt_archive_stream</c> does: it takes no more events, and projections and
    /// <see cref="ReadAllAsync"/> pass over those it has. False: there is no such stream.
    /// </summary>
    public async Task<bool> ArchiveAsync(Guid id, CancellationToken ct)
    {
        await using var connection = await Database.Source.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands =
            {
                new NpgsqlBatchCommand(AppendStatement.TakeLock),
                new NpgsqlBatchCommand("UPDATE xuanwu.mt_events SET is_archived = true WHERE stream_id = $1")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } },
                },
                new NpgsqlBatchCommand("UPDATE xuanwu.mt_streams SET is_archived = true WHERE id = $1")
                {
                    Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } },
                },
            },
        };
        await batch.ExecuteNonQueryAsync(ct);
        _cache.Remove(id);
        return batch.BatchCommands[2].RecordsAffected == 1;
    }

    internal IReadOnlyList<StreamView> InlineViews => _options.InlineViews;

    /// <summary>Async views make their type known here, so that they are found like inline ones.</summary>
    internal void Know(StreamView view)
    {
        lock (_viewsByType)
        {
            if (!_viewsByType.TryAdd(view.ViewType, view) && _viewsByType[view.ViewType] != view)
                throw new ArgumentException($"Two views have the type {view.ViewType.Name}.", nameof(view));
        }
    }

    private StreamView ViewOf(Type type)
    {
        lock (_viewsByType)
        {
            return _viewsByType.TryGetValue(type, out var view) ? view
                : throw new ArgumentException($"{type.Name} is not the type of a view of this store.");
        }
    }

    private async Task<Snapshot<TState>> ReadStateAsync<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate, Guid id, CancellationToken ct)
        where TState : notnull
        where TEvent : class
    {
        var kind = _options.KindOf(aggregate);
        var generation = _cache.Generation;
        await using var connection = await Database.Source.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(EventReader.SelectState)
        {
            Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } },
        });
        if (kind.Views.Count > 0)
        {
            batch.BatchCommands.Add(new NpgsqlBatchCommand(kind.SelectViews)
            {
                Parameters = { new NpgsqlParameter<Guid> { TypedValue = id } },
            });
        }

        await batch.PrepareAsync(ct);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        var rows = new BodyReader(reader, Types);
        var state = aggregate.Absent;
        var version = 0L;
        while (await reader.ReadAsync(ct))
        {
            state = aggregate.Evolve(state, rows.Read<TEvent>(id, version + 1));
            version++;
        }

        object?[]? views = null;
        if (kind.Views.Count > 0 && await reader.NextResultAsync(ct) && await reader.ReadAsync(ct)
            && reader.GetInt64(0) == version) // the two statements saw the same moment
        {
            views = ReadViews(kind, reader, version);
        }

        if (version > 0) _cache.Put(id, new CachedStream(kind, version, state, views), generation);
        return new Snapshot<TState>(state, version);
    }

    private async Task<(PreparedStream[]? Streams, Conflict? Conflict)> PrepareAsync(
        Commit commit, long generation, CancellationToken ct)
    {
        var prepared = new PreparedStream[commit.Streams.Count];
        var headers = new Headers(commit.Who.Command, commit.Who.CommandId);
        for (var i = 0; i < prepared.Length; i++)
        {
            var append = commit.Streams[i];
            var kind = _options.KindOf(append.Aggregate);
            var (known, actual) = await KnownAsync(kind, append, generation, ct);
            if (known is null) return (null, new Conflict(append.Id, append.ExpectedVersion, actual));
            prepared[i] = append.Prepare(kind, known, commit, headers, Types);
        }

        return (prepared, null);
    }

    /// <summary>What the stream's views were at the expected version, or the version that it has in fact.</summary>
    private async Task<(CachedStream? Known, long Actual)> KnownAsync(
        StreamKind kind, StreamAppend append, long generation, CancellationToken ct)
    {
        var expected = append.ExpectedVersion;
        if (_cache.TryGet(append.Id, out var cached))
        {
            if (cached.Version > expected) return (null, cached.Version); // versions only grow
            if (cached.Version == expected && cached.Kind == kind && (cached.Views is not null || kind.Views.Count == 0))
                return (cached, expected);
        }

        var state = cached?.Version == expected && cached.Kind == kind ? cached.State : null;
        if (expected == 0) return (new CachedStream(kind, 0, append.AbsentState, new object?[kind.Views.Count]), 0);
        if (kind.Views.Count == 0) return (new CachedStream(kind, expected, state, []), expected);

        var (views, actual) = await LoadViewsAsync(kind, append.Id, ct);
        if (actual != expected)
        {
            _cache.Remove(append.Id);
            return (null, actual);
        }

        views ??= await RefoldAsync(kind, append.Id, expected, ct);
        var known = new CachedStream(kind, expected, state, views);
        _cache.Put(append.Id, known, generation);
        return (known, actual);
    }

    private async Task<(object?[]? Views, long Version)> LoadViewsAsync(StreamKind kind, Guid id, CancellationToken ct)
    {
        await using var connection = await Database.Source.OpenConnectionAsync(ct);
        await using var command = new NpgsqlCommand(kind.SelectViews, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        await command.PrepareAsync(ct);
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return (null, 0);
        var version = reader.GetInt64(0);
        return (ReadViews(kind, reader, version), version);
    }

    /// <summary>Null when a view has no row or one of another version: then only a fold tells what it is.</summary>
    private object?[]? ReadViews(StreamKind kind, NpgsqlDataReader reader, long version)
    {
        var views = new object?[kind.Views.Count];
        for (var i = 0; i < views.Length; i++)
        {
            if (reader.IsDBNull(2 + (2 * i)) || reader.GetInt64(2 + (2 * i)) != version) return null;
            views[i] = JsonSerializer.Deserialize(
                reader.GetFieldValue<byte[]>(1 + (2 * i)), Types.Json.GetTypeInfo(kind.Views[i].ViewType));
        }

        return views;
    }

    private async Task<object?[]> RefoldAsync(StreamKind kind, Guid id, long version, CancellationToken ct)
    {
        await using var connection = await Database.Source.OpenConnectionAsync(ct);
        await using var command = StreamCommand(connection, id, 0, version, until: null);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var rows = new EventReader(reader, Types);
        var views = new object?[kind.Views.Count];
        while (await reader.ReadAsync(ct))
        {
            var happened = rows.Read() with { Sequence = 0 };
            for (var i = 0; i < views.Length; i++) views[i] = kind.Views[i].Fold(views[i], happened);
        }

        return views;
    }

    /// <summary>For the writer: the tables of inline views were made anew since the views were folded.</summary>
    private async Task PrepareAgainAsync(PendingCommit pending)
    {
        var generation = _cache.Generation;
        var (streams, _) = await PrepareAsync(pending.Commit, generation, CancellationToken.None);
        // A conflict needs no views: the statement will refuse the commit and say why.
        if (streams is not null) pending.Streams = streams;
        pending.Generation = generation;
    }

    private static NpgsqlCommand StreamCommand(
        NpgsqlConnection connection, Guid id, long afterVersion, long? toVersion, DateTimeOffset? until)
    {
        var command = new NpgsqlCommand(EventReader.SelectStream, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = id });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = afterVersion });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = toVersion ?? long.MaxValue });
        command.Parameters.Add(new NpgsqlParameter<DateTime>
        {
            TypedValue = until?.UtcDateTime ?? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc),
        });
        return command;
    }

    private static int SizeOf(PendingCommit commit)
    {
        var size = 512;
        foreach (var stream in commit.Streams)
        {
            foreach (var row in stream.Events) size += row.Body.Length + 256;
            foreach (var document in stream.Documents) size += (document?.Length ?? 0) + 128;
        }

        return size;
    }

    private static void CheckText(params ReadOnlySpan<string?> texts)
    {
        foreach (var text in texts)
        {
            if (text is null) continue;
            if (text.Contains('\0') || !IsWellFormed(text))
                throw new CommitUnstorable("User, command, ids and key must not hold NUL or half a surrogate pair.",
                    new FormatException("Not storable as text."));
        }
    }

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }

    /// <summary>Lets commits under way end.</summary>
    public ValueTask DisposeAsync() => _writer.DisposeAsync();
}
