namespace Xuanwu.Domain.Clusters;

/// <summary>Where jobs run: a namespace of a Kubernetes cluster.</summary>
/// <param name="ApiServer">Address of the Kubernetes API server.</param>
/// <param name="Credential">
/// A reference, never a secret: <c>kubeconfig:PATH</c>, <c>kubeconfig:PATH#CONTEXT</c>, or <c>in-cluster</c>.
/// </param>
/// <param name="Namespace">The Kubernetes namespace.</param>
/// <param name="IngressHost">
/// Address of a job's Flink through the ingress, with <c>{run}</c> for the run's cluster id, such as
/// <c>https://{run}.flink.example.com</c>.
/// </param>
/// <param name="HighAvailabilityDirectory">high-availability.storageDir.</param>
/// <param name="CheckpointDirectory">Where checkpoints go.</param>
/// <param name="SavepointDirectory">Where savepoints go.</param>
public sealed record ClusterSpec(
    string ApiServer,
    string Credential,
    string Namespace,
    string IngressHost,
    string HighAvailabilityDirectory,
    string CheckpointDirectory,
    string SavepointDirectory);
