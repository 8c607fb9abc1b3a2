namespace Xuanwu.Kubernetes;

/// <summary>What a watch tells.</summary>
public abstract record WatchEvent
{
    private WatchEvent()
    {
    }

    /// <summary>An object that was not known before.</summary>
    public sealed record Added(KubernetesObject Object) : WatchEvent;

    /// <summary>A known object changed; several changes may come as one.</summary>
    public sealed record Modified(KubernetesObject Object) : WatchEvent;

    /// <summary>
    /// An object is gone. When that was found by listing again, <c>Object</c> holds its kind and metadata as last
    /// seen and nothing else.
    /// </summary>
    public sealed record Deleted(KubernetesObject Object) : WatchEvent;

    /// <summary>A list is complete: what was added and not deleted until here is all there is.</summary>
    public sealed record Synced(string ResourceVersion) : WatchEvent;

    /// <summary>The watch is interrupted; it goes on by itself after <c>RetryIn</c>.</summary>
    public sealed record Trouble(ApiError Error, TimeSpan RetryIn) : WatchEvent;
}
