using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Conformance;

/// <summary>
/// Values from a request's <c>root</c>, by property name. Markers: <c>{"$error": text}</c> fails its position,
/// <c>{"$echo": true}</c> gives the coerced arguments as JSON text.
/// </summary>
public static class RootValues
{
    /// <summary>Dictionaries, lists, strings, numbers, booleans and null for a JSON value.</summary>
    public static object? From(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object when json.TryGetProperty("$error", out var message) =>
            new GraphQLException(message.GetString() ?? ""),
        JsonValueKind.Object => Fields(json),
        JsonValueKind.Array => json.EnumerateArray().Select(From).ToList(),
        JsonValueKind.String => json.GetString(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.Number => json.TryGetInt32(out var whole) ? whole : json.GetDouble(),
        _ => null,
    };

    /// <summary>The field's value in a source object.</summary>
    public static object? Resolve(IReadOnlyDictionary<string, object?> source, FieldCall call)
    {
        var value = source.GetValueOrDefault(call.Field.Name);
        return value is IReadOnlyDictionary<string, object?> marker && marker.ContainsKey("$echo")
            ? Echo(call.Arguments) : value;
    }

    private static Dictionary<string, object?> Fields(JsonElement json)
    {
        var fields = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var field in json.EnumerateObject()) fields[field.Name] = From(field.Value);
        return fields;
    }

    // JavaScript's JSON: names sorted at every level, and characters beyond the basic plane as they are.
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
