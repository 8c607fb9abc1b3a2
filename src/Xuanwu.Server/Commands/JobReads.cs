using Xuanwu.Domain.Jobs;

namespace Xuanwu.Server.Commands;

public static class JobReads
{
    /// <summary>
    /// The job with at least this many versions. A version never changes, so the cached job serves once it knows the
    /// version; when
    /// another server published it, the history is read.
    /// </summary>
    public static async ValueTask<Job> JobWithAsync(
        this EventStore.EventStore store, Guid id, int versions, CancellationToken ct)
    {
        var cached = (await store.LoadAsync(Aggregates.Job, id, ct)).State;
        if (cached.Versions.Count >= versions) return cached;
        var job = Job.Absent;
        await foreach (
            var recorded in store.ReadStreamAsync<JobEvent>(id, afterVersion: 0, toVersion: null, until: null, ct))
        {
            job = Job.Evolve(job, recorded.Event);
        }

        return job;
    }
}
