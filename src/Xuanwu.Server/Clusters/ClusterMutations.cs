using Xuanwu.Domain;
using Xuanwu.Domain.Clusters;
using Xuanwu.Flink;
using Xuanwu.Server.Commands;
using Xuanwu.Server.GraphQL;
using Xuanwu.Server.Http;

namespace Xuanwu.Server.Clusters;

/// <param name="Name">The cluster's name.</param>
/// <param name="ApiServer">Address of the Kubernetes API server.</param>
/// <param name="Credential">A reference, never a secret: kubeconfig:PATH, kubeconfig:PATH#CONTEXT or
/// in-cluster.</param>
/// <param name="Namespace">The Kubernetes namespace.</param>
/// <param name="IngressHost">Address of a run's Flink, with {run} in its host.</param>
/// <param name="HighAvailabilityDirectory">high-availability.storageDir.</param>
/// <param name="CheckpointDirectory">Where checkpoints go.</param>
/// <param name="SavepointDirectory">Where savepoints go.</param>
/// <param name="CommandId">Makes a repeat of this command harmless.</param>
public sealed record RegisterClusterInput(
    string Name,
    string ApiServer,
    string Credential,
    string Namespace,
    string IngressHost,
    string HighAvailabilityDirectory,
    string CheckpointDirectory,
    string SavepointDirectory,
    string? CommandId);

public sealed record RegisterClusterPayload(ClusterView? Cluster, IReadOnlyList<Error>? Errors);

/// <param name="ClusterId">The cluster.</param>
/// <param name="Version">Flink's major and minor version, such as 1.20.</param>
/// <param name="Image">The image that runs it; null withdraws the offer.</param>
/// <param name="CommandId">Makes a repeat of this command harmless.</param>
public sealed record OfferFlinkVersionInput(Guid ClusterId, string Version, string? Image, string? CommandId);

public sealed record OfferFlinkVersionPayload(ClusterView? Cluster, IReadOnlyList<Error>? Errors);

public static class ClusterMutations
{
    /// <summary>Registers a Kubernetes cluster for jobs to run on.</summary>
    public static async Task<RegisterClusterPayload> RegisterCluster(
        RegisterClusterInput input,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        CancellationToken ct)
    {
        var id = Cluster.IdOf(input.Name);
        var command = new RegisterCluster(input.Name, new ClusterSpec(
            input.ApiServer,
            input.Credential,
            input.Namespace,
            input.IngressHost,
            input.HighAvailabilityDirectory,
            input.CheckpointDirectory,
            input.SavepointDirectory));
        var result = await commands.RunAsync(
            caller.By<RegisterCluster>(input.CommandId),
            caller.Key<RegisterCluster>(input.CommandId, id),
            scope => scope.DecideAsync(Aggregates.Cluster, id, cluster => Cluster.Decide(cluster, command)),
            ct);
        return result.Rejection is null
            ? new(await store.FindViewAsync<ClusterView>(id, ct), Errors: null)
            : new(Cluster: null, Error.Of(result.Rejection));
    }

    /// <summary>Offers a Flink version on a cluster, as the image that runs it.</summary>
    public static async Task<OfferFlinkVersionPayload> OfferFlinkVersion(
        OfferFlinkVersionInput input,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        CancellationToken ct)
    {
        var command = new OfferFlinkVersion(input.Version, input.Image);
        var unknown = FlinkVersion.TryParse(input.Version, out _, out var wrong)
            ? null
            : new Rejection("FLINK_VERSION_INVALID", wrong!, "version");
        var result = await commands.RunAsync(
            caller.By<OfferFlinkVersion>(input.CommandId),
            caller.Key<OfferFlinkVersion>(input.CommandId, input.ClusterId),
            async scope => unknown
                ?? await scope.DecideAsync(
                    Aggregates.Cluster, input.ClusterId, cluster => Cluster.Decide(cluster, command)),
            ct);
        return new(await store.FindViewAsync<ClusterView>(input.ClusterId, ct), Error.Of(result.Rejection));
    }
}
