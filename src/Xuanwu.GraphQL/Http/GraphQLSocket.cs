using System.Net.WebSockets;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Http;

/// <summary>
/// The server's side of the graphql-transport-ws protocol: queries, mutations and subscriptions over one WebSocket,
/// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
/// </summary>
public static class GraphQLSocket
{
    /// <summary>The value of Sec-WebSocket-Protocol.</summary>
    public const string Protocol = "graphql-transport-ws";

    /// <summary>
    /// Serves a connection until either side closes it. Never throws for what a client did. The socket is the caller's
    /// to dispose.
    /// </summary>
    /// <param name="engine">What runs the operations.</param>
    /// <param name="socket">An open socket. When it was opened without the protocol, it is closed with 4406.</param>
    /// <param name="accept">
    /// Gets the payload of <c>connection_init</c> (undefined when there is none) and gives what makes
    /// the services of each operation; null refuses the connection with 4403.
    /// </param>
    /// <param name="options">Limits.</param>
    /// <param name="stopping">The server stops: the connection is closed with 1001, so that clients come again.</param>
    public static async Task ServeAsync(
        GraphQLEngine engine,
        WebSocket socket,
        Func<JsonElement, ValueTask<Func<IServiceProvider>?>> accept,
        SocketOptions options,
        CancellationToken stopping)
    {
        using var connection = new SocketConnection(engine, socket, accept, options);
        await connection.ServeAsync(stopping);
    }
}
