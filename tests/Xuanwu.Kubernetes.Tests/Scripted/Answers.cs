using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Xuanwu.Kubernetes.Tests;

public delegate Task Answer(HttpContext context);

/// <summary>What a scripted server may answer.</summary>
public static class Answers
{
    public static Answer Json(JsonNode json, int status = 200) => Text(json.ToJsonString(), "application/json", status);

    public static Answer Text(string text, string contentType, int status = 200) => context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(text);
    };

    public static Answer Html(int status) => Text("<html><body>Nothing to see</body></html>", "text/html", status);

    public static JsonObject StatusBody(
        int code, string reason, string message = "it is so", JsonObject? details = null)
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = message,
            ["reason"] = reason,
            ["code"] = code,
        };
        if (details is not null) status["details"] = details;
        return status;
    }

    public static Answer Status(int code, string reason, JsonObject? details = null) =>
        Json(StatusBody(code, reason, details: details), code);

    public static Answer Success { get; } =
        Json(new JsonObject { ["kind"] = "Status", ["apiVersion"] = "v1", ["status"] = "Success" });

    public static Answer NotFound(string plural, string name) =>
        Status(404, "NotFound", new() { ["name"] = name, ["kind"] = plural });

    public static Answer RetryAfter(int seconds, Answer answer) => context =>
    {
        context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return answer(context);
    };

    /// <summary>The connection is reset before anything is answered.</summary>
    public static Task Reset(HttpContext context)
    {
        context.Abort();
        return Task.CompletedTask;
    }

    /// <summary>
    /// The connection is reset when the test says so; a reset takes with it what the client has not read yet.
    /// </summary>
    public static Answer ResetOn(Task signal) => async context =>
    {
        await signal;
        context.Abort();
    };

    /// <summary>No answer until the client goes away.</summary>
    public static async Task Silence(HttpContext context)
    {
        var gone = new TaskCompletionSource();
        using var aborted = context.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>Half of an object, then the connection is reset.</summary>
    public static async Task Truncated(HttpContext context)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = 1000;
        await context.Response.WriteAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"na""");
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    /// <summary>Chunks of text, each flushed; then what <paramref name="then"/> does, or a proper end.</summary>
    public static Answer Stream(
        IEnumerable<string> chunks, Answer? then = null, string type = "application/json") => async context =>
    {
        context.Response.ContentType = type;
        await context.Response.Body.FlushAsync();
        foreach (var chunk in chunks)
        {
            await context.Response.WriteAsync(chunk);
            await context.Response.Body.FlushAsync();
        }

        if (then is not null) await then(context);
    };

    /// <summary>Events of a watch, each on its line.</summary>
    public static Answer Watch(Answer? then, params JsonObject[] events) =>
        Stream(events.Select(it => it.ToJsonString() + "\n"), then);

    public static JsonObject Event(string type, JsonObject body) => new() { ["type"] = type, ["object"] = body };

    public static JsonObject ConfigMap(string name, string version, string uid = "", string value = "") => new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = "default",
            ["uid"] = uid.Length == 0 ? "uid-" + name : uid,
            ["resourceVersion"] = version,
            ["labels"] = new JsonObject { ["app"] = name },
        },
        ["data"] = new JsonObject { ["value"] = value },
    };

    public static JsonObject Bookmark(string version) => Event("BOOKMARK", new()
    {
        ["apiVersion"] = "v1",
        ["kind"] = "ConfigMap",
        ["metadata"] = new JsonObject { ["resourceVersion"] = version },
    });

    /// <summary>A list as the API sends it: the items name no kind.</summary>
    public static Answer List(string version, string? next, params JsonObject[] items)
    {
        foreach (var item in items)
        {
            item.Remove("kind");
            item.Remove("apiVersion");
        }

        var metadata = new JsonObject { ["resourceVersion"] = version };
        if (next is not null) metadata["continue"] = next;
        return Json(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMapList",
            ["metadata"] = metadata,
            ["items"] = new JsonArray([.. items]),
        });
    }
}
