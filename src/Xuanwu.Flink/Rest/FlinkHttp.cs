using System.Net;
using System.Net.Sockets;

namespace Xuanwu.Flink.Rest;

/// <summary>The HTTP connections to all Flink clusters.</summary>
public static class FlinkHttp
{
    /// <summary>A client to share. Time limits of calls are the callers' own.</summary>
    public static HttpClient Create() => new(CreateHandler()) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>
    /// What such a client sends with. Names under <c>.localhost</c> lead to this machine without asking any resolver
    /// (RFC 6761 §6.3; few resolvers do as it says), which is how a sandbox's ingress hosts are reached.
    /// </summary>
    public static HttpMessageHandler CreateHandler() => new SocketsHttpHandler
    {
        ConnectCallback = ConnectAsync,
        ConnectTimeout = TimeSpan.FromSeconds(3),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2), // an ingress that moved is found again
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60), // a run is polled every 15 s or sooner
        MaxConnectionsPerServer = 8,
        AllowAutoRedirect = false, // a redirect to a login page is not an answer of Flink
        UseCookies = false,
        UseProxy = false,
    };

    private static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken ct)
    {
        var host = context.DnsEndPoint.Host.TrimEnd('.');
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            if (host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase))
            {
                await socket.ConnectAsync(IPAddress.Loopback, context.DnsEndPoint.Port, ct);
            }
            else
            {
                await socket.ConnectAsync(context.DnsEndPoint, ct);
            }

            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
