using System.Globalization;

namespace Xuanwu.Flink.Settings;

/// <summary>The memory settings among a job's parameters, in any spelling.</summary>
internal sealed class MemorySettings
{
    private readonly Dictionary<string, string> values = new(StringComparer.Ordinal);

    public MemorySettings(IReadOnlyDictionary<string, string> parameters)
    {
        foreach (var (key, value) in parameters) values[FlinkKeys.Newest(key)] = value;
    }

    /// <exception cref="Unreadable">It is not a memory size.</exception>
    public MemorySize? Find(string key)
    {
        if (!values.TryGetValue(key, out var text)) return null;
        return MemorySize.TryParse(text, out var size) && size.Bytes < 1L << 60
            ? size
            : throw new Unreadable(
                key, $"{key} is '{text}', which is not an amount of memory; write it like 512m or 1g.");
    }

    /// <exception cref="Unreadable">It is not a memory size.</exception>
    public MemorySize Size(string key, long otherwiseMiB) => Find(key) ?? MemorySize.OfMiB(otherwiseMiB);

    /// <summary>A float, as in Flink: its 0.1 is a little more than a tenth, which shows in the bytes.</summary>
    /// <exception cref="Unreadable">It is not a part of one.</exception>
    public double Fraction(string key, float otherwise)
    {
        if (!values.TryGetValue(key, out var text)) return otherwise;
        return float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var fraction)
            && fraction is >= 0 and < 1
            ? fraction
            : throw new Unreadable(
                key, $"{key} is '{text}', which is not a fraction; write a number from 0 up to but not 1, like 0.4.");
    }

    internal sealed class Unreadable(string key, string message) : Exception(message)
    {
        public string Key { get; } = key;
    }
}
