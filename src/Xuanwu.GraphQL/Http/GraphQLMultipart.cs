using System.Buffers;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Http;

/// <summary>
/// Responses in parts as <c>multipart/mixed</c>, the transport of incremental delivery over HTTP: for queries with
/// <c>@defer</c> from clients that accept it.
/// </summary>
public static class GraphQLMultipart
{
    /// <summary>The media type to ask for.</summary>
    public const string MediaType = "multipart/mixed";

    /// <summary>Value of Content-Type.</summary>
    public const string ContentType = "multipart/mixed; boundary=\"-\"";

    /// <summary>
    /// The response in parts that the call asks for. Null when the call is one for <see cref="GraphQLHttp"/>: it
    /// does not accept parts, nothing in it is deferred, or it is wrong. Nothing has been run then.
    /// </summary>
    public static async ValueTask<MultipartResponse?> OpenAsync(
        GraphQLEngine engine, HttpCall call, RequestContext context, CancellationToken cancellationToken = default)
    {
        if (MediaTypes.QualityOf(call.Accept, MediaType) <= 0) return null;
        if (call.Method != "POST" || !MediaTypes.IsJson(call.ContentType)) return null;
        var parsed = RequestParser.FromBody(call.Body);
        if (parsed.Request is { } request)
        {
            var stream = await engine.SubscribeAsync(
                request with { AcceptsParts = true }, context, cancellationToken);
            if (stream is IncrementalStream) return new MultipartResponse(stream, parsed);
            await stream.DisposeAsync();
        }

        parsed.Dispose();
        return null;
    }
}

/// <summary>A response in parts. Dispose it when it has been sent, or cannot be.</summary>
public sealed class MultipartResponse : IAsyncDisposable
{
    private static readonly byte[] Head =
        "\r\n---\r\nContent-Type: application/json; charset=utf-8\r\n\r\n"u8.ToArray();
    private static readonly byte[] End = "\r\n-----\r\n"u8.ToArray();
    private readonly ResponseStream stream;
    private readonly ParsedRequest parsed;

    internal MultipartResponse(ResponseStream stream, ParsedRequest parsed) =>
        (this.stream, this.parsed) = (stream, parsed);

    /// <summary>
    /// Sends every part as soon as it is there. The response's headers are the caller's: status 200 and
    /// <see cref="GraphQLMultipart.ContentType"/>.
    /// </summary>
    public async Task SendAsync(Stream output, CancellationToken cancellationToken)
    {
        var part = new ArrayBufferWriter<byte>();
        part.Write(Head);
        while (await stream.NextAsync(part))
        {
            await output.WriteAsync(part.WrittenMemory, cancellationToken);
            await output.FlushAsync(cancellationToken);
            part.ResetWrittenCount();
            part.Write(Head);
        }

        await output.WriteAsync(End, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        parsed.Dispose();
    }
}
