using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

/// <summary>What is known before a script begins.</summary>
public sealed record SqlSurroundings
{
    public static readonly SqlSurroundings None = new();

    public string Catalog { get; init; } = "default_catalog";

    public string Database { get; init; } = "default_database";

    /// <summary>Tables of catalogs, so that their columns are known.</summary>
    public IReadOnlyList<KnownTable> Tables { get; init; } = [];
}

/// <summary>
/// What a script means: its tables and views, what reads and writes them, what flows where. Statements are taken in
/// their order, as a session takes them: a name means what it meant when the statement that names it ran. A script with
/// errors is understood as far as it was read.
/// </summary>
public sealed partial class SqlAnalysis
{
    internal SqlAnalysis(SqlScript script) => Script = script;

    public SqlScript Script { get; }

    /// <summary>Every table and view that the script declares or names, in the order in which it does.</summary>
    public IReadOnlyList<TableSymbol> Tables { get; internal set; } = [];

    /// <summary>Every place that names a table, in the order of the text within a statement.</summary>
    public IReadOnlyList<TableReference> References { get; internal set; } = [];

    /// <summary>The statements that run, in their order.</summary>
    public IReadOnlyList<Flow> Flows { get; internal set; } = [];

    public Lineage Lineage { get; internal set; } = new([], [], [], []);

    /// <summary>What has to be there for the script to run.</summary>
    public SqlNeeds Needs { get; internal set; } = new([], [], [], [], []);

    /// <summary>
    /// The nodes of the graph that the script runs as, as far as they can be told without Flink's planner: one for each
    /// source, lookup and sink table of each job, a job being a statement set or a statement alone.
    /// </summary>
    public int NodeCount { get; internal set; }

    /// <summary>Understands a script.</summary>
    public static SqlAnalysis Of(SqlScript script, SqlSurroundings? surroundings = null)
    {
        ArgumentNullException.ThrowIfNull(script);
        var analysis = new SqlAnalysis(script);
        new SqlAnalyzer(analysis, surroundings ?? SqlSurroundings.None).Run();
        return analysis;
    }

    /// <summary>The table or view that a reference's node stands for; null for a common table expression.</summary>
    public TableSymbol? TableOf(SqlNode node) => Bindings.GetValueOrDefault(node)?.Table;

    internal Dictionary<SqlNode, TableReference> Bindings { get; } = new(ReferenceEqualityComparer.Instance);
}

/// <summary>What has to be there for a script to run.</summary>
/// <param name="Connectors">Names of the connectors of the tables that are read or written, in ordinal order.</param>
/// <param name="Formats">Names of their formats.</param>
/// <param name="Catalogs">Types of the catalogs that it creates.</param>
/// <param name="Functions">Functions that are not built into Flink: those it creates, and those that something else
/// has to give (<see cref="NeededFunction.ClassName"/> is null).</param>
/// <param name="Jars">Paths of ADD JAR and of USING JAR.</param>
public sealed record SqlNeeds(
    IReadOnlyList<string> Connectors,
    IReadOnlyList<string> Formats,
    IReadOnlyList<string> Catalogs,
    IReadOnlyList<NeededFunction> Functions,
    IReadOnlyList<string> Jars);

/// <summary>A function that is not built into Flink.</summary>
/// <param name="Name">As called, with dots between.</param>
/// <param name="ClassName">The class that the script gives it; null when it does not create it.</param>
public sealed record NeededFunction(string Name, string? ClassName);
