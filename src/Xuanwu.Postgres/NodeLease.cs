using Microsoft.Extensions.Logging;
using Npgsql;

namespace Xuanwu.Postgres;

/// <summary>
/// Membership of this process among the nodes of the database: a row of <c>xuanwu.nodes</c>, renewed every third of its
/// time. A node that could not renew in time is <see cref="Lost"/>: it must drop what it has claimed, since others take
/// it over. It joins again by itself, as a new membership with a new <see cref="Lost"/>.
/// </summary>
public sealed class NodeLease : IAsyncDisposable
{
    private readonly Database _database;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private CancellationTokenSource _lost = new();
    private Task _renewing = Task.CompletedTask;
    private long _validUntil;

    private NodeLease(Database database, TimeSpan ttl)
    {
        (_database, Ttl) = (database, ttl);
        _logger = database.Loggers.CreateLogger<NodeLease>();
    }

    public Guid Node => _database.Node;

    /// <summary>How long a dead node keeps what it claimed.</summary>
    public TimeSpan Ttl { get; }

    /// <summary>Of the current membership: cancelled when it ended. Take it anew for each piece of work.</summary>
    public CancellationToken Lost => Volatile.Read(ref _lost).Token;

    /// <summary>Joins and keeps the membership until it is disposed.</summary>
    public static async Task<NodeLease> JoinAsync(Database database, TimeSpan ttl, CancellationToken ct)
    {
        var lease = new NodeLease(database, ttl);
        await lease.RenewAsync(ct);
        lease._renewing = Task.Run(lease.KeepAsync, CancellationToken.None);
        return lease;
    }

    /// <summary>Nodes whose time is over. Take over what they had claimed, then <see cref="ForgetAsync"/>.</summary>
    public async Task<IReadOnlyList<Guid>> ExpiredAsync(CancellationToken ct)
    {
        await using var command = _database.Source.CreateCommand(
            "SELECT id FROM xuanwu.nodes WHERE expires_at <= clock_timestamp() AND id <> $1 ORDER BY expires_at");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Node });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var nodes = new List<Guid>();
        while (await reader.ReadAsync(ct)) nodes.Add(reader.GetGuid(0));
        return nodes;
    }

    /// <summary>Removes a node whose time is still over. One that has come back meanwhile stays.</summary>
    public async Task ForgetAsync(Guid node, CancellationToken ct)
    {
        await using var command = _database.Source.CreateCommand(
            "DELETE FROM xuanwu.nodes WHERE id = $1 AND expires_at <= clock_timestamp()");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = node });
        await command.ExecuteNonQueryAsync(ct);
    }

    /// <summary>
    /// Renews. False: the row was gone or its time was over, so others may have taken over what was claimed; the row is
    /// there again now.
    /// </summary>
    private async Task<bool> RenewAsync(CancellationToken ct)
    {
        var asked = Environment.TickCount64;
        await using var command = _database.Source.CreateCommand("""
            WITH before AS (SELECT expires_at > clock_timestamp() AS alive FROM xuanwu.nodes WHERE id = $1)
            INSERT INTO xuanwu.nodes (id, machine, process_id, expires_at) VALUES ($1, $2, $3, clock_timestamp() + $4)
            ON CONFLICT (id) DO UPDATE SET expires_at = excluded.expires_at
            RETURNING coalesce((SELECT alive FROM before), false)
            """);
        command.CommandTimeout = Math.Max(1, (int)(Ttl / 3).TotalSeconds);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Node });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = Environment.MachineName });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Environment.ProcessId });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = Ttl });
        var alive = await command.ExecuteScalarAsync(ct) is true;
        Volatile.Write(ref _validUntil, asked + (long)Ttl.TotalMilliseconds);
        return alive;
    }

    private async Task KeepAsync()
    {
        var period = Ttl / 3;
        while (true)
        {
            await Task.Delay(period, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_stopping.IsCancellationRequested) return;
            var late = false;
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
                var left = Volatile.Read(ref _validUntil) - Environment.TickCount64;
                limit.CancelAfter(TimeSpan.FromMilliseconds(Math.Max(left, 500)));
                late = !await RenewAsync(limit.Token);
                period = Ttl / 3;
            }
            catch (Exception failed) when (!_stopping.IsCancellationRequested)
            {
                _logger.LogWarning("Node {Node} could not renew its membership: {Reason}", Node, failed.Message);
                period = TimeSpan.FromTicks(Math.Min((Ttl / 10).Ticks, TimeSpan.FromSeconds(1).Ticks));
            }
            catch (Exception)
            {
                return; // stopping: what the last renewal came to no longer matters
            }

            if (late || Environment.TickCount64 >= Volatile.Read(ref _validUntil)) Lose();
        }
    }

    private void Lose()
    {
        if (_lost.IsCancellationRequested && Environment.TickCount64 >= Volatile.Read(ref _validUntil)) return;
        var before = _lost;
        // While the database is away the token stays cancelled; the first renewal that works brings a new one.
        if (Environment.TickCount64 < Volatile.Read(ref _validUntil))
            Volatile.Write(ref _lost, new CancellationTokenSource());
        if (before.IsCancellationRequested) return;
        _logger.LogError("Node {Node} lost its membership: others take over its work", Node);
        before.Cancel();
    }

    /// <summary>Leaves: gives the row up, so that others need not wait. Stop the work first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _renewing;
        await _lost.CancelAsync();
        try
        {
            await using var command = _database.Source.CreateCommand(
                "UPDATE xuanwu.nodes SET expires_at = '-infinity' WHERE id = $1");
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = Node });
            await command.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException unreachable)
        {
            _logger.LogWarning("Node {Node} could not sign off: {Reason}", Node, unreachable.Message);
        }
    }
}
