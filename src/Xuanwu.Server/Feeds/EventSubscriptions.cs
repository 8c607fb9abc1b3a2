using System.Runtime.CompilerServices;
using Xuanwu.GraphQL;
using Xuanwu.Server.History;

namespace Xuanwu.Server.Feeds;

public static class EventSubscriptions
{
    /// <summary>The journal as it grows, in the order of commits, every event once. A client that subscribes again with
    /// the last sequence that it saw misses nothing, on whichever server.</summary>
    /// <param name="after">Events after this sequence, those of the past first; 0 for all; left out: from now on.</param>
    /// <param name="streamId">Only what happened to this job, run, cluster or catalog.</param>
    /// <param name="types">Only events of these types, such as run_observed.</param>
    public static async IAsyncEnumerable<JournalEvent> Events(
        JournalFeed feed,
        JournalReader journal,
        [EnumeratorCancellation] CancellationToken ct,
        long? after = null,
        Guid? streamId = null,
        IReadOnlyList<string>? types = null)
    {
        var filter = new JournalFilter(streamId, types);
        var seen = after ?? long.MaxValue;
        List<JournalEvent> page;
        if (after is not null)
        {
            // From the past page by page, so that however much it is, little of it is in memory.
            do
            {
                page = await journal.PageAsync(seen, feed.Options.Page, filter, ct);
                foreach (var happened in page) yield return happened;
                if (page.Count > 0) seen = page[^1].Sequence;
            }
            while (page.Count == feed.Options.Page);
        }

        var subscriber = new EventSubscriber(filter, feed.Options.Buffer);
        try
        {
            var from = await feed.JoinAsync(subscriber, ct);
            await Places.CheckAsync(after, from, journal, ct);
            while (seen < from)
            {
                page = await journal.PageAsync(seen, feed.Options.Page, filter, ct);
                foreach (var happened in page) yield return happened;
                seen = page.Count < feed.Options.Page ? Math.Max(from, page.LastOrDefault()?.Sequence ?? 0)
                    : page[^1].Sequence;
            }

            if (after is null) seen = from;
            await foreach (var happened in subscriber.Events.ReadAllAsync(ct))
            {
                if (happened.Sequence > seen) yield return happened;
            }
        }
        finally
        {
            feed.Leave(subscriber);
        }
    }
}

internal static class Places
{
    /// <summary>Refuses a sequence that no event has yet: who waits for it has mistaken the database.</summary>
    public static async Task CheckAsync(long? after, long from, JournalReader journal, CancellationToken ct)
    {
        if (after is null || after <= from) return;
        var head = await journal.HeadAsync(ct); // another server may have read further than this one
        if (after <= head) return;
        throw new GraphQLException(
            $"The journal ends at {head}; {after} is not a sequence that it gave out.", "SEQUENCE_UNKNOWN");
    }
}
