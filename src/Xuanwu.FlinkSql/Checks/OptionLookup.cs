using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>Finds what an option's key means in its table: an option of the connector, or of one of its
/// formats.</summary>
internal static class OptionLookup
{
    // Read by Flink itself, or by every catalog.
    private static readonly string[] Everywhere = ["connector", "property-version", "is_generic", "catalog-name"];

    /// <summary>The entry and its sheet; no entry when the key is unknown; no sheet when nobody can know it.</summary>
    public static (OptionEntry? Entry, OptionSheet? Sheet) Find(OptionGroup group, SqlDictionary dictionary, string key)
    {
        if (group.Sheet is not { } sheet) return (null, null);
        if (sheet.Find(key) is { } own && (!own.IsPattern || !HasFormats(group))) return (own, sheet);
        if (Everywhere.Contains(key)) return (null, null);
        foreach (var (format, prefix) in Formats(group))
        {
            if (!key.StartsWith(prefix + format + ".", StringComparison.Ordinal)) continue;
            if (dictionary.Format(format) is not { } known) return (null, null);
            return (known.Find(key[prefix.Length..]), known);
        }

        return (sheet.Find(key), sheet);
    }

    /// <summary>The key that was most likely meant.</summary>
    public static string? Meant(OptionGroup group, SqlDictionary dictionary, string key)
    {
        var candidates = group.Sheet!.Options.Where(option => !option.IsPattern).Select(option => option.Key);
        foreach (var (format, prefix) in Formats(group))
        {
            if (dictionary.Format(format) is { } sheet)
                candidates = candidates
                    .Concat(sheet.Options.Where(option => !option.IsPattern).Select(it => prefix + it.Key));
        }

        return Nearest.To(key, candidates);
    }

    /// <summary>The formats that the table names, each with what stands before its options.</summary>
    public static IEnumerable<(string Format, string Prefix)> Formats(OptionGroup group)
    {
        if (group.All.TryGetValue("format", out var format)) yield return (format, "");
        if (group.All.TryGetValue("value.format", out var value)) yield return (value, "value.");
        if (group.All.TryGetValue("key.format", out var key)) yield return (key, "key.");
    }

    private static bool HasFormats(OptionGroup group) => group.Sheet!.Head.Formats;
}
