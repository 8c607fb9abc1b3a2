namespace Xuanwu.Flink.Rest;

/// <summary>Limits of one call to a JobManager.</summary>
public sealed record FlinkRestOptions
{
    public static FlinkRestOptions Default { get; } = new();

    /// <summary>Limit of one call, from connecting to the last byte.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The largest answer read, in bytes.</summary>
    public int MaxAnswerBytes { get; init; } = 16 << 20;
}
