using Npgsql;
using NpgsqlTypes;
using Xuanwu.Postgres;

namespace Xuanwu.Server.Tracking;

/// <summary>Writes what this server saw of its runs, once a second in one statement, and reads what any server
/// saw.</summary>
public sealed class ObservationTable(Database database, Observations observations, ILogger<ObservationTable> log)
    : BackgroundService
{
    private const string Write =
        """
        insert into xuanwu.observations (run_id, observed_at, unreachable_since, reason, node)
        select run_id, observed_at, unreachable_since, reason, $5
        from unnest($1, $2, $3, $4) as seen (run_id, observed_at, unreachable_since, reason)
        on conflict (run_id) do update set
            observed_at = coalesce(excluded.observed_at, observations.observed_at),
            unreachable_since = excluded.unreachable_since,
            reason = excluded.reason,
            node = excluded.node,
            written_at = now()
        """;

    private const string Read =
        "select observed_at, unreachable_since, reason from xuanwu.observations where run_id = $1";

    public async ValueTask<Observation?> FindAsync(Guid runId, CancellationToken ct)
    {
        await using var command = database.Source.CreateCommand(Read);
        command.Parameters.Add(new() { Value = runId });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) return observations.Find(runId);
        return new(
            await reader.IsDBNullAsync(0, ct) ? null : reader.GetFieldValue<DateTimeOffset>(0),
            await reader.IsDBNullAsync(1, ct) ? null : reader.GetFieldValue<DateTimeOffset>(1),
            await reader.IsDBNullAsync(2, ct) ? null : reader.GetString(2),
            Absences: 0,
            AbsentSince: null);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await timer.WaitForNextTickAsync(stoppingToken);
                await FlushAsync(stoppingToken);
            }
            catch (NpgsqlException broken)
            {
                log.LogWarning(
                    "Observations could not be written; the next try is in a second. {Reason}", broken.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task FlushAsync(CancellationToken ct)
    {
        var seen = observations.TakeChanged();
        if (seen.Count == 0) return;
        await using var command = database.Source.CreateCommand(Write);
        Add(NpgsqlDbType.Uuid, seen.Select(one => one.RunId).ToArray());
        Add(NpgsqlDbType.TimestampTz, seen.Select(one => one.Seen.ObservedAt).ToArray());
        Add(NpgsqlDbType.TimestampTz, seen.Select(one => one.Seen.UnreachableSince).ToArray());
        Add(NpgsqlDbType.Text, seen.Select(one => one.Seen.Reason).ToArray());
        command.Parameters.Add(new() { Value = database.Node });
        await command.ExecuteNonQueryAsync(ct);

        void Add(NpgsqlDbType type, object values) =>
            command.Parameters.Add(new() { NpgsqlDbType = NpgsqlDbType.Array | type, Value = values });
    }
}
