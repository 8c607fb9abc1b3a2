using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>One thing that is wrong with an object, as Status.details.causes has it.</summary>
internal sealed record Cause(string Reason, string Message, string Field)
{
    public static Cause Required(string field, string hint = "") =>
        new("FieldValueRequired", hint.Length == 0 ? "Required value" : $"Required value: {hint}", field);

    public static Cause Invalid(string field, string? value, string why) =>
        new("FieldValueInvalid", $"Invalid value: {Quote(value)}: {why}", field);

    public static Cause NotSupported(string field, string? value, params string[] known) =>
        new("FieldValueNotSupported",
            $"Unsupported value: {Quote(value)}: supported values: {string.Join(", ", known.Select(Quote))}", field);

    public static Cause Duplicate(string field, string? value) =>
        new("FieldValueDuplicate", $"Duplicate value: {Quote(value)}", field);

    public static Cause NotFound(string field, string? value) =>
        new("FieldValueNotFound", $"Not found: {Quote(value)}", field);

    private static string Quote(string? value) => value is null ? "null" : Store.Json.Quote(value);
}

/// <summary>
/// A refusal of the API, worded as kube-apiserver words it (k8s.io/apimachinery/pkg/api/errors), sent as a Status
/// object.
/// </summary>
internal sealed class ApiFailure(int code, string reason, string message, JsonObject? details = null)
    : Exception(message)
{
    public int Code { get; } = code;

    public string Reason { get; } = reason;

    public int? RetryAfterSeconds { get; init; }

    /// <summary>Status.metadata.continue: how to go on with an expired list.</summary>
    public string? Continue { get; init; }

    public JsonObject Status()
    {
        var metadata = new JsonObject();
        if (Continue is not null) metadata["continue"] = Continue;
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = metadata,
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        var about = details?.DeepClone().AsObject();
        if (RetryAfterSeconds is { } seconds)
        {
            about ??= [];
            about["retryAfterSeconds"] = seconds;
        }

        if (about is not null) status["details"] = about;
        status["code"] = Code;
        return status;
    }

    public static ApiFailure NotFound(ResourceKind kind, string name) =>
        new(404, "NotFound", $"{kind.Qualified} \"{name}\" not found", About(kind, name, kind.Plural));

    public static ApiFailure NoSuchResource() =>
        new(404, "NotFound", "the server could not find the requested resource", []);

    public static ApiFailure AlreadyExists(ResourceKind kind, string name) =>
        new(409, "AlreadyExists", $"{kind.Qualified} \"{name}\" already exists", About(kind, name, kind.Plural));

    public static ApiFailure Modified(ResourceKind kind, string name) => Conflict(
        kind, name, "the object has been modified; please apply your changes to the latest version and try again");

    public static ApiFailure Conflict(ResourceKind kind, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {kind.Qualified} \"{name}\": {why}",
            About(kind, name, kind.Plural));

    public static ApiFailure ApplyConflict(string message, IEnumerable<Cause> causes) =>
        new(409, "Conflict", message, new JsonObject { ["causes"] = Causes(causes) });

    public static ApiFailure Invalid(ResourceKind kind, string name, IReadOnlyList<Cause> causes) =>
        Invalid(kind.Group.Length == 0 ? kind.Name : $"{kind.Name}.{kind.Group}", kind, name, causes);

    public static ApiFailure Invalid(string what, ResourceKind kind, string name, IReadOnlyList<Cause> causes)
    {
        var told = causes.Select(it => $"{it.Field}: {it.Message}").ToArray();
        var list = told.Length == 1 ? told[0] : $"[{string.Join(", ", told)}]";
        var about = About(kind, name, kind.Name);
        about["causes"] = Causes(causes);
        return new ApiFailure(422, "Invalid", $"{what} \"{name}\" is invalid: {list}", about);
    }

    public static ApiFailure BadRequest(string message) => new(400, "BadRequest", message);

    public static ApiFailure Expired(long asked, long oldest) =>
        new(410, "Expired", $"too old resource version: {asked} ({oldest})");

    public static ApiFailure Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    public static ApiFailure MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", []);

    public static ApiFailure UnsupportedMediaType(params string[] accepted) =>
        new(415, "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: " +
            string.Join(", ", accepted));

    private static JsonObject About(ResourceKind kind, string name, string named)
    {
        var about = new JsonObject { ["name"] = name };
        if (kind.Group.Length > 0) about["group"] = kind.Group;
        about["kind"] = named;
        return about;
    }

    private static JsonArray Causes(IEnumerable<Cause> causes) => Store.Json.Array(causes.Select(it => new JsonObject
    {
        ["reason"] = it.Reason,
        ["message"] = it.Message,
        ["field"] = it.Field,
    }));
}
