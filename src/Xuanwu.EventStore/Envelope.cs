using System.Text.Json;

namespace Xuanwu.EventStore;

/// <summary>A recorded event whose type is not known at compile time.</summary>
internal readonly record struct Envelope(
    Guid StreamId,
    long Version,
    long Sequence,
    Guid Id,
    DateTime At,
    string By,
    Headers Headers,
    string? CorrelationId,
    string? CausedBy,
    object Event)
{
    public Recorded<TEvent> Typed<TEvent>()
        where TEvent : class =>
        new(StreamId, Version, Sequence, Id, At, By, Headers.Command, Headers.CommandId, CorrelationId, CausedBy,
            Event as TEvent ?? throw new InvalidOperationException(
                $"Stream {StreamId} holds {Event.GetType().Name}, which is not a {typeof(TEvent).Name}."));
}

/// <summary>The column <c>headers</c>: what an audit asks for beyond user and time.</summary>
internal readonly record struct Headers(string? Command, string? CommandId)
{
    public static Headers Read(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        string? command = null, commandId = null;
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCommand = reader.ValueTextEquals("command"u8);
            var isCommandId = reader.ValueTextEquals("commandId"u8);
            reader.Read();
            if (isCommand && reader.TokenType == JsonTokenType.String) command = reader.GetString();
            else if (isCommandId && reader.TokenType == JsonTokenType.String) commandId = reader.GetString();
            else reader.Skip(); // another writer's header
        }

        return new Headers(command, commandId);
    }

    /// <summary>Null when there is nothing to say.</summary>
    public byte[]? Write()
    {
        if (Command is null && CommandId is null) return null;
        using var bytes = new MemoryStream(96);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            if (Command is not null) writer.WriteString("command"u8, Command);
            if (CommandId is not null) writer.WriteString("commandId"u8, CommandId);
            writer.WriteEndObject();
        }

        return bytes.ToArray();
    }
}
