using Xuanwu.EventStore;
using Xuanwu.Messaging;

namespace Xuanwu.Server.Operations;

/// <summary>How the platform itself stands, for those who run it.</summary>
public static class OperationsQueries
{
    /// <summary>Every view: how far it is behind the journal, and which event stopped it, if one did.</summary>
    public static Task<IReadOnlyList<ProjectionStatus>> GetProjections(ProjectionDaemon daemon, CancellationToken ct) =>
        daemon.StatusAsync(ct);

    /// <summary>Every queue of messages: what waits, what runs, what was given up.</summary>
    public static async Task<IReadOnlyList<QueueStatus>> GetQueues(MessageBus bus, CancellationToken ct) =>
        (await bus.StatusAsync(ct)).Queues;

    /// <summary>Messages that were given up, newest first: what they were, why, and what became of them.</summary>
    public static Task<IReadOnlyList<DeadLetter>> GetDeadLetters(
        MessageBus bus,
        CancellationToken ct,
        string? queue = null,
        long? before = null,
        int first = 20,
        bool resolved = false) =>
        bus.DeadLetters.ListAsync(queue, before, Math.Clamp(first, 1, 100), resolved, ct);
}
