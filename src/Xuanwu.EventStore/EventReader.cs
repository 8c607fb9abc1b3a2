using System.Text.Json;
using Npgsql;

namespace Xuanwu.EventStore;

/// <summary>Rows of mt_events as they come: bodies go from the buffer to the event without a string between.</summary>
internal sealed class EventReader(NpgsqlDataReader reader, EventTypes types)
{
    public const string Columns =
        "stream_id, version, seq_id, id, timestamp, user_name, headers, correlation_id, causation_id, type, data";

    public const string SelectStream = $"""
        SELECT {Columns} FROM xuanwu.mt_events
        WHERE stream_id = $1 AND version > $2 AND version <= $3 AND timestamp <= $4 ORDER BY version
        """;

    public const string SelectAll = $"""
        SELECT {Columns} FROM xuanwu.mt_events
        WHERE seq_id > $1 AND is_archived IS NOT TRUE ORDER BY seq_id LIMIT $2
        """;

    /// <summary>What a projection reads: $2 holds the types that are known to be none of its own, so that one that
    /// nobody knows is seen and not passed over.</summary>
    public const string SelectProjected = $"""
        SELECT {Columns} FROM xuanwu.mt_events
        WHERE seq_id > $1 AND is_archived IS NOT TRUE AND type <> ALL ($2) ORDER BY seq_id LIMIT $3
        """;

    /// <summary>The same for a rebuild, stream by stream, up to a sequence number.</summary>
    public const string SelectStreamByStream = $"""
        SELECT {Columns} FROM xuanwu.mt_events
        WHERE seq_id <= $1 AND is_archived IS NOT TRUE AND type <> ALL ($2) ORDER BY stream_id, version
        """;

    /// <summary>All that a state is made of; see <see cref="BodyReader"/>.</summary>
    public const string SelectState = "SELECT type, data FROM xuanwu.mt_events WHERE stream_id = $1 ORDER BY version";

    /// <summary>Of the current row, whatever its body may be.</summary>
    public ProjectionFault Fault(Exception reason) => new(
        reader.GetInt64(2), reader.GetGuid(0), reader.GetInt64(1), reader.GetString(9), reason.Message);

    public Envelope Read()
    {
        var sequence = reader.GetInt64(2);
        var type = types.Of(reader.GetString(9));
        object body;
        try
        {
            body = type.Read(reader.GetFieldValue<byte[]>(10));
        }
        catch (Exception unreadable) when (unreadable is JsonException or NotSupportedException)
        {
            throw new UnreadableEvent(type.Name, sequence, unreadable);
        }

        return new Envelope(
            reader.GetGuid(0), reader.GetInt64(1), sequence, reader.GetGuid(3), reader.GetDateTime(4),
            reader.IsDBNull(5) ? "" : reader.GetString(5),
            reader.IsDBNull(6) ? default : Headers.Read(reader.GetFieldValue<byte[]>(6)),
            reader.IsDBNull(7) ? null : reader.GetString(7), reader.IsDBNull(8) ? null : reader.GetString(8), body);
    }
}

/// <summary>Types and bodies alone: what a state is folded from.</summary>
internal sealed class BodyReader(NpgsqlDataReader reader, EventTypes types)
{
    public TEvent Read<TEvent>(Guid stream, long version)
        where TEvent : class
    {
        var type = types.Of(reader.GetString(0));
        try
        {
            return type.Read(reader.GetFieldValue<byte[]>(1)) as TEvent ?? throw new InvalidOperationException(
                $"Stream {stream} holds {type.Clr.Name}, which is not a {typeof(TEvent).Name}.");
        }
        catch (Exception unreadable) when (unreadable is JsonException or NotSupportedException)
        {
            throw new UnreadableEvent(type.Name, version, unreadable);
        }
    }
}
