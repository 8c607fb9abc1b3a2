using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Xuanwu.Kubernetes;

/// <summary>Reads container logs line by line.</summary>
internal static class PodLogs
{
    private const string Rfc3339 = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    public static async IAsyncEnumerable<string> LinesAsync(
        ApiCalls calls, string path, PodLogOptions options, [EnumeratorCancellation] CancellationToken ct)
    {
        var request = ApiRequest.Get(path)
            .With("container", options.Container)
            .With("follow", options.Follow)
            .With("previous", options.Previous)
            .With("timestamps", options.Timestamps)
            .With("tailLines", options.TailLines)
            .With("limitBytes", options.LimitBytes)
            .With("sinceTime", options.SinceTime?.UtcDateTime.ToString(Rfc3339, CultureInfo.InvariantCulture));
        using var response = await calls.OpenAsync(request, ct);
        var stream = await response.Content.ReadAsStreamAsync(ct);
        using var reader = new LineReader(stream, calls.Options.MaxLogLineBytes);

        // What was read is handed on at once; a silent log may be silent for ever, so there is no time limit here.
        while (await ApiCalls.GuardAsync(request, () => reader.ReadAsync(ct).AsTask(), ct) is { } line)
        {
            var bytes = line.Bytes.Span;
            var returned = line.End == LineReader.End.LineFeed && bytes.Length > 0 && bytes[^1] == '\r';
            yield return Encoding.UTF8.GetString(returned ? bytes[..^1] : bytes);
        }
    }
}
