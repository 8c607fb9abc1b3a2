using System.Text.Json;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;

namespace Xuanwu.Server.Http;

/// <summary>GraphQL over WebSockets at /graphql, by the graphql-transport-ws protocol.</summary>
internal static class SocketEndpoint
{
    /// <summary>A connection whose other end is silently gone is found out by pings of the WebSocket protocol.</summary>
    public static readonly WebSocketOptions Options = new()
    {
        KeepAliveInterval = TimeSpan.FromSeconds(15),
        KeepAliveTimeout = TimeSpan.FromSeconds(15),
    };

    public static async Task HandleAsync(GraphQLEngine engine, HttpContext http)
    {
        // Browsers let any page open a WebSocket to any address, but say from which page.
        if (!IsSameOrigin(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            await http.Response.WriteAsync("Only pages of this server may connect.\n", http.RequestAborted);
            return;
        }

        var protocol = http.WebSockets.WebSocketRequestedProtocols.Contains(GraphQLSocket.Protocol)
            ? GraphQLSocket.Protocol : null;
        var log = http.RequestServices.GetRequiredService<ILogger<GraphQLEngine>>();
        using var socket = await http.WebSockets.AcceptWebSocketAsync(protocol);
        await GraphQLSocket.ServeAsync(
            engine,
            socket,
            payload => ValueTask.FromResult(Accept(http, payload)),
            new SocketOptions { OnError = wrong => log.LogError(wrong, "A WebSocket connection failed.") },
            http.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
    }

    // A browser cannot set headers of a WebSocket; it names the user in the payload of connection_init.
    private static Func<IServiceProvider>? Accept(HttpContext http, JsonElement payload)
    {
        var user = http.Request.Headers[Caller.Header].ToString();
        if (payload.ValueKind == JsonValueKind.Object)
        {
            foreach (var given in payload.EnumerateObject())
            {
                if (!given.Name.Equals(Caller.Header, StringComparison.OrdinalIgnoreCase)) continue;
                if (given.Value.ValueKind != JsonValueKind.String) return null;
                user = given.Value.GetString()!;
            }
        }

        if (Caller.Of(user) is null) return null;
        return () => new CallerServices(http.RequestServices, Caller.Of(user)!);
    }

    private static bool IsSameOrigin(HttpRequest request)
    {
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || (Uri.TryCreate(origin, UriKind.Absolute, out var page)
            && page.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }
}
