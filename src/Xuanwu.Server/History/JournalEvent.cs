using System.Text.Json;
using Npgsql;

namespace Xuanwu.Server.History;

/// <summary>An event of the journal: what happened, when, by whom, and from which command.</summary>
/// <param name="Id">The event's own id.</param>
/// <param name="Sequence">Its place in the journal of everything; grows in the order of commits.</param>
/// <param name="StreamId">What it happened to: the id of a job, a run, a cluster or a catalog.</param>
/// <param name="Version">Its place in the history of that.</param>
/// <param name="Type">What happened, such as job_version_published.</param>
/// <param name="Data">The particulars.</param>
/// <param name="At">When it was committed.</param>
/// <param name="By">The user, or xuanwu for what the platform saw or did.</param>
/// <param name="Command">The command that it came from.</param>
/// <param name="CommandId">The id that the caller gave the command.</param>
/// <param name="CorrelationId">The same for all that one request led to.</param>
/// <param name="CausedBy">The message that the command came from, when no person sent it.</param>
public sealed record JournalEvent(
    Guid Id,
    long Sequence,
    Guid StreamId,
    long Version,
    string Type,
    JsonElement Data,
    DateTimeOffset At,
    string By,
    string? Command,
    string? CommandId,
    string? CorrelationId,
    string? CausedBy)
{
    public const string Columns =
        "id, seq_id, stream_id, version, type, data, timestamp, user_name, headers ->> 'command', headers ->> "
            + "'commandId', "
        + "correlation_id, causation_id";

    public static JournalEvent Read(NpgsqlDataReader reader) => new(
        reader.GetGuid(0),
        reader.GetInt64(1),
        reader.GetGuid(2),
        reader.GetInt64(3),
        reader.GetString(4),
        JsonElement.Parse(reader.GetString(5)),
        reader.GetFieldValue<DateTimeOffset>(6),
        Text(reader, 7) ?? "",
        Text(reader, 8),
        Text(reader, 9),
        Text(reader, 10),
        Text(reader, 11));

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
