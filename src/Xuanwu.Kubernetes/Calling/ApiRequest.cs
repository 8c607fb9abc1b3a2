using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>One call of the API, repeatable as often as its verb allows.</summary>
/// <param name="path">Path below the server's address.</param>
internal sealed class ApiRequest(HttpMethod method, string path)
{
    private readonly StringBuilder _query = new();

    public byte[]? Body { get; init; }
    public string ContentType { get; init; } = "application/json";

    /// <summary>Sending it twice does what sending it once does.</summary>
    public bool Idempotent { get; init; } = true;

    /// <summary>A server-side apply that names no resource version: a plain conflict is only a lost race.</summary>
    public bool IsApply { get; init; }

    public static ApiRequest Get(string path) => new(HttpMethod.Get, path);

    public static ApiRequest Delete(string path, JsonNode options) =>
        new(HttpMethod.Delete, path) { Body = ApiJson.Write(options) };

    public ApiRequest With(string name, string? value)
    {
        if (value is null) return this;
        _query.Append(_query.Length == 0 ? '?' : '&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        return this;
    }

    public ApiRequest With(string name, long? value) => With(name, value?.ToString(CultureInfo.InvariantCulture));

    public ApiRequest With(string name, bool value) => value ? With(name, "true") : this;

    public HttpRequestMessage Message(Uri server)
    {
        var message = new HttpRequestMessage(method, new Uri(server.AbsoluteUri.TrimEnd('/') + path + _query));
        message.Headers.TryAddWithoutValidation("Accept", "application/json");
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body) { Headers = { ContentType = new(ContentType) } };
        }

        return message;
    }

    /// <summary>How errors call it.</summary>
    public override string ToString() => $"{method} {path}";
}
