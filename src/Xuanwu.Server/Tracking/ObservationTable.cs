using Npgsql;
using NpgsqlTypes;
using Xuanwu.Postgres;
using Xuanwu.Server.Views;

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
        "select run_id, observed_at, unreachable_since, reason from xuanwu.observations where run_id = any($1)";

    /// <summary>What was last seen of each of the runs of which something was.</summary>
    public async Task<IReadOnlyDictionary<Guid, Observation>> FindAsync(
        IReadOnlyList<Guid> runs, CancellationToken ct)
    {
        var written = await database.ReadAsync(Read, [runs.ToArray()], Row, ct);
        var seen = written.ToDictionary(row => row.RunId, row => row.Seen);
        foreach (var run in runs)
        {
            if (!seen.ContainsKey(run) && observations.Find(run) is { } here) seen[run] = here;
        }

        return seen;
    }

    private static (Guid RunId, Observation Seen) Row(NpgsqlDataReader reader) => (reader.GetGuid(0), new(
        reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1),
        reader.IsDBNull(2) ? null : reader.GetFieldValue<DateTimeOffset>(2),
        reader.IsDBNull(3) ? null : reader.GetString(3),
        Absences: 0,
        AbsentSince: null));

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
