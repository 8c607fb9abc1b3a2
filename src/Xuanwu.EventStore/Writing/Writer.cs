using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>
/// Group commit. Commits that arrive while a transaction is under way wait, and go together in the next one: one round
/// trip and one flush of the log for all of them, each accepted or refused on its own.
///
/// <code>
///            enqueue            take                    answer
///   caller ─────────► waiting ─────────► under way ─────────────► outcome
///             ▲          ▲                  │
///      queue full:       │ same stream or   ├─ error, rolled back for sure ─► halves again, alone in the end:
///      callers wait      │ key as one that  │                                 only the one at fault fails
///                        └─ is under way    └─ connection lost ─► new connection, the same again; one that is
///                                                                 refused is looked up: is it our own?
/// </code>
///
/// Nobody owns the writer's thread: the first caller who finds it idle sends its batch itself, and the loop goes on
/// with whatever has gathered when the answer is there. The next batch is sent before the callers of the last one are
/// told, so that client and server work at once.
///
/// Why sending again is safe: a commit is accepted only if its streams are at the expected versions and its key was
/// not seen, and every commit has at least one of the two. Were the lost one applied, even after we sent again, then
/// one of the two is refused. Refused ones are compared with what is stored by event id and commit id, so the caller is
/// told the truth. A caller that gives up while its commit is under way does not undo it.
/// </summary>
internal sealed class Writer : IAsyncDisposable
{
    private readonly Database _database;
    private readonly EventStoreOptions _options;
    private readonly StreamCache _cache;
    private readonly Func<PendingCommit, Task> _prepareAgain;
    private readonly AppendStatement _statement;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _room;
    private readonly Lock _lock = new();
    private readonly LinkedList<PendingCommit> _waiting = [];
    private bool _running;
    private bool _disposed;
    private TaskCompletionSource? _idle;
    private NpgsqlConnection? _connection;
    private long _generation;

    public Writer(
        Database database, EventStoreOptions options, StreamCache cache, Func<PendingCommit, Task> prepareAgain)
    {
        (_database, _options, _cache, _prepareAgain) = (database, options, cache, prepareAgain);
        _statement = new AppendStatement(options.InlineViews, options.BatchTables);
        _logger = database.Loggers.CreateLogger<Writer>();
        _room = new SemaphoreSlim(options.MaxWaiting);
    }

    public async Task<CommitOutcome> CommitAsync(PendingCommit commit, CancellationToken ct)
    {
        if (!_room.Wait(0, ct)) await _room.WaitAsync(ct);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _waiting.AddLast(commit);
            if (_running) goto enqueued;
            _running = true;
        }

        _ = RunAsync();
    enqueued:
        if (!ct.CanBeCanceled) return await commit.Task;
        try
        {
            return await commit.Task.WaitAsync(ct);
        }
        catch (OperationCanceledException) when (commit.TryGiveUp())
        {
            throw; // it was not sent and will not be
        }
    }

    private async Task RunAsync()
    {
        Action<bool>? tell = null;
        while (true)
        {
            var batch = Take();
            if (batch.Count == 0)
            {
                lock (_lock)
                {
                    if (_waiting.Count == 0)
                    {
                        _running = false;
                        _idle?.TrySetResult();
                        break;
                    }
                }

                continue;
            }

            var storing = StoreAsync(batch);
            tell?.Invoke(false);
            tell = await storing;
            _room.Release(batch.Count);
        }

        tell?.Invoke(true); // nothing depends on this thread any more: a lone caller goes on right here
    }

    /// <summary>The next batch: in order of arrival, each stream and each key once.</summary>
    private List<PendingCommit> Take()
    {
        var batch = new List<PendingCommit>();
        var streams = new HashSet<Guid>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        var bytes = 0;
        lock (_lock)
        {
            for (var node = _waiting.First; node is not null && batch.Count < _options.MaxBatch;)
            {
                var (next, commit) = (node.Next, node.Value);
                // One that must wait is marked too, so that a later one on the same stream does not overtake it.
                var free = commit.Key is null || keys.Add(commit.Key);
                foreach (var stream in commit.Streams) free &= streams.Add(stream.Append.Id);
                if (free && batch.Count > 0 && bytes + commit.Bytes > _options.MaxBatchBytes) break;
                if (free)
                {
                    _waiting.Remove(node);
                    if (commit.TryTake())
                    {
                        batch.Add(commit);
                        bytes += commit.Bytes;
                    }
                    else
                    {
                        _room.Release(); // its caller gave up
                    }
                }

                node = next;
            }
        }

        return batch;
    }

    /// <summary>
    /// Stores a batch, whatever it takes, and returns what tells the callers: true lets a lone one go on on this
    /// thread. Never throws.
    /// </summary>
    /// <param name="batch">Commits that share no stream and no key.</param>
    /// <param name="sent">An earlier sending may have been applied: one that is refused may be its own
    /// repetition.</param>
    private async Task<Action<bool>> StoreAsync(List<PendingCommit> batch, bool sent = false)
    {
        var patience = Stopwatch.StartNew();
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var connection = await OpenAsync();
                foreach (var stale in batch.Where(commit => commit.Generation != _generation)) await _prepareAgain(stale);
                var answer = await SendAsync(connection, batch);
                if (answer.Generation is { } generation && generation != _generation)
                {
                    // An inline view was rebuilt since; nothing was stored. Fold again on the new tables.
                    _generation = generation;
                    _cache.Reset(generation);
                    continue;
                }

                return await ConcludeAsync(batch, answer, sent);
            }
            catch (PostgresException refused) when (IsRolledBack(refused))
            {
                if (refused.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure
                    && attempt < 5) continue;
                if (IsTransient(refused)) return Fail(batch, Unavailable(refused, sent));
                return await ApartAsync(batch, Unstorable(refused), sent);
            }
            catch (Exception lost) when (lost is NpgsqlException or IOException or TimeoutException
                or OperationCanceledException or ObjectDisposedException)
            {
                sent |= _connection is not null;
                await DropConnectionAsync();
                if (_disposed || patience.Elapsed > _options.ReconnectFor) return Fail(batch, Unavailable(lost, sent));
                _logger.LogWarning("A batch of {Count} commits is sent again: {Reason}", batch.Count, lost.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(Math.Min(20 << Math.Min(attempt, 5), 500)));
            }
            catch (Exception fault)
            {
                // A row cannot be bound or encoded, or an answer not be read: how far it came is not known.
                sent = true;
                await DropConnectionAsync();
                if (attempt == 1) continue;
                return await ApartAsync(
                    batch, new CommitUnstorable($"The commit cannot be sent: {fault.Message}", fault), sent);
            }
        }
    }

    /// <summary>One of them is at fault: each half by itself, down to the one. Its neighbours are stored.</summary>
    private async Task<Action<bool>> ApartAsync(List<PendingCommit> batch, Exception fault, bool sent)
    {
        if (batch.Count == 1) return Fail(batch, fault);
        var first = await StoreAsync(batch[..(batch.Count / 2)], sent);
        var second = await StoreAsync(batch[(batch.Count / 2)..], sent);
        return first + second;
    }

    private async Task<Answer> SendAsync(NpgsqlConnection connection, List<PendingCommit> batch)
    {
        if (AppendStatement.IsLone(batch))
        {
            await using var lone = new NpgsqlBatch(connection);
            _statement.FillLone(lone, batch[0], _generation);
            var accepted = await ExecuteAsync(lone);
            if (accepted.Events == 1) return accepted;
        }

        await using var command = new NpgsqlBatch(connection);
        _statement.Fill(command, batch, _generation);
        return await ExecuteAsync(command);
    }

    private static async Task<Answer> ExecuteAsync(NpgsqlBatch command)
    {
        var answer = new Answer();
        await command.PrepareAsync(); // a look-up, once the text is known to the connection
        await using var reader = await command.ExecuteReaderAsync();
        await reader.NextResultAsync(); // past the lock
        while (await reader.ReadAsync())
        {
            if (reader.IsDBNull(0)) // the one row on the whole
            {
                answer.Events = reader.GetInt64(4);
                if (answer.Events > 0) (answer.First, answer.Last) = (reader.GetInt64(2), reader.GetInt64(3));
                if (!reader.IsDBNull(6)) answer.Generation = reader.GetInt64(6);
                continue;
            }

            var isKey = !reader.IsDBNull(5);
            answer.Refusals.Add(new Refusal(
                reader.GetInt32(0),
                reader.GetGuid(1),
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                isKey ? 0 : reader.GetInt64(3),
                !isKey && !reader.IsDBNull(4) && reader.GetInt64(4) != 0,
                isKey ? reader.GetFieldValue<DateTimeOffset>(5) : null));
        }

        await reader.NextResultAsync(); // the server is ready again: only now is the transaction committed
        return answer;
    }

    /// <summary>Makes outcomes of the answer. The cache is up to date before anybody is told.</summary>
    private async Task<Action<bool>> ConcludeAsync(List<PendingCommit> batch, Answer answer, bool sentBefore)
    {
        var outcomes = new object[batch.Count];
        foreach (var refusal in answer.Refusals)
        {
            var commit = batch[refusal.Ordinal];
            if (refusal.KeyAt is { } at)
                outcomes[refusal.Ordinal] = refusal.Id == commit.Id
                    ? await OwnAsync(commit) ?? new Committed([], 0, 0)
                    : new Repeated(commit.Key!, at, refusal.Actual);
            else if (outcomes[refusal.Ordinal] is null)
                outcomes[refusal.Ordinal] = (sentBefore ? await OwnAsync(commit) : null) ?? Refuse(commit, refusal);
        }

        var accepted = new List<int>(batch.Count);
        for (var ord = 0; ord < batch.Count; ord++)
        {
            if (outcomes[ord] is null) accepted.Add(ord);
        }

        var next = answer.First;
        if (answer.Events > 0 && answer.Last - answer.First + 1 != answer.Events)
            next = -1; // another program draws from our sequence without our lock: ask for each
        foreach (var ord in accepted)
        {
            var commit = batch[ord];
            var events = commit.EventCount;
            var streams = Array.ConvertAll(commit.Streams, s => new StreamVersion(s.Append.Id, s.Append.NewVersion));
            outcomes[ord] = events == 0 ? new Committed(streams, 0, 0)
                : next < 0 ? await OwnAsync(commit) ?? throw new InvalidOperationException(
                    "An accepted commit is gone.")
                : new Committed(streams, next, next + events - 1);
            if (next >= 0) next += events;
        }

        for (var ord = 0; ord < batch.Count; ord++)
        {
            if (outcomes[ord] is not Committed) continue;
            foreach (var stream in batch[ord].Streams) _cache.Put(
                stream.Append.Id, stream.After, batch[ord].Generation);
        }

        return here =>
        {
            Wake(batch, accepted, answer.Events > 0);
            for (var ord = 0; ord < batch.Count; ord++) batch[ord].Answer(outcomes[ord], here && batch.Count == 1);
        };
    }

    private object Refuse(PendingCommit commit, Refusal refusal)
    {
        if (_cache.TryGet(refusal.Id, out var cached) && cached.Version != refusal.Actual) _cache.Remove(refusal.Id);
        // When it is at another version too, deciding again will find that it is archived.
        return refusal.Archived && refusal.Actual == refusal.Expected
            ? new StreamArchived(refusal.Id)
            : new Conflict(refusal.Id, refusal.Expected, refusal.Actual ?? 0);
    }

    private void Wake(List<PendingCommit> batch, List<int> accepted, bool events)
    {
        if (events) _database.Wakeups.Wake(AppendStatement.Channel);
        foreach (var table in _options.BatchTables)
        {
            List<object>? rows = null;
            foreach (var ord in accepted)
            {
                foreach (var (to, row) in batch[ord].Commit.Rows)
                {
                    if (to == table) (rows ??= []).Add(row);
                }
            }

            try
            {
                if (rows is not null) table.Committed(rows);
            }
            catch (Exception fault)
            {
                _logger.LogError(fault, "Batch table {Table} failed after the commit", table.Name);
            }
        }
    }

    /// <summary>The outcome of a commit that is stored, found by the ids of its events; null: it is not.</summary>
    private async Task<Committed?> OwnAsync(PendingCommit commit)
    {
        if (commit.EventCount == 0) return null;
        var connection = await OpenAsync();
        await using var command = new NpgsqlCommand("""
            SELECT min(e.seq_id), max(e.seq_id), count(*)
            FROM unnest($1, $2, $3) AS u(stream, version, id)
            JOIN xuanwu.mt_events e ON e.stream_id = u.stream AND e.version = u.version AND e.id = u.id
            """, connection);
        var rows = commit.Streams.SelectMany(s => s.Events.Select(row => (s.Append.Id, Row: row))).ToList();
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. rows.Select(row => row.Id)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. rows.Select(row => row.Row.Version)] });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. rows.Select(row => row.Row.Id)] });
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        if (reader.GetInt64(2) != rows.Count) return null;
        return new Committed(
            Array.ConvertAll(commit.Streams, s => new StreamVersion(s.Append.Id, s.Append.NewVersion)),
            reader.GetInt64(0), reader.GetInt64(1));
    }

    private Action<bool> Fail(List<PendingCommit> batch, Exception fault)
    {
        foreach (var stream in batch.SelectMany(commit => commit.Streams)) _cache.Remove(stream.Append.Id);
        return here => batch.ForEach(commit => commit.Answer(fault, here && batch.Count == 1));
    }

    private static StoreUnavailable Unavailable(Exception cause, bool sent) => new(
        sent ? "The database was lost during a commit; whether it was stored is not known."
            : "The database cannot be reached; the commit was not stored.", cause, sent);

    private static CommitUnstorable Unstorable(PostgresException refused) =>
        new($"PostgreSQL refuses the commit: {refused.MessageText} ({refused.SqlState})", refused);

    /// <summary>The server said that the statement failed, and lives: the transaction is gone.</summary>
    private bool IsRolledBack(PostgresException error) =>
        error.InvariantSeverity == "ERROR" && _connection?.State == System.Data.ConnectionState.Open;

    /// <summary>
    /// Nothing about the commits: resources (53), intervention (57), system (58), lock not available.
    /// </summary>
    private static bool IsTransient(PostgresException error) =>
        error.SqlState[..2] is "53" or "57" or "58" or "40" || error.SqlState == PostgresErrorCodes.LockNotAvailable;

    private async Task<NpgsqlConnection> OpenAsync()
    {
        if (_connection is { State: System.Data.ConnectionState.Open }) return _connection;
        await DropConnectionAsync();
        var connection = _database.CreateDedicatedConnection("writer", autoPrepare: false);
        try
        {
            await connection.OpenAsync();
            // Index lookups always, however empty the tables were when the plan was made; find dead clients within
            // seconds, since one that died while it held the lock would stop every node.
            await using var setup = new NpgsqlCommand("""
                SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan; SET lock_timeout = '15s';
                SET idle_in_transaction_session_timeout = '10s'; SET tcp_keepalives_idle = 5;
                SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3; SET tcp_user_timeout = 10000
                """, connection);
            await setup.ExecuteNonQueryAsync();
            _generation = await GenerationAsync(connection);
            _cache.Reset(_generation);
            return _connection = connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task<long> GenerationAsync(NpgsqlConnection connection)
    {
        if (_options.InlineViews.Count == 0) return 0;
        await using var command = new NpgsqlCommand(
            "SELECT coalesce(sum(generation), 0)::bigint FROM xuanwu.projections WHERE name = ANY ($1)", connection);
        command.Parameters.Add(new NpgsqlParameter<string[]>
        {
            TypedValue = [.. _options.InlineViews.Select(view => view.Name)],
        });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task DropConnectionAsync()
    {
        if (_connection is not { } connection) return;
        _connection = null;
        try
        {
            await connection.DisposeAsync();
        }
        catch (Exception broken) when (broken is NpgsqlException or IOException or InvalidOperationException)
        {
            // it was broken anyway
        }
    }

    /// <summary>Lets what is under way and waiting end, then closes.</summary>
    public async ValueTask DisposeAsync()
    {
        Task idle;
        lock (_lock)
        {
            _disposed = true;
            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (!_running) _idle.TrySetResult();
            idle = _idle.Task;
        }

        await idle;
        await DropConnectionAsync();
    }

    private sealed class Answer
    {
        public long First { get; set; }

        public long Last { get; set; }

        public long Events { get; set; }

        public long? Generation { get; set; }

        public List<Refusal> Refusals { get; } = [];
    }

    /// <param name="Ordinal">Of the commit in the batch.</param>
    /// <param name="Id">The stream; for a key: the commit that had it first.</param>
    /// <param name="Actual">The stream's version; for a key: the first commit's sequence.</param>
    /// <param name="Expected">The version that the commit expected.</param>
    /// <param name="Archived">Whether the stream takes no more events.</param>
    /// <param name="KeyAt">When the key was used first; null for a stream.</param>
    private sealed record Refusal(
        int Ordinal, Guid Id, long? Actual, long Expected, bool Archived, DateTimeOffset? KeyAt);
}
