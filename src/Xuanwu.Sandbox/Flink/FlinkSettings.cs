using System.Globalization;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink;

/// <summary>Flink's configuration: keys as Flink spells them, values as text.</summary>
internal sealed class FlinkSettings(IReadOnlyDictionary<string, string> values)
{
    public static readonly FlinkSettings Empty = new(new Dictionary<string, string>());

    public IReadOnlyDictionary<string, string> Values { get; } = values;

    /// <summary>
    /// What a process would read: its configuration file, then FLINK_PROPERTIES, then -D arguments, each winning over
    /// the former. The file is flink-conf.yaml up to 1.18, either (flink-conf.yaml wins) in 1.19 and 1.20, config.yaml
    /// from 2.0 on.
    /// </summary>
    public static FlinkSettings Read(IContainer container, IReadOnlyList<string> arguments, FlinkVersion version)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        var legacy = version.AtLeast(2, 0) ? null : FileEnding(container, "flink-conf.yaml");
        if (legacy is not null) FlinkYaml.ReadFlat(legacy, values);
        else if (version.AtLeast(1, 19) && FileEnding(container, "config.yaml") is { } standard)
        {
            FlinkYaml.ReadNested(standard, values);
        }

        if (container.Environment.TryGetValue("FLINK_PROPERTIES", out var properties))
        {
            // The images from 1.19 on strip every blank out of the values; see facts of the entrypoint.
            FlinkYaml.ReadFlat(properties, values, squeeze: version.AtLeast(1, 19));
        }

        for (var i = 0; i < arguments.Count && arguments[i] != "--"; i++)
        {
            var text = arguments[i];
            if (!text.StartsWith("-D", StringComparison.Ordinal)) continue;
            var pair = text.Length > 2 ? text[2..] : i + 1 < arguments.Count ? arguments[++i] : "";
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0) values[pair[..equals].Trim()] = pair[(equals + 1)..].Trim();
            else if (pair.Length > 0) values[pair.Trim()] = "true";
        }

        return new FlinkSettings(values);
    }

    /// <summary>These settings with others over them.</summary>
    public FlinkSettings With(IEnumerable<KeyValuePair<string, string>> others)
    {
        var merged = new Dictionary<string, string>(Values, StringComparer.Ordinal);
        foreach (var (key, value) in others) merged[key] = value;
        return new FlinkSettings(merged);
    }

    /// <summary>
    /// The value of the first of the keys that is set: the present spelling first, then what it replaced.
    /// </summary>
    public string? Find(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        {
            if (Values.TryGetValue(key, out var value) && value.Length > 0) return value;
        }

        return null;
    }

    public int Number(int otherwise, params ReadOnlySpan<string> keys) =>
        int.TryParse(Find(keys), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : otherwise;

    public bool Flag(bool otherwise, params ReadOnlySpan<string> keys) =>
        Find(keys) is { } text ? text.Equals("true", StringComparison.OrdinalIgnoreCase) : otherwise;

    public TimeSpan? Duration(params ReadOnlySpan<string> keys) => Find(keys) is { } text ? ParseDuration(text) : null;

    /// <summary>Bytes, from texts such as 1728m, 1 gb or 4096.</summary>
    public long Bytes(long otherwise, params ReadOnlySpan<string> keys)
    {
        if (Find(keys) is not { } text) return otherwise;
        var (number, unit) = Split(text);
        if (!long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var amount)) return otherwise;
        return unit switch
        {
            "" or "b" or "bytes" => amount,
            "k" or "kb" or "kibibytes" => amount << 10,
            "m" or "mb" or "mebibytes" => amount << 20,
            "g" or "gb" or "gibibytes" => amount << 30,
            "t" or "tb" or "tebibytes" => amount << 40,
            _ => otherwise,
        };
    }

    /// <summary>
    /// A duration in Flink's notation (<c>10 s</c>, <c>5min</c>, plain milliseconds) or ISO 8601; null when it is
    /// neither.
    /// </summary>
    public static TimeSpan? ParseDuration(string text)
    {
        text = text.Trim();
        if (text.StartsWith('P') || text.StartsWith('p'))
        {
            try
            {
                return System.Xml.XmlConvert.ToTimeSpan(text.ToUpperInvariant());
            }
            catch (FormatException)
            {
                return null;
            }
        }

        var (number, unit) = Split(text);
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var amount))
        {
            return null;
        }
        return unit switch
        {
            "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.FromMilliseconds(amount),
            "s" or "sec" or "secs" or "second" or "seconds" => TimeSpan.FromSeconds(amount),
            "m" or "min" or "minute" or "minutes" => TimeSpan.FromMinutes(amount),
            "h" or "hour" or "hours" => TimeSpan.FromHours(amount),
            "d" or "day" or "days" => TimeSpan.FromDays(amount),
            _ => null,
        };
    }

    private static (string Number, string Unit) Split(string text)
    {
        text = text.Trim();
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.')) end++;
        return (text[..end], text[end..].Trim().ToLowerInvariant());
    }

    private static string? FileEnding(IContainer container, string name) =>
        container.Files.FirstOrDefault(file => file.Key.EndsWith("/" + name, StringComparison.Ordinal)).Value;
}
