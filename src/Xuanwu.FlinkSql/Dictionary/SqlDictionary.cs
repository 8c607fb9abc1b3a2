using System.Collections.Concurrent;
using System.Reflection;

namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>
/// What is known of Flink's connectors, formats, catalogs and configuration keys in all releases from 1.16 to 2.2: one
/// readable file each, embedded in the assembly. A sheet is read when it is first asked for. An operator adds files of
/// the same form: a sheet for something of their own, or options and words that go over the shipped ones.
/// </summary>
public sealed class SqlDictionary
{
    private const string Suffix = ".options";

    private static readonly Lazy<Dictionary<(SheetKind, string), string>> Resources = new(List);

    private readonly ConcurrentDictionary<(SheetKind, string), OptionSheet?> sheets = [];
    private readonly Dictionary<(SheetKind, string), OptionSheet> own;

    private SqlDictionary(Dictionary<(SheetKind, string), OptionSheet> own) => this.own = own;

    /// <summary>The shipped one.</summary>
    public static SqlDictionary Shipped { get; } = new([]);

    /// <summary>The configuration keys of Flink.</summary>
    public OptionSheet Configuration => Find(SheetKind.Configuration, "")!;

    /// <summary>All connector identifiers, in ordinal order.</summary>
    public IReadOnlyList<string> Connectors => Names(SheetKind.Connector);

    /// <summary>All format identifiers, in ordinal order.</summary>
    public IReadOnlyList<string> Formats => Names(SheetKind.Format);

    /// <summary>All catalog types, in ordinal order.</summary>
    public IReadOnlyList<string> Catalogs => Names(SheetKind.Catalog);

    /// <summary>The sheet of a connector; null when it is not known.</summary>
    public OptionSheet? Connector(string identifier) => Find(SheetKind.Connector, identifier);

    /// <summary>The sheet of a format; null when it is not known.</summary>
    public OptionSheet? Format(string identifier) => Find(SheetKind.Format, identifier);

    /// <summary>The sheet of a kind of catalog; null when it is not known.</summary>
    public OptionSheet? Catalog(string type) => Find(SheetKind.Catalog, type);

    /// <summary>
    /// A dictionary with an operator's files over this one's: their content by their name. Only names that end in
    /// <c>.options</c> are read. A file with an error is left out, and the error says where and what it is.
    /// </summary>
    public (SqlDictionary Dictionary, IReadOnlyList<SheetError> Errors) With(
        IEnumerable<KeyValuePair<string, string>> files)
    {
        ArgumentNullException.ThrowIfNull(files);
        var merged = new Dictionary<(SheetKind, string), OptionSheet>(own);
        var errors = new List<SheetError>();
        foreach (var (file, text) in files.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (!file.EndsWith(Suffix, StringComparison.Ordinal)) continue;
            var (sheet, wrong) = OptionSheetReader.Read(file, text);
            errors.AddRange(wrong);
            if (sheet is null) continue;
            var key = (sheet.Kind, sheet.Name);
            merged[key] = merged.TryGetValue(key, out var before) ? before.With(sheet) : sheet;
        }

        return (new(merged), errors);
    }

    private OptionSheet? Find(SheetKind kind, string name) => sheets.GetOrAdd((kind, name), Load);

    private OptionSheet? Load((SheetKind Kind, string Name) key)
    {
        var sheet = Resources.Value.TryGetValue(key, out var resource) ? Read(resource) : null;
        if (own.TryGetValue(key, out var added)) sheet = sheet?.With(added) ?? added;
        return sheet?.Head.Like is { } like && like != key.Name ? Find(key.Kind, like)?.With(sheet) ?? sheet : sheet;
    }

    private IReadOnlyList<string> Names(SheetKind kind) =>
    [
        .. Resources.Value.Keys.Concat(own.Keys).Where(key => key.Item1 == kind).Select(key => key.Item2)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private static OptionSheet Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream);
        var (sheet, errors) = OptionSheetReader.Read(resource, reader.ReadToEnd());
        return sheet ?? throw new InvalidDataException(string.Join('\n', errors));
    }

    // The resources are named as the files are: Dictionary/Connectors/kafka.options.
    private static Dictionary<(SheetKind, string), string> List()
    {
        var all = new Dictionary<(SheetKind, string), string>();
        foreach (var resource in Assembly.GetExecutingAssembly().GetManifestResourceNames())
        {
            if (!resource.EndsWith(Suffix, StringComparison.Ordinal)) continue;
            var parts = resource[..^Suffix.Length].Split('/');
            SheetKind? kind = parts switch
            {
                ["Dictionary", "Connectors", _] => SheetKind.Connector,
                ["Dictionary", "Formats", _] => SheetKind.Format,
                ["Dictionary", "Catalogs", _] => SheetKind.Catalog,
                ["Dictionary", "configuration"] => SheetKind.Configuration,
                _ => null,
            };
            if (kind is { } known) all[(known, known == SheetKind.Configuration ? "" : parts[^1])] = resource;
        }

        return all;
    }
}
