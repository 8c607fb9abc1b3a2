namespace Xuanwu.Kubernetes;

/// <summary>Where an API server is, whom to trust as it, and as whom to speak to it.</summary>
public sealed record KubernetesConnection
{
    internal KubernetesConnection(Uri server) => Server = server;

    /// <summary>Address of the API server; may have a path, behind which the API begins.</summary>
    public Uri Server { get; }

    /// <summary>Namespace of objects that name none.</summary>
    public string Namespace { get; init; } = "default";

    public static KubernetesConnection FromKubeconfig(string path, string? context = null) => throw new NotImplementedException();
    public static KubernetesConnection FromKubeconfigText(string text, string? context = null, string? folder = null) => throw new NotImplementedException();
    public static KubernetesConnection InCluster() => throw new NotImplementedException();
    public static KubernetesConnection FromToken(Uri server, string token, string? caPem = null) => throw new NotImplementedException();

    public override string ToString() => $"{Server} (namespace {Namespace})";
}

/// <summary>A kubeconfig or the cluster's mounted credentials cannot be used; the message names file and field.</summary>
public sealed class ConnectionError(string message, Exception? inner = null) : Exception(message, inner);
