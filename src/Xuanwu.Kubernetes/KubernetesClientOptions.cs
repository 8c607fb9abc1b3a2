namespace Xuanwu.Kubernetes;

/// <summary>How long to wait, how often to try, how much to hold.</summary>
public sealed record KubernetesClientOptions
{
    public static KubernetesClientOptions Default { get; } = new();

    /// <summary>Limit of one attempt: connection, request and answer (for streams: until the answer begins).</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Limit of one call with all its attempts and the waits between them.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Attempts of one call at most.</summary>
    public int MaxAttempts { get; init; } = 6;

    /// <summary>Wait after the first failed attempt; doubles with each further one, less a random part.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest wait between two attempts, unless the server asks for more by Retry-After.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Objects per page of a list.</summary>
    public int PageSize { get; init; } = 500;

    /// <summary>The server is asked to end each watch after this long to twice as long; it is then resumed.</summary>
    public TimeSpan WatchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Longest wait between two attempts to list or watch again.</summary>
    public TimeSpan MaxWatchDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest answer accepted, in bytes.</summary>
    public int MaxAnswerBytes { get; init; } = 128 << 20;

    /// <summary>Largest event of a watch, in bytes (an object has at most some 1.5 MB in etcd).</summary>
    public int MaxEventBytes { get; init; } = 16 << 20;

    /// <summary>A longer line of a log is handed on in pieces of this many bytes.</summary>
    public int MaxLogLineBytes { get; init; } = 256 << 10;

    public string UserAgent { get; init; } = "xuanwu";

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>What becomes of the objects that an object owns when it is deleted.</summary>
public enum Propagation
{
    /// <summary>The object goes at once, the owned ones after it.</summary>
    Background,

    /// <summary>The owned ones go first; until then the object stays, with a deletion timestamp.</summary>
    Foreground,

    /// <summary>The owned ones stay.</summary>
    Orphan,
}

/// <summary>Which part of a container's log to read, and whether to stay for more.</summary>
public sealed record PodLogOptions
{
    /// <summary>May be null when the pod has one container.</summary>
    public string? Container { get; init; }

    /// <summary>Stay until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Only so many of the last lines.</summary>
    public int? TailLines { get; init; }

    /// <summary>The log of the container's previous, terminated instance.</summary>
    public bool Previous { get; init; }

    public DateTimeOffset? SinceTime { get; init; }

    /// <summary>Each line begins with its RFC 3339 time and a space.</summary>
    public bool Timestamps { get; init; }

    /// <summary>End after so many bytes.</summary>
    public long? LimitBytes { get; init; }
}

/// <summary>What the server says of itself at /version.</summary>
public sealed record ServerVersion(string GitVersion, string Major, string Minor, string Platform);
