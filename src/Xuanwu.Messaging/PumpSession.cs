using Microsoft.Extensions.Logging;
using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Messaging;

/// <summary>
/// The pump's own connection: its statements stay prepared and its session settings stay set. Made when it is needed,
/// and again after it was dropped.
/// </summary>
internal sealed class PumpSession(Database database)
{
    private readonly ILogger _logger = database.Loggers.CreateLogger<PumpSession>();
    private NpgsqlConnection? _connection;

    public async Task<Answer> ExecuteAsync(Round round, long[] turns, CancellationToken ct)
    {
        _connection ??= await ConnectAsync(ct);
        return await round.ExecuteAsync(_connection, database.Node, turns, ct);
    }

    /// <summary>After a failure nothing is known about the connection's state.</summary>
    public async Task DropAsync()
    {
        if (_connection is null) return;
        await _connection.DisposeAsync();
        _connection = null;
    }

    /// <summary>The node signs off: what it still has claimed is free for the others at once.</summary>
    public async Task ReleaseClaimsAsync()
    {
        try
        {
            _connection ??= await ConnectAsync(CancellationToken.None);
            await using var release = new NpgsqlCommand(MessageSql.Release, _connection);
            release.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = database.Node });
            await release.ExecuteNonQueryAsync();
        }
        catch (NpgsqlException unreachable)
        {
            _logger.LogWarning("Claims were not released ({Reason}); they run out", unreachable.Message);
        }
    }

    private async Task<NpgsqlConnection> ConnectAsync(CancellationToken ct)
    {
        var connection = database.CreateDedicatedConnection("messages");
        try
        {
            await connection.OpenAsync(ct);
            await using var settings = new NpgsqlCommand(MessageSql.Settings, connection);
            await settings.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }
}
