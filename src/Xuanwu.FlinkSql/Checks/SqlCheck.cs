using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>What a script is checked for.</summary>
/// <param name="Target">Where it is to run.</param>
public sealed record CheckOptions(SqlTarget Target)
{
    /// <summary>
    /// The tables and catalogs that are there before the script begins. Null when nobody knows them: then a table that
    /// the script does not declare is no error.
    /// </summary>
    public SqlSurroundings? Surroundings { get; init; }

    /// <summary>The job's parameters, which count as settings too.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>Whether it is to run as a job, so that it must write something.</summary>
    public bool IsJob { get; init; } = true;
}

/// <summary>
/// Checks a script by rules, each with a code, a sentence and, where it can, a fix: <see cref="Rules"/>. Errors are
/// what Flink refuses, or what must not run; warnings are what its author should look at.
/// </summary>
public static class SqlCheck
{
    /// <summary>All rules, in the order in which their findings at one place are told.</summary>
    public static IReadOnlyList<CheckRule> Rules { get; } =
    [
        new NotBefore(), new NothingWritten(), new LegacyTables(), new ConnectorUnknown(), new ConnectorRoles(),
        new FormatUnknown(), new OptionNames(), new OptionValueRule(), new OptionMissing(), new ClearSecrets(),
        new MetadataUnknown(), new PrimaryKeyMissing(), new WatermarkMissing(), new UnusedTables(), new UnknownTables(),
        new UnknownColumns(), new InsertColumns(), new UnboundedState(), new LookupTime(), new SettingNames(),
    ];

    /// <summary>What is wrong with a script, its syntax included, in the order of the text.</summary>
    public static IReadOnlyList<SqlDiagnostic> Run(string sql, CheckOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return Run(SqlAnalysis.Of(SqlScript.Parse(sql), options.Surroundings), options);
    }

    /// <summary>The same for a script that is understood already.</summary>
    public static IReadOnlyList<SqlDiagnostic> Run(SqlAnalysis analysis, CheckOptions options)
    {
        ArgumentNullException.ThrowIfNull(analysis);
        ArgumentNullException.ThrowIfNull(options);
        var context = new CheckContext(analysis, options);
        foreach (var rule in Rules) rule.Check(context);
        return context.Told();
    }
}

/// <summary>One rule.</summary>
/// <param name="code">The code of what it finds. Some rules have more codes, all with this one's beginning.</param>
/// <param name="sentence">What it finds, for a list of rules.</param>
public abstract class CheckRule(string code, string sentence)
{
    public string Code { get; } = code;

    public string Sentence { get; } = sentence;

    internal abstract void Check(CheckContext context);
}
