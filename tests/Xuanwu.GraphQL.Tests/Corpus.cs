using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests;

// corpus.json: documents with the outcomes that graphql-js gives, and schemas whose values come from JSON.
internal static class Corpus
{
    public static JsonElement All { get; } = JsonElement.Parse(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "corpus.json")));

    public static IEnumerable<JsonElement> Cases => All.GetProperty("cases").EnumerateArray();

    public static string Sdl(string name) =>
        All.GetProperty("schemas").GetProperty(name).GetProperty("sdl").GetString()!;

    public static GraphQLEngine Engine(string sdl, JsonElement? root)
    {
        var schema = SdlSchema.Build(sdl, new SdlResolvers
        {
            Resolve = Resolve,
            Subscribe = call => Resolve(call) is Dictionary<string, object?> it && it.TryGetValue("$stream", out var events)
                ? Events((List<object?>)events!) : Resolve(call),
            TypeName = (value, _) => (value as Dictionary<string, object?>)?.GetValueOrDefault("__typename") as string,
        });
        return new GraphQLEngine(schema) { Root = (root is { } it ? Value(it) : null) ?? new object() };
    }

    private static object? Value(JsonElement it) => it.ValueKind switch
    {
        JsonValueKind.Object when it.TryGetProperty("$error", out var message) =>
            new GraphQLException(message.GetString()!),
        JsonValueKind.Object => it.EnumerateObject().ToDictionary(field => field.Name, field => Value(field.Value)),
        JsonValueKind.Array => it.EnumerateArray().Select(Value).ToList(),
        JsonValueKind.String => it.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => it.TryGetInt32(out var whole) ? whole : it.GetDouble(),
        _ => null,
    };

    private static object? Resolve(FieldCall call)
    {
        if (call.Source is not Dictionary<string, object?> source) return null;
        var value = source.GetValueOrDefault(call.Field.Name);
        return value is Dictionary<string, object?> marker && marker.ContainsKey("$echo")
            ? Echo(call.Arguments) : value;
    }

    private static async IAsyncEnumerable<object?> Events(List<object?> values)
    {
        await Task.Yield();
        foreach (var value in values) yield return value;
    }

    // The corpus wants JavaScript's JSON: sorted names, and characters beyond the basic plane as they are.
    private static string Echo(object? value) => value switch
    {
        null => "null",
        string it => Quoted(it),
        IReadOnlyDictionary<string, object?> it => "{" + string.Join(',', it.OrderBy(
            field => field.Key, StringComparer.Ordinal).Select(field => $"{Quoted(field.Key)}:{Echo(field.Value)}")) + "}",
        object?[] it => "[" + string.Join(',', it.Select(Echo)) + "]",
        _ => JsonSerializer.Serialize(value),
    };

    private static string Quoted(string text)
    {
        using var json = new JsonBuffer();
        json.String(text);
        return Encoding.UTF8.GetString(json.Written);
    }
}
