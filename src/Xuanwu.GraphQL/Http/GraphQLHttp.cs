using System.Buffers;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Http;

/// <summary>
/// What to send: the status, the content type, and headers that belong to it; the body has been written.
/// </summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="ContentType">Value of Content-Type.</param>
/// <param name="Allow">Value of Allow for status 405; null otherwise.</param>
public readonly record struct HttpResult(int Status, string ContentType, string? Allow = null);

/// <summary>An HTTP request as the endpoint sees it.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="ContentType">Value of Content-Type; null when there is none.</param>
/// <param name="Accept">Value of Accept; null when there is none.</param>
/// <param name="Body">The whole body, for POST.</param>
/// <param name="Query">The query string with or without its question mark, for GET.</param>
public readonly record struct HttpCall(
    string Method, string? ContentType, string? Accept, ReadOnlyMemory<byte> Body, string? Query);

/// <summary>
/// GraphQL over HTTP (draft of the GraphQL-over-HTTP specification) without a web framework: POST with JSON, and GET
/// for queries. Content types that a browser sends across sites without asking are not read, which keeps forged
/// requests out.
/// </summary>
public static class GraphQLHttp
{
    /// <summary>Runs the call and writes the response's body. Never throws for what a client did.</summary>
    public static async ValueTask<HttpResult> HandleAsync(
        GraphQLEngine engine,
        HttpCall call,
        RequestContext context,
        IBufferWriter<byte> output,
        CancellationToken cancellationToken = default)
    {
        if (MediaTypes.Negotiate(call.Accept) is not { } media)
        {
            return Fail(output, MediaTypes.Json, 406, ErrorCodes.NotAcceptable,
                $"This endpoint writes {MediaTypes.Response} and {MediaTypes.Json} alone.");
        }

        var isGet = call.Method is "GET" or "HEAD";
        if (!isGet && call.Method != "POST")
        {
            return Fail(output, media, 405, ErrorCodes.MethodNotAllowed, "Use POST, or GET for queries.", "GET, POST");
        }

        if (!isGet && !MediaTypes.IsJson(call.ContentType))
        {
            return Fail(output, media, 415, ErrorCodes.UnsupportedMediaType,
                "The body must be JSON in UTF-8: Content-Type application/json.");
        }

        using var parsed = isGet ? RequestParser.FromQuery(call.Query) : RequestParser.FromBody(call.Body);
        if (parsed.Request is not { } request)
        {
            return Fail(output, media, 400, parsed.Code, parsed.Fault!);
        }

        var outcome = await engine.ExecuteAsync(request, context, output, cancellationToken);
        return outcome switch
        {
            ExecutionOutcome.Executed => new HttpResult(200, Typed(media)),
            ExecutionOutcome.NotAQuery => new HttpResult(405, Typed(media), "POST"),
            // A well-formed request gets 200 in the older media type, whatever is wrong with its document.
            _ when media == MediaTypes.Json => new HttpResult(200, Typed(media)),
            ExecutionOutcome.TimedOut => new HttpResult(500, Typed(media)),
            _ => new HttpResult(400, Typed(media)),
        };
    }

    private static string Typed(string media) => media + "; charset=utf-8";

    private static HttpResult Fail(
        IBufferWriter<byte> output, string media, int status, string code, string message, string? allow = null)
    {
        ResponseWriter.WriteErrors(output, [new GraphQLError(message) { Code = code }]);
        return new HttpResult(status, Typed(media), allow);
    }
}
