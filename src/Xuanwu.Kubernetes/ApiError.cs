using System.Net;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>
/// A call failed. Either the API server said so in a Status object (<see cref="IsAnswer"/>), or nothing that can be
/// believed came back: no connection, a time-out, a proxy's HTML page. The second kind says nothing about the object
/// asked for; only <see cref="IsNotFound"/> means that it is absent. Messages never hold credentials.
/// </summary>
public sealed class ApiError : Exception
{
    internal ApiError(
        HttpStatusCode? status,
        string reason,
        string message,
        bool isAnswer = false,
        JsonObject? details = null,
        TimeSpan? retryAfter = null,
        Exception? inner = null)
        : base(message, inner)
    {
        Status = status;
        Reason = reason;
        IsAnswer = isAnswer;
        RetryAfter = retryAfter;
        ObjectName = KubernetesObject.Text(details?["name"]);
        ObjectPlural = KubernetesObject.Text(details?["kind"]);
        Causes = details?["causes"] is JsonArray causes
            ? [.. causes.OfType<JsonObject>().Select(ApiErrorCause.Of)]
            : [];
    }

    /// <summary>The HTTP status; null when no answer came.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>
    /// The Status object's machine-readable reason (<c>NotFound</c>, <c>Conflict</c>, <c>AlreadyExists</c>,
    /// <c>Invalid</c>, <c>Forbidden</c>, <c>Expired</c>, …), or when there is none: <c>Unreachable</c>,
    /// <c>Timeout</c>, <c>UntrustedCertificate</c>, <c>Credentials</c>, <c>Unreadable</c>, and from the HTTP status
    /// <c>Unauthorized</c> or <c>TooManyRequests</c>.
    /// </summary>
    public string Reason { get; }

    /// <summary>Whether the API server itself spoke, in a Status object.</summary>
    public bool IsAnswer { get; }

    /// <summary>Name of the object the answer is about, when it says so.</summary>
    public string? ObjectName { get; }

    /// <summary>Plural kind of the object the answer is about, when it says so.</summary>
    public string? ObjectPlural { get; }

    /// <summary>The fields found wrong (Invalid), or owned by others (Conflict of an apply).</summary>
    public IReadOnlyList<ApiErrorCause> Causes { get; }

    /// <summary>How long the server asked to wait before the next try.</summary>
    public TimeSpan? RetryAfter { get; }

    public bool IsNotFound => IsAnswer && Reason == "NotFound";
    public bool IsConflict => IsAnswer && Reason == "Conflict";
    public bool IsAlreadyExists => IsAnswer && Reason == "AlreadyExists";
    public bool IsInvalid => IsAnswer && Reason is "Invalid" or "BadRequest";

    /// <summary>The resource version or continue token asked for is too old: list again.</summary>
    public bool IsGone => IsAnswer && (Status == HttpStatusCode.Gone || Reason is "Gone" or "Expired");

    public bool IsForbidden => Status == HttpStatusCode.Forbidden;
    public bool IsUnauthorized => Status == HttpStatusCode.Unauthorized;

    /// <summary>Nothing that can be believed came back: the state of the object is unknown.</summary>
    public bool IsUnreachable => !IsAnswer;

    /// <summary>The same call may succeed later, unchanged.</summary>
    public bool IsTransient => IsUnreachable || Status is
        HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or HttpStatusCode.InternalServerError or
        HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    /// <summary>Reads a Status object; null when the JSON is something else.</summary>
    internal static ApiError? FromStatus(string call, HttpStatusCode http, JsonObject json, TimeSpan? retryAfter = null)
    {
        if (new KubernetesObject(json) is not { KindName: "Status", ApiVersion: "v1" }) return null;

        var status = json["code"] is JsonValue it && it.TryGetValue(out int code) ? (HttpStatusCode)code : http;
        var reason = KubernetesObject.Text(json["reason"]) is { Length: > 0 } given ? given : "Unknown";
        var message = KubernetesObject.Text(json["message"]) is { Length: > 0 } text ? text : reason;
        var details = json["details"] as JsonObject;
        if (details?["retryAfterSeconds"] is JsonValue wait && wait.TryGetValue(out int seconds) && seconds > 0)
        {
            retryAfter ??= TimeSpan.FromSeconds(seconds);
        }

        return new(status, reason, $"{call}: {(int)status} {reason}: {message}", isAnswer: true, details, retryAfter);
    }
}

/// <summary>One field that is wrong, and why.</summary>
public sealed record ApiErrorCause(string Reason, string Message, string Field)
{
    internal static ApiErrorCause Of(JsonObject json) => new(
        KubernetesObject.Text(json["reason"]) ?? "",
        KubernetesObject.Text(json["message"]) ?? "",
        KubernetesObject.Text(json["field"]) ?? "");
}
