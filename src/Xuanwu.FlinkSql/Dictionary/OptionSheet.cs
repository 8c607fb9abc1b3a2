namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>What a sheet describes.</summary>
public enum SheetKind
{
    Connector,
    Format,
    Catalog,
    Configuration,
}

/// <summary>Which changes a table can give or take.</summary>
public enum Changes
{
    /// <summary>It cannot be read, or not be written.</summary>
    None,

    /// <summary>New rows only.</summary>
    Insert,

    /// <summary>New rows, newer versions by primary key, and deletions.</summary>
    Upsert,

    /// <summary>Everything, with the row before each update.</summary>
    All,

    /// <summary>What its format can tell.</summary>
    AsFormat,
}

/// <summary>What a connector does with a PRIMARY KEY.</summary>
public enum PrimaryKeyUse
{
    /// <summary>It makes no difference.</summary>
    Ignored,

    /// <summary>Refused.</summary>
    Unsupported,

    /// <summary>Needed to write updates and deletions.</summary>
    ForUpsert,

    /// <summary>Needed unless an option stands in for it.</summary>
    Expected,

    /// <summary>Always needed.</summary>
    Required,
}

/// <summary>The releases of a connector that exist for a range of Flink releases.</summary>
/// <param name="Flink">Flink's minor releases.</param>
/// <param name="Connector">The connector's; null when it counts as Flink does.</param>
/// <param name="Unsure">Whether that is a guess, or not released yet.</param>
public sealed record Availability(ReleaseRange Flink, ReleaseRange? Connector, bool Unsure);

/// <summary>
/// What is known of one connector, format, kind of catalog, or of Flink's configuration: the content of one file of
/// the dictionary.
/// </summary>
public sealed class OptionSheet
{
    private readonly Dictionary<string, OptionEntry> exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OptionEntry> former = new(StringComparer.Ordinal);
    private readonly List<OptionEntry> patterns = [];

    internal OptionSheet(SheetKind kind, string name, SheetHead head, IReadOnlyList<OptionEntry> options)
    {
        (Kind, Name, Head, Options) = (kind, name, head, options);
        foreach (var option in options)
        {
            exact[option.Key] = option;
            if (option.IsPattern || option.Type == OptionType.Map) patterns.Add(option);
            foreach (var (key, _) in option.FormerKeys) former.TryAdd(key, option);
        }
    }

    public SheetKind Kind { get; }

    /// <summary>The connector's or format's identifier, the catalog's type; empty for the configuration.</summary>
    public string Name { get; }

    public SheetHead Head { get; }

    /// <summary>All options in the file's order.</summary>
    public IReadOnlyList<OptionEntry> Options { get; }

    /// <summary>The option that a key names: itself, then a pattern, then a prefix; null when unknown.</summary>
    public OptionEntry? Find(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (exact.TryGetValue(key, out var option)) return option;
        OptionEntry? prefix = null;
        foreach (var pattern in patterns)
        {
            if (!Matches(pattern, key)) continue;
            if (pattern.Key.Contains('#', StringComparison.Ordinal)) return pattern;
            prefix ??= pattern;
        }

        return prefix;
    }

    /// <summary>The option that once had this name; null when none had.</summary>
    public OptionEntry? FindFormer(string key) => former.GetValueOrDefault(key);

    /// <summary>The column's name that a key holds in place of the pattern's <c>#</c>; null when it does not fit.
    /// </summary>
    public static string? ColumnOf(OptionEntry pattern, string key)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(key);
        var mark = pattern.Key.IndexOf('#', StringComparison.Ordinal);
        if (mark < 0) return null;
        var before = pattern.Key.AsSpan(0, mark);
        var after = pattern.Key.AsSpan(mark + 1);
        var fits = key.Length > before.Length + after.Length && key.AsSpan().StartsWith(before)
            && key.AsSpan().EndsWith(after);
        return fits ? key[before.Length..^after.Length] : null;
    }

    /// <summary>Whether a connector of this sheet exists for a release of Flink; null when nothing is known.</summary>
    public Availability? On(Release flink)
    {
        Availability? found = null;
        foreach (var each in Head.On)
        {
            // Where two lines speak of one Flink release, the later one names the connector's own releases.
            if (each.Flink.Contains(flink.ToMinor())) found = each;
        }

        return found;
    }

    internal OptionSheet With(OptionSheet own)
    {
        var options = new List<OptionEntry>(Options.Where(option => !own.exact.ContainsKey(option.Key)));
        options.AddRange(own.Options);
        return new(own.Kind, own.Name, Head.With(own.Head), options);
    }

    private static bool Matches(OptionEntry pattern, string key)
    {
        if (pattern.Key.EndsWith(".*", StringComparison.Ordinal))
        {
            var prefix = pattern.Key.AsSpan(0, pattern.Key.Length - 1);
            return key.Length > prefix.Length && key.AsSpan().StartsWith(prefix);
        }

        if (pattern.Type == OptionType.Map)
        {
            return key.Length > pattern.Key.Length + 1 && key[pattern.Key.Length] == '.'
                && key.StartsWith(pattern.Key, StringComparison.Ordinal);
        }

        return ColumnOf(pattern, key) is not null;
    }
}

/// <summary>The head of a sheet.</summary>
public sealed record SheetHead
{
    public string Title { get; init; } = "";

    /// <summary>Another sheet whose words and options this one begins with; null when it stands alone.</summary>
    public string? Like { get; init; }

    /// <summary>What a connector's table can be: source, sink, lookup.</summary>
    public IReadOnlyList<OptionUse> Roles { get; init; } = [];

    /// <summary>The Maven artifact that brings it.</summary>
    public string Artifact { get; init; } = "";

    /// <summary>Whether it is in Flink's distribution, so in every image.</summary>
    public bool BuiltIn { get; init; }

    /// <summary>Whether a connector takes formats.</summary>
    public bool Formats { get; init; }

    /// <summary>Whether SQL can use it at all.</summary>
    public bool Sql { get; init; } = true;

    /// <summary>Whether a connector refuses options that it does not know; a lake's table keeps them as properties.
    /// </summary>
    public bool Strict { get; init; } = true;

    public Changes Reads { get; init; }

    public Changes Writes { get; init; }

    public PrimaryKeyUse PrimaryKey { get; init; }

    /// <summary>The METADATA columns that a connector offers.</summary>
    public IReadOnlyList<string> Metadata { get; init; } = [];

    public IReadOnlyList<Availability> On { get; init; } = [];

    /// <summary>A CREATE statement to start from.</summary>
    public string? Example { get; init; }

    public string? Note { get; init; }

    /// <summary>Where the facts were read.</summary>
    public IReadOnlyList<string> From { get; init; } = [];

    internal SheetHead With(SheetHead own) => this with
    {
        Title = own.Title.Length > 0 ? own.Title : Title,
        Like = own.Like ?? Like,
        Roles = own.Roles.Count > 0 ? own.Roles : Roles,
        Artifact = own.Artifact.Length > 0 ? own.Artifact : Artifact,
        BuiltIn = BuiltIn || own.BuiltIn,
        Formats = Formats || own.Formats,
        Strict = Strict && own.Strict,
        Reads = own.Reads != Changes.None ? own.Reads : Reads,
        Writes = own.Writes != Changes.None ? own.Writes : Writes,
        PrimaryKey = own.PrimaryKey != PrimaryKeyUse.Ignored ? own.PrimaryKey : PrimaryKey,
        Metadata = own.Metadata.Count > 0 ? own.Metadata : Metadata,
        On = own.On.Count > 0 ? own.On : On,
        Note = own.Note ?? Note,
        From = own.From.Count > 0 ? own.From : From,
    };
}
