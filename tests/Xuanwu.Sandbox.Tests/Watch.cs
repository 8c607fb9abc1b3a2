using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests;

/// <summary>An open watch, read line by line.</summary>
internal sealed class Watch : IAsyncDisposable
{
    private readonly HttpResponseMessage _response;
    private readonly StreamReader _reader;

    private Watch(HttpResponseMessage response, StreamReader reader) => (_response, _reader) = (response, reader);

    public static async Task<Watch> StartAsync(Kube kube, string path)
    {
        var response = await kube.Http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        return new Watch(response, new StreamReader(await response.Content.ReadAsStreamAsync()));
    }

    /// <summary>The next event; null when the watch has ended.</summary>
    public async Task<JsonObject?> NextObjectAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var line = await _reader.ReadLineAsync(limit.Token);
        return line is null ? null : JsonNode.Parse(line)!.AsObject();
    }

    /// <summary>The next event as "TYPE name".</summary>
    public async Task<string?> NextAsync()
    {
        var next = await NextObjectAsync();
        return next is null ? null : $"{next["type"]} {next["object"]!["metadata"]!["name"]}";
    }

    public ValueTask DisposeAsync()
    {
        _reader.Dispose();
        _response.Dispose();
        return ValueTask.CompletedTask;
    }
}
