namespace Xuanwu.Messaging;

/// <summary>A pool of workers of this node.</summary>
/// <param name="Parallelism">Most messages of the queue that this node handles at once.</param>
public sealed record QueueOptions(string Name, int Parallelism);

/// <summary>How a node handles messages.</summary>
public sealed record MessageBusOptions
{
    /// <summary>The pools. A slow queue never takes workers from another. Messages of a queue that is not listed are
    /// left to other nodes.</summary>
    public IReadOnlyList<QueueOptions> Queues { get; init; } = [new("default", 16)];

    public MessageHandlers Handlers { get; init; } = new();

    /// <summary>Where handlers' parameters come from.</summary>
    public IServiceProvider? Services { get; init; }

    /// <summary>
    /// Given each result of a handler that is neither a message nor <see cref="PutBack"/>, in order, before the message
    /// is acknowledged: at least once. <see cref="MessageContext.EffectId"/> tells a repetition.
    /// </summary>
    public Func<object, MessageContext, CancellationToken, Task>? OnResult { get; init; }

    /// <summary>What an exception means; null or a null answer: <see cref="Failure.Retry"/>.</summary>
    public Func<Exception, Failure?>? Classify { get; init; }

    /// <summary>How long the claims of a dead node stand. With <see cref="Poll"/> it bounds the take-over.</summary>
    public TimeSpan LeaseTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How often an idle node looks although nothing woke it, and looks for claims of dead nodes.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>When the bus is disposed, running handlers get this long before they are cancelled.</summary>
    public TimeSpan StopLimit { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long resolved dead letters are kept.</summary>
    public TimeSpan KeepResolved { get; init; } = TimeSpan.FromDays(30);
}
