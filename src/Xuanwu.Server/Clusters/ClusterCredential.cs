using Xuanwu.Domain.Clusters;
using Xuanwu.Kubernetes;

namespace Xuanwu.Server.Clusters;

/// <summary>Follows a cluster's credential reference; the credential itself is never stored.</summary>
public static class ClusterCredential
{
    public static KubernetesConnection Resolve(ClusterSpec spec)
    {
        var reference = spec.Credential;
        if (reference == "in-cluster") return KubernetesConnection.InCluster();
        var kubeconfig = reference["kubeconfig:".Length..].Split('#', 2);
        return KubernetesConnection.FromKubeconfig(kubeconfig[0], kubeconfig.Length == 2 ? kubeconfig[1] : null);
    }
}
