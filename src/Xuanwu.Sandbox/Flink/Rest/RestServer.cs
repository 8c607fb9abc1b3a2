using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>
/// A request, taken apart: the path without a leading version, the body as JSON or as an uploaded file.
/// </summary>
/// <param name="ApiVersion">The path's version (1 in /v1/jobs), or null when it has none.</param>
internal sealed record RestCall(
    string Method, int? ApiVersion, string[] Path, IQueryCollection Query, JsonObject Body,
    (string Name, long Size)? File)
{
    public string? Query1(string name) => Query.TryGetValue(name, out var values) ? values.ToString() : null;

    public string? Text(string field) => Body[field] is JsonValue value ? value.ToString() : null;

    public bool Flag(string field) =>
        Body[field] is JsonValue value && value.ToString().Equals("true", StringComparison.OrdinalIgnoreCase);

    /// <exception cref="RestFailure">400: the body has a field that the request does not know.</exception>
    public void Accepts(string request, params ReadOnlySpan<string> fields)
    {
        foreach (var (name, _) in Body)
        {
            if (!fields.Contains(name)) throw new RestFailure(400, $"Request did not match expected format {request}.");
        }
    }
}

/// <summary>An answer: JSON, or a text of another kind.</summary>
internal sealed record RestReply(
    int Status, JsonNode? Json, string? Text = null, string ContentType = "application/json; charset=UTF-8")
{
    public static RestReply Ok(JsonNode json) => new(200, json);

    public static RestReply Accepted(JsonNode json) => new(202, json);

    public static RestReply Error(int status, params IEnumerable<string> errors) =>
        new(status, new JsonObject { ["errors"] = new JsonArray([.. errors.Select(error => (JsonNode)error)]) });
}

/// <summary>Ends a request with an error body.</summary>
internal sealed class RestFailure(int status, params string[] errors) : Exception(errors[0])
{
    public int Status { get; } = status;

    public IReadOnlyList<string> Errors { get; } = errors;

    /// <summary>
    /// The form of an exception that no handler expected (AbstractHandler): its stack trace is the second error.
    /// </summary>
    public static RestFailure Internal(JavaThrowable throwable) => new(500,
        "Internal server error.",
        $"<Exception on server side:\n{throwable.StackTrace}\nEnd of exception on server side>");
}

/// <summary>Flink's REST server, as far as all its endpoints are alike: paths, bodies, errors.</summary>
internal static class RestServer
{
    private const long LargestUpload = 512L << 20;

    private static readonly JsonSerializerOptions Plain =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static RequestDelegate Serve(Func<RestCall, RestReply> answer) => async context =>
    {
        RestReply reply;
        try
        {
            reply = answer(await ReadAsync(context));
        }
        catch (RestFailure failure)
        {
            reply = RestReply.Error(failure.Status, failure.Errors);
        }
        catch (FlinkFailure failure)
        {
            var internalError = RestFailure.Internal(failure.Throwable);
            reply = RestReply.Error(internalError.Status, internalError.Errors);
        }

        context.Response.StatusCode = reply.Status;
        context.Response.ContentType = reply.ContentType;
        context.Response.Headers.AccessControlAllowOrigin = "*";
        var bytes = reply.Text is { } text
            ? Encoding.UTF8.GetBytes(text)
            : JsonSerializer.SerializeToUtf8Bytes(reply.Json, Plain);
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    };

    private static async Task<RestCall> ReadAsync(HttpContext context)
    {
        var path = (context.Request.Path.Value ?? "/").Split('/', StringSplitOptions.RemoveEmptyEntries);
        int? version = null;
        if (path is [['v', var digit], ..] && char.IsAsciiDigit(digit))
        {
            version = digit - '0';
            path = path[1..];
        }

        var (body, file) = await ReadBodyAsync(context.Request, context.RequestAborted);
        return new RestCall(context.Request.Method, version, path, context.Request.Query, body, file);
    }

    private static async Task<(JsonObject, (string, long)?)> ReadBodyAsync(HttpRequest request, CancellationToken ct)
    {
        if (request.HasFormContentType)
        {
            if (request.ContentLength > LargestUpload) throw new RestFailure(413, "The upload is too large.");
            var form = await request.ReadFormAsync(ct);
            return form.Files is [var file, ..] ? ([], (file.FileName, file.Length)) : ([], null);
        }

        using var copy = new MemoryStream();
        await request.Body.CopyToAsync(copy, ct);
        if (copy.Length == 0) return ([], null);
        try
        {
            return (JsonNode.Parse(copy.ToArray()) as JsonObject ?? throw new RestFailure(400, "Bad request received."),
                null);
        }
        catch (JsonException)
        {
            throw new RestFailure(400, "Bad request received.");
        }
    }
}
