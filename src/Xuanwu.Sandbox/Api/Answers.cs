using System.Globalization;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>Writing JSON answers.</summary>
internal static class Answers
{
    public static Task SendAsync(HttpContext context, Stored stored, int code = 200) =>
        SendAsync(context, stored.Json, code);

    public static Task SendAsync(HttpContext context, JsonObject o, int code = 200) =>
        SendAsync(context, Json.Write(o), code);

    public static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json, int code = 200)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    public static Task SuccessAsync(HttpContext context, ResourceKind kind, Stored gone) =>
        SendAsync(context, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = new JsonObject
            {
                ["name"] = gone.Name,
                ["group"] = kind.Group,
                ["kind"] = kind.Plural,
                ["uid"] = gone.Uid,
            },
        });

    public static Task FailAsync(HttpContext context, ApiFailure failure)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        if (failure.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        return SendAsync(context, failure.Status(), failure.Code);
    }
}
