using System.Net;
using Microsoft.AspNetCore.Http;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>
/// What runs as a container's process. The kubelet picks a program by image and arguments, runs it, and restarts it by
/// the pod's restart policy when it ends.
/// </summary>
public interface IContainerProgram
{
    /// <summary>Runs until the process ends and answers its exit code.</summary>
    /// <param name="container">The container that it runs in.</param>
    /// <param name="stop">Cancelled when the kubelet stops the container (SIGTERM), or kills it for a crash.</param>
    Task<int> RunAsync(IContainer container, CancellationToken stop);
}

/// <summary>A started container, as its program sees it.</summary>
public interface IContainer
{
    /// <summary>The namespace of the pod.</summary>
    string Namespace { get; }

    /// <summary>The pod's name, which is its host name too.</summary>
    string PodName { get; }

    /// <summary>The pod's labels.</summary>
    IReadOnlyDictionary<string, string> PodLabels { get; }

    /// <summary>The container's name in the pod.</summary>
    string Name { get; }

    /// <summary>The image, as written in the pod's specification.</summary>
    string Image { get; }

    /// <summary>command and args of the container, with $(VAR) references to its environment resolved.</summary>
    IReadOnlyList<string> Arguments { get; }

    /// <summary>The environment, with field references (POD_IP and the like) resolved.</summary>
    IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Files mounted from ConfigMaps, by absolute path.</summary>
    IReadOnlyDictionary<string, string> Files { get; }

    /// <summary>The loopback address of the pod.</summary>
    IPAddress Address { get; }

    /// <summary>
    /// Listens on a port of the pod's address; requests from the pod network, the ingress and the API server's pod
    /// proxy reach the handler. Closed when the container ends: connections are then refused.
    /// </summary>
    void Listen(int port, RequestDelegate handler);

    /// <summary>
    /// Opens a port that speaks a protocol which the sandbox does not, such as Flink's RPC: the kubelet's probes find it
    /// open, and it has no socket, since nobody would be answered on it.
    /// </summary>
    void Open(int port);

    /// <summary>Writes a line to the container's standard output, which the pod log serves.</summary>
    void WriteLine(string line);

    /// <summary>Objects of the cluster, as the container's service account may use them (HA ConfigMaps).</summary>
    IContainerObjects Objects { get; }
}

/// <summary>
/// The little of the Kubernetes API that a Flink process uses: ConfigMaps by name, with optimistic locking.
/// </summary>
public interface IContainerObjects
{
    /// <summary>The ConfigMap's data and resource version, or null when there is none.</summary>
    (IReadOnlyDictionary<string, string> Data, string ResourceVersion)? FindConfigMap(string name);

    /// <summary>
    /// Creates (resource version null) or replaces the ConfigMap; false when another writer was first, or when the
    /// service account's Role does not allow it.
    /// </summary>
    bool TryPutConfigMap(
        string name, IReadOnlyDictionary<string, string> labels, IReadOnlyDictionary<string, string> data,
        string? resourceVersion);

    /// <summary>Deletes the ConfigMap if there is one.</summary>
    void DeleteConfigMap(string name);

    /// <summary>Raised with a ConfigMap's name when one of the namespace was created, changed or deleted.</summary>
    event Action<string>? ConfigMapChanged;
}
