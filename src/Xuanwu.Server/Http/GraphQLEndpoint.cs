using System.Buffers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;
using Xuanwu.Server.GraphQL;

namespace Xuanwu.Server.Http;

/// <summary>The one public interface: GraphQL over HTTP at /graphql.</summary>
public static class GraphQLEndpoint
{
    /// <summary>Enough that a text ten times too long is still read and refused with a sentence.</summary>
    public const int MaxRequestBytes = 16 << 20;

    private static readonly HttpOptions Limits = new() { MaxBodyBytes = MaxRequestBytes, MaxBatch = 10 };

    public static void MapGraphQL(this WebApplication app)
    {
        var building = app.Services.GetRequiredService<EngineBuild>().Engine;
        var page = new GraphiQLPage(app.Configuration["XUANWU_GRAPHIQL"] ?? ".xuanwu/graphiql");
        page.Map(app);
        app.Map("/graphql", http =>
            GraphiQLPage.IsFor(http.Request) ? page.SendAsync(http) : HandleAsync(building, http));
        foreach (var path in (string[])["/graphql/schema", "/graphql/schema.graphql"])
        {
            app.MapGet(path, http => Results.Redirect("/graphql?sdl").ExecuteAsync(http));
        }
    }

    private static async Task HandleAsync(Task<GraphQLEngine> building, HttpContext http)
    {
        var engine = await building;
        if (http.WebSockets.IsWebSocketRequest)
        {
            await SocketEndpoint.HandleAsync(engine, http);
            return;
        }

        if (Caller.From(http) is not { } caller)
        {
            await RefuseAsync(
                http,
                400,
                "USER_INVALID",
                $"The header {Caller.Header} must be a name of 1 to 100 printable characters.");
            return;
        }

        byte[]? rented = null;
        try
        {
            var body = ReadOnlyMemory<byte>.Empty;
            if (HttpMethods.IsPost(http.Request.Method)) (body, rented) = await ReadAsync(http);
            var call = Call(http.Request, body);
            var context = new RequestContext(new CallerServices(http.RequestServices, caller));
            if (await SseEndpoint.TryHandleAsync(engine, call, context, http)) return;
            var output = new ArrayBufferWriter<byte>(4096);
            var result = await GraphQLHttp.HandleAsync(engine, call, context, output, Limits, http.RequestAborted);
            http.Response.StatusCode = result.Status;
            http.Response.ContentType = result.ContentType;
            if (result.Allow is not null) http.Response.Headers.Allow = result.Allow;
            foreach (var (name, value) in result.Headers ?? []) http.Response.Headers[name] = value;
            if (result.Status == StatusCodes.Status304NotModified) return;
            http.Response.ContentLength = output.WrittenCount;
            await http.Response.Body.WriteAsync(output.WrittenMemory, http.RequestAborted);
        }
        catch (BadHttpRequestException wrong) when (!http.Response.HasStarted)
        {
            var tooLarge = wrong.StatusCode == StatusCodes.Status413PayloadTooLarge;
            await RefuseAsync(
                http,
                wrong.StatusCode,
                tooLarge ? "REQUEST_TOO_LARGE" : "HC0012",
                tooLarge
                    ? $"The request has more than {MaxRequestBytes >> 20} MiB; send less."
                    : "The request's body ended before its end, or is not HTTP.");
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // the client has gone
        }
        finally
        {
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static HttpCall Call(HttpRequest request, ReadOnlyMemory<byte> body) => new(
        request.Method, request.ContentType, Text(request.Headers.Accept), body, request.QueryString.Value)
    {
        IfNoneMatch = Text(request.Headers.IfNoneMatch),
        Cost = Text(request.Headers["GraphQL-Cost"]),
        IsPreflighted = GraphQLHttp.PreflightHeaders.Any(request.Headers.ContainsKey),
        IsCrossSite = request.Headers["Sec-Fetch-Site"] == "cross-site",
    };

    private static async ValueTask<(ReadOnlyMemory<byte> Body, byte[] Rented)> ReadAsync(HttpContext http)
    {
        var buffer =
            ArrayPool<byte>.Shared.Rent((int)Math.Clamp(http.Request.ContentLength ?? 4096, 256, MaxRequestBytes));
        var length = 0;
        while (true)
        {
            if (length == buffer.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(buffer.Length * 2);
                buffer.AsSpan(0, length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(buffer);
                buffer = larger;
            }

            var read = await http.Request.Body.ReadAsync(buffer.AsMemory(length), http.RequestAborted);
            if (read == 0) return (buffer.AsMemory(0, length), buffer);
            length += read;
        }
    }

    private static async Task RefuseAsync(HttpContext http, int status, string code, string message)
    {
        var errors = new JsonArray(
            new JsonObject { ["message"] = message, ["extensions"] = new JsonObject { ["code"] = code } });
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json; charset=utf-8";
        await http.Response.WriteAsync(new JsonObject { ["errors"] = errors }.ToJsonString(), http.RequestAborted);
    }

    private static string? Text(StringValues header) => StringValues.IsNullOrEmpty(header) ? null : header.ToString();
}
