using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Messaging;

/// <summary>How a queue stands, over all nodes.</summary>
/// <param name="Oldest">Since when the message that has waited longest for a worker has been ready or due; null: none
/// waits.</param>
/// <param name="Dead">Open dead letters.</param>
/// <param name="Workers">Workers of this node, and how many of them are at work.</param>
public sealed record QueueStatus(
    string Queue, long Ready, long Scheduled, long Retrying, long Running, DateTimeOffset? Oldest, long Dead,
    int Workers, int Busy);

/// <summary>How the bus stands.</summary>
/// <param name="Healthy">This node handles messages: it was started, is a member and its last round worked.</param>
/// <param name="Problem">A sentence, when it is not healthy.</param>
/// <param name="Fenced">Settlements of this node that came after its claim was lost.</param>
/// <param name="LastRoundAt">When this node last spoke with the database about messages.</param>
public sealed record BusStatus(
    bool Healthy, string? Problem, long Fenced, DateTimeOffset? LastRoundAt, IReadOnlyList<QueueStatus> Queues);

/// <summary>Counts the messages of each queue and state. Reads all messages, so it is for people and health checks.
/// </summary>
internal static class QueueCounts
{
    private const string Sql = """
        SELECT queue, sum(ready)::bigint, sum(scheduled)::bigint, sum(retrying)::bigint, sum(running)::bigint,
               min(oldest), sum(dead)::bigint
        FROM (
            SELECT queue, count(*) FILTER (WHERE state = 'ready') AS ready,
                   count(*) FILTER (WHERE state = 'scheduled') AS scheduled,
                   count(*) FILTER (WHERE state = 'retrying') AS retrying,
                   count(*) FILTER (WHERE state = 'running') AS running,
                   min(CASE WHEN state = 'ready' THEN since WHEN due_at < now() THEN due_at END) AS oldest, 0 AS dead
            FROM xuanwu.message_states GROUP BY queue
            UNION ALL
            SELECT queue, 0, 0, 0, 0, NULL, count(*) FROM xuanwu.dead_letters WHERE resolved_at IS NULL GROUP BY queue
        ) counts GROUP BY queue
        """;

    public static async Task<Dictionary<string, QueueStatus>> ReadAsync(Database database, CancellationToken ct)
    {
        var counts = new Dictionary<string, QueueStatus>(StringComparer.Ordinal);
        await using var command = database.Source.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            counts.Add(reader.GetString(0), new QueueStatus(
                reader.GetString(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetInt64(4),
                reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5), reader.GetInt64(6), 0, 0));
        }

        return counts;
    }

    public static async Task<IReadOnlyList<Message>> OfKeyAsync(Database database, string key, CancellationToken ct)
    {
        await using var command = database.Source.CreateCommand("""
            SELECT m.id, m.queue, m.key, m.type, m.body::text, s.state, m.attempts, m.lap, m.due_at, m.enqueued_at,
                   m.correlation_id, m.caused_by, m.by_user
            FROM xuanwu.messages m JOIN xuanwu.message_states s ON s.id = m.id
            WHERE m.lane = hashtextextended($1, 0) AND m.key = $1 ORDER BY m.position, m.due_at, m.number
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(ct);
        var messages = new List<Message>();
        while (await reader.ReadAsync(ct))
        {
            messages.Add(new Message(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                reader.GetString(5), reader.GetInt32(6), reader.GetInt32(7),
                reader.IsDBNull(8) ? null : reader.GetFieldValue<DateTimeOffset>(8),
                reader.GetFieldValue<DateTimeOffset>(9), reader.IsDBNull(10) ? null : reader.GetString(10),
                reader.IsDBNull(11) ? null : reader.GetString(11), reader.GetString(12)));
        }

        return messages;
    }
}
