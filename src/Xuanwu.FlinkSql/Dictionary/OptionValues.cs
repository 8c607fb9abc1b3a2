using System.Globalization;

namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>Whether Flink's ConfigOption can read a text as a value of an option's type.</summary>
public static class OptionValues
{
    // org.apache.flink.util.TimeUtils; a bare number counts milliseconds.
    private static readonly Dictionary<string, decimal> Milliseconds = new(StringComparer.Ordinal)
    {
        ["d"] = 86_400_000,
        ["day"] = 86_400_000,
        ["days"] = 86_400_000,
        ["h"] = 3_600_000,
        ["hour"] = 3_600_000,
        ["hours"] = 3_600_000,
        ["m"] = 60_000,
        ["min"] = 60_000,
        ["minute"] = 60_000,
        ["minutes"] = 60_000,
        ["s"] = 1000,
        ["sec"] = 1000,
        ["secs"] = 1000,
        ["second"] = 1000,
        ["seconds"] = 1000,
        [""] = 1,
        ["ms"] = 1,
        ["milli"] = 1,
        ["millis"] = 1,
        ["millisecond"] = 1,
        ["milliseconds"] = 1,
        ["µs"] = 0.001m,
        ["micro"] = 0.001m,
        ["micros"] = 0.001m,
        ["microsecond"] = 0.001m,
        ["microseconds"] = 0.001m,
        ["ns"] = 0.000_001m,
        ["nano"] = 0.000_001m,
        ["nanos"] = 0.000_001m,
        ["nanosecond"] = 0.000_001m,
        ["nanoseconds"] = 0.000_001m,
    };

    // org.apache.flink.configuration.MemorySize; a bare number counts bytes.
    private static readonly Dictionary<string, long> Bytes = new(StringComparer.Ordinal)
    {
        [""] = 1,
        ["b"] = 1,
        ["bytes"] = 1,
        ["k"] = 1L << 10,
        ["kb"] = 1L << 10,
        ["kibibytes"] = 1L << 10,
        ["m"] = 1L << 20,
        ["mb"] = 1L << 20,
        ["mebibytes"] = 1L << 20,
        ["g"] = 1L << 30,
        ["gb"] = 1L << 30,
        ["gibibytes"] = 1L << 30,
        ["t"] = 1L << 40,
        ["tb"] = 1L << 40,
        ["tebibytes"] = 1L << 40,
    };

    /// <summary>
    /// What was expected in place of the value, as the end of a sentence ("a duration such as '10 min'"); null when the
    /// value is fine or cannot be judged, as a value with a reference <c>${…}</c> in it.
    /// </summary>
    public static string? Expected(OptionEntry option, string value)
    {
        ArgumentNullException.ThrowIfNull(option);
        ArgumentNullException.ThrowIfNull(value);
        if (value.Contains("${", StringComparison.Ordinal)) return null;
        if (option.Values.Count > 0 && !option.ValuesAreOpen && option.Type is OptionType.Enum or OptionType.String)
        {
            return option.Values.Contains(value.Trim(), StringComparer.OrdinalIgnoreCase)
                ? null
                : "one of " + string.Join(", ", option.Values.Select(each => $"'{each}'"));
        }

        return option.Type switch
        {
            OptionType.Boolean => IsBoolean(value) ? null : "'true' or 'false'",
            OptionType.Integer => int.TryParse(value.Trim(), CultureInfo.InvariantCulture, out _)
                ? null
                : "a whole number",
            OptionType.Long => long.TryParse(value.Trim(), CultureInfo.InvariantCulture, out _)
                ? null
                : "a whole number",
            OptionType.Float or OptionType.Double =>
                double.TryParse(value.Trim(), CultureInfo.InvariantCulture, out _) ? null : "a number",
            OptionType.Duration => ToMilliseconds(value) is null ? "a duration such as '10 min' or '500 ms'" : null,
            OptionType.Memory => ToBytes(value) is null ? "a size such as '64 mb' or '1 gb'" : null,
            _ => null,
        };
    }

    /// <summary>Whether two texts are one value to Flink: '60 s' and '1 min', 'TRUE' and 'true'.</summary>
    public static bool AreSame(OptionType type, string one, string other) => type switch
    {
        _ when one == other => true,
        OptionType.Boolean or OptionType.Enum => string.Equals(one, other, StringComparison.OrdinalIgnoreCase),
        OptionType.Duration => ToMilliseconds(one) is { } left && left == ToMilliseconds(other),
        OptionType.Memory => ToBytes(one) is { } left && left == ToBytes(other),
        _ => false,
    };

    /// <summary>A duration as Flink reads it, in milliseconds; null when it is none.</summary>
    public static decimal? ToMilliseconds(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.StartsWith('P'))
        {
            try
            {
                return (decimal)System.Xml.XmlConvert.ToTimeSpan(value).TotalMilliseconds;
            }
            catch (Exception wrong) when (wrong is FormatException or OverflowException)
            {
                return null;
            }
        }

        return Split(value) is var (number, unit) && Milliseconds.TryGetValue(unit, out var factor)
            ? number * factor
            : null;
    }

    /// <summary>A size as Flink reads it, in bytes; null when it is none.</summary>
    public static decimal? ToBytes(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Split(value) is var (number, unit) && Bytes.TryGetValue(unit, out var factor)
            ? (decimal)number * factor
            : null;
    }

    private static bool IsBoolean(string value) =>
        value.Trim().Equals("true", StringComparison.OrdinalIgnoreCase)
        || value.Trim().Equals("false", StringComparison.OrdinalIgnoreCase);

    private static (long Number, string Unit)? Split(string value)
    {
        var text = value.Trim();
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits])) digits++;
        return digits > 0 && long.TryParse(text.AsSpan(0, digits), CultureInfo.InvariantCulture, out var number)
            ? (number, text[digits..].Trim().ToLowerInvariant())
            : null;
    }
}
