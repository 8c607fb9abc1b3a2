using Xuanwu.Domain.Clusters;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Manifests;
using Xuanwu.Flink.Rest;
using Xuanwu.Kubernetes;

namespace Xuanwu.Server.Clusters;

/// <summary>How this server talks to one cluster: its Kubernetes API, and through its ingress the Flink of each
/// run.</summary>
public sealed class ClusterLink(ClusterSpec spec, KubernetesClient kubernetes, HttpClient ingress) : IDisposable
{
    public const string FieldManager = "xuanwu";

    public ClusterSpec Spec => spec;

    public KubernetesClient Kubernetes => kubernetes;

    public FlinkRest Flink(Guid runId) => new(ingress, RunAddress.Rest(spec, RunNames.ClusterId(runId)));

    /// <summary>The SQL gateway beside one of the run's JobManagers; null while none is ready.</summary>
    public async Task<SqlGateway?> GatewayAsync(Guid runId, CancellationToken ct)
    {
        var selector = RunNames.JobManagerSelector(RunNames.ClusterId(runId));
        await foreach (var pod in kubernetes.ListAsync(Kind.Pod, spec.Namespace, selector, ct))
        {
            if (IsReady(pod))
            {
                return new SqlGateway(kubernetes.PodProxy(spec.Namespace, pod.Name, RunNames.GatewayPort));
            }
        }

        return null;
    }

    /// <summary>Deletes the run's root object; Kubernetes collects all that it owns.</summary>
    public Task RemoveAsync(Guid runId, CancellationToken ct) =>
        kubernetes.DeleteAsync(
            Kind.ConfigMap, spec.Namespace, RunNames.Root(RunNames.ClusterId(runId)), Propagation.Background, ct);

    /// <summary>
    /// Whether Kubernetes says for certain that the run's root object and all its pods are gone. High-availability
    /// ConfigMaps may only be deleted then: a JobManager that still lives would write them again.
    /// </summary>
    public async Task<bool> IsGoneAsync(Guid runId, CancellationToken ct)
    {
        var id = RunNames.ClusterId(runId);
        if (await kubernetes.FindAsync(Kind.ConfigMap, spec.Namespace, RunNames.Root(id), ct) is not null) return false;
        await foreach (var _ in kubernetes.ListAsync(Kind.Pod, spec.Namespace, $"app.kubernetes.io/instance={id}", ct))
        {
            return false;
        }

        return true;
    }

    public Task RemoveHighAvailabilityAsync(Guid runId, CancellationToken ct) => kubernetes.DeleteAllAsync(
        Kind.ConfigMap, spec.Namespace, RunNames.HighAvailabilitySelector(
            RunNames.ClusterId(runId)), Propagation.Background, ct);

    /// <summary>
    /// Why the run's pods are not up, in Kubernetes' words, for people who wonder why nothing answers; null when
    /// nothing is known.
    /// </summary>
    public async Task<string?> PodTroubleAsync(Guid runId, CancellationToken ct)
    {
        try
        {
            var selector = RunNames.JobManagerSelector(RunNames.ClusterId(runId));
            await foreach (var pod in kubernetes.ListAsync(Kind.Pod, spec.Namespace, selector, ct))
            {
                var waiting = (pod.Json["status"]?["containerStatuses"]?.AsArray() ?? [])
                    .Select(container => container?["state"]?["waiting"])
                    .FirstOrDefault(reason => reason is not null);
                if (waiting is not null) return $"Pod {pod.Name}: {waiting["reason"]}. {waiting["message"]}".TrimEnd();
            }

            return null;
        }
        catch (ApiError)
        {
            return null;
        }
    }

    public void Dispose()
    {
        kubernetes.Dispose();
        ingress.Dispose();
    }

    private static bool IsReady(KubernetesObject pod) =>
        pod.DeletionTimestamp is null
        && (pod.Json["status"]?["conditions"]?.AsArray() ?? []).Any(condition =>
            (string?)condition?["type"] == "Ready" && (string?)condition["status"] == "True");
}
