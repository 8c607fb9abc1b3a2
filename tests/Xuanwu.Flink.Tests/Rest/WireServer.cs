using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Xuanwu.Flink.Tests.Rest;

/// <summary>
/// A server that writes exactly the bytes it is told to, so that broken answers are as broken as on a real wire. One
/// answer per connection.
/// </summary>
internal sealed class WireServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource stop = new();
    private readonly Func<WireRequest, string?> answer;
    private readonly Task serving;

    /// <param name="answer">The whole answer to a request, head and body; null to say nothing.</param>
    public WireServer(Func<WireRequest, string?> answer)
    {
        this.answer = answer;
        listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        serving = ServeAsync();
    }

    public Uri Address { get; }

    public ConcurrentQueue<WireRequest> Requests { get; } = new();

    public static string Json(int status, string body) => Answer(status, "application/json; charset=UTF-8", body);

    public static string Answer(int status, string type, string body) =>
        $"HTTP/1.1 {status} X\r\nContent-Type: {type}\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
        + $"Connection: close\r\n\r\n{body}";

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await serving;
        stop.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(stop.Token);
                _ = AnswerAsync(client);
            }
        }
        catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using var owned = client;
        try
        {
            using var reader = new StreamReader(client.GetStream(), new UTF8Encoding(false), leaveOpen: true);
            var line = (await reader.ReadLineAsync(stop.Token))!.Split(' ');
            var length = 0;
            while (await reader.ReadLineAsync(stop.Token) is { Length: > 0 } header)
            {
                if (header.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))
                {
                    length = int.Parse(header[15..], System.Globalization.CultureInfo.InvariantCulture);
                }
            }

            var body = new char[length];
            if (length > 0) await reader.ReadBlockAsync(body, stop.Token);
            var request = new WireRequest(line[0], line[1], new string(body));
            Requests.Enqueue(request);
            if (answer(request) is { } text) await client.GetStream().WriteAsync(
                Encoding.UTF8.GetBytes(text), stop.Token);
            else await reader.ReadToEndAsync(stop.Token); // until the client gives up
        }
        catch (Exception ended) when (ended is OperationCanceledException or IOException or SocketException)
        {
            // the client or the test is gone
        }
    }
}

internal sealed record WireRequest(string Method, string Path, string Body);
