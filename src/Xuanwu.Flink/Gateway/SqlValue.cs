using System.Globalization;
using System.Numerics;
using System.Text.Json;
using Xuanwu.Flink.Rest;

namespace Xuanwu.Flink.Gateway;

/// <summary>An exact DECIMAL of up to 38 digits: Unscaled · 10^-Scale.</summary>
public readonly record struct SqlDecimal(BigInteger Unscaled, int Scale)
{
    public override string ToString()
    {
        var digits = BigInteger.Abs(Unscaled).ToString(CultureInfo.InvariantCulture).PadLeft(Scale + 1, '0');
        var sign = Unscaled.Sign < 0 ? "-" : "";
        return Scale == 0 ? sign + digits : $"{sign}{digits[..^Scale]}.{digits[^Scale..]}";
    }

    /// <summary>Reads a JSON number, brought to a scale; false when it is none or has more digits than that.</summary>
    internal static bool TryParse(string text, int scale, out SqlDecimal value)
    {
        value = default;
        var e = text.AsSpan().IndexOfAny('e', 'E');
        var exponent = 0;
        if (e >= 0 && !int.TryParse(text.AsSpan(e + 1), CultureInfo.InvariantCulture, out exponent)) return false;
        var mantissa = e < 0 ? text : text[..e];
        var point = mantissa.IndexOf('.', StringComparison.Ordinal);
        var digits = point < 0 ? mantissa : mantissa.Remove(point, 1);
        if (!BigInteger.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var unscaled))
        {
            return false;
        }

        var shift = scale + exponent - (point < 0 ? 0 : mantissa.Length - point - 1);
        if (Math.Abs(shift) > 100) return false;
        var power = BigInteger.Pow(10, Math.Abs(shift));
        if (shift < 0 && !(unscaled % power).IsZero) return false;
        value = new(shift < 0 ? unscaled / power : unscaled * power, scale);
        return true;
    }
}

/// <summary>A TIMESTAMP (its time of no zone) or a TIMESTAMP_LTZ (its time in UTC).</summary>
/// <param name="Time">To 100 ns; its Kind is Utc for TIMESTAMP_LTZ, else Unspecified.</param>
/// <param name="Nanoseconds">What is below that, 0 to 99.</param>
public readonly record struct SqlTimestamp(DateTime Time, int Nanoseconds)
{
    public override string ToString()
    {
        var text = Time.ToString("yyyy-MM-dd HH:mm:ss.fffffff", CultureInfo.InvariantCulture)
            + Nanoseconds.ToString("00", CultureInfo.InvariantCulture);
        var end = text.TrimEnd('0').TrimEnd('.');
        return Time.Kind == DateTimeKind.Utc ? end + "Z" : end;
    }

    internal static bool TryParse(string text, out SqlTimestamp value)
    {
        value = default;
        var isUtc = text.EndsWith('Z');
        var bare = isUtc ? text[..^1] : text;
        var point = bare.IndexOf('.', StringComparison.Ordinal);
        var fraction = point < 0 ? "" : bare[(point + 1)..];
        if (fraction.Length > 9 || !fraction.All(char.IsAsciiDigit)) return false;
        if (!DateTime.TryParseExact(
            point < 0 ? bare : bare[..point],
            ["yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd HH:mm:ss"],
            CultureInfo.InvariantCulture, DateTimeStyles.None, out var seconds))
        {
            return false;
        }

        var nanos = int.Parse("0" + fraction.PadRight(9, '0'), CultureInfo.InvariantCulture);
        var kind = isUtc ? DateTimeKind.Utc : DateTimeKind.Unspecified;
        value = new(DateTime.SpecifyKind(seconds.AddTicks(nanos / 100), kind), nanos % 100);
        return true;
    }
}

/// <summary>An INTERVAL YEAR TO MONTH.</summary>
public readonly record struct SqlMonths(int Months)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Months < 0 ? "-" : "+")}{Math.Abs(Months) / 12}-{Math.Abs(Months) % 12:00}");
}

/// <summary>
/// Values of a result, typed: BOOLEAN bool, TINYINT sbyte, SMALLINT short, INT int, BIGINT long, FLOAT float, DOUBLE
/// double, DECIMAL <see cref="SqlDecimal"/>, CHAR and VARCHAR string, BINARY and VARBINARY byte[], DATE DateOnly, TIME
/// TimeOnly, TIMESTAMP and TIMESTAMP_LTZ <see cref="SqlTimestamp"/>, INTERVAL YEAR TO MONTH <see cref="SqlMonths"/>,
/// INTERVAL DAY TO SECOND TimeSpan, ARRAY a list, MAP and MULTISET (its counts) a dictionary by the key's text, ROW a
/// list of named values; NULL is null. What is none of these, as of a type that a later Flink added or out of .NET's
/// range, is the text that the gateway sent.
/// </summary>
public static class SqlValue
{
    /// <summary>The value as people read it, as Flink's own client shows it.</summary>
    public static string Show(object? value) => value switch
    {
        null => "NULL",
        bool it => it ? "TRUE" : "FALSE",
        byte[] it => "x'" + Convert.ToHexStringLower(it) + "'",
        DateOnly it => it.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        TimeOnly it => it.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
        TimeSpan it => string.Create(
            CultureInfo.InvariantCulture,
            $"{(it < TimeSpan.Zero ? "-" : "+")}{it.Duration().Days} {it.Duration():hh\\:mm\\:ss\\.fff}"),
        IReadOnlyList<KeyValuePair<string, object?>> row =>
            $"({string.Join(", ", row.Select(each => Show(each.Value)))})",
        IReadOnlyList<object?> list => $"[{string.Join(", ", list.Select(Show))}]",
        IReadOnlyDictionary<string, object?> map =>
            $"{{{string.Join(", ", map.Select(each => $"{each.Key}={Show(each.Value)}"))}}}",
        IFormattable it => it.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>Reads one field of a row in rowFormat JSON (RowDataToJsonConverters, ISO-8601).</summary>
    internal static object? Read(JsonElement json, LogicalType type)
    {
        if (json.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined) return null;
        return Typed(json, type) ?? (json.ValueKind is JsonValueKind.String ? json.GetString() : json.GetRawText());
    }

    private static object? Typed(JsonElement json, LogicalType type) => (type.Root, json.ValueKind) switch
    {
        ("BOOLEAN", JsonValueKind.True or JsonValueKind.False) => json.GetBoolean(),
        ("TINYINT", JsonValueKind.Number) => json.TryGetSByte(out var it) ? it : null,
        ("SMALLINT", JsonValueKind.Number) => json.TryGetInt16(out var it) ? it : null,
        ("INTEGER", JsonValueKind.Number) => json.TryGetInt32(out var it) ? it : null,
        ("BIGINT", JsonValueKind.Number) => json.TryGetInt64(out var it) ? it : null,
        ("FLOAT", JsonValueKind.Number) => json.TryGetSingle(out var it) ? it : null,
        ("DOUBLE", JsonValueKind.Number) => json.TryGetDouble(out var it) ? it : null,
        ("FLOAT", JsonValueKind.String) => NotANumber(json.GetString()) is { } it ? (float)it : null,
        ("DOUBLE", JsonValueKind.String) => NotANumber(json.GetString()),
        ("DECIMAL", JsonValueKind.Number) =>
            SqlDecimal.TryParse(json.GetRawText(), type.Scale, out var it) ? it : null,
        ("BINARY" or "VARBINARY", JsonValueKind.String) => json.TryGetBytesFromBase64(out var it) ? it : null,
        ("DATE", JsonValueKind.String) => DateOnly.TryParseExact(
            json.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var it) ? it : null,
        ("TIME_WITHOUT_TIME_ZONE", JsonValueKind.String) => Time(json.GetString()!),
        ("TIMESTAMP_WITHOUT_TIME_ZONE" or "TIMESTAMP_WITH_LOCAL_TIME_ZONE", JsonValueKind.String) =>
            SqlTimestamp.TryParse(json.GetString()!, out var it) ? it : null,
        ("INTERVAL_YEAR_MONTH", JsonValueKind.Number) => json.TryGetInt32(out var it) ? new SqlMonths(it) : null,
        ("INTERVAL_DAY_TIME", JsonValueKind.Number) =>
            json.TryGetInt64(out var ms) && Math.Abs(ms) < 900_000_000_000_000 ? TimeSpan.FromMilliseconds(ms) : null,
        ("ARRAY", JsonValueKind.Array) when type.Element is { } element =>
            json.EnumerateArray().Select(each => Read(each, element)).ToList(),
        ("MAP", JsonValueKind.Object) when type.Element is { } element => Entries(json, element),
        ("MULTISET", JsonValueKind.Object) => Entries(json, new("INTEGER")),
        ("ROW", JsonValueKind.Object) => type.Fields
            .Select(field => KeyValuePair.Create(field.Name, Read(json.Get(field.Name), field.Type)))
            .ToList(),
        _ => null,
    };

    private static Dictionary<string, object?> Entries(JsonElement json, LogicalType type)
    {
        var entries = new Dictionary<string, object?>(StringComparer.Ordinal);
        foreach (var each in json.EnumerateObject()) entries[each.Name] = Read(each.Value, type);
        return entries;
    }

    private static double? NotANumber(string? text) => text switch
    {
        "NaN" => double.NaN,
        "Infinity" => double.PositiveInfinity,
        "-Infinity" => double.NegativeInfinity,
        _ => null,
    };

    // 10:15, 10:15:30, 10:15:30.123456789, and with the Z that Flink's SQL_TIME_FORMAT of some versions puts behind it.
    private static TimeOnly? Time(string text) => TimeOnly.TryParse(
        text.TrimEnd('Z') is { Length: > 16 } fine ? fine[..16] : text.TrimEnd('Z'), CultureInfo.InvariantCulture,
        out var time)
        ? time
        : null;
}
