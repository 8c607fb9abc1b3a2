using System.Globalization;
using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>
/// How a value changes with its key:
/// <list type="bullet">
/// <item><c>upper</c>: in capitals</item>
/// <item><c>milliseconds</c>, <c>seconds</c>: a plain number becomes a duration</item>
/// <item><c>plain-milliseconds</c>, <c>bytes</c>: a duration or a size becomes a plain number</item>
/// <item><c>times:N</c>: a plain number is multiplied</item>
/// <item><c>append:TEXT</c>: a text is put behind it</item>
/// <item><c>a:b|c:d</c>: one value for another; others cannot be mapped</item>
/// <item><c>by-hand</c>: only a person can tell</item>
/// </list>
/// </summary>
internal static class ValueWays
{
    public static bool IsKnown(string way) =>
        way is "upper" or "milliseconds" or "seconds" or "plain-milliseconds" or "bytes" or "by-hand"
        || way.Contains(':', StringComparison.Ordinal);

    /// <summary>The new value; null when it cannot be told.</summary>
    public static string? Up(string? way, string value) => way switch
    {
        null => value,
        "by-hand" => null,
        _ when value.Contains("${", StringComparison.Ordinal) => null,
        "upper" => value.ToUpperInvariant(),
        "milliseconds" => IsWhole(value) ? value.Trim() + " ms" : null,
        "seconds" => IsWhole(value) ? value.Trim() + " s" : null,
        "plain-milliseconds" => Plain(OptionValues.ToMilliseconds(value)),
        "bytes" => Plain(OptionValues.ToBytes(value)),
        _ when way.StartsWith("times:", StringComparison.Ordinal) =>
            long.TryParse(value, CultureInfo.InvariantCulture, out var number)
                && long.TryParse(way.AsSpan(6), CultureInfo.InvariantCulture, out var factor)
                ? (number * factor).ToString(CultureInfo.InvariantCulture)
                : null,
        _ when way.StartsWith("append:", StringComparison.Ordinal) =>
            value.EndsWith(way[7..], StringComparison.Ordinal) ? value : value + way[7..],
        _ => Pairs(way).FirstOrDefault(pair => pair.Old.Equals(value, StringComparison.OrdinalIgnoreCase)).New,
    };

    /// <summary>The old value; null when it cannot be told.</summary>
    public static string? Down(string? way, string value) => way switch
    {
        null => value,
        "plain-milliseconds" => IsWhole(value) ? value.Trim() + " ms" : null,
        "bytes" => IsWhole(value) ? value.Trim() + " b" : null,
        "milliseconds" => Plain(OptionValues.ToMilliseconds(value)),
        "upper" => value.ToLowerInvariant(),
        _ => null,
    };

    private static IEnumerable<(string Old, string? New)> Pairs(string way) =>
        way.Split('|').Select(pair => pair.Split(':')).Where(pair => pair.Length == 2)
            .Select(pair => (pair[0], (string?)pair[1]));

    private static string? Plain(decimal? number) =>
        number is { } some && some == decimal.Truncate(some)
            ? decimal.Truncate(some).ToString(CultureInfo.InvariantCulture)
            : null;

    private static bool IsWhole(string value) => long.TryParse(value.Trim(), CultureInfo.InvariantCulture, out _);
}
