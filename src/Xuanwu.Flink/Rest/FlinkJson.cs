using System.Text.Json;

namespace Xuanwu.Flink.Rest;

/// <summary>Reads Flink's JSON: every field may be missing, of another kind, or new.</summary>
internal static class FlinkJson
{
    public static JsonElement Get(this JsonElement json, string name) =>
        json.ValueKind is JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value : default;

    public static string? Text(this JsonElement json, string name) =>
        json.Get(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    public static long? Number(this JsonElement json, string name) =>
        json.Get(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetInt64(out var value)
            ? value
            : null;

    public static bool Flag(this JsonElement json, string name) => json.Get(name).ValueKind is JsonValueKind.True;

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) =>
        json.Get(name) is { ValueKind: JsonValueKind.Array } items ? items.EnumerateArray() : [];

    /// <summary>Milliseconds since 1970; Flink writes -1 (or 0 in timestamps) for "never".</summary>
    public static DateTimeOffset? Instant(this JsonElement json, string name) =>
        json.Number(name) is > 0 and < 253_402_300_800_000 and var ms
            ? DateTimeOffset.FromUnixTimeMilliseconds(ms)
            : null;
}
