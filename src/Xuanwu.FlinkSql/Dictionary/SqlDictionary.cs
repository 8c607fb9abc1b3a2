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

    // By the name of the resource, which is that of the file: Dictionary/Connectors/kafka.options.
    private readonly ConcurrentDictionary<string, OptionSheet?> sheets = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OptionSheet> own;

    private SqlDictionary(Dictionary<string, OptionSheet> own) => this.own = own;

    /// <summary>The shipped one.</summary>
    public static SqlDictionary Shipped { get; } = new(new(StringComparer.Ordinal));

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
        var merged = new Dictionary<string, OptionSheet>(own, StringComparer.Ordinal);
        var errors = new List<SheetError>();
        foreach (var (file, text) in files.OrderBy(each => each.Key, StringComparer.Ordinal))
        {
            if (!file.EndsWith(Suffix, StringComparison.Ordinal)) continue;
            var (sheet, wrong) = OptionSheetReader.Read(file, text);
            errors.AddRange(wrong);
            if (sheet is null) continue;
            var key = Key(sheet.Kind, sheet.Name);
            merged[key] = merged.TryGetValue(key, out var before) ? before.With(sheet) : sheet;
        }

        return (new(merged), errors);
    }

    private static string Folder(SheetKind kind) => kind switch
    {
        SheetKind.Connector => "Dictionary/Connectors/",
        SheetKind.Format => "Dictionary/Formats/",
        SheetKind.Catalog => "Dictionary/Catalogs/",
        _ => "Dictionary/",
    };

    private static string Key(SheetKind kind, string name) =>
        Folder(kind) + (kind == SheetKind.Configuration ? "configuration" : name) + Suffix;

    private OptionSheet? Find(SheetKind kind, string name) => sheets.GetOrAdd(Key(kind, name), Load);

    private OptionSheet? Load(string key)
    {
        var sheet = Read(key);
        if (own.TryGetValue(key, out var added)) sheet = sheet?.With(added) ?? added;
        return sheet?.Head.Like is { } like && like != sheet.Name ? Find(sheet.Kind, like)?.With(sheet) ?? sheet : sheet;
    }

    private List<string> Names(SheetKind kind)
    {
        var folder = Folder(kind);
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var key in Assembly.GetExecutingAssembly().GetManifestResourceNames().Concat(own.Keys))
        {
            if (key.StartsWith(folder, StringComparison.Ordinal) && key.EndsWith(Suffix, StringComparison.Ordinal))
                names.Add(key[folder.Length..^Suffix.Length]);
        }

        return [.. names];
    }

    private static OptionSheet? Read(string resource)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(resource);
        if (stream is null) return null;
        using var reader = new StreamReader(stream);
        var (sheet, errors) = OptionSheetReader.Read(resource, reader.ReadToEnd());
        return sheet ?? throw new InvalidDataException(string.Join('\n', errors));
    }
}
