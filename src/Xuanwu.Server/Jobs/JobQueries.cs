using Xuanwu.Domain.Jobs;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.Jobs;

public static class JobQueries
{
    /// <summary>A job by its id.</summary>
    public static async ValueTask<JobView?> GetJob(Guid id, EventStore.EventStore store, CancellationToken ct) =>
        await store.FindViewAsync<JobView>(id, ct);

    /// <summary>A job by its name in its project.</summary>
    public static async ValueTask<JobView?> GetJobByName(
        string project, string name, EventStore.EventStore store, CancellationToken ct) =>
        await store.FindViewAsync<JobView>(Job.IdOf(project, name), ct);

    /// <summary>Jobs, newest first unless ordered otherwise.</summary>
    public static Task<Connection<JobView>> GetJobs(
        PageArguments page,
        [GraphQLType("JobFilterInput")] InputValue? where,
        [GraphQLType("[JobSortInput!]")] IReadOnlyList<InputValue>? order,
        Lists lists,
        CancellationToken ct) => lists.JobsAsync(new(page, where, order), ct);
}
