using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>What a file of rules speaks of.</summary>
public enum RuleScope
{
    /// <summary>Options of tables of one connector, or of all with the name <c>*</c>.</summary>
    Connector,

    /// <summary>Options of one format.</summary>
    Format,

    /// <summary>Which connector a table names.</summary>
    Identifiers,

    /// <summary>Configuration keys.</summary>
    Configuration,

    /// <summary>Maven artifacts of connectors.</summary>
    Artifacts,

    /// <summary>Functions.</summary>
    Functions,

    /// <summary>Forms of statements.</summary>
    Syntax,
}

/// <summary>What becomes of the old spelling.</summary>
public enum RuleEffect
{
    /// <summary>It gets another name, value or both.</summary>
    Rename,

    /// <summary>It is left out, and nothing is lost by that.</summary>
    Drop,

    /// <summary>It is left out and what it did is lost.</summary>
    Lose,
}

/// <summary>A key, and the value that it must have or gets; null for any value, or the same one.</summary>
public sealed record RuleTerm(string Key, string? Value)
{
    public override string ToString() => Value is null ? Key : $"{Key}={Value}";
}

/// <summary>One rule: a line of a file of rules.</summary>
/// <param name="File">The file, without its ending: kafka, configuration.</param>
/// <param name="Line">From 1.</param>
/// <param name="Old">The old spelling. A <c>#</c> stands for one part of a key, <c>*</c> at the end for any
/// rest.</param>
/// <param name="New">The new spelling; several when one key became two; empty when nothing took its place.</param>
/// <param name="Since">The first release with the new spelling.</param>
public sealed record MappingRule(
    string File, int Line, RuleTerm Old, IReadOnlyList<RuleTerm> New, Since Since)
{
    public RuleEffect Effect { get; init; }

    /// <summary>Whether the new spelling becomes the old one below <see cref="Since"/>.</summary>
    public bool BothWays { get; init; }

    /// <summary>The first release that does not read the old spelling; null while it is read.</summary>
    public Release? Until { get; init; }

    /// <summary>What has to be set beside the new spelling.</summary>
    public RuleTerm? Also { get; init; }

    /// <summary>What else the table must have for the rule to hold.</summary>
    public IReadOnlyList<RuleTerm> With { get; init; } = [];

    /// <summary>
    /// <c>gone</c>: only where the connector of the old name is not there; <c>image</c>: only where the image is known
    /// to have the new one and not the old one. Null: always.
    /// </summary>
    public string? When { get; init; }

    /// <summary>How the value changes; null when it stays. See <see cref="ValueWays"/>.</summary>
    public string? Value { get; init; }

    /// <summary>A way of its own, for forms that are more than a key: see <see cref="LegacyTable"/>.</summary>
    public string? Way { get; init; }

    /// <summary>Where it was read.</summary>
    public string Source { get; init; } = "";

    /// <summary>A sentence for people.</summary>
    public string? Note { get; init; }

    /// <summary>The name that changes and logs show: file and old spelling.</summary>
    public string Name => $"{File}: {Old}";

    /// <summary>Why the text changes, as a sentence.</summary>
    public string Why(bool up)
    {
        var fact = (Effect, up) switch
        {
            (RuleEffect.Rename, true) when Until is { } until =>
                $"{Since} has the new spelling, and from Flink {until} on the old one is not read any more.",
            (RuleEffect.Rename, true) => $"{Since} has the new spelling; the old one is deprecated.",
            (RuleEffect.Rename, false) => $"The new spelling begins with {Since}; before it there is only the old one.",
            _ => $"From {Since} on it is not read any more.",
        };
        return Note is null ? fact : $"{fact} {Note}";
    }

    public override string ToString()
    {
        var target = Effect switch
        {
            RuleEffect.Drop => "nothing",
            RuleEffect.Lose => "lost",
            _ => string.Join(" & ", New),
        };
        return $"{Old} {(BothWays ? "<->" : "->")} {target}";
    }
}
