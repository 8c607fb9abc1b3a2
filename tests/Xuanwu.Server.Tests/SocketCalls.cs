using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.Server.Tests;

/// <summary>A client of graphql-transport-ws that writes down nothing and forgives nothing.</summary>
public sealed class SocketCalls : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly ClientWebSocket _socket = new();
    private readonly HttpMessageInvoker? _invoker;

    private SocketCalls(HttpMessageInvoker? invoker) => _invoker = invoker;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>A connection that is acknowledged.</summary>
    public static async Task<SocketCalls> OpenAsync(
        Uri server, object? payload = null, HttpMessageInvoker? invoker = null)
    {
        var client = new SocketCalls(invoker);
        await client.ConnectAsync(server);
        await client.SendAsync(new { type = "connection_init", payload });
        Assert.Equal("connection_ack", (string?)(await client.NextAsync())?["type"]);
        return client;
    }

    public static async Task<SocketCalls> ConnectedAsync(Uri server, string? origin = null)
    {
        var client = new SocketCalls(invoker: null);
        if (origin is not null) client._socket.Options.SetRequestHeader("Origin", origin);
        await client.ConnectAsync(server);
        return client;
    }

    public Task SubscribeAsync(string id, string query, object? variables = null) =>
        SendAsync(new { id, type = "subscribe", payload = new { query, variables } });

    public async Task SendAsync(object message)
    {
        using var limit = new CancellationTokenSource(Limit);
        await _socket.SendAsync(
            JsonSerializer.SerializeToUtf8Bytes(message), WebSocketMessageType.Text, endOfMessage: true, limit.Token);
    }

    /// <summary>The next message; null when the server has closed.</summary>
    public async Task<JsonNode?> NextAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        using var text = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (true)
        {
            var part = await _socket.ReceiveAsync(buffer, limit.Token);
            if (part.MessageType == WebSocketMessageType.Close) return null;
            text.Write(buffer, 0, part.Count);
            if (part.EndOfMessage) return JsonNode.Parse(text.ToArray());
        }
    }

    /// <summary>The value of the field in the next response; fails on whatever else comes.</summary>
    public async Task<JsonNode> NextAsync(string field)
    {
        var message = await NextAsync();
        Assert.True((string?)message?["type"] == "next", message?.ToJsonString());
        Assert.True(message!["payload"]!["errors"] is null, message.ToJsonString());
        return message["payload"]!["data"]![field]!;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Abort();
        _socket.Dispose();
        _invoker?.Dispose();
        await ValueTask.CompletedTask;
    }

    private async Task ConnectAsync(Uri server)
    {
        using var limit = new CancellationTokenSource(Limit);
        _socket.Options.AddSubProtocol("graphql-transport-ws");
        var address = new UriBuilder(server) { Scheme = "ws", Path = "graphql" }.Uri;
        await _socket.ConnectAsync(address, _invoker, limit.Token);
    }
}
