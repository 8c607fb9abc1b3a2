using System.Globalization;
using System.Net;
using System.Text.Json;
using Xuanwu.Flink.Rest;

namespace Xuanwu.Flink.Gateway;

/// <summary>
/// One SQL gateway's REST API (docs, dev/table/sql-gateway/rest; the wire, where its OpenAPI file differs). Versions 1
/// to 4 are spoken, the highest that both sides know, and always named in the path, since what a path without a version
/// means has changed.
/// </summary>
/// <param name="http">A client whose BaseAddress is the gateway's root, such as a pod proxy's.</param>
/// <param name="options">Limits.</param>
public sealed class SqlGateway(HttpClient http, SqlGatewayOptions? options = null)
{
    private const int NewestKnown = 4;

    private readonly FlinkExchange exchange = new(
        http,
        FlinkExchange.WithSlash(http.BaseAddress),
        (options ?? SqlGatewayOptions.Default).Timeout,
        (options ?? SqlGatewayOptions.Default).MaxAnswerBytes);

    public SqlGatewayOptions Options { get; } = options ?? SqlGatewayOptions.Default;

    /// <summary>
    /// Opens a session: its settings, catalogs and temporary tables live in the gateway's memory, and end with it.
    /// </summary>
    /// <exception cref="GatewayError">The gateway refused.</exception>
    /// <exception cref="GatewayUnreachable">Nothing that can be believed came back.</exception>
    public async Task<SqlGatewaySession> OpenSessionAsync(
        IReadOnlyDictionary<string, string> properties, CancellationToken ct)
    {
        var version = await VersionAsync(ct);
        var path = string.Create(CultureInfo.InvariantCulture, $"v{version}/sessions");
        var answer = await CallAsync(HttpMethod.Post, path, new() { ["properties"] = properties }, ct);
        var handle = answer.Text("sessionHandle") ?? throw new GatewayUnreachable(
            "The gateway opened a session without a handle.");
        return new(this, version, $"{path}/{Uri.EscapeDataString(handle)}");
    }

    internal async Task<JsonElement> CallAsync(
        HttpMethod method, string path, Dictionary<string, object>? body, CancellationToken ct)
    {
        var answer = await SendAsync(method, path, body, ct);
        if (answer.IsOk) return answer.Json;

        // The gateway tells every error of a statement by a 500; what a proxy or an overloaded gateway answers is none.
        if (answer.Errors is not { } errors
            || answer.Status is HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests
            || answer.Status > HttpStatusCode.InternalServerError)
        {
            throw new GatewayUnreachable(answer.Reason, answer.Cause);
        }

        var error = new GatewayError(errors);
        throw error.IsForgotten ? new GatewayUnreachable("The gateway has forgotten the session.", error) : error;
    }

    internal Task<FlinkAnswer> SendAsync(
        HttpMethod method, string path, Dictionary<string, object>? body, CancellationToken ct) =>
        exchange.SendAsync(method, path, body is null ? null : JsonSerializer.SerializeToElement(body), ct);

    // {"versions":["V1","V2"]}
    private async Task<int> VersionAsync(CancellationToken ct)
    {
        var answer = await CallAsync(HttpMethod.Get, "api_versions", body: null, ct);
        var version = answer.Items("versions")
            .Select(each => each.ValueKind == JsonValueKind.String ? each.GetString()!.TrimStart('V', 'v') : "")
            .Select(text =>
                int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(number => number is >= 1 and <= NewestKnown)
            .DefaultIfEmpty()
            .Max();
        return version > 0
            ? version
            : throw new GatewayUnreachable("The gateway speaks no version of its REST API that Xuanwu knows (1 to 4).");
    }
}

/// <summary>Limits of a gateway's use.</summary>
public sealed record SqlGatewayOptions
{
    public static SqlGatewayOptions Default { get; } = new();

    /// <summary>Limit of one call.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Limit of one statement, from its sending to its result; planning a large script takes its time.
    /// </summary>
    public TimeSpan StatementTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>First wait between two looks at a result; doubles up to a second.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The largest answer read, in bytes.</summary>
    public int MaxAnswerBytes { get; init; } = 16 << 20;

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
