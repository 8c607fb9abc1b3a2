using Microsoft.AspNetCore.Http.Features;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Net;

namespace Xuanwu.Sandbox.Faults;

/// <summary>Stands before a handler and applies the rules.</summary>
internal static class FaultFilter
{
    public static async Task InvokeAsync(FaultBoard board, FaultScope scope, HttpContext context, RequestDelegate next)
    {
        var (latency, rule) = board.Take(scope, context.Request);
        if (latency > TimeSpan.Zero) await Task.Delay(latency, context.RequestAborted);
        switch (rule?.Effect)
        {
            case null:
                await next(context);
                break;
            case FaultEffect.DropBefore:
                context.Reset();
                break;
            case FaultEffect.DropAfter:
                await BufferAsync(context, next);
                context.Reset();
                break;
            case FaultEffect.DropMidway:
                await CutAsync(board, context, next);
                break;
            case FaultEffect.Html:
                await HtmlPage.WriteAsync(context, rule.Status ?? 200);
                break;
            default:
                await RefuseAsync(scope, rule, context);
                break;
        }
    }

    private static async Task RefuseAsync(FaultScope scope, FaultRule rule, HttpContext context)
    {
        var status = rule.Status ?? 503;
        if (scope == FaultScope.Ingress)
        {
            if (rule.RetryAfterSeconds is { } seconds) context.Response.Headers.RetryAfter = $"{seconds}";
            await HtmlPage.WriteAsync(context, status);
            return;
        }

        var (reason, message) = status switch
        {
            429 => ("TooManyRequests", "the server has received too many requests and has asked us to try again later"),
            500 => ("InternalError", "Internal error occurred: the sandbox was asked to fail"),
            503 => ("ServiceUnavailable", "the server is currently unable to handle the request"),
            504 => ("Timeout", "the server was unable to return a response in the time allotted"),
            _ => ("Unknown", "the sandbox was asked to answer so"),
        };
        await Answers.FailAsync(context,
            new ApiFailure(status, reason, message) { RetryAfterSeconds = rule.RetryAfterSeconds });
    }

    // A watch or a followed log has no end to wait for: it is cut at the first bytes.
    private static async Task CutAsync(FaultBoard board, HttpContext context, RequestDelegate next)
    {
        var query = context.Request.Query;
        if (query.ContainsKey("watch") || query.ContainsKey("follow"))
        {
            var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
            await using var cut = new CutStream(body.Stream, context, board.CutAt(64) + 1);
            context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(cut, body));
            await next(context);
            context.Reset();
            return;
        }

        // Fewer bytes than announced: Kestrel ends the connection there.
        var whole = await BufferAsync(context, next);
        context.Response.ContentLength = whole.Length;
        await context.Response.Body.WriteAsync(
            whole.AsMemory(0, whole.Length < 2 ? 0 : 1 + board.CutAt(whole.Length - 1)));
        await context.Response.Body.FlushAsync();
    }

    private static async Task<byte[]> BufferAsync(HttpContext context, RequestDelegate next)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var kept = new MemoryStream();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(kept));
        await next(context);
        await context.Response.Body.FlushAsync();
        await context.Response.BodyWriter.FlushAsync();
        context.Features.Set(body);
        return kept.ToArray();
    }

    /// <summary>Lets some bytes through, then resets the connection.</summary>
    private sealed class CutStream(Stream inner, HttpContext context, int left) : Stream
    {
        private int _left = left;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var some = buffer[..Math.Min(_left, buffer.Length)];
            _left -= some.Length;
            await inner.WriteAsync(some, cancellationToken);
            await inner.FlushAsync(cancellationToken);
            if (_left == 0) context.Reset();
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => throw new NotSupportedException();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
