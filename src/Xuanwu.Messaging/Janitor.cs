using Microsoft.Extensions.Logging;
using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Messaging;

/// <summary>
/// Once an hour: deletes dead letters that were resolved long ago and forgets nodes that are gone. Several nodes may do
/// it at once; it is the same work.
/// </summary>
internal sealed class Janitor(Database database, MessageBusOptions options, NodeLease lease)
    : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromHours(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly ILogger _logger = database.Loggers.CreateLogger(nameof(Janitor));
    private Task _running = Task.CompletedTask;

    public void Start() => _running = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stopping.Token)) await CleanAsync(_stopping.Token);
        }
        catch (OperationCanceledException)
        {
            // stopped
        }
    }

    internal async Task CleanAsync(CancellationToken ct)
    {
        try
        {
            await using var command = database.Source.CreateCommand(
                "DELETE FROM xuanwu.dead_letters WHERE resolved_at < now() - $1");
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.KeepResolved });
            await command.ExecuteNonQueryAsync(ct);
            foreach (var node in await lease.ExpiredAsync(ct)) await lease.ForgetAsync(node, ct);
        }
        catch (NpgsqlException unreachable)
        {
            _logger.LogWarning("Cleaning up failed ({Reason}); again in an hour", unreachable.Message);
        }
    }
}
