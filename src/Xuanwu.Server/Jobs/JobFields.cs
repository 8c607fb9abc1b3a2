using Xuanwu.Domain.Jobs;
using Xuanwu.GraphQL;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Commands;
using Xuanwu.Server.GraphQL;
using Xuanwu.Server.History;
using Xuanwu.Server.Runs;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.Jobs;

/// <summary>Fields of a job that need a second read.</summary>
public static class JobFields
{
    /// <summary>Place in the journal of the latest event that this shows: a subscription goes on after it.</summary>
    public static Task<long?> Sequence(JobView job, RequestContext request) =>
        Loaders.SequenceAsync(request, job.Id, job.Place);

    /// <summary>The latest version; null before the first is published.</summary>
    public static JobVersionView? CurrentVersion(JobView job) => job.Versions.IsEmpty ? null : job.Versions[^1];

    /// <summary>A version by its number.</summary>
    public static JobVersionView? Version(JobView job, int number) =>
        number >= 1 && number <= job.Versions.Count ? job.Versions[number - 1] : null;

    /// <summary>The versions, newest first.</summary>
    public static Connection<JobVersionView> Versions(JobView job, PageArguments page) =>
        ShortList.Page([.. job.Versions.Reverse()], version => version.Number.ToString(
            System.Globalization.CultureInfo.InvariantCulture), page);

    /// <summary>The run of the latest start.</summary>
    public static Task<RunView?> CurrentRun(JobView job, RequestContext request) =>
        job.CurrentRunId is { } id ? Loaders.Runs.LoadAsync(request, id) : Task.FromResult<RunView?>(null);

    /// <summary>What changed between two versions.</summary>
    public static async Task<JobDiff> Diff(
        JobView job, int from, int to, EventStore.EventStore store, CancellationToken ct)
    {
        var versions = (await store.JobWithAsync(job.Id, Math.Max(from, to), ct)).Versions;
        return JobDiff.Between(Find(from), Find(to));

        JobVersion Find(int number) => number >= 1 && number <= versions.Count
            ? versions[number - 1]
            : throw new GraphQLException(
                $"The job has no version {number}; it has 1 to {versions.Count}.", "JOB_VERSION_UNKNOWN");
    }

    /// <summary>The job's runs, newest first.</summary>
    public static Task<Connection<RunView>> Runs(
        JobView job,
        PageArguments page,
        [GraphQLType("RunFilterInput")] InputValue? where,
        [GraphQLType("[RunSortInput!]")] IReadOnlyList<InputValue>? order,
        Lists lists,
        CancellationToken ct) => lists.RunsAsync(
            new(page, where, order, "((data ->> 'JobId')::uuid) = $1", [job.Id]), ct);

    /// <summary>Every event of the job and, unless left out, of its runs: who, when, from which command.</summary>
    public static Task<Connection<JournalEvent>> History(
        JobView job,
        PageArguments page,
        Lists lists,
        CancellationToken ct,
        bool includeRuns = true) => lists.EventsAsync(
            new(
                page,
                Where: null,
                Order: null,
                includeRuns
                    ? "stream_id in (select $1 union all select id from xuanwu.mt_doc_run where ((data ->> "
                        + "'JobId')::uuid) = $1)"
                    : "stream_id = $1",
                [job.Id]),
            ct);

    /// <summary>The job as it was after its n-th event (version, see history), or at an instant; null before it was
    /// created.</summary>
    public static async Task<JobView?> AsOf(
        JobView job, long? version, DateTimeOffset? at, EventStore.EventStore store, CancellationToken ct)
    {
        if (version is null == at is null) throw new GraphQLException("Give either version or at.", "AS_OF_INVALID");
        JobView? was = null;
        await foreach (var recorded in store.ReadStreamAsync<JobEvent>(job.Id, 0, version, at, ct))
        {
            was = JobView.Evolve(was, recorded);
            if (was is not null) was.Place = new(recorded.Version, recorded.Sequence);
        }

        return was;
    }
}

public static class JobVersionFields
{
    /// <summary>What the version says.</summary>
    public static async ValueTask<JobSpec> Spec(
        JobVersionView version, EventStore.EventStore store, CancellationToken ct) =>
        (await store.JobWithAsync(version.JobId, version.Number, ct)).Versions[version.Number - 1].Spec;
}
