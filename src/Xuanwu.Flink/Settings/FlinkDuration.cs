using System.Xml;
using Xuanwu.FlinkSql.Dictionary;

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
        var trimmed = text.Trim();
        if (trimmed.Length is 0 or > 64) return false;
        return trimmed[0] is 'P' or 'p' ? Iso(trimmed, out duration) : Labelled(trimmed, out duration);
    }

    private static bool Labelled(string text, out TimeSpan duration)
    {
        duration = default;
        if (OptionValues.ToMilliseconds(text) is not { } milliseconds
            || milliseconds > long.MaxValue / (decimal)TimeSpan.TicksPerMillisecond) return false;
        duration = new((long)(milliseconds * TimeSpan.TicksPerMillisecond));
        return true;
    }

    private static bool Iso(string text, out TimeSpan duration)
    {
        try
        {
            duration = XmlConvert.ToTimeSpan(text.ToUpperInvariant());
            return duration >= TimeSpan.Zero;
        }
        catch (Exception wrong) when (wrong is FormatException or OverflowException)
        {
            duration = default;
            return false;
        }
    }
}
