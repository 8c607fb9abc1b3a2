using System.Buffers;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Http;

/// <summary>Times of an event stream.</summary>
public sealed record SseOptions
{
    /// <summary>After so long without an event a comment is sent, so that nobody between takes the stream for dead.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>How long a client may take to accept one event before its connection is cut.</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Responses as server-sent events, one connection for each operation: the "distinct connections mode" of graphql-sse,
/// https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md. Every kind of operation may be sent so; errors of
/// a request that is GraphQL arrive as an event, everything else as a plain response.
/// </summary>
public static class GraphQLSse
{
    /// <summary>The media type to ask for.</summary>
    public const string MediaType = "text/event-stream";

    /// <summary>
    /// Opens the stream that the call asks for. Null when the call is one for <see cref="GraphQLHttp"/>: it does not
    /// accept event streams, or it prefers JSON and is no subscription. Nothing has been run then.
    /// </summary>
    public static async ValueTask<SseResponse?> OpenAsync(
        GraphQLEngine engine, HttpCall call, RequestContext context, CancellationToken cancellationToken = default)
    {
        var wanted = MediaTypes.QualityOf(call.Accept, MediaType);
        if (wanted <= 0 || call.Method is not ("GET" or "POST")) return null;
        if (call.Method == "POST" && !MediaTypes.IsJson(call.ContentType)) return null;
        if (call is { Method: "GET", IsCrossSite: true, IsPreflighted: false }) return null;
        var prefersJson = Math.Max(
            MediaTypes.QualityOf(call.Accept, MediaTypes.Json),
            MediaTypes.QualityOf(call.Accept, MediaTypes.Response)) >= wanted;
        var parsed = call.Method == "GET" ? RequestParser.FromQuery(call.Query) : RequestParser.FromBody(call.Body);
        var lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        SseResponse? opened = null;
        try
        {
            if (parsed.Request is not { } request) return null;
            var stream = await engine.SubscribeAsync(request, context, lifetime.Token);
            if (stream.Outcome != ExecutionOutcome.NotAQuery && (stream.IsSubscription || !prefersJson))
            {
                return opened = new SseResponse(stream, parsed, lifetime);
            }

            await stream.DisposeAsync();
            return null;
        }
        finally
        {
            if (opened is null)
            {
                parsed.Dispose();
                lifetime.Dispose();
            }
        }
    }
}

/// <summary>An open stream. Dispose it when it has been sent, or cannot be.</summary>
public sealed class SseResponse : IAsyncDisposable
{
    private static readonly byte[] Head = "event: next\ndata: "u8.ToArray();
    private static readonly byte[] Complete = "event: complete\ndata:\n\n"u8.ToArray();
    private static readonly byte[] Comment = ":\n\n"u8.ToArray();

    private readonly ResponseStream stream;
    private readonly ParsedRequest parsed;
    private readonly CancellationTokenSource lifetime;

    internal SseResponse(ResponseStream stream, ParsedRequest parsed, CancellationTokenSource lifetime) =>
        (this.stream, this.parsed, this.lifetime) = (stream, parsed, lifetime);

    /// <summary>
    /// Sends events until the stream is complete. The response's headers are the caller's: status 200, Content-Type
    /// text/event-stream, Cache-Control no-cache. Throws <see cref="OperationCanceledException"/> when the cancellation
    /// that the stream was opened with ends it, or the client takes no more bytes; the connection must then be cut,
    /// since an end without a "complete" is what tells the client to come again.
    /// </summary>
    public async Task SendAsync(Stream output, SseOptions options)
    {
        using var sending = new SseOutput(output, options.SendTimeout, lifetime.Token);
        using var timer = new PeriodicTimer(options.KeepAlive);
        using var frame = new PooledBuffer(Head);
        await sending.SendAsync(Comment); // some browsers open a stream only when something has come
        Task<bool>? tick = null;
        var next = Task.FromResult(false);
        try
        {
            while (true)
            {
                next = stream.NextAsync(frame).AsTask();
                while (!next.IsCompleted)
                {
                    tick ??= timer.WaitForNextTickAsync(CancellationToken.None).AsTask();
                    if (await Task.WhenAny(next, tick) == next) break;
                    tick = null;
                    await sending.SendAsync(Comment);
                }

                if (!await next) break;
                await SendAsync(sending, frame);
            }

            if (stream.Errors.Count > 0)
            {
                stream.WriteErrors(frame);
                await SendAsync(sending, frame);
            }

            await sending.SendAsync(Complete);
        }
        finally
        {
            if (!next.IsCompleted)
            {
                await lifetime.CancelAsync();
                await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await stream.DisposeAsync();
        lifetime.Dispose();
        parsed.Dispose();
    }

    // The engine's JSON has no line breaks but for those inside a scalar that is JSON itself: there they are blanks.
    private static async ValueTask SendAsync(SseOutput sending, PooledBuffer frame)
    {
        frame.Replace((byte)'\n', (byte)' ');
        frame.Write("\n\n"u8);
        await sending.SendAsync(frame.Written);
        frame.Empty();
    }
}

/// <summary>Writes with a time limit for each write.</summary>
internal sealed class SseOutput(Stream output, TimeSpan limit, CancellationToken client) : IDisposable
{
    private readonly CancellationTokenSource sendLimit = CancellationTokenSource.CreateLinkedTokenSource(client);

    public async ValueTask SendAsync(ReadOnlyMemory<byte> bytes)
    {
        client.ThrowIfCancellationRequested();
        sendLimit.CancelAfter(limit);
        await output.WriteAsync(bytes, sendLimit.Token);
        await output.FlushAsync(sendLimit.Token);
        sendLimit.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => sendLimit.Dispose();
}
