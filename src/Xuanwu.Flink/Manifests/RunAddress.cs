using Xuanwu.Domain.Clusters;

namespace Xuanwu.Flink.Manifests;

/// <summary>
/// Where a run's Flink is reached: always through its Service and Ingress, never a pod, so that it survives a new
/// leader.
/// </summary>
public static class RunAddress
{
    /// <summary>The address of the run's Flink REST API and web page, with a slash at its end.</summary>
    public static Uri Rest(ClusterSpec cluster, string clusterId)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        var address = cluster.IngressHost.Replace("{run}", clusterId, StringComparison.Ordinal);
        return new Uri(address.EndsWith('/') ? address : address + "/");
    }
}
