using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox;

/// <summary>
/// Finds the program for a container's image and arguments (command and args), or null when it knows none.
/// </summary>
public delegate IContainerProgram? FindProgram(string image, IReadOnlyList<string> arguments);

/// <summary>
/// How a sandbox cluster is started. The defaults suit a person who looks on; tests set the delays to zero.
/// </summary>
public sealed record SandboxOptions
{
    /// <summary>Port of the Kubernetes API on 127.0.0.1; 0 picks a free one.</summary>
    public int ApiPort { get; init; }

    /// <summary>Port of the ingress on 127.0.0.1; 0 picks a free one.</summary>
    public int IngressPort { get; init; }

    /// <summary>
    /// Whether the API speaks HTTPS with a certificate of the cluster's own authority, or plain HTTP.
    /// </summary>
    public bool Https { get; init; } = true;

    /// <summary>Where objects and credentials outlive the process; null keeps them in memory only.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>
    /// The programs that containers may run, before Flink's stand-ins; the first that answers is taken.
    /// </summary>
    public IReadOnlyList<FindProgram> Programs { get; init; } = [];

    /// <summary>
    /// Whether images of Flink (a repository that ends in flink, a tag that is a version) run its stand-ins.
    /// </summary>
    public bool Flink { get; init; } = true;

    /// <summary>
    /// What users are told when no program knows an image: the images that do run here, beside Flink's.
    /// </summary>
    public IReadOnlyList<string> KnownImages { get; init; } = [];

    /// <summary>Namespaces that exist from the start.</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = ["default", "kube-system", "flink"];

    /// <summary>From a pod's creation to the start of its containers (scheduling, pulling).</summary>
    public TimeSpan PodStartDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Delay before the second restart of a container that ended; doubles with each further one.</summary>
    public TimeSpan CrashBackOff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest delay before a restart.</summary>
    public TimeSpan CrashBackOffLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>A watch that asked for bookmarks gets one after being idle so long.</summary>
    public TimeSpan BookmarkInterval { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Events kept per kind for watches to resume from; what is older answers 410 Gone.</summary>
    public int WatchHistory { get; init; } = 4096;

    /// <summary>How long the ingress and the pod proxy wait for a frozen pod before they answer 504.</summary>
    public TimeSpan ProxyTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Seed of the faults' randomness, for tests that must repeat.</summary>
    public int? Seed { get; init; }
}
