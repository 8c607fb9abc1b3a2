using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql;

/// <summary>What a script is to run on: a release of Flink and what its image brings.</summary>
/// <param name="Flink">The release; only its minor part counts.</param>
public sealed record SqlTarget(Release Flink)
{
    /// <summary>
    /// The connectors of the image, each with its own release when that is known; null when nobody said what the image
    /// has, so that all connectors built for this Flink may be there. What is in Flink's distribution is always there.
    /// </summary>
    public IReadOnlyDictionary<string, Release?>? Connectors { get; init; }

    /// <summary>What is known of options: the shipped dictionary, or one with an operator's own files.</summary>
    public SqlDictionary Dictionary { get; init; } = SqlDictionary.Shipped;

    /// <summary>The target of a release as text, such as "1.20".</summary>
    /// <exception cref="FormatException">It is not a release number.</exception>
    public static SqlTarget Of(string flink) => new(Release.Parse(flink));

    /// <summary>Whether a connector can be used there; null when that is not known.</summary>
    public bool? Has(string connector)
    {
        var sheet = Dictionary.Connector(connector);
        if (sheet is { Head.Sql: false }) return false;
        if (sheet is { Head.BuiltIn: true }) return true;
        if (Connectors is not null) return Connectors.ContainsKey(connector);
        if (sheet is null || sheet.Head.On.Count == 0) return null;
        if (Flink < sheet.Head.On.Min(each => each.Flink.From)) return null;
        return sheet.On(Flink) is not null;
    }

    /// <summary>The releases of a connector that may be there; null when nothing is known of them.</summary>
    public ReleaseRange? ReleasesOf(string connector)
    {
        if (Connectors?.GetValueOrDefault(connector) is { } exact) return ReleaseRange.Of(exact);
        if (Dictionary.Connector(connector)?.On(Flink) is not { } known) return null;
        return known.Connector ?? ReleaseRange.Of(Flink);
    }

    /// <summary>Whether the release of an option's beginning has been reached; null when that is not known.</summary>
    public bool? Reached(Since since, ReleaseRange? connector)
    {
        if (!since.OfConnector) return Flink.ToMinor() >= since.Release;
        if (connector is not { } range) return null;
        if (range.From >= since.Release) return true;
        return range.To < since.Release ? false : null;
    }
}
