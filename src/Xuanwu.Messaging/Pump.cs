using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Messaging;

// The life of a message
//
//                    ┌───────────── put back with a delay ──────────────┐
//                    ▼                                                  │
//   enqueued ──► scheduled ── due, or hurried ──► ready ── claim ──► running ── done ──► (deleted)
//       │                                        ▲ ▲ ▲                │ │ │
//       └──────────── without a delay ───────────┘ │ └─ put back now ─┘ │ └─ given up ──► dead letter ── replayed ─┐
//                                                  │                    │                                          │
//                           retrying ── due ───────┘◄── node died, ─────┤                 to the tail of ready ◄───┘
//                               ▲                       or stops        │
//                               └────────────── failed ─────────────────┘
//
// Promises
//  1. At least once: a message leaves the table in the transaction that enqueues what its handler sent on, or not at all.
//  2. One at a time per key: running means to have a row in message_claims, whose primary key is the key's lane. On
//     however many nodes and after whatever race, a second claim of the lane is no row.
//  3. In order per key: only the head of a line may be claimed, and a message keeps its place through failures and
//     through the death of its node. Being put back, replayed or scheduled means to join the tail (later). A place is
//     drawn from a sequence inside the transaction, so that what one transaction enqueues after another has committed
//     stands behind it; between two transactions that overlap there is no order to keep.
//  4. Fencing: a settlement takes effect only together with the deletion of the claim that it was made under, identified
//     by node and turn. A handler that outlived its claim changes nothing here, and nothing it sent on is enqueued.
//
// The round. One pump per node makes one round trip after another on a connection of its own; each is one transaction:
//
//     settle what the workers finished → take over from dead nodes (at polls) → hurry → promote what is due → claim
//
// While a round is on its way, workers finish and requests come in; they share the next round, statement, lock, and
// flush to disk. Under load a round carries hundreds of messages; when idle a message needs no company. Since the claim
// comes after the settlements in the same transaction, it sees the lanes that they freed.
//
// Claiming. A worker pool with n free workers wants n messages whose key is free. The index (queue, lane, position) is
// walked from lane to lane, one look-up for the head of each, whatever stands behind it: 10,000 messages of one key cost
// one step. If the walk finds enough it stops, and the next one goes on behind it, round and round: every key gets its
// turn. Lanes are hashes, so new keys do not pile up in front of the walk, and old ones are not starved by newer.
// FOR UPDATE SKIP LOCKED keeps two nodes from waiting for each other over one head; the row is checked again under its
// lock (same place, still ready), for it may have been claimed, run and put back since the walk saw it.
//
// When is there something to do? Own enqueues and settlements wake the pump directly, those of others by NOTIFY, what is
// due by the time that the last round reported, and for all that could be missed there is the poll. An idle node makes
// one round trip per poll.
//
// Faults. A round that failed may have been committed or not. Its settlements are tried again: if they took effect, the
// claims are gone and nothing happens twice. A claim whose answer was lost is found at the next poll, because its turn is
// not among those at work here, and is voided. A settlement that PostgreSQL refuses for its content is told apart from
// the others by settling one by one, and becomes a failed attempt of its message.
internal sealed class Pump : IDisposable
{
    private const int MostSettlements = 512;
    private const int MostPromotions = 1000;
    private const int MostSteps = 1000;

    private static readonly TimeSpan BetweenPromotions = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(100);

    private readonly Database _database;
    private readonly MessageBusOptions _options;
    private readonly ILogger _logger;
    private readonly Worker _worker;
    private readonly NodeLease _lease;
    private readonly Pool[] _pools;
    private readonly Dictionary<string, Pool> _poolOf;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly CancellationTokenSource _cancelHandlers = new();
    private readonly CancellationTokenSource _killed = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Shared with workers and callers.
    private readonly Lock _lock = new();
    private readonly Queue<Settlement> _settlements = new();
    private List<HurryRequest> _hurries = [];
    private bool _wake = true;
    private long _dueAt = long.MinValue;
    private bool _closing;
    private bool _finish;
    private int _inFlight;

    // The pump's own.
    private readonly Dictionary<long, int> _turns = [];
    private long _turn;
    private long _pollAt = long.MinValue;
    private long _promotedAt = long.MinValue;
    private long _callAt = long.MaxValue;
    private long _calledAt = long.MinValue;
    private NpgsqlConnection? _connection;
    private Task _running = Task.CompletedTask;

    public Pump(Database database, MessageBusOptions options, Worker worker, NodeLease lease)
    {
        (_database, _options, _worker, _lease) = (database, options, worker, lease);
        _logger = database.Loggers.CreateLogger<Pump>();
        _pools = [.. options.Queues.Select(queue => new Pool(queue.Name, queue.Parallelism))];
        _poolOf = _pools.ToDictionary(pool => pool.Queue, StringComparer.Ordinal);
    }

    /// <summary>Rounds that were committed.</summary>
    public long Rounds { get; private set; }

    /// <summary>Settlements that came too late: the claim was no longer this node's.</summary>
    public long Fenced { get; private set; }

    public DateTimeOffset? LastRoundAt { get; private set; }

    /// <summary>Why the last round failed; null when it did not.</summary>
    public string? Error { get; private set; }

    public bool Closing => _closing;

    public bool Lost => _lease.Lost.IsCancellationRequested;

    public int Busy(string queue) => _poolOf.TryGetValue(queue, out var pool) ? Volatile.Read(ref pool.InFlight) : 0;

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>Something may be ready to be claimed.</summary>
    public void Wake()
    {
        lock (_lock) _wake = true;
        Signal();
    }

    /// <summary>Something will be due after this time.</summary>
    public void DueIn(TimeSpan delay)
    {
        lock (_lock)
        {
            var at = After(delay);
            if (at >= _dueAt) return;
            _dueAt = at;
        }

        Signal();
    }

    /// <summary>Null: this pump is closing.</summary>
    public Task<int>? Hurry(string type, string key)
    {
        var request = new HurryRequest(type, key);
        lock (_lock)
        {
            if (_closing) return null;
            _hurries.Add(request);
        }

        Signal();
        return request.Answer.Task;
    }

    /// <summary>
    /// Claims no more; lets handlers run up to the limit, then cancels them and gives what they could not finish back at
    /// once. Returns when all is settled.
    /// </summary>
    public async Task StopAsync(TimeSpan limit)
    {
        lock (_lock)
        {
            _closing = true;
            if (_inFlight == 0) _idle.TrySetResult();
        }

        Signal();
        var idle = await Task.WhenAny(_idle.Task, Task.Delay(limit)) == _idle.Task;
        if (!idle)
        {
            await _cancelHandlers.CancelAsync();
            // A handler that ignores its token is left behind: its claim is released below, so its end changes nothing.
            await Task.WhenAny(_idle.Task, Task.Delay(TimeSpan.FromSeconds(5)));
        }

        lock (_lock) _finish = true;
        Signal();
        await _running;
    }

    /// <summary>Ends as a killed process would: without a further word to the database.</summary>
    internal async Task KillAsync()
    {
        await _killed.CancelAsync();
        await _cancelHandlers.CancelAsync();
        await _running;
    }

    public void Dispose()
    {
        // Not the signal: a handler that was left behind still uses it.
        _cancelHandlers.Dispose();
        _killed.Dispose();
    }

    private void Signal()
    {
        try
        {
            if (_signal.CurrentCount == 0) _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // somebody else signalled
        }
    }

    private async Task RunAsync()
    {
        var backoff = TimeSpan.FromMilliseconds(50);
        while (!_killed.IsCancellationRequested)
        {
            var round = Collect(out var wait);
            if (round is null)
            {
                if (_finish) break;
                await WaitAsync(wait);
                continue;
            }

            try
            {
                _connection ??= await ConnectAsync();
                await ExecuteAsync(_connection, round);
                backoff = TimeSpan.FromMilliseconds(50);
                Error = null;
            }
            catch (PostgresException refused) when (IsAboutContent(refused) && round.Settlements.Count > 0)
            {
                PutBack(round);
                await SettleOneByOneAsync(refused);
            }
            catch (Exception failed)
            {
                PutBack(round);
                await DisconnectAsync();
                if (_killed.IsCancellationRequested) break;
                Error = failed.Message;
                _logger.LogWarning("A round of messages failed ({Reason}); again in {Backoff}", failed.Message, backoff);
                if (_finish && backoff > TimeSpan.FromSeconds(1)) break; // the lease will run out
                await Task.Delay(backoff * (0.5 + Random.Shared.NextDouble()), _killed.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, TimeSpan.FromSeconds(2).Ticks));
            }
        }

        if (!_killed.IsCancellationRequested) await ReleaseAsync();
        await DisconnectAsync();
        foreach (var request in _hurries) request.Answer.TrySetResult(0);
    }

    private async Task WaitAsync(TimeSpan atMost)
    {
        try
        {
            await _signal.WaitAsync(atMost, _killed.Token);
        }
        catch (OperationCanceledException)
        {
            // killed
        }
    }

    /// <summary>Takes what there is to do; null when there is nothing, and then for how long.</summary>
    private Round? Collect(out TimeSpan wait)
    {
        var now = Stopwatch.GetTimestamp();
        lock (_lock)
        {
            var open = !_closing;
            var poll = open && now >= _pollAt;
            var promoteAt = Math.Max(_dueAt, After(BetweenPromotions, _promotedAt));
            var promote = open && (poll || now >= promoteAt);
            var call = open && now >= _callAt;
            var lost = _lease.Lost;
            var claim = open && !lost.IsCancellationRequested && _pools.Any(pool => pool.Free > 0)
                && (_wake || poll || promote || _settlements.Count > 0 || _hurries.Count > 0);
            if (_settlements.Count == 0 && _hurries.Count == 0 && !promote && !claim && !call)
            {
                var next = open ? Math.Min(Math.Min(_pollAt, promoteAt), _callAt) : long.MaxValue;
                wait = next == long.MaxValue ? Timeout.InfiniteTimeSpan : Stopwatch.GetElapsedTime(now, next);
                if (wait < TimeSpan.FromMilliseconds(1) && next != long.MaxValue) wait = TimeSpan.FromMilliseconds(1);
                return null;
            }

            wait = TimeSpan.Zero;
            var settlements = new List<Settlement>(Math.Min(_settlements.Count, MostSettlements));
            while (settlements.Count < MostSettlements && _settlements.TryDequeue(out var settlement))
                settlements.Add(settlement);
            var hurries = _hurries;
            if (hurries.Count > 0) _hurries = [];
            if (claim) _wake = false;
            if (promote) _dueAt = long.MaxValue; // what comes in meanwhile may lower it again
            return new Round(settlements, hurries, poll, promote, claim, call, lost);
        }
    }

    /// <summary>The round failed: everything is still to do.</summary>
    private void PutBack(Round round)
    {
        lock (_lock)
        {
            var later = _settlements.ToArray();
            _settlements.Clear();
            foreach (var settlement in round.Settlements)
            {
                settlement.Uncertain = true;
                _settlements.Enqueue(settlement);
            }

            foreach (var settlement in later) _settlements.Enqueue(settlement);
            _hurries.InsertRange(0, round.Hurries);
            _wake = true;
            _dueAt = long.MinValue;
            _pollAt = long.MinValue; // finds a claim that was committed without our knowledge
        }
    }

    private async Task ExecuteAsync(NpgsqlConnection connection, Round round)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 15 };
        var commands = batch.BatchCommands;
        if (round.Settlements.Count > 0) commands.Add(Settlement.ToCommand(_database.Node, round.Settlements));
        if (round.Poll) commands.Add(Statements.TakeOver(_database.Node, [.. _turns.Keys]));
        if (round.Hurries.Count > 0) commands.Add(Statements.Hurry(round.Hurries));
        if (round.Promote) commands.Add(Statements.Promote(MostPromotions));
        var asked = new List<Pool>();
        if (round.Claim)
        {
            asked.AddRange(_pools.Where(pool => pool.Free > 0));
            commands.Add(Statements.Claim(_database.Node, ++_turn, asked, MostSteps));
        }

        if (round.Call) commands.Add(Statements.Call());

        // Nothing is believed before the whole transaction is known to be committed.
        var settled = new HashSet<int>();
        var hurried = new int[round.Hurries.Count];
        Promotion? promotion = null;
        var walks = new List<Walk>();
        var claimed = new List<Claimed>();
        await using (var reader = await batch.ExecuteReaderAsync(_killed.Token))
        {
            if (round.Settlements.Count > 0)
            {
                while (await reader.ReadAsync()) settled.Add(reader.GetInt32(0));
                await reader.NextResultAsync();
            }

            if (round.Poll)
            {
                while (await reader.ReadAsync() && reader.GetInt64(0) is > 0 and var freed)
                    _logger.LogWarning("Took over {Count} messages of a node that died", freed);
                await reader.NextResultAsync();
            }

            if (round.Hurries.Count > 0)
            {
                while (await reader.ReadAsync()) hurried[reader.GetInt64(0) - 1] = (int)reader.GetInt64(1);
                await reader.NextResultAsync();
            }

            if (round.Promote)
            {
                promotion = await Statements.ReadPromotionAsync(reader);
                await reader.NextResultAsync();
            }

            if (round.Claim) await Statements.ReadClaimAsync(reader, _turn, walks, claimed);
            while (await reader.NextResultAsync())
            {
            }
        }

        Committed(round, settled, hurried, promotion);
        if (round.Claim) GoOn(asked, walks, round, promotion);
        foreach (var message in claimed) Begin(message, round.Lost);
    }

    private void Committed(Round round, HashSet<int> settled, int[] hurried, Promotion? promotion)
    {
        var now = Stopwatch.GetTimestamp();
        Rounds++;
        LastRoundAt = DateTimeOffset.UtcNow;
        if (round.Poll) _pollAt = After(_options.Poll);
        if (round.Call) (_callAt, _calledAt) = (long.MaxValue, now);
        for (var i = 0; i < round.Settlements.Count; i++)
        {
            var settlement = round.Settlements[i];
            Forget(settlement.Message.Turn);
            if (settled.Contains(i))
            {
                foreach (var row in settlement.Sent.Where(row => row.Delay is not null)) DueIn(row.Delay!.Value);
                if (settlement is { Outcome: Outcome.PutBack or Outcome.Retry, Delay: { } delay }) DueIn(delay);
            }
            else if (!settlement.Uncertain)
            {
                Fenced++;
                _logger.LogWarning("{Type} {Id} was finished after its claim was lost; it is handled again",
                    settlement.Message.Type, settlement.Message.Id);
            }
        }

        for (var i = 0; i < hurried.Length; i++) round.Hurries[i].Answer.TrySetResult(hurried[i]);
        if (promotion is null) return;
        _promotedAt = now;
        if (!promotion.Ours || promotion.Count == MostPromotions) DueIn(TimeSpan.Zero);
        if (promotion.Next is { } next) DueIn(next);
    }

    /// <summary>Where the next walk of each queue begins, and whether it should be at once.</summary>
    private void GoOn(List<Pool> asked, List<Walk> walks, Round round, Promotion? promotion)
    {
        var again = false;
        var more = false;
        foreach (var pool in asked)
        {
            var walk = walks.FirstOrDefault(walk => walk.Queue == pool.Queue);
            var filled = walk is not null && walk.Found >= pool.Asked;
            if (filled || walk?.Steps >= MostSteps)
            {
                pool.Start = walk!.Lane == long.MaxValue ? long.MinValue : walk.Lane + 1;
                again |= !filled;
                more |= filled;
            }
            else
            {
                again |= pool.Start != long.MinValue; // the rest lies before where this walk began
                pool.Start = long.MinValue;
            }
        }

        if (again) Wake();
        // There may be more than this node has workers for, and nobody has told the others of it yet.
        var made = promotion?.Count > 0 || round.Hurries.Count > 0 || round.Settlements.Any(it => it.Sent.Count > 0);
        if (more && made) _callAt = Math.Min(_callAt, After(BetweenCalls, _calledAt));
    }

    private void Begin(Claimed message, CancellationToken lost)
    {
        var pool = _poolOf[message.Queue];
        _turns[message.Turn] = _turns.GetValueOrDefault(message.Turn) + 1;
        lock (_lock)
        {
            pool.InFlight++;
            _inFlight++;
        }

        _ = Task.Run(() => HandleAsync(message, pool, lost), CancellationToken.None);
    }

    private async Task HandleAsync(Claimed message, Pool pool, CancellationToken lost)
    {
        using var giveBack = CancellationTokenSource.CreateLinkedTokenSource(lost, _cancelHandlers.Token);
        var settlement = await _worker.HandleAsync(message, giveBack.Token);
        lock (_lock)
        {
            _settlements.Enqueue(settlement);
            pool.InFlight--;
            _inFlight--;
            if (_closing && _inFlight == 0) _idle.TrySetResult();
        }

        Signal();
    }

    private void Forget(long turn)
    {
        if (!_turns.TryGetValue(turn, out var count)) return;
        if (count == 1) _turns.Remove(turn);
        else _turns[turn] = count - 1;
    }

    /// <summary>Classes 22 and 23 are data and constraints: trying again as it is cannot help
    /// (https://www.postgresql.org/docs/15/errcodes-appendix.html).</summary>
    private static bool IsAboutContent(PostgresException refused) =>
        refused.SqlState.StartsWith("22", StringComparison.Ordinal)
        || refused.SqlState.StartsWith("23", StringComparison.Ordinal)
        || refused.SqlState.StartsWith("54", StringComparison.Ordinal);

    private async Task SettleOneByOneAsync(PostgresException refused)
    {
        _logger.LogError("PostgreSQL refused a round of messages ({Reason}); settling one by one", refused.MessageText);
        List<Settlement> all;
        lock (_lock)
        {
            all = [.. _settlements];
            _settlements.Clear();
        }

        foreach (var settlement in all)
        {
            var round = new Round([settlement], [], false, false, false, false, _lease.Lost);
            try
            {
                _connection ??= await ConnectAsync();
                await ExecuteAsync(_connection, round);
            }
            catch (PostgresException its) when (IsAboutContent(its))
            {
                lock (_lock)
                    _settlements.Enqueue(Settlement.Failed(settlement.Message, RetryPolicy.Default,
                        new Failure.Permanent(), its.SqlState, $"PostgreSQL refused its result: {its.MessageText}"));
            }
            catch (Exception failed)
            {
                Error = failed.Message;
                lock (_lock) _settlements.Enqueue(settlement);
                await DisconnectAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(50), _killed.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync()
    {
        var connection = _database.CreateDedicatedConnection("messages");
        try
        {
            await connection.OpenAsync(_killed.Token);
            await using var settings = new NpgsqlCommand(MessageSql.Settings, connection);
            await settings.ExecuteNonQueryAsync(_killed.Token);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private async Task DisconnectAsync()
    {
        if (_connection is null) return;
        await _connection.DisposeAsync();
        _connection = null;
    }

    private async Task ReleaseAsync()
    {
        try
        {
            _connection ??= await ConnectAsync();
            await using var release = new NpgsqlCommand(MessageSql.Release, _connection);
            release.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = _database.Node });
            await release.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException unreachable)
        {
            _logger.LogWarning("Claims were not released ({Reason}); they run out", unreachable.Message);
        }
    }

    private static long After(TimeSpan delay) => After(delay, Stopwatch.GetTimestamp());

    private static long After(TimeSpan delay, long from) =>
        from == long.MinValue ? from : from + (long)(delay.TotalSeconds * Stopwatch.Frequency);

    private sealed record Round(
        List<Settlement> Settlements, List<HurryRequest> Hurries, bool Poll, bool Promote, bool Claim, bool Call,
        CancellationToken Lost);
}
