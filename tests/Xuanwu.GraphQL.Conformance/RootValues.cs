using System.Globalization;
using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Conformance;

/// <summary>
/// Values from a request's <c>root</c>, by property name. Markers: <c>{"$error": text}</c> fails its position,
/// <c>{"$echo": true}</c> gives the coerced arguments as JSON text, <c>{"$stream": […]}</c> is a subscription's source.
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

    /// <summary>The events of <c>{"$stream": […]}</c>; null when the value is none.</summary>
    public static IAsyncEnumerable<object?>? Events(IReadOnlyDictionary<string, object?> value) =>
        value.GetValueOrDefault("$stream") is List<object?> events ? Each(events) : null;

    /// <summary>One event.</summary>
    public static IAsyncEnumerable<object?> Once(object? value) => Each([value]);

    private static async IAsyncEnumerable<object?> Each(List<object?> events)
    {
        await Task.Yield();
        foreach (var it in events) yield return it;
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
            field => field.Key, StringComparer.Ordinal).Select(
                field => $"{Quoted(field.Key)}:{Echo(field.Value)}")) + "}",
        double it => Number(it),
        object?[] it => "[" + string.Join(',', it.Select(Echo)) + "]",
        _ => JsonSerializer.Serialize(value),
    };

    // ECMAScript's Number::toString: the shortest digits, with an exponent only below 1e-6 and from 1e21 on.
    private static string Number(double it)
    {
        if (!double.IsFinite(it)) return "null";
        if (it == 0) return "0";
        var shortest = Math.Abs(it).ToString("R", CultureInfo.InvariantCulture).Split('E');
        var dot = shortest[0].IndexOf('.', StringComparison.Ordinal);
        var all = shortest[0].Replace(".", "", StringComparison.Ordinal);
        var zeros = all.Length - all.TrimStart('0').Length;
        var digits = all.Trim('0');
        var point = (dot < 0 ? all.Length : dot) - zeros
            + (shortest.Length > 1 ? int.Parse(shortest[1], CultureInfo.InvariantCulture) : 0);
        var exponent = point - 1;
        var text = point is > 21 or < -5
            ? $"{digits[0]}{(digits.Length > 1 ? "." + digits[1..] : "")}e{(exponent < 0 ? "" : "+")}{exponent}"
            : point <= 0 ? "0." + new string('0', -point) + digits
            : point >= digits.Length ? digits.PadRight(point, '0')
            : $"{digits[..point]}.{digits[point..]}";
        return it < 0 ? "-" + text : text;
    }

    private static string Quoted(string text)
    {
        using var json = new JsonBuffer();
        json.String(text);
        return Encoding.UTF8.GetString(json.Written);
    }
}
