using System.Globalization;
using System.Xml;

namespace Xuanwu.Flink.Settings;

/// <summary>
/// Durations as Flink writes them (org.apache.flink.util.TimeUtils): a whole number and a unit, such as <c>10 s</c>,
/// <c>500ms</c>,
/// <c>5 min</c>, milliseconds when there is no unit; or ISO 8601, such as <c>PT10S</c>.
/// </summary>
public static class FlinkDuration
{
    /// <summary>Units below a tick (100 ns) are rounded down.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = default;
        var trimmed = text.AsSpan().Trim();
        if (trimmed.Length is 0 or > 64) return false;
        return trimmed[0] is 'P' or 'p' ? Iso(trimmed, out duration) : Labelled(trimmed, out duration);
    }

    private static bool Labelled(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        duration = default;
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        if (digits < 0) digits = text.Length;
        if (!long.TryParse(text[..digits], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        decimal? ticks = text[digits..].Trim().ToString().ToLowerInvariant() switch
        {
            "d" or "day" or "days" => TimeSpan.TicksPerDay,
            "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
            "m" or "min" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
            "s" or "sec" or "secs" or "second" or "seconds" => TimeSpan.TicksPerSecond,
            "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
            "µs" or "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.TicksPerMicrosecond,
            "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => 0.01m,
            _ => null,
        };
        if (ticks is null || number > long.MaxValue / ticks.Value) return false;
        duration = new((long)(number * ticks.Value));
        return true;
    }

    private static bool Iso(ReadOnlySpan<char> text, out TimeSpan duration)
    {
        try
        {
            duration = XmlConvert.ToTimeSpan(text.ToString().ToUpperInvariant());
            return duration >= TimeSpan.Zero;
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException)
        {
            duration = default;
            return false;
        }
    }
}
