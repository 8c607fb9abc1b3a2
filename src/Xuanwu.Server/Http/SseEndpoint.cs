using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;

namespace Xuanwu.Server.Http;

/// <summary>GraphQL as server-sent events at /graphql, by the graphql-sse protocol.</summary>
internal static class SseEndpoint
{
    private static readonly SseOptions Options = new();

    /// <summary>False: the call wants no event stream, and nothing has been sent.</summary>
    public static async Task<bool> TryHandleAsync(
        GraphQLEngine engine, HttpCall call, RequestContext context, HttpContext http)
    {
        if (call.Accept?.Contains(GraphQLSse.MediaType, StringComparison.OrdinalIgnoreCase) != true) return false;
        var stopping = http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            await using var stream = await GraphQLSse.OpenAsync(engine, call, context, ending.Token);
            if (stream is null) return false;
            http.Response.ContentType = $"{GraphQLSse.MediaType}; charset=utf-8";
            http.Response.Headers.CacheControl = "no-cache";
            http.Response.Headers["X-Accel-Buffering"] = "no"; // nginx would hold events back
            await stream.SendAsync(http.Response.Body, Options);
        }
        catch (OperationCanceledException)
        {
            http.Abort();
        }

        return true;
    }
}
