using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Http;

/// <summary>
/// What to send: the status, the content type, and headers that belong to it; the body has been written.
/// </summary>
/// <param name="Status">HTTP status code.</param>
/// <param name="ContentType">Value of Content-Type.</param>
/// <param name="Allow">Value of Allow for status 405; null otherwise.</param>
public readonly record struct HttpResult(int Status, string ContentType, string? Allow = null)
{
    /// <summary>Further headers; null when there are none.</summary>
    public IReadOnlyList<KeyValuePair<string, string>>? Headers { get; init; }
}

/// <summary>An HTTP request as the endpoint sees it.</summary>
/// <param name="Method">GET or POST.</param>
/// <param name="ContentType">Value of Content-Type; null when there is none.</param>
/// <param name="Accept">Value of Accept; null when there is none.</param>
/// <param name="Body">The whole body, for POST.</param>
/// <param name="Query">The query string with or without its question mark, for GET.</param>
public readonly record struct HttpCall(
    string Method, string? ContentType, string? Accept, ReadOnlyMemory<byte> Body, string? Query)
{
    /// <summary>Value of If-None-Match.</summary>
    public string? IfNoneMatch { get; init; }

    /// <summary>Value of GraphQL-Cost: <c>report</c> asks for the operation's cost.</summary>
    public string? Cost { get; init; }

    /// <summary>
    /// Whether a header is there that a page of another site can send only after the browser has asked: one of
    /// <see cref="GraphQLHttp.PreflightHeaders"/>.
    /// </summary>
    public bool IsPreflighted { get; init; }

    /// <summary>Whether the browser says that a page of another site sends this: Sec-Fetch-Site cross-site.</summary>
    public bool IsCrossSite { get; init; }
}

/// <summary>
/// GraphQL over HTTP (draft of the GraphQL-over-HTTP specification) without a web framework: POST with JSON, and GET
/// for queries. Content types that a browser sends across sites without asking are not read, which keeps forged
/// requests out.
/// </summary>
public static class GraphQLHttp
{
    private static readonly KeyValuePair<string, string>[] RetrySoon = [new("Retry-After", "1")];
    private static readonly KeyValuePair<string, string>[] NotStored = [new("Cache-Control", "no-store")];

    /// <summary>Headers of which any shows that a request was not sent by a page of another site unasked.</summary>
    public static IReadOnlyList<string> PreflightHeaders { get; } =
        ["GraphQL-Preflight", "Apollo-Require-Preflight", "X-Apollo-Operation-Name"];

    /// <summary>Runs the call and writes the response's body. Never throws for what a client did.</summary>
    public static ValueTask<HttpResult> HandleAsync(
        GraphQLEngine engine,
        HttpCall call,
        RequestContext context,
        IBufferWriter<byte> output,
        CancellationToken cancellationToken = default) =>
        HandleAsync(engine, call, context, output, HttpOptions.Default, cancellationToken);

    /// <summary>Runs the call under other limits and writes the response's body.</summary>
    public static ValueTask<HttpResult> HandleAsync(
        GraphQLEngine engine,
        HttpCall call,
        RequestContext context,
        IBufferWriter<byte> output,
        HttpOptions options,
        CancellationToken cancellationToken = default)
    {
        var isGet = call.Method is "GET" or "HEAD";
        if (isGet && options.Sdl && call.Query is "?sdl" or "sdl") return new(Sdl(engine, output));
        if (MediaTypes.Negotiate(call.Accept) is not { } media)
        {
            return new(Fail(output, MediaTypes.Json, 406, ErrorCodes.NotAcceptable,
                $"This endpoint writes {MediaTypes.Response} and {MediaTypes.Json} alone."));
        }

        if (isGet) return GetAsync(engine, call, media, context, output, options, cancellationToken);
        if (call.Method != "POST")
        {
            return new(Fail(
                output, media, 405, ErrorCodes.MethodNotAllowed, "Use POST, or GET for queries.", "GET, POST"));
        }

        if (!MediaTypes.IsJson(call.ContentType))
        {
            return new(Fail(output, media, 415, ErrorCodes.UnsupportedMediaType,
                "The body must be JSON in UTF-8: Content-Type application/json."));
        }

        if (call.Body.Length > options.MaxBodyBytes)
        {
            return new(Fail(output, media, 413, ErrorCodes.RequestTooLarge,
                $"The request has more than {options.MaxBodyBytes} bytes; send less."));
        }

        return options.MaxBatch > 0 && RequestParser.Batch(call.Body, options.MaxBatch) is { } batch
            ? BatchAsync(engine, call, batch, media, context, output, options, cancellationToken)
            : RunAsync(engine, call, RequestParser.FromBody(call.Body), media, context, output, cancellationToken);
    }

    private static async ValueTask<HttpResult> RunAsync(
        GraphQLEngine engine,
        HttpCall call,
        ParsedRequest parsed,
        string media,
        RequestContext context,
        IBufferWriter<byte> output,
        CancellationToken cancellationToken)
    {
        using (parsed)
        {
            if (parsed.Request is not { } request) return Fail(output, media, 400, parsed.Code, parsed.Fault!);
            if (call.Cost is not null) request = request with { ReportCost = call.Cost == "report" };
            return Result(await engine.ExecuteAsync(request, context, output, cancellationToken), media);
        }
    }

    private static HttpResult Result(ExecutionOutcome outcome, string media) => outcome switch
    {
        ExecutionOutcome.Executed => new HttpResult(200, Typed(media)),
        ExecutionOutcome.NotAQuery => new HttpResult(405, Typed(media), "POST"),
        ExecutionOutcome.Busy => new HttpResult(503, Typed(media)) { Headers = RetrySoon },
        // A well-formed request gets 200 in the older media type, whatever is wrong with its document.
        _ when media == MediaTypes.Json => new HttpResult(200, Typed(media)),
        ExecutionOutcome.TimedOut => new HttpResult(503, Typed(media)),
        _ => new HttpResult(400, Typed(media)),
    };

    // Answers to GET may be kept by the browser, with a tag by which it asks whether they still hold.
    private static async ValueTask<HttpResult> GetAsync(
        GraphQLEngine engine,
        HttpCall call,
        string media,
        RequestContext context,
        IBufferWriter<byte> output,
        HttpOptions options,
        CancellationToken cancellationToken)
    {
        if (!call.IsPreflighted && (call.IsCrossSite || options.RequirePreflight))
        {
            return Fail(output, media, 400, ErrorCodes.PreflightRequired,
                $"Send the header {PreflightHeaders[0]}: 1, by which pages of other sites are kept out.");
        }

        var body = new ArrayBufferWriter<byte>(1024);
        var parsed = RequestParser.FromQuery(call.Query);
        var result = await RunAsync(engine, call, parsed, media, context, body, cancellationToken);
        if (result.Status != 200 || body.WrittenSpan.StartsWith("{\"errors\""u8))
        {
            output.Write(body.WrittenSpan);
            return result with { Headers = result.Headers ?? NotStored };
        }

        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(body.WrittenSpan).AsSpan(0, 16))}\"";
        var headers = new KeyValuePair<string, string>[]
        {
            new("ETag", tag),
            new("Cache-Control", options.MaxAge > TimeSpan.Zero
                ? $"private, max-age={(long)options.MaxAge.TotalSeconds}" : "private, no-cache"),
            new("Vary", "Accept"),
        };
        if (Matches(call.IfNoneMatch, tag)) return new HttpResult(304, result.ContentType) { Headers = headers };
        output.Write(body.WrittenSpan);
        return result with { Headers = headers };
    }

    private static bool Matches(string? given, string tag) => given is not null && given.Split(',').Any(
        it => it.Trim() is "*" || it.Trim().Replace("W/", "", StringComparison.Ordinal) == tag);

    // One after the other: the limits of one request hold for each, and together they take no more than one at a time.
    private static async ValueTask<HttpResult> BatchAsync(
        GraphQLEngine engine,
        HttpCall call,
        List<ReadOnlyMemory<byte>> batch,
        string media,
        RequestContext context,
        IBufferWriter<byte> output,
        HttpOptions options,
        CancellationToken cancellationToken)
    {
        if (batch.Count == 0) return Fail(output, media, 400, ErrorCodes.InvalidRequest, "The batch is empty.");
        if (batch.Count > options.MaxBatch)
        {
            return Fail(output, media, 400, ErrorCodes.BatchTooLarge,
                $"A batch may have {options.MaxBatch} requests; send more batches.");
        }

        for (var i = 0; i < batch.Count; i++)
        {
            output.Write(i == 0 ? "["u8 : ","u8);
            await RunAsync(
                engine, call, RequestParser.FromBody(batch[i]), media, new RequestContext(context.Services), output,
                cancellationToken);
        }

        output.Write("]"u8);
        return new HttpResult(200, Typed(media));
    }

    private static HttpResult Sdl(GraphQLEngine engine, IBufferWriter<byte> output)
    {
        output.Write(Encoding.UTF8.GetBytes(SchemaPrinter.Print(engine.Schema)));
        return new HttpResult(200, "application/graphql; charset=utf-8");
    }

    private static string Typed(string media) =>
        media == MediaTypes.Json
            ? "application/json; charset=utf-8" : "application/graphql-response+json; charset=utf-8";

    private static HttpResult Fail(
        IBufferWriter<byte> output, string media, int status, string code, string message, string? allow = null)
    {
        ResponseWriter.WriteErrors(output, [new GraphQLError(message) { Code = code }]);
        return new HttpResult(status, Typed(media), allow);
    }
}
