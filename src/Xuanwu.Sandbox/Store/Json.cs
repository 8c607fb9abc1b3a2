using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Store;

/// <summary>Short ways to read and write the loosely typed objects of the Kubernetes API.</summary>
internal static class Json
{
    private static readonly JsonWriterOptions WriterOptions =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static JsonObject Metadata(this JsonObject o)
    {
        if (o["metadata"] is JsonObject metadata) return metadata;
        metadata = [];
        o["metadata"] = metadata;
        return metadata;
    }

    public static JsonObject? Child(this JsonObject? o, string field) => o?[field] as JsonObject;

    public static JsonObject? Child(this JsonObject? o, string first, string second) => o.Child(first).Child(second);

    public static JsonObject? Child(this JsonObject? o, string first, string second, string third) =>
        o.Child(first).Child(second).Child(third);

    /// <summary>The child object, made when it is absent.</summary>
    public static JsonObject Have(this JsonObject o, string field)
    {
        if (o[field] is JsonObject child) return child;
        child = [];
        o[field] = child;
        return child;
    }

    public static string? Text(this JsonObject? o, string field) =>
        o?[field] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static long? Number(this JsonObject? o, string field) => AsNumber(o?[field]);

    public static bool Flag(this JsonObject? o, string field) =>
        o?[field] is JsonValue value && value.TryGetValue(out bool flag) && flag;

    public static IEnumerable<JsonObject> Items(this JsonObject? o, string field) =>
        (o?[field] as JsonArray)?.OfType<JsonObject>() ?? [];

    public static IEnumerable<string> Texts(this JsonObject? o, string field) =>
        (o?[field] as JsonArray)?.Select(AsText).OfType<string>() ?? [];

    /// <summary>Sets a field that is absent.</summary>
    public static void Default(this JsonObject o, string field, JsonNode value)
    {
        if (o[field] is null) o[field] = value;
    }

    public static string? AsText(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    public static long? AsNumber(JsonNode? node)
    {
        if (node is not JsonValue value) return null;
        if (value.TryGetValue(out long number)) return number;
        if (value.TryGetValue(out int small)) return small;
        return value.TryGetValue(out double real) && double.IsInteger(real) ? (long)real : null;
    }

    public static Dictionary<string, string> TextMap(this JsonObject? o)
    {
        var map = new Dictionary<string, string>(o?.Count ?? 0, StringComparer.Ordinal);
        if (o is null) return map;
        foreach (var (name, node) in o)
        {
            if (AsText(node) is { } text) map[name] = text;
        }

        return map;
    }

    public static JsonObject From(IEnumerable<KeyValuePair<string, string>> map)
    {
        var o = new JsonObject();
        foreach (var (name, text) in map) o[name] = text;
        return o;
    }

    public static JsonArray Array(IEnumerable<JsonNode> items)
    {
        var array = new JsonArray();
        foreach (var item in items) array.Add(item);
        return array;
    }

    /// <summary>A time as Kubernetes writes it: RFC 3339 in UTC, whole seconds.</summary>
    public static string Time(DateTimeOffset at) =>
        at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Now() => Time(DateTimeOffset.UtcNow);

    public static JsonObject Parse(ReadOnlyMemory<byte> utf8) =>
        JsonNode.Parse(utf8.Span)!.AsObject();

    public static byte[] Write(Action<Utf8JsonWriter> body)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, WriterOptions)) body(writer);
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The text as a JSON string, quotes included.</summary>
    public static string Quote(string text) => $"\"{JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(text)}\"";

    public static byte[] Write(JsonNode node) => Write(writer => node.WriteTo(writer));
}
