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
//  1. At least once: a message leaves the table in the transaction that enqueues what its handler sent on, or not at
//     all.
//  2. One at a time per key: running means to have a row in message_claims, whose primary key is the key's lane. On
//     however many nodes and after whatever race, a second claim of the lane is no row.
//  3. In order per key: only the head of a line may be claimed, and a message keeps its place through failures and
//     through the death of its node. Being put back, replayed or scheduled means to join the tail (later). A place is
//     drawn from a sequence inside the transaction, so that what one transaction enqueues after another has committed
//     stands behind it; between two transactions that overlap there is no order to keep.
//  4. Fencing: a settlement takes effect only together with the deletion of the claim that it was made under,
//     identified by node and turn. A handler that outlived its claim changes nothing here, and nothing it sent on is
//     enqueued.
//
// Claims are rows of their own, not a state of the message: a message row is written when it comes, when it goes and
// when its state changes for longer than a run, and all that a run costs is a small row. It also makes the second
// promise a primary key: with INSERT … ON CONFLICT DO NOTHING to lose a race is an answer and not an error.
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
// walked from lane to lane, one look-up for the head of each, whatever stands behind it: 10,000 messages of one key
// cost one step. If the walk finds enough it stops, and the next one goes on behind it, round and round: every key gets
// its turn. Lanes are hashes, so new keys do not pile up in front of the walk, and old ones are not starved by newer.
// FOR UPDATE SKIP LOCKED keeps two nodes from waiting for each other over one head; the row is checked again under its
// lock (same place, still ready), for it may have been claimed, run and put back since the walk saw it.
//
// Claiming ahead. Where handlers take less time than a round trip, workers would wait for the pump. A pool then claims
// up to eight times what it can run, as many as it will have begun before the next round is back. What has waited
// longer than a quarter of a second all the same is given back to whoever has time.
//
// Hurrying a message that runs at this moment is remembered in its claim: what the caller has seen may be newer than
// what the running handler read, so the message does not wait when it is put back.
//
// When is there something to do? Own enqueues and settlements wake the pump directly, those of others by NOTIFY, what
// is due by the time that the last round reported, and for all that could be missed there is the poll. An idle node
// makes one round trip per poll.
//
// Faults. A round that failed may have been committed or not. Its settlements are tried again: if they took effect, the
// claims are gone and nothing happens twice. A claim whose answer was lost is found at the next poll, because its turn
// is not among those at work here, and is voided. A settlement that PostgreSQL refuses for its content is told apart
// from the others by settling one by one, and its message is given up.
internal sealed class Pump : IDisposable
{
    private const int MostSettlements = 1000;

    private static readonly TimeSpan BetweenPromotions = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan BetweenCalls = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromSeconds(2);

    private readonly MessageBusOptions _options;
    private readonly ILogger _logger;
    private readonly Worker _worker;
    private readonly NodeLease _lease;
    private readonly PumpSession _session;
    private readonly Pool[] _pools;
    private readonly Dictionary<string, Pool> _poolOf;
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly CancellationTokenSource _cancelHandlers = new();
    private readonly CancellationTokenSource _killed = new();
    private readonly TaskCompletionSource _idle = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Shared with workers and callers, under the lock; so are the pools' counts. (Again is the pump's alone.)
    private readonly Lock _lock = new();
    private readonly Queue<Settlement> _settlements = new();
    private List<HurryRequest> _hurries = [];
    private bool _wake = true;
    private bool _again;
    private long _dueAt = long.MinValue;
    private bool _closing;
    private bool _finish;

    // The pump's own.
    private readonly Dictionary<long, int> _turns = []; // at work here, and how many messages of each
    private long _turn;
    private long _pollAt = long.MinValue;
    private long _promotedAt = long.MinValue;
    private long _callAt = long.MaxValue;
    private long _calledAt = long.MinValue;
    private TimeSpan _roundTrip = TimeSpan.FromMilliseconds(1);
    private CancellationTokenSource _giveBack = new();
    private CancellationToken _giveBackOf;
    private Task _running = Task.CompletedTask;

    public Pump(Database database, MessageBusOptions options, Worker worker, NodeLease lease)
    {
        (_options, _worker, _lease, _session) = (options, worker, lease, new PumpSession(database));
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

    public int Busy(string queue) => _poolOf.TryGetValue(queue, out var pool) ? pool.Running : 0;

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
            var at = Clock.After(delay);
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
    /// Claims no more; lets handlers run up to the limit, then cancels them and gives what they could not finish back
    /// at once. Returns when all is settled.
    /// </summary>
    public async Task StopAsync(TimeSpan limit)
    {
        lock (_lock)
        {
            _closing = true;
            foreach (var pool in _pools) GiveBack(pool, TimeSpan.Zero);
            if (Array.TrueForAll(_pools, pool => pool.Running == 0)) _idle.TrySetResult();
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
        _giveBack.Dispose();
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
                await ExecuteAsync(round);
                backoff = TimeSpan.FromMilliseconds(50);
                Error = null;
            }
            catch (PostgresException refused) when (round.Settlements.Count > 0 && IsAboutContent(refused))
            {
                _logger.LogError("PostgreSQL refused a round of messages ({Reason}); settling one by one",
                    refused.MessageText);
                await SettleOneByOneAsync(round);
            }
            catch (Exception failed)
            {
                PutBack(round);
                await _session.DropAsync();
                if (_killed.IsCancellationRequested) break;
                Error = failed.Message;
                _logger.LogWarning(
                    "A round of messages failed ({Reason}); again in {Backoff}", failed.Message, backoff);
                if (_finish && backoff == LongestBackoff) break; // the lease will run out
                await Task.Delay(backoff * (0.5 + Random.Shared.NextDouble()), _killed.Token)
                    .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                backoff = TimeSpan.FromTicks(Math.Min(backoff.Ticks * 2, LongestBackoff.Ticks));
            }
        }

        if (!_killed.IsCancellationRequested) await _session.ReleaseClaimsAsync();
        await _session.DropAsync();
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
            var promoteAt = Math.Max(_dueAt, Clock.After(BetweenPromotions, _promotedAt));
            var promote = open && (poll || now >= promoteAt);
            var call = open && now >= _callAt;
            var lost = _lease.Lost;
            foreach (var pool in _pools) GiveBack(pool, Pool.LongestWait);
            var asked = new List<Pool>();
            var news = _wake || poll || promote || _settlements.Count > 0 || _hurries.Count > 0;
            if (open && !lost.IsCancellationRequested && (news || _again))
            {
                foreach (var pool in _pools)
                {
                    if ((pool.Asked = pool.Wanted(_roundTrip)) <= 0) continue;
                    if (news) pool.News();
                    asked.Add(pool);
                }
            }

            if (_settlements.Count == 0 && _hurries.Count == 0 && !promote && asked.Count == 0 && !call)
            {
                var next = open ? Math.Min(Math.Min(_pollAt, promoteAt), _callAt) : long.MaxValue;
                if (_pools.Any(pool => pool.Waiting.Count > 0)) next = Math.Min(next, Clock.After(Pool.LongestWait));
                wait = Clock.Until(next, now);
                return null;
            }

            wait = TimeSpan.Zero;
            var settlements = new List<Settlement>(Math.Min(_settlements.Count, MostSettlements));
            while (settlements.Count < MostSettlements && _settlements.TryDequeue(out var settlement))
                settlements.Add(settlement);
            var hurries = _hurries;
            _hurries = []; // a list of its own even when empty: callers go on adding while the round is on its way
            if (asked.Count > 0) _wake = _again = false;
            if (promote) _dueAt = long.MaxValue; // what comes in meanwhile may lower it again
            return new Round(settlements, hurries, poll, promote, asked, asked.Count > 0 ? ++_turn : 0, call, lost);
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

    private async Task ExecuteAsync(Round round)
    {
        var began = Stopwatch.GetTimestamp();
        var answer = await _session.ExecuteAsync(round, [.. _turns.Keys], _killed.Token);
        _roundTrip += (Stopwatch.GetElapsedTime(began) - _roundTrip) / 8;
        Rounds++;
        LastRoundAt = DateTimeOffset.UtcNow;

        for (var i = 0; i < round.Settlements.Count; i++) Settled(round.Settlements[i], answer.Settled.Contains(i));
        for (var i = 0; i < answer.Hurried.Length; i++) round.Hurries[i].Answer.TrySetResult(answer.Hurried[i]);
        if (round.Poll) _pollAt = Clock.After(_options.Poll);
        if (answer.TakenOver > 0) _logger.LogWarning("Took over {Count} messages", answer.TakenOver);
        if (answer.Promotion is { } promotion)
        {
            _promotedAt = Stopwatch.GetTimestamp();
            if (!promotion.Ours || promotion.Count == Round.MostPromotions) DueIn(TimeSpan.Zero);
            if (promotion.Next is { } next) DueIn(next);
        }

        var more = false;
        foreach (var pool in round.Asked)
        {
            if (pool.GoOn(answer.Walks.Find(walk => walk.Queue == pool.Queue), out var filled)) _again = true;
            more |= filled;
        }

        if (round.Call) (_callAt, _calledAt) = (long.MaxValue, Stopwatch.GetTimestamp());
        // There may be more than this node has workers for, and nobody has told the others of it yet.
        var made = answer.Promotion?.Count > 0 || round.Hurries.Count > 0
            || round.Settlements.Exists(it => it.Sent.Count > 0);
        if (more && made) _callAt = Math.Min(_callAt, Clock.After(BetweenCalls, _calledAt));
        if (answer.Claimed.Count > 0) Begin(answer.Claimed, round.Turn, round.Lost);
    }

    private void Settled(Settlement settlement, bool took)
    {
        var turn = settlement.Message.Turn;
        if (--_turns[turn] == 0) _turns.Remove(turn);
        if (took)
        {
            foreach (var row in settlement.Sent)
                if (row.Delay is { } later) DueIn(later);
            if (settlement is { Outcome: Outcome.PutBack or Outcome.Retry, Delay: { } delay }) DueIn(delay);
        }
        else if (!settlement.Uncertain)
        {
            Fenced++;
            _logger.LogWarning("{Type} {Id} was finished after its claim was lost; it is handled again",
                settlement.Message.Type, settlement.Message.Id);
        }
    }

    private void Begin(List<Claimed> claimed, long turn, CancellationToken lost)
    {
        _turns[turn] = claimed.Count;
        if (_giveBackOf != lost)
        {
            _giveBackOf = lost;
            _giveBack = CancellationTokenSource.CreateLinkedTokenSource(lost, _cancelHandlers.Token);
        }

        var giveBack = _giveBack.Token;
        lock (_lock)
        {
            foreach (var message in claimed)
            {
                var pool = _poolOf[message.Queue];
                if (_closing)
                {
                    _settlements.Enqueue(new Settlement(message, Outcome.Release));
                }
                else if (pool.Running < pool.Parallelism)
                {
                    pool.Running++;
                    _ = Task.Run(() => WorkAsync(pool, message, giveBack), CancellationToken.None);
                }
                else
                {
                    pool.Waiting.Enqueue(new Waiting(message, Stopwatch.GetTimestamp(), giveBack));
                }
            }
        }
    }

    /// <summary>A worker: handles one message after another as long as there are any.</summary>
    private async Task WorkAsync(Pool pool, Claimed message, CancellationToken giveBack)
    {
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            var settlement = await _worker.HandleAsync(message, giveBack);
            bool goOn;
            lock (_lock)
            {
                pool.Took(Stopwatch.GetElapsedTime(began));
                _settlements.Enqueue(settlement);
                goOn = pool.Waiting.TryDequeue(out var next);
                if (goOn) (message, giveBack) = (next!.Message, next.GiveBack);
                else pool.Running--;
                if (_closing && Array.TrueForAll(_pools, it => it.Running == 0)) _idle.TrySetResult();
            }

            Signal();
            if (!goOn) return;
        }
    }

    private void GiveBack(Pool pool, TimeSpan waited)
    {
        while (pool.Waiting.TryPeek(out var first) && Stopwatch.GetElapsedTime(first.Since) >= waited)
            _settlements.Enqueue(new Settlement(pool.Waiting.Dequeue().Message, Outcome.Release));
    }

    /// <summary>Class 22 is data, 23 constraints, 54 limits: trying again as it is cannot help
    /// (https://www.postgresql.org/docs/15/errcodes-appendix.html).</summary>
    private static bool IsAboutContent(PostgresException refused) => refused.SqlState[..2] is "22" or "23" or "54";

    private async Task SettleOneByOneAsync(Round round)
    {
        PutBack(round with { Settlements = [] });
        foreach (var settlement in round.Settlements)
        {
            try
            {
                await ExecuteAsync(Round.Of(settlement, _lease.Lost));
            }
            catch (PostgresException refused) when (IsAboutContent(refused))
            {
                lock (_lock)
                    _settlements.Enqueue(Settlement.Dead(settlement.Message, refused.SqlState,
                        $"PostgreSQL refused the handler's result: {refused.MessageText}",
                        settlement.Message.Attempts + 1));
            }
            catch (Exception failed)
            {
                Error = failed.Message;
                await _session.DropAsync();
                PutBack(Round.Of(settlement, _lease.Lost));
            }
        }
    }
}
