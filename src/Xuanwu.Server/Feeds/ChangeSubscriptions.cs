using System.Runtime.CompilerServices;
using Xuanwu.GraphQL;
using Xuanwu.Server.Jobs;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Feeds;

public static class ChangeSubscriptions
{
    /// <summary>A run as it is, and again each time it has changed. Changes in quick succession may be told as
    /// one.</summary>
    /// <param name="id">The run.</param>
    /// <param name="after">The sequence of the run as you know it: it is told at once only if it has changed since.</param>
    public static async IAsyncEnumerable<RunView> RunChanged(
        Guid id,
        JournalFeed feed,
        JournalReader journal,
        [EnumeratorCancellation] CancellationToken ct,
        long? after = null)
    {
        var subscriber = new ChangeSubscriber<RunView>(
            round => round.Runs, run => run.Id == id ? id : null, feed.Options.Buffer, id);
        try
        {
            await Places.CheckAsync(after, await feed.JoinAsync(subscriber, ct), journal, ct);
            var run = (await journal.ViewsAsync<RunView>([id], ct)).SingleOrDefault() ?? throw new GraphQLException(
                $"There is no run {id}.", "RUN_UNKNOWN");
            var seen = run.Place.Version;
            if (after is null || run.Place.Sequence > after) yield return run;
            await foreach (var changed in subscriber.ChangesAsync(ct))
            {
                if (changed.Place.Version <= seen) continue;
                seen = changed.Place.Version;
                yield return changed;
            }
        }
        finally
        {
            feed.Leave(subscriber);
        }
    }

    /// <summary>Each job when it has changed, with the state of its run. Changes of one job in quick succession may be
    /// told as one.</summary>
    /// <param name="project">Only jobs of this project.</param>
    /// <param name="after">First all jobs that have changed since this sequence; left out: from now on.</param>
    public static async IAsyncEnumerable<JobView> JobChanged(
        JournalFeed feed,
        JournalReader journal,
        [EnumeratorCancellation] CancellationToken ct,
        string? project = null,
        long? after = null)
    {
        var subscriber = new ChangeSubscriber<JobView>(
            round => round.Jobs,
            job => project is null || job.Project == project ? job.Id : null,
            feed.Options.Buffer);
        try
        {
            var from = await feed.JoinAsync(subscriber, ct);
            await Places.CheckAsync(after, from, journal, ct);
            var seen = after ?? from;
            while (after is not null)
            {
                var page = await journal.ChangedAsync<JobView>(seen, project, feed.Options.Page, ct);
                foreach (var job in page)
                {
                    seen = job.Place.Sequence!.Value;
                    yield return job;
                }

                if (page.Count < feed.Options.Page) break;
            }

            await foreach (var job in subscriber.ChangesAsync(ct))
            {
                // What the pages told already; a job's later change has a later place.
                if (job.Place.Sequence > seen) yield return job;
            }
        }
        finally
        {
            feed.Leave(subscriber);
        }
    }
}
