using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.GraphQL.Conformance;

namespace Xuanwu.GraphQL.Tests;

// corpus.json: documents with the outcomes that graphql-js gives, run through the conformance harness.
internal static class Corpus
{
    private static readonly Harness Harness = new();

    public static JsonElement All { get; } = JsonElement.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "corpus.json")));

    public static IEnumerable<JsonElement> Cases => All.GetProperty("cases").EnumerateArray();

    public static string Sdl(string name) =>
        All.GetProperty("schemas").GetProperty(name).GetProperty("sdl").GetString()!;

    /// <summary>What the harness is asked for a case.</summary>
    public static JsonObject Request(JsonElement it)
    {
        var request = new JsonObject { ["query"] = Node(it, "document") ?? "{ __typename }" };
        if (it.TryGetProperty("schemaSdl", out var sdl))
        {
            request["schema"] = sdl.GetString();
            return request;
        }

        var schema = All.GetProperty("schemas").GetProperty(it.GetProperty("schema").GetString()!);
        request["schema"] = Node(schema, "sdl");
        request["root"] = Node(it, "root") ?? Node(schema, "root") ?? new JsonObject();
        foreach (var name in new[] { "variables", "operationName", "validateOnly" }) request[name] = Node(it, name);
        return request;
    }

    public static async Task<JsonObject> AskAsync(JsonObject request)
    {
        var output = new ArrayBufferWriter<byte>();
        await Harness.ExecuteAsync(JsonElement.Parse(request.ToJsonString()), output, CancellationToken.None);
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    private static JsonNode? Node(JsonElement it, string name) =>
        it.TryGetProperty(name, out var value) ? JsonNode.Parse(value.GetRawText()) : null;
}
