namespace Xuanwu.EventStore;

/// <summary>The database could not be reached or did not answer in time. Trying again later may help.</summary>
/// <param name="message">What was tried.</param>
/// <param name="cause">What came back.</param>
/// <param name="outcomeUnknown">The commit was sent and may have been applied. Send it again with the same key, or read
/// the stream, to know.</param>
public sealed class StoreUnavailable(string message, Exception? cause, bool outcomeUnknown) : Exception(message, cause)
{
    public bool OutcomeUnknown { get; } = outcomeUnknown;
}

/// <summary>PostgreSQL refuses what the commit wants to store, now and at every repetition. Nothing of it was
/// stored.</summary>
public sealed class CommitUnstorable(string message, Exception cause) : Exception(message, cause);

/// <summary>The stream was archived: it takes no more events.</summary>
public sealed class StreamArchived(Guid stream) : Exception($"Stream {stream} is archived and takes no more events.")
{
    public Guid Stream { get; } = stream;
}

/// <summary>An event type that is not registered. A release that does not know the past must not decide.</summary>
public sealed class UnknownEventType : Exception
{
    private UnknownEventType(string message, string type) : base(message) => Type = type;

    /// <summary>The stored name, or the CLR name of one that is not registered.</summary>
    public string Type { get; }

    internal static UnknownEventType Stored(string type) => new(
        $"The journal holds an event of type '{type}', which this version does not know. Start a newer version.", type);

    internal static UnknownEventType NotRegistered(Type type) =>
        new($"{type.FullName} is not registered as an event type.", type.FullName ?? type.Name);
}

/// <summary>An event is stored in a form that its type cannot be read from.</summary>
public sealed class UnreadableEvent(string type, long sequence, Exception cause)
    : Exception($"Event {sequence} of type '{type}' cannot be read: {cause.Message}", cause)
{
    public string Type { get; } = type;

    public long Sequence { get; } = sequence;
}
