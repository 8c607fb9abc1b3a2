using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Messaging;

/// <summary>A message that was given up, and why.</summary>
/// <param name="Number">Identifies it; grows, so that it also pages.</param>
/// <param name="Body">JSON.</param>
/// <param name="Fault">The exception's type, or <c>UnknownMessageType</c>, <c>UnreadableBody</c>, <c>NodeDied</c>,
/// <c>TimeLimit</c>.</param>
/// <param name="Reason">A sentence that says what went wrong, and where we know it what to do.</param>
/// <param name="Failures">JSON array of the last attempts: at, attempt, node, type, reason.</param>
/// <param name="Resolution"><c>replayed</c>, <c>discarded</c> or null while it is open.</param>
public sealed record DeadLetter(
    long Number, Guid Id, string Queue, string Key, string Type, string Body, DateTimeOffset EnqueuedAt,
    DateTimeOffset DiedAt, int Attempts, string? CorrelationId, string? CausedBy, string By, string Fault,
    string Reason, string Failures, string? Resolution, DateTimeOffset? ResolvedAt, string? ResolvedBy);

/// <summary>The messages that were given up: to look at, to replay, to discard.</summary>
public sealed class DeadLetters
{
    private const string Columns = """
        number, id, queue, key, type, body::text, enqueued_at, died_at, attempts, correlation_id, caused_by, by_user,
        fault, reason, failures::text, resolution, resolved_at, resolved_by
        """;

    private readonly Database _database;
    private readonly Action _wake;

    internal DeadLetters(Database database, Action wake) => (_database, _wake) = (database, wake);

    /// <summary>Newest first.</summary>
    /// <param name="queue">Null: of all queues.</param>
    /// <param name="before">Only those with a smaller number; null: from the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="resolved">Also those that were replayed or discarded.</param>
    /// <param name="ct">Ends the query.</param>
    public async Task<IReadOnlyList<DeadLetter>> ListAsync(
        string? queue, long? before, int limit, bool resolved, CancellationToken ct)
    {
        var open = resolved ? "" : "AND resolved_at IS NULL";
        await using var command = _database.Source.CreateCommand($"""
            SELECT {Columns} FROM xuanwu.dead_letters
            WHERE ($1 IS NULL OR queue = $1) AND number < $2 {open} ORDER BY number DESC LIMIT $3
            """);
        command.Parameters.Add(new NpgsqlParameter<string?> { TypedValue = queue });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before ?? long.MaxValue });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        return await ReadAsync(command, ct);
    }

    /// <summary>One of them, resolved or not; null when there is none of this number.</summary>
    public async Task<DeadLetter?> FindAsync(long number, CancellationToken ct)
    {
        await using var command = _database.Source.CreateCommand(
            $"SELECT {Columns} FROM xuanwu.dead_letters WHERE number = $1");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        return (await ReadAsync(command, ct)).FirstOrDefault();
    }

    /// <summary>
    /// Enqueues it again, with its old id and no failed attempts, at the tail of its key: what has been handled since
    /// it died has overtaken it.
    /// </summary>
    /// <returns>False: there is no such open dead letter, somebody else has resolved it.</returns>
    public async Task<bool> ReplayAsync(long number, string by, CancellationToken ct)
    {
        await using var command = _database.Source.CreateCommand($"""
            WITH resolved AS (
                UPDATE xuanwu.dead_letters SET resolution = 'replayed', resolved_at = now(), resolved_by = $2
                WHERE number = $1 AND resolved_at IS NULL RETURNING *
            ), numbered AS (
                SELECT r.*, nextval('xuanwu.message_numbers') AS place FROM resolved r
            )
            INSERT INTO xuanwu.messages (id, number, position, enqueued_at, lap, queue, key, type, body, correlation_id,
                                         caused_by, by_user)
            SELECT n.id, n.place, n.place, n.enqueued_at, n.lap, n.queue, n.key, n.type, n.body, n.correlation_id,
                   n.caused_by, n.by_user
            FROM numbered n
            ON CONFLICT (id) DO UPDATE SET id = excluded.id -- sent again meanwhile: that one does
            RETURNING pg_notify('{MessageSql.Channel}', '')::text
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = by });
        await using (var reader = await command.ExecuteReaderAsync(ct))
            if (!await reader.ReadAsync(ct)) return false;
        _wake();
        return true;
    }

    /// <summary>Closes it without handling it; it stays on record for a while.</summary>
    /// <returns>False: there is no such open dead letter.</returns>
    public async Task<bool> DiscardAsync(long number, string by, CancellationToken ct)
    {
        await using var command = _database.Source.CreateCommand("""
            UPDATE xuanwu.dead_letters SET resolution = 'discarded', resolved_at = now(), resolved_by = $2
            WHERE number = $1 AND resolved_at IS NULL
            """);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = number });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = by });
        return await command.ExecuteNonQueryAsync(ct) == 1;
    }

    private static async Task<List<DeadLetter>> ReadAsync(NpgsqlCommand command, CancellationToken ct)
    {
        var letters = new List<DeadLetter>();
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
        {
            letters.Add(new DeadLetter(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetString(4),
                reader.GetString(5), reader.GetFieldValue<DateTimeOffset>(6), reader.GetFieldValue<DateTimeOffset>(7),
                reader.GetInt32(8), Text(9), Text(10), reader.GetString(11), reader.GetString(12), reader.GetString(13),
                reader.GetString(14), Text(15),
                reader.IsDBNull(16) ? null : reader.GetFieldValue<DateTimeOffset>(16), Text(17)));
        }

        return letters;

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
