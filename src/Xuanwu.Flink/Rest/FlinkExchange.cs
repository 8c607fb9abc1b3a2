using System.Net;
using System.Text;
using System.Text.Json;

namespace Xuanwu.Flink.Rest;

/// <summary>
/// What came back of one call: a status with JSON, or a reason why there is nothing that can be believed.
/// </summary>
internal sealed record FlinkAnswer(HttpStatusCode Status, JsonElement Json, string? Lost, Exception? Cause)
{
    public bool IsOk => Lost is null && (int)Status is >= 200 and < 300;

    /// <summary>
    /// Flink's own words, when it answered with its error form {"errors":["…"]}; other APIs put objects there.
    /// </summary>
    public string? Errors => string.Join('\n', Texts(Json)) is { Length: > 0 } said ? said : null;

    /// <summary>
    /// Flink's word that the thing of this id does not exist. "Not found: /path" is not that: no handler took the path,
    /// as while a JobManager comes up. A 404 without Flink's error form, or about something else, is some proxy's.
    /// </summary>
    public string? AbsenceOf(string? id) => id is not null && Status is HttpStatusCode.NotFound && Errors is { } said
        && !said.StartsWith("Not found: /", StringComparison.OrdinalIgnoreCase)
        && (said.Contains(id, StringComparison.OrdinalIgnoreCase)
            || said.Contains("could not be found", StringComparison.OrdinalIgnoreCase))
            ? said
            : null;

    /// <summary>Why nothing follows from this answer, in a sentence.</summary>
    public string Reason => Lost ?? (Errors is { } said
        ? $"Flink answered {(int)Status}: {RootCause.Of(said)}"
        : $"The answer ({(int)Status}) is not what Flink says there.");

    public static FlinkAnswer Nothing(string reason, Exception? cause = null) => new(0, default, reason, cause);

    private static IEnumerable<string> Texts(JsonElement json) => json.Items("errors")
        .Where(each => each.ValueKind is JsonValueKind.String)
        .Select(each => each.GetString()!);
}

/// <summary>
/// One HTTP call to Flink with limits on time and size. Never throws but for the caller's own cancellation: trouble is
/// an answer.
/// </summary>
internal sealed class FlinkExchange(HttpClient http, Uri address, TimeSpan timeout, int maxBytes)
{
    public async Task<FlinkAnswer> SendAsync(HttpMethod method, string path, JsonElement? body, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(timeout);
        try
        {
            using var request = new HttpRequestMessage(method, new Uri(address, path));
            if (body is { } json)
            {
                request.Content = new StringContent(
                    json.GetRawText(), Encoding.UTF8, "application/json");
            }

            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            var bytes = await ReadAsync(response.Content, limit.Token);
            return bytes is null
                ? FlinkAnswer.Nothing($"The answer is larger than {maxBytes} bytes.")
                : Understand(response, bytes.Value);
        }
        catch (OperationCanceledException late) when (!ct.IsCancellationRequested)
        {
            return FlinkAnswer.Nothing($"There was no answer within {timeout.TotalSeconds:0.#} s.", late);
        }
        catch (Exception broken) when (broken is HttpRequestException or IOException)
        {
            return FlinkAnswer.Nothing($"The call did not get through: {broken.Message}", broken);
        }
    }

    /// <summary>An address that paths can be added to.</summary>
    public static Uri WithSlash(Uri? address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.AbsoluteUri.EndsWith('/') ? address : new Uri(address.AbsoluteUri + "/");
    }

    private static FlinkAnswer Understand(HttpResponseMessage response, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return new(response.StatusCode, document.RootElement.Clone(), Lost: null, Cause: null);
        }
        catch (JsonException broken)
        {
            var type = response.Content.Headers.ContentType?.MediaType ?? "no content type";
            return FlinkAnswer.Nothing(
                $"The answer ({(int)response.StatusCode}, {type}) is not JSON, so it is not Flink's.", broken);
        }
    }

    private async Task<ReadOnlyMemory<byte>?> ReadAsync(HttpContent content, CancellationToken ct)
    {
        await using var stream = await content.ReadAsStreamAsync(ct);
        using var bytes = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, ct)) > 0)
        {
            if (bytes.Length + read > maxBytes) return null;
            bytes.Write(buffer, 0, read);
        }

        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}
