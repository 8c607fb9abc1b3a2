using System.Net;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;

namespace Xuanwu.GraphQL.Tests.Http;

// Both ends of a WebSocket over a real TCP connection; the handshake, which is the web server's, is left out.
internal sealed class SocketClient : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly TcpClient client;
    private readonly TcpClient server;
    private readonly CancellationTokenSource stopping = new();

    private SocketClient(TcpClient client, TcpClient server, WebSocket clientSocket, Task serving)
    {
        (this.client, this.server, Socket) = (client, server, clientSocket);
        Serving = serving;
    }

    public WebSocket Socket { get; }

    /// <summary>Ends when the server has done with the connection.</summary>
    public Task Serving { get; private set; }

    public static async Task<SocketClient> OpenAsync(
        GraphQLEngine engine,
        SocketOptions? options = null,
        Func<JsonElement, ValueTask<Func<IServiceProvider>?>>? accept = null,
        string? protocol = GraphQLSocket.Protocol)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var client = new TcpClient { NoDelay = true };
        var connecting = client.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        var server = await listener.AcceptTcpClientAsync();
        await connecting;
        var near = WebSocket.CreateFromStream(client.GetStream(), false, protocol, TimeSpan.Zero);
        var far = WebSocket.CreateFromStream(server.GetStream(), true, protocol, TimeSpan.Zero);
        var made = new SocketClient(client, server, near, Task.CompletedTask);
        made.Serving = made.ServeAsync(
            engine, far, accept ?? (_ => new(() => new Nothing())), options ?? new SocketOptions());
        return made;
    }

    /// <summary>A connection that is acknowledged.</summary>
    public static async Task<SocketClient> InitialisedAsync(GraphQLEngine engine, SocketOptions? options = null)
    {
        var made = await OpenAsync(engine, options);
        await made.SendAsync("""{"type":"connection_init"}""");
        await made.ExpectAsync("""{"type":"connection_ack"}""");
        return made;
    }

    public Task SendAsync(string text, WebSocketMessageType type = WebSocketMessageType.Text, bool isEnd = true) =>
        Socket.SendAsync(Encoding.UTF8.GetBytes(text), type, isEnd, CancellationToken.None).WaitAsync(Limit);

    public Task SubscribeAsync(string id, string query) => SendAsync(new JsonObject
    {
        ["id"] = id,
        ["type"] = "subscribe",
        ["payload"] = new JsonObject { ["query"] = query },
    }.ToJsonString());

    /// <summary>The next message; null when the connection is closed.</summary>
    public async Task<string?> NextAsync()
    {
        var text = new ArraySegment<byte>(new byte[1 << 20]);
        var length = 0;
        while (true)
        {
            var part = await Socket.ReceiveAsync(text[length..], CancellationToken.None).WaitAsync(Limit);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            length += part.Count;
            if (part.EndOfMessage) return Encoding.UTF8.GetString(text[..length]);
        }
    }

    public async Task ExpectAsync(params string[] messages)
    {
        foreach (var message in messages) Assert.Equal(message, await NextAsync());
    }

    /// <summary>The server closes; what was sent before is passed over. Answers the close.</summary>
    public async Task ExpectCloseAsync(int code, string? reason = null)
    {
        while (await NextAsync() is not null)
        {
            // passed over
        }

        Assert.Equal(code, (int?)Socket.CloseStatus);
        if (reason is not null) Assert.Equal(reason, Socket.CloseStatusDescription);
        await Socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Limit);
        await Serving.WaitAsync(Limit);
    }

    public void StopServer() => stopping.Cancel();

    /// <summary>The connection is gone, without a word.</summary>
    public void Cut()
    {
        client.Client.LingerState = new LingerOption(true, 0);
        client.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await Serving.WaitAsync(Limit);
        Socket.Dispose();
        server.Dispose();
        stopping.Dispose();
    }

    private async Task ServeAsync(
        GraphQLEngine engine, WebSocket far, Func<JsonElement, ValueTask<Func<IServiceProvider>?>> accept, SocketOptions options)
    {
        using (far) await GraphQLSocket.ServeAsync(engine, far, accept, options, stopping.Token);
    }

    private sealed class Nothing : IServiceProvider
    {
        public object? GetService(Type serviceType) => null;
    }
}
