using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.Runs;

public static class RunQueries
{
    /// <summary>A run by its id.</summary>
    public static async ValueTask<RunView?> GetRun(Guid id, EventStore.EventStore store, CancellationToken ct) =>
        await store.FindViewAsync<RunView>(id, ct);

    /// <summary>Runs, newest first unless ordered otherwise.</summary>
    public static Task<Connection<RunView>> GetRuns(
        PageArguments page,
        [GraphQLType("RunFilterInput")] InputValue? where,
        [GraphQLType("[RunSortInput!]")] IReadOnlyList<InputValue>? order,
        Lists lists,
        CancellationToken ct) => lists.RunsAsync(new(page, where, order), ct);
}
