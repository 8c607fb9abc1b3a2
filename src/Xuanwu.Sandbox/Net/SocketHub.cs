using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging.Abstractions;

namespace Xuanwu.Sandbox.Net;

/// <summary>
/// A transport for one Kestrel whose listening sockets come and go while it runs: thousands of pod ports share one
/// server, and a port that is closed refuses connections truly, because its socket is gone. An idle port costs one
/// pending accept.
/// </summary>
internal sealed class SocketHub : IConnectionListenerFactory, IConnectionListenerFactorySelector, IConnectionListener
{
    private readonly Channel<ConnectionContext> _accepted = Channel.CreateUnbounded<ConnectionContext>();
    private readonly SocketConnectionContextFactory _connections = new(new(), NullLogger.Instance);
    private readonly HashSet<OpenPort> _ports = [];

    public EndPoint EndPoint { get; } = new HubEndPoint();

    /// <summary>Binds and listens; port 0 picks a free one.</summary>
    /// <exception cref="SocketException">The port is taken.</exception>
    public OpenPort Open(IPAddress address, int port)
    {
        var listening = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            listening.Bind(new IPEndPoint(address, port));
            listening.Listen(512);
        }
        catch
        {
            listening.Dispose();
            throw;
        }

        var open = new OpenPort(this, listening);
        lock (_ports) _ports.Add(open);
        _ = open.AcceptAsync();
        return open;
    }

    public bool CanBind(EndPoint endpoint) => endpoint is HubEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        new(this);

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (await _accepted.Reader.WaitToReadAsync(cancellationToken))
        {
            if (_accepted.Reader.TryRead(out var connection)) return connection;
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        CloseAll();
        _accepted.Writer.TryComplete();
        return ValueTask.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        CloseAll();
        _connections.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Closes every port and its connections.</summary>
    public void CloseAll()
    {
        OpenPort[] open;
        lock (_ports) open = [.. _ports];
        foreach (var port in open) port.Dispose();
    }

    private sealed class HubEndPoint : EndPoint
    {
        public override string ToString() => "http://hub";
    }

    /// <summary>A listening socket and the connections it accepted.</summary>
    internal sealed class OpenPort(SocketHub hub, Socket listening) : IDisposable
    {
        private readonly HashSet<ConnectionContext> _open = [];
        private bool _closed;

        public int Port { get; } = ((IPEndPoint)listening.LocalEndPoint!).Port;

        public async Task AcceptAsync()
        {
            while (true)
            {
                try
                {
                    var socket = await listening.AcceptAsync();
                    socket.NoDelay = true;
                    Track(hub._connections.Create(socket));
                }
                catch (SocketException e) when (
                    e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
                {
                    // the client left before it was accepted
                }
                catch (SocketException e) when (
                    e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable)
                {
                    await Task.Delay(TimeSpan.FromSeconds(0.1)); // the client waits in the backlog meanwhile
                }
                catch (Exception e) when (e is ObjectDisposedException or SocketException or InvalidOperationException)
                {
                    return;
                }
            }
        }

        /// <summary>Stops listening and cuts the connections.</summary>
        public void Dispose()
        {
            ConnectionContext[] open;
            lock (_open)
            {
                if (_closed) return;
                _closed = true;
                open = [.. _open];
            }

            listening.Dispose();
            lock (hub._ports) hub._ports.Remove(this);
            foreach (var connection in open) connection.Abort(new ConnectionAbortedException("The port was closed."));
        }

        private void Track(ConnectionContext connection)
        {
            lock (_open)
            {
                if (!_closed) _open.Add(connection);
            }

            connection.ConnectionClosed.UnsafeRegister(
                _ =>
                {
                    lock (_open) _open.Remove(connection);
                },
                null);
            if (_closed || !hub._accepted.Writer.TryWrite(connection)) connection.Abort();
        }
    }
}
