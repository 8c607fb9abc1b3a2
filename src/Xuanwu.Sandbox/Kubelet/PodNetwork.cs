using System.Collections.Concurrent;
using System.Net;
using Xuanwu.Sandbox.Net;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>A port that a container listens on.</summary>
internal sealed class PodPort(PodRun pod, RequestDelegate? handler)
{
    public SocketHub.OpenPort? Socket { get; set; }

    /// <summary>The container has ended.</summary>
    public bool Closed { get; set; }

    /// <summary>As <see cref="InvokeAsync"/>, but gives up (false) when the pod keeps silent for so long.</summary>
    public async Task<bool> TryInvokeAsync(HttpContext context, TimeSpan limit)
    {
        try
        {
            if (pod.Silence is { } silence) await silence.WaitAsync(limit, context.RequestAborted);
        }
        catch (TimeoutException)
        {
            return false;
        }

        await InvokeAsync(context);
        return true;
    }

    /// <summary>
    /// Hands a request to the container, once the pod answers: a frozen pod keeps its callers waiting.
    /// </summary>
    public async Task InvokeAsync(HttpContext context)
    {
        while (pod.Silence is { } silence) await silence.WaitAsync(context.RequestAborted);
        if (Closed || handler is null)
        {
            context.Reset();
            return;
        }

        try
        {
            await handler(context);
        }
        catch (Exception e) when (
            e is not OperationCanceledException || !context.RequestAborted.IsCancellationRequested)
        {
            if (context.Response.HasStarted) context.Abort();
            else context.Response.StatusCode = 500;
        }
    }
}

/// <summary>
/// The network of the pods: every port that answers is a real socket on the pod's loopback address, all served by one
/// Kestrel.
/// Ingress and API proxy find the same ports here and call their handlers without a second hop.
/// </summary>
internal sealed class PodNetwork : IAsyncDisposable
{
    private readonly SocketHub _hub = new();
    private readonly ConcurrentDictionary<(IPAddress Address, int Port), PodPort> _ports = new();
    private WebApplication? _server;

    public async Task StartAsync(CancellationToken ct) =>
        _server = await WebHost.StartAsync(_hub, null, HandleAsync, ct);

    /// <summary>Opens a port; without a handler one that is known to be open and has no socket.</summary>
    /// <exception cref="InvalidOperationException">The pod listens on the port already.</exception>
    public void Listen(PodRun pod, int port, RequestDelegate? handler)
    {
        var opened = new PodPort(pod, handler);
        if (!_ports.TryAdd((pod.Address, port), opened))
        {
            throw new InvalidOperationException($"Could not bind {pod.Address}:{port}: address already in use");
        }

        if (handler is null) return;
        try
        {
            opened.Socket = _hub.Open(pod.Address, port);
        }
        catch
        {
            _ports.TryRemove((pod.Address, port), out _);
            throw;
        }
    }

    public void Close(IPAddress address, int port)
    {
        if (!_ports.TryRemove((address, port), out var closed)) return;
        closed.Closed = true;
        closed.Socket?.Dispose();
    }

    public PodPort? Find(IPAddress address, int port) => _ports.GetValueOrDefault((address, port));

    public async ValueTask DisposeAsync()
    {
        _hub.CloseAll();
        if (_server is not null) await _server.DisposeAsync();
    }

    private Task HandleAsync(HttpContext context)
    {
        var connection = context.Connection;
        if (connection.LocalIpAddress is { } address && Find(address, connection.LocalPort) is { } port)
        {
            return port.InvokeAsync(context);
        }
        context.Reset();
        return Task.CompletedTask;
    }
}
