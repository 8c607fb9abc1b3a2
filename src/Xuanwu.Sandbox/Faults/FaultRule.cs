namespace Xuanwu.Sandbox.Faults;

/// <summary>Which requests a rule is about.</summary>
public enum FaultScope
{
    /// <summary>The Kubernetes API, without the proxies.</summary>
    Api,

    /// <summary>The ingress.</summary>
    Ingress,

    /// <summary>The API server's proxy to pods and services.</summary>
    PodProxy,
}

/// <summary>What happens to a request that a rule takes.</summary>
public enum FaultEffect
{
    /// <summary>It is served, but later.</summary>
    Latency,

    /// <summary>It is answered with <see cref="FaultRule.Status"/> and not served.</summary>
    Status,

    /// <summary>The connection is reset, and nothing happened.</summary>
    DropBefore,

    /// <summary>It is served, and the connection is reset in the middle of the answer.</summary>
    DropMidway,

    /// <summary>It is served, and the connection is reset before the answer.</summary>
    DropAfter,

    /// <summary>
    /// It is answered with an HTML page and <see cref="FaultRule.Status"/> (200 if not set), as a proxy on the way
    /// would.
    /// </summary>
    Html,
}

/// <summary>A rule by which the sandbox misbehaves. Rules are asked in the order they were added.</summary>
public sealed record FaultRule
{
    /// <summary>Given by the sandbox when the rule is added.</summary>
    public string Id { get; init; } = "";

    /// <summary>Which requests.</summary>
    public FaultScope Scope { get; init; }

    /// <summary>What happens to them.</summary>
    public required FaultEffect Effect { get; init; }

    /// <summary>Only this HTTP method.</summary>
    public string? Method { get; init; }

    /// <summary>Only paths with query that this regular expression matches.</summary>
    public string? Path { get; init; }

    /// <summary>Only hosts that this regular expression matches.</summary>
    public string? Host { get; init; }

    /// <summary>How likely the rule takes a request that fits, 0 to 1.</summary>
    public double Probability { get; init; } = 1;

    /// <summary>After so many requests the rule ends.</summary>
    public int? Count { get; init; }

    /// <summary>After so many milliseconds the rule ends.</summary>
    public int? DurationMs { get; init; }

    /// <summary>
    /// The HTTP status of <see cref="FaultEffect.Status"/> (503 if not set) and <see cref="FaultEffect.Html"/>.
    /// </summary>
    public int? Status { get; init; }

    /// <summary>The Retry-After header of a <see cref="FaultEffect.Status"/>, in seconds.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>The least latency in milliseconds.</summary>
    public int LatencyFromMs { get; init; } = 100;

    /// <summary>The greatest latency in milliseconds.</summary>
    public int LatencyToMs { get; init; } = 1000;

    /// <summary>How many requests it has taken.</summary>
    public int Hits { get; init; }
}

/// <summary>Something that is done to the cluster once.</summary>
public sealed record FaultAction
{
    /// <summary>
    /// crash, delete, freeze, thaw, partition, heal (pods, by namespace and selector); dropWatches, expireWatches;
    /// refuse (api or ingress, for durationMs).
    /// </summary>
    public required string Action { get; init; }

    /// <summary>The namespace of the pods; all if not set.</summary>
    public string? Namespace { get; init; }

    /// <summary>The label selector of the pods; all if not set.</summary>
    public string? Selector { get; init; }

    /// <summary>One pod by its name.</summary>
    public string? Pod { get; init; }

    /// <summary>The container that crashes; all of the pod if not set.</summary>
    public string? Container { get; init; }

    /// <summary>The exit code of a crash; 137 as of a kill if not set.</summary>
    public int? ExitCode { get; init; }

    /// <summary>What refuses.</summary>
    public FaultScope Scope { get; init; }

    /// <summary>How long, where the action lasts; without it until it is undone.</summary>
    public int? DurationMs { get; init; }
}
