using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mapping;

/// <summary>A script for another release.</summary>
/// <param name="Text">The whole script; what no change names is as it was, byte for byte.</param>
/// <param name="Changes">What changed and why, in the order of the script.</param>
/// <param name="Diagnostics">
/// What could not be mapped, with positions in the script as it was: SQL_MAP_LOST, SQL_MAP_BY_HAND, SQL_MAP_TOO_NEW,
/// SQL_MAP_TWICE, SQL_MAP_CONNECTOR, SQL_MAP_ADVICE, SQL_NOT_BEFORE.
/// </param>
public sealed record MappedSql(
    string Text, IReadOnlyList<MappingChange> Changes, IReadOnlyList<SqlDiagnostic> Diagnostics);

/// <summary>
/// Maps SQL and job parameters to another release of Flink: options of tables and hints, SET and RESET, connectors,
/// forms of statements. What the author wrote is stored once; what is deployed is made from it for the release that it
/// is deployed on.
/// </summary>
public static class SqlMapping
{
    /// <summary>
    /// The script as the target reads it. Statements with errors are mapped as far as they could be read; an error of
    /// the syntax itself is the parser's to tell, but a word that is reserved now and stands as a name is put in
    /// backquotes.
    /// </summary>
    public static MappedSql To(string sql, SqlTarget target, MappingRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(target);
        return new ScriptMapping(SqlScript.Parse(sql), target, rules ?? MappingRules.Shipped).Run();
    }

    /// <summary>Job parameters as the target reads them.</summary>
    public static MappedParameters Parameters(
        IEnumerable<KeyValuePair<string, string>> parameters, SqlTarget target, MappingRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(target);
        return ParameterMapping.To(parameters, target, rules ?? MappingRules.Shipped);
    }

    /// <summary>
    /// The Maven artifact that brings a connector in one of the connector's own releases, as <c>group:artifact</c>: the
    /// same one, or the one that it was before or became.
    /// </summary>
    public static string Artifact(string artifact, Release connector, MappingRules? rules = null)
    {
        ArgumentNullException.ThrowIfNull(artifact);
        var known = (rules ?? MappingRules.Shipped).Of(RuleScope.Artifacts);
        var up = known.From(artifact).FirstOrDefault(rule => connector >= rule.Since.Release);
        if (up is not null) return up.New[0].Key;
        return known.Back(artifact).FirstOrDefault(rule => connector < rule.Since.Release)?.Old.Key ?? artifact;
    }
}
