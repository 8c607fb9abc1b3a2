namespace Xuanwu.Messaging;

/// <summary>A message to be enqueued.</summary>
/// <param name="Body">Of a type that is registered in <see cref="MessageTypes"/>; stored as readable JSON.</param>
/// <param name="Key">What it is about, usually a stream id. Messages of one key are handled one at a time and in the
/// order in which they were enqueued.</param>
/// <param name="Delay">Scheduled: it joins the line of its key after this time. Null or not positive: at once.</param>
/// <param name="Queue">The worker pool; null: the one its type is registered for.</param>
public sealed record Outgoing(object Body, string Key, TimeSpan? Delay = null, string? Queue = null)
{
    /// <summary>
    /// Set it to a value that follows from the cause, and a second message with the same id is dropped while the first
    /// is still waiting or running.
    /// </summary>
    public Guid? Id { get; init; }

    /// <summary>Joins all that one request set in motion; messages that a handler returns inherit it.</summary>
    public string? CorrelationId { get; init; }

    /// <summary>What caused it directly: an event's or a message's id.</summary>
    public string? CausedBy { get; init; }

    /// <summary>The user on whose behalf it is; null: the handled message's, or "system".</summary>
    public string? By { get; init; }
}

/// <summary>Returned by a handler: enqueue this registered message after a while, under the handled message's
/// key.</summary>
public sealed record Later(TimeSpan Delay, object Message);

/// <summary>Returned by a handler: enqueue this registered message (or <see cref="Later"/>) under another
/// key.</summary>
public sealed record To(string Key, object Message);

/// <summary>
/// Returned by a handler: this message is not done, it goes to the tail again, after <paramref name="Delay"/> and in
/// <paramref name="Queue"/> if that is given. Its attempts start anew and its <see cref="MessageContext.Lap"/> grows.
/// </summary>
public sealed record PutBack(TimeSpan Delay, string? Queue = null);

/// <summary>What a handler may want to know about the message it handles.</summary>
public sealed record MessageContext
{
    public required Guid Id { get; init; }
    public required string Queue { get; init; }
    public required string Key { get; init; }
    public required string Type { get; init; }

    /// <summary>1 for the first attempt of this lap.</summary>
    public required int Attempt { get; init; }

    /// <summary>How often the message was put back before.</summary>
    public required int Lap { get; init; }

    /// <summary>Of the message, or its id when it began something of its own.</summary>
    public required string CorrelationId { get; init; }

    public string? CausedBy { get; init; }
    public required string By { get; init; }
    public required DateTimeOffset EnqueuedAt { get; init; }

    /// <summary>For <see cref="MessageBusOptions.OnResult"/>: the place of the result among those of the
    /// handler.</summary>
    public int Result { get; init; }

    /// <summary>
    /// Names the result for idempotent effects: the same when the message is delivered again after a failure or a
    /// crash, another one in each lap. As the id of a command it makes "at least once" into "once".
    /// </summary>
    public string EffectId => $"{Id:N}/{Lap}/{Result}";
}

/// <summary>A message as it stands in the database.</summary>
public sealed record Message(
    Guid Id, string Queue, string Key, string Type, string Body, string State, int Attempts, int Lap,
    DateTimeOffset? DueAt, DateTimeOffset EnqueuedAt, string? CorrelationId, string? CausedBy, string By);
