namespace Xuanwu.FlinkSql.Dictionary;

/// <summary>The kinds of values that Flink's ConfigOption reads.</summary>
public enum OptionType
{
    String,

    /// <summary>Texts between semicolons (or commas, by connector).</summary>
    List,

    /// <summary>One of <see cref="OptionEntry.Values"/>, in upper or lower case.</summary>
    Enum,
    Boolean,
    Integer,
    Long,
    Float,
    Double,

    /// <summary>'10 min', '500ms', 'PT1H'.</summary>
    Duration,

    /// <summary>'64 mb', '1g'; a bare number is bytes.</summary>
    Memory,

    /// <summary>'a:1,b:2', or one key per entry below this one.</summary>
    Map,

    /// <summary>A value of the table's column that the key names.</summary>
    Column,
}

/// <summary>Who reads an option.</summary>
public enum OptionUse
{
    Any,
    Source,
    Sink,
    Lookup,
}

/// <summary>What of an option's value is secret.</summary>
public enum OptionSecrecy
{
    None,

    /// <summary>The whole value.</summary>
    Value,

    /// <summary>The value may carry a user's password or a token, as a URL does.</summary>
    Embedded,

    /// <summary>Some of the keys under a prefix; <see cref="SecretNames"/> tells which.</summary>
    SomeKeys,
}

/// <summary>A release of Flink, or of the connector that the option belongs to.</summary>
/// <param name="Release">The number.</param>
/// <param name="OfConnector">Whether it counts the connector's releases and not Flink's.</param>
public readonly record struct Since(Release Release, bool OfConnector)
{
    public override string ToString() => OfConnector ? $"connector {Release}" : $"Flink {Release}";
}

/// <summary>A default that moved.</summary>
/// <param name="At">The first release with the new one.</param>
/// <param name="Before">The old one; null when there was none.</param>
/// <param name="After">The new one; null when there is none any more.</param>
public sealed record DefaultChange(Since At, string? Before, string? After);

/// <summary>When an option must be given; any one of the ways that hold makes it required.</summary>
/// <param name="Kind">Which way.</param>
/// <param name="Keys">The keys that it speaks of; for <see cref="RequirementKind.OneOf"/> the alternatives.</param>
/// <param name="Value">For <see cref="RequirementKind.If"/>: the value that the key must have.</param>
/// <param name="From">For <see cref="RequirementKind.From"/>.</param>
public sealed record Requirement(
    RequirementKind Kind, IReadOnlyList<string> Keys, string? Value = null, Since? From = null);

/// <summary>The ways in which an option is required.</summary>
public enum RequirementKind
{
    Always,
    ForSource,
    ForSink,
    ForLookup,

    /// <summary>This one or another of the keys.</summary>
    OneOf,

    /// <summary>This one or another of the keys, in a table that is read.</summary>
    OneOfForSource,

    /// <summary>When another key has a value.</summary>
    If,

    /// <summary>When another key is given.</summary>
    With,

    /// <summary>From a release on.</summary>
    From,
}

/// <summary>One option: a line of a sheet.</summary>
/// <param name="Key">Its name. A <c>#</c> in it stands for a column's name, <c>.*</c> at the end for any name.</param>
/// <param name="Type">What its value is.</param>
public sealed record OptionEntry(string Key, OptionType Type)
{
    /// <summary>The value when it is not given; null when there is none, or none that is a constant.</summary>
    public string? Default { get; init; }

    /// <summary>The values that it may have; empty when any.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>Whether other values than <see cref="Values"/> are taken too, as a class name is.</summary>
    public bool ValuesAreOpen { get; init; }

    /// <summary>The first release that reads it; null for the oldest known.</summary>
    public Since? Since { get; init; }

    /// <summary>The first release that no longer reads it; null while it is read.</summary>
    public Since? Removed { get; init; }

    public OptionUse Use { get; init; }

    public IReadOnlyList<Requirement> Required { get; init; } = [];

    public OptionSecrecy Secrecy { get; init; }

    /// <summary>Whether its authors ask to use something else.</summary>
    public bool Deprecated { get; init; }

    /// <summary>What to use in its place.</summary>
    public IReadOnlyList<string> Instead { get; init; } = [];

    /// <summary>Older names that are read as this one, each with the first release that no longer does.</summary>
    public IReadOnlyList<(string Key, Release? Until)> FormerKeys { get; init; } = [];

    public IReadOnlyList<DefaultChange> DefaultChanges { get; init; } = [];

    /// <summary>A sentence for people; null when none is known.</summary>
    public string? Description { get; init; }

    /// <summary>Whether the key stands for many names.</summary>
    public bool IsPattern =>
        Key.EndsWith(".*", StringComparison.Ordinal) || Key.Contains('#', StringComparison.Ordinal);
}
