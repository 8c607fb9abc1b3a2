using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Xuanwu.Bench.GraphQL;

/// <summary>
/// Keeps connections busy with POST requests, one at a time on each, and counts the answers. It runs as a process of its
/// own, on the core that the server has not.
/// </summary>
internal static class Load
{
    private const int Connections = 32;
    private static int numbers;

    /// <summary>Prints how many answers there were in how many seconds.</summary>
    public static async Task RunAsync(string port, string path, string name, string seconds)
    {
        var it = Case.All.First(known => known.Title == name);
        var isNumbered = it.Document(0) != it.Document(1);
        numbers = Environment.TickCount & 0xFFFFFF; // other texts than the last run's
        var requests = Enumerable.Range(0, isNumbered ? 20_000 : 1)
            .Select(number => Request(path, it.Document(number + numbers))).ToArray();
        var end = Stopwatch.GetTimestamp()
            + (long)(double.Parse(seconds, CultureInfo.InvariantCulture) * Stopwatch.Frequency);
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(
            _ => ConnectionAsync(int.Parse(port, CultureInfo.InvariantCulture), requests, end)));
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{counts.Sum()} {Stopwatch.GetElapsedTime(started).TotalSeconds:F3}"));
    }

    private static byte[] Request(string path, string document)
    {
        var body = Encoding.UTF8.GetBytes("{\"query\":" + JsonSerializer.Serialize(document) + "}");
        var head = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {body.Length}\r\n\r\n");
        return [.. head, .. body];
    }

    private static async Task<long> ConnectionAsync(int port, byte[][] requests, long end)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var buffer = new byte[128 * 1024];
        long count = 0;
        while (Stopwatch.GetTimestamp() < end)
        {
            var request = requests[requests.Length == 1 ? 0 : Interlocked.Increment(ref numbers) % requests.Length];
            await socket.SendAsync(request, SocketFlags.None);
            var length = 0;
            var expected = -1;
            while (expected < 0 || length < expected)
            {
                var read = await socket.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None);
                if (read == 0) throw new InvalidOperationException("The server has hung up.");
                length += read;
                if (expected < 0) expected = Length(buffer.AsSpan(0, length));
                else if (expected == int.MaxValue) expected = IsLastChunk(buffer.AsSpan(0, length)) ? length : expected;
            }

            count++;
        }

        return count;
    }

    // Bytes of the whole answer; unknown yet when its head is not there, endless when it comes in chunks.
    private static int Length(ReadOnlySpan<byte> answer)
    {
        var head = answer.IndexOf("\r\n\r\n"u8);
        if (head < 0) return -1;
        if (!answer.StartsWith("HTTP/1.1 200"u8)) throw new InvalidOperationException(Encoding.ASCII.GetString(answer));
        var at = answer[..head].IndexOf("Content-Length: "u8);
        if (at < 0) return IsLastChunk(answer) ? answer.Length : int.MaxValue;
        return System.Buffers.Text.Utf8Parser.TryParse(answer[(at + 16)..], out int length, out _)
            ? head + 4 + length : throw new InvalidOperationException("The length is no number.");
    }

    private static bool IsLastChunk(ReadOnlySpan<byte> answer) => answer.EndsWith("\r\n0\r\n\r\n"u8);
}
