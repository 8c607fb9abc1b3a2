using System.Net;
using System.Net.Sockets;

namespace Xuanwu.Testing;

/// <summary>
/// Stands between a client and a server and loses connections at the worst moment: the request has arrived and is
/// carried out, and its answer never comes back.
/// </summary>
public sealed class CuttingProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly int _target;
    private readonly Task _accepting;
    private int _cuts;
    private volatile bool _refusing;

    /// <param name="port">Of the server on loopback.</param>
    public CuttingProxy(int port)
    {
        _target = port;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>How many answers were lost so far.</summary>
    public int Lost { get; private set; }

    /// <summary>The next answer to a request of more than a hundred bytes is read and thrown away, and the connection
    /// closed.</summary>
    public void LoseNextAnswer() => Interlocked.Increment(ref _cuts);

    /// <summary>While true every new connection is closed at once and the open ones at their next request.</summary>
    public bool Refusing
    {
        get => _refusing;
        set => _refusing = value;
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                _ = RelayAsync(client);
            }
            catch (Exception stopped) when (stopped is OperationCanceledException or SocketException)
            {
                return;
            }
        }
    }

    private async Task RelayAsync(TcpClient client)
    {
        using var _ = client;
        if (_refusing) return;
        using var server = new TcpClient { NoDelay = true };
        client.NoDelay = true;
        try
        {
            await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
            var cutting = new StrongBox();
            await Task.WhenAny(
                PumpAsync(client.GetStream(), server.GetStream(), bytes =>
                {
                    if (_refusing) return false;
                    if (bytes > 100 && TryTakeCut()) cutting.Value = true;
                    return true;
                }),
                PumpAsync(server.GetStream(), client.GetStream(), _ =>
                {
                    if (!cutting.Value) return true;
                    Lost++;
                    return false;
                }));
        }
        catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
        {
            // one of the two ends is gone
        }
    }

    private bool TryTakeCut()
    {
        while (true)
        {
            var cuts = Volatile.Read(ref _cuts);
            if (cuts == 0) return false;
            if (Interlocked.CompareExchange(ref _cuts, cuts - 1, cuts) == cuts) return true;
        }
    }

    private async Task PumpAsync(NetworkStream from, NetworkStream to, Func<int, bool> goesOn)
    {
        var buffer = new byte[64 * 1024];
        while (true)
        {
            var count = await from.ReadAsync(buffer, _stopping.Token);
            if (count == 0 || !goesOn(count)) return;
            await to.WriteAsync(buffer.AsMemory(0, count), _stopping.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stopping.Dispose();
    }

    private sealed class StrongBox
    {
        public volatile bool Value;
    }
}
