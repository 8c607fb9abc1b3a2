namespace Xuanwu.Flink.Gateway;

/// <summary>One SQL gateway.</summary>
/// <param name="http">A client whose BaseAddress is the gateway's root, such as a pod proxy's.</param>
/// <param name="options">Limits.</param>
public sealed class SqlGateway(HttpClient http, SqlGatewayOptions? options = null)
{
    private readonly HttpClient http = http;

    public SqlGatewayOptions Options { get; } = options ?? SqlGatewayOptions.Default;
}

/// <summary>Limits of a gateway's use.</summary>
public sealed record SqlGatewayOptions
{
    public static SqlGatewayOptions Default { get; } = new();

    /// <summary>Limit of one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Limit of one statement, from its sending to its result; planning a large script takes its time.</summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>First wait between two looks at a result; doubles up to a second.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The largest answer read, in bytes.</summary>
    public int MaxAnswerBytes { get; init; } = 16 << 20;

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
