using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.Clusters;

public static class ClusterQueries
{
    /// <summary>A cluster by its id.</summary>
    public static async ValueTask<ClusterView?> GetCluster(
        Guid id, EventStore.EventStore store, CancellationToken ct) =>
        await store.FindViewAsync<ClusterView>(id, ct);

    /// <summary>Clusters by name.</summary>
    public static Task<Connection<ClusterView>> GetClusters(
        PageArguments page,
        [GraphQLType("ClusterFilterInput")] InputValue? where,
        [GraphQLType("[ClusterSortInput!]")] IReadOnlyList<InputValue>? order,
        Lists lists,
        CancellationToken ct) => lists.ClustersAsync(new(page, where, order), ct);
}
