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

    /// <summary>What answers there. Absent never: a gateway that is not one cannot say so.</summary>
    public Task<Probe<GatewayProduct>> ProductAsync(CancellationToken ct) => ProbeAsync<GatewayProduct>(
        HttpMethod.Get,
        "v1/info",
        body: null,
        json => json.Text("productName") is { } name ? [new(name, json.Text("version") ?? "")] : [],
        ct);

    /// <summary>
    /// Opens a session: its settings, catalogs and temporary tables live in the gateway's memory, and end with it.
    /// </summary>
    /// <param name="properties">Settings that the session begins with.</param>
    /// <param name="ct">Gives up waiting; a session that was opened all the same ends by its idle timeout.</param>
    /// <param name="name">A name for people.</param>
    /// <exception cref="GatewayError">The gateway refused.</exception>
    /// <exception cref="GatewayUnreachable">Nothing that can be believed came back.</exception>
    public async Task<SqlGatewaySession> OpenSessionAsync(
        IReadOnlyDictionary<string, string> properties, CancellationToken ct, string? name = null)
    {
        var version = await VersionAsync(ct);
        var body = new Dictionary<string, object> { ["properties"] = properties };
        if (name is not null) body["sessionName"] = name;
        var answer = await CallAsync(
            HttpMethod.Post, string.Create(CultureInfo.InvariantCulture, $"v{version}/sessions"), body, ct);
        var handle = answer.Text("sessionHandle") ?? throw new GatewayUnreachable(
            "The gateway opened a session without a handle.");
        return new(this, version, handle);
    }

    /// <summary>
    /// A session that was opened before, by its handle; whether it is still there shows its heartbeat.
    /// </summary>
    public SqlGatewaySession Session(string handle) => new(this, version: 1, handle);

    internal async Task<JsonElement> CallAsync(
        HttpMethod method, string path, Dictionary<string, object>? body, CancellationToken ct)
    {
        var answer = await SendAsync(method, path, body, ct);
        if (answer.IsOk) return answer.Json;
        if (Said(answer) is not { } error) throw new GatewayUnreachable(answer.Reason, answer.Cause);
        throw error.IsForgotten ? new SessionLost(error.Message, error) : error;
    }

    /// <summary>
    /// A question that can be repeated. Absent is the gateway's own word that it has forgotten the session or the
    /// operation; what else it says went wrong is an answer only to who asks for that, and unknown to others.
    /// </summary>
    internal async Task<Probe<T>> ProbeAsync<T>(
        HttpMethod method,
        string path,
        Dictionary<string, object>? body,
        Func<JsonElement, T[]> read,
        CancellationToken ct,
        Func<GatewayError, T>? failed = null)
    {
        var answer = await SendAsync(method, path, body, ct);
        if (answer.IsOk)
        {
            return read(answer.Json) is [var value] ? new Exists<T>(value) : new Unknown<T>(answer.Reason);
        }

        return Said(answer) switch
        {
            { IsForgotten: true } error => new Absent<T>(error.Message),
            { } error when failed is not null => new Exists<T>(failed(error)),
            var error => new Unknown<T>(answer.Reason, error ?? answer.Cause),
        };
    }

    // The gateway tells every error of a statement by a 500; what a proxy or an overloaded gateway answers is none.
    private static GatewayError? Said(FlinkAnswer answer) =>
        answer.Errors is { } errors
        && answer.Status is not (HttpStatusCode.NotFound or HttpStatusCode.TooManyRequests
            or > HttpStatusCode.InternalServerError)
            ? new(errors)
            : null;

    private Task<FlinkAnswer> SendAsync(
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

/// <summary>What a gateway says that it is.</summary>
/// <param name="Name">Apache Flink, and a word of Xuanwu's sandbox when it is that.</param>
/// <param name="Version">The Flink release.</param>
public sealed record GatewayProduct(string Name, string Version)
{
    /// <summary>Whether no SQL is executed there: rows are made up, of the right columns and types.</summary>
    public bool IsSimulated => Name.Contains("Xuanwu sandbox", StringComparison.Ordinal);
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
