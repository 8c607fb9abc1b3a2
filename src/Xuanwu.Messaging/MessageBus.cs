using Microsoft.Extensions.Logging;
using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Messaging;

/// <summary>
/// Durable messages in PostgreSQL: enqueued in the transaction of their cause, handled at least once, one at a time and
/// in order per key, on whichever node has a worker free. The design and its promises are told in Pump.cs.
/// </summary>
public sealed class MessageBus : IAsyncDisposable
{
    private readonly Database _database;
    private readonly MessageTypes _types;
    private readonly MessageBusOptions _options;
    private readonly HashSet<string> _queues;
    private Pump? _pump;
    private Janitor? _janitor;
    private Listener? _listener;
    private NodeLease? _ownLease;

    /// <exception cref="ArgumentException">A queue is named twice or has no worker.</exception>
    public MessageBus(Database database, MessageTypes types, MessageBusOptions options)
    {
        (_database, _types, _options) = (database, types, options);
        if (options.Queues.FirstOrDefault(queue => queue.Parallelism < 1) is { } none)
            throw new ArgumentException($"The queue {none.Name} has no workers: its parallelism must be at least 1.");
        if (options.Queues.GroupBy(queue => queue.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"The queue {twice.Key} is configured twice.");
        _queues = [.. options.Queues.Select(queue => queue.Name), .. types.Routes.Select(route => route.Queue)];
        Outbox = new Outbox(this);
        DeadLetters = new DeadLetters(database, Wake);
    }

    /// <summary>Enlist an <see cref="Outgoing"/> of it in a commit.</summary>
    public Outbox Outbox { get; }

    /// <summary>Messages that were given up.</summary>
    public DeadLetters DeadLetters { get; }

    /// <summary>Enqueues all or none, in this order.</summary>
    /// <exception cref="ArgumentException">A message cannot be stored; the text says why.</exception>
    public async Task SendAsync(IEnumerable<Outgoing> messages, CancellationToken ct)
    {
        var rows = messages.Select((message, index) => (index, ToRow(message))).ToList();
        if (rows.Count == 0) return;
        await using var command = _database.Source.CreateCommand(MessageSql.Send);
        OutgoingRows.Bind(command.Parameters, rows);
        await command.ExecuteNonQueryAsync(ct);
        if (rows.Exists(row => row.Item2.Delay is null)) Wake();
        foreach (var (_, row) in rows) if (row.Delay is { } delay) _pump?.DueIn(delay);
    }

    /// <inheritdoc cref="SendAsync(IEnumerable{Outgoing}, CancellationToken)"/>
    public Task SendAsync(Outgoing message, CancellationToken ct) => SendAsync([message], ct);

    /// <summary>
    /// What is scheduled of this type and key becomes due now; if it runs at this moment, it will not wait when it is
    /// put back. Cheap enough to be called for each event of a watch: calls that come together share a statement.
    /// </summary>
    /// <returns>How many messages heard of it; 0 is normal.</returns>
    public async Task<int> HurryAsync<T>(string key, CancellationToken ct)
    {
        var type = _types.Of(typeof(T)).Name;
        if (_pump?.Hurry(type, key) is { } shared) return await shared.WaitAsync(ct);

        await using var batch = _database.Source.CreateBatch();
        batch.BatchCommands.Add(Round.HurryCommand([new HurryRequest(type, key)]));
        batch.BatchCommands.Add(Round.CallCommand());
        await using var reader = await batch.ExecuteReaderAsync(ct);
        return await reader.ReadAsync(ct) ? (int)reader.GetInt64(1) : 0;
    }

    /// <summary>How this node and all queues stand: for /readyz, metrics and status pages. Reads every
    /// message.</summary>
    public async Task<BusStatus> StatusAsync(CancellationToken ct)
    {
        var counts = await QueueCounts.ReadAsync(_database, ct);
        var workers = _options.Queues.ToDictionary(queue => queue.Name, queue => queue.Parallelism);
        var queues = counts.Keys.Concat(_queues).Distinct().Order(StringComparer.Ordinal).Select(name =>
            (counts.GetValueOrDefault(name) ?? new QueueStatus(name, 0, 0, 0, 0, null, 0, 0, 0)) with
            {
                Workers = workers.GetValueOrDefault(name),
                Busy = _pump?.Busy(name) ?? 0,
            }).ToList();
        return new BusStatus(Problem is null, Problem, _pump?.Fenced ?? 0, _pump?.LastRoundAt, queues);
    }

    /// <summary>Why this node handles no messages at the moment, in a sentence; null: it does. Needs no
    /// database.</summary>
    public string? Problem => _pump switch
    {
        null => "The message bus was not started.",
        { Closing: true } => "The message bus has been stopped.",
        { Lost: true } => "This node has lost its membership; others take over its messages until it is back.",
        { Error: { } error } => $"Messages cannot be claimed: {error}",
        _ => null,
    };

    /// <summary>What waits or runs under a key, in the order in which it will be handled.</summary>
    public Task<IReadOnlyList<Message>> PendingAsync(string key, CancellationToken ct) =>
        QueueCounts.OfKeyAsync(_database, key, ct);

    /// <summary>Joins the nodes of the database and handles messages until <see cref="StopAsync"/>.</summary>
    /// <exception cref="WrongHandlers">A registered message has no handler, or two, or one whose parameters cannot be
    /// resolved.</exception>
    public async Task StartAsync(CancellationToken ct)
    {
        var handlers = _options.Handlers.Bind(_types, _options.Services); // before anything is joined
        _ownLease = await NodeLease.JoinAsync(_database, _options.LeaseTime, ct);
        Start(handlers, _ownLease);
    }

    /// <summary>Handles messages under the process's own membership, which must outlive the bus.</summary>
    /// <exception cref="WrongHandlers">As the other overload.</exception>
    public Task StartAsync(NodeLease lease, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Start(_options.Handlers.Bind(_types, _options.Services), lease);
        return Task.CompletedTask;
    }

    private void Start(IReadOnlyDictionary<Type, MessageHandlers.Handle> handlers, NodeLease lease)
    {
        if (_pump is not null) throw new InvalidOperationException("The message bus was started before.");
        var worker = new Worker(this, _types, _options, handlers, _database.Loggers.CreateLogger(nameof(Worker)));
        var pump = new Pump(_database, _options, worker, lease);
        _pump = pump;
        _listener = _database.Wakeups.Listen(MessageSql.Channel, _ => pump.Wake());
        pump.Start();
        _janitor = new Janitor(_database, _options, lease);
        _janitor.Start();
    }

    /// <summary>
    /// Claims no more and waits for running handlers; after the limit they are cancelled. What they could not finish is
    /// given back at once and does not count as an attempt.
    /// </summary>
    public async Task StopAsync(TimeSpan limit)
    {
        if (_pump is null) return;
        _listener?.Dispose();
        if (_janitor is not null) await _janitor.DisposeAsync();
        _janitor = null;
        await _pump.StopAsync(limit);
        try
        {
            if (_ownLease is not null) await _ownLease.DisposeAsync();
        }
        catch (NpgsqlException unreachable)
        {
            // A stop does not fail because the database is away: the membership runs out.
            _database.Loggers.CreateLogger<MessageBus>().LogWarning(
                "The node could not sign off ({Reason})", unreachable.Message);
        }

        _ownLease = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(_options.StopLimit);
        _pump?.Dispose();
    }

    /// <summary>For tests: ends as if the process had been killed. The membership stays until it runs out.</summary>
    internal async Task KillAsync()
    {
        _listener?.Dispose();
        if (_janitor is not null) await _janitor.DisposeAsync();
        _janitor = null;
        await _pump!.KillAsync();
    }

    internal Pump? Pump => _pump;

    internal OutgoingRow ToRow(Outgoing message)
    {
        var row = _types.ToRow(message);
        CheckQueue(row.Queue);
        return row;
    }

    internal void CheckQueue(string queue)
    {
        if (!_queues.Contains(queue))
            throw new ArgumentException(
                $"There is no queue '{queue}'; there are {string.Join(", ", _queues.Order(StringComparer.Ordinal))}.");
    }

    internal void Enqueued(TimeSpan? delay)
    {
        if (delay > TimeSpan.Zero) _pump?.DueIn(delay.Value);
        else _pump?.Wake();
    }

    private void Wake() => _pump?.Wake();
}
