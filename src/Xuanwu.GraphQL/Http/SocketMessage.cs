using System.Text.Json;

namespace Xuanwu.GraphQL.Http;

internal enum SocketMessageKind
{
    ConnectionInit,
    Ping,
    Pong,
    Subscribe,
    Complete,
}

/// <summary>What a client of graphql-transport-ws may send.</summary>
/// <param name="Kind">Its type.</param>
/// <param name="Id">Of the operation, for subscribe and complete.</param>
/// <param name="Payload">JSON as it came; empty when there is none.</param>
internal readonly record struct SocketMessage(SocketMessageKind Kind, string Id, ReadOnlyMemory<byte> Payload)
{
    /// <summary>Reads a message; otherwise says what is wrong with it.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> text, out SocketMessage message, out string fault)
    {
        message = default;
        string? type = null, id = null;
        var payload = ReadOnlyMemory<byte>.Empty;
        try
        {
            var reader = new Utf8JsonReader(text.Span, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return Fail("not an object", out fault);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString();
                reader.Read();
                switch (name)
                {
                    case "type":
                        type = Text(ref reader);
                        break;
                    case "id":
                        id = Text(ref reader);
                        break;
                    case "payload" when reader.TokenType is JsonTokenType.StartObject or JsonTokenType.Null:
                        var start = (int)reader.TokenStartIndex;
                        var isNull = reader.TokenType == JsonTokenType.Null;
                        reader.Skip();
                        payload = isNull ? default : text[start..(int)reader.BytesConsumed];
                        break;
                    case "payload":
                        return Fail("\"payload\" is not an object", out fault);
                    default:
                        reader.Skip();
                        break;
                }
            }

            reader.Read(); // nothing may follow
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException)
        {
            return Fail("not JSON", out fault);
        }

        if (Kinds(type) is not { } kind)
        {
            return Fail(type is null ? "\"type\" is missing" : $"unexpected type \"{type}\"", out fault);
        }

        if (kind is SocketMessageKind.Subscribe or SocketMessageKind.Complete && string.IsNullOrEmpty(id))
        {
            return Fail("\"id\" is not a string of at least one character", out fault);
        }

        if (kind is SocketMessageKind.Subscribe && payload.IsEmpty) return Fail("\"payload\" is missing", out fault);
        message = new SocketMessage(kind, id ?? "", payload);
        fault = "";
        return true;
    }

    private static SocketMessageKind? Kinds(string? type) => type switch
    {
        "connection_init" => SocketMessageKind.ConnectionInit,
        "ping" => SocketMessageKind.Ping,
        "pong" => SocketMessageKind.Pong,
        "subscribe" => SocketMessageKind.Subscribe,
        "complete" => SocketMessageKind.Complete,
        _ => null,
    };

    private static string? Text(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String) return reader.GetString();
        reader.Skip();
        return null;
    }

    private static bool Fail(string what, out string fault)
    {
        fault = $"Invalid message received: {what}";
        return false;
    }
}
