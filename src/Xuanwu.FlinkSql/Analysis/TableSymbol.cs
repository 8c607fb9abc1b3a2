using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

/// <summary>The full name of a table: two tables are the same when these are equal. Names know case.</summary>
public readonly record struct TablePath(string Catalog, string Database, string Name)
{
    /// <summary>With dots between, and backquotes where a part needs them.</summary>
    public override string ToString() =>
        $"{SqlWords.Quoted(Catalog)}.{SqlWords.Quoted(Database)}.{SqlWords.Quoted(Name)}";
}

public enum TableKind
{
    /// <summary>Not declared by the script nor known from outside: some catalog may have it.</summary>
    Unknown,
    Table,
    MaterializedTable,
    View,
}

/// <summary>What the statements that run do with a table.</summary>
[Flags]
public enum TableRoles
{
    None = 0,

    /// <summary>It is read, also through views.</summary>
    Source = 1,

    /// <summary>It is written.</summary>
    Sink = 2,

    /// <summary>It is looked up: it stands behind FOR SYSTEM_TIME AS OF. It is a source, too.</summary>
    Lookup = 4,
}

/// <summary>A table or view as the script knows it at its end.</summary>
public sealed class TableSymbol
{
    internal TableSymbol(TablePath path, TableKind kind) => (Path, Kind) = (path, kind);

    public TablePath Path { get; internal set; }

    public TableKind Kind { get; internal set; }

    /// <summary>The name as it is first written in the script, without backquotes.</summary>
    public string WrittenName { get; internal set; } = "";

    /// <summary>
    /// The statement that declares it: <see cref="CreateTable"/> or <see cref="CreateView"/>; null for one from outside.
    /// </summary>
    public SqlStatement? Definition { get; internal set; }

    public bool IsTemporary { get; internal set; }

    /// <summary>Its options, those of LIKE included; a later one of the same key counts.</summary>
    public IReadOnlyDictionary<string, string> Options { get; internal set; } = NoOptions;

    /// <summary>'connector', or 'connector.type' as it was up to Flink 1.10; null without.</summary>
    public string? Connector =>
        Options.TryGetValue("connector", out var name) || Options.TryGetValue("connector.type", out name) ? name : null;

    /// <summary>
    /// Its columns as declared, with those of LIKE and ALTER TABLE; null when they are not known. Of views and tables
    /// made by AS see <see cref="SqlAnalysis.ColumnsOf(TableSymbol)"/>.
    /// </summary>
    public IReadOnlyList<TableColumn>? DeclaredColumns { get; internal set; }

    /// <summary>The columns of the primary key; empty without one.</summary>
    public IReadOnlyList<string> PrimaryKey { get; internal set; } = [];

    /// <summary>Its watermark, own or of LIKE; null without.</summary>
    public WatermarkDefinition? Watermark { get; internal set; }

    /// <summary>The columns of PARTITIONED BY.</summary>
    public IReadOnlyList<string> PartitionedBy { get; internal set; } = [];

    /// <summary>The query of a view, of a materialized table, of a table made by AS.</summary>
    public SqlQuery? Query { get; internal set; }

    public TableRoles Roles { get; internal set; }

    // What a reference to a view reads: its base tables. What it was before a temporary one took its name.
    internal IReadOnlyList<Read> Reads { get; set; } = [];

    internal TableSymbol? Shadowed { get; set; }

    internal bool IsListed { get; set; }

    internal IReadOnlyList<OutputColumn>? Output { get; set; }

    internal bool IsOutputKnown { get; set; }

    private static readonly Dictionary<string, string> NoOptions = [];

    public override string ToString() => Path.ToString();
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type; null for a computed column whose type cannot be told.</param>
/// <param name="Kind">Physical, computed or metadata.</param>
/// <param name="IsVirtual">Whether it cannot be written: computed columns and METADATA VIRTUAL.</param>
/// <param name="Definition">Where it is declared; null when it came from outside.</param>
public sealed record TableColumn(
    string Name, DataType? Type, ColumnKind Kind = ColumnKind.Physical, bool IsVirtual = false,
    ColumnDefinition? Definition = null);

/// <summary>A table that is known before the script begins, from a catalog.</summary>
/// <param name="Path">Its full name.</param>
/// <param name="Columns">Its columns; null when they are not known.</param>
public sealed record KnownTable(TablePath Path, IReadOnlyList<TableColumn>? Columns)
{
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();

    public IReadOnlyList<string> PrimaryKey { get; init; } = [];
}

/// <summary>A base table that a statement reads.</summary>
/// <param name="Table">The table.</param>
/// <param name="Name">Its name as written at the reference, without backquotes.</param>
/// <param name="IsLookup">Whether it is looked up.</param>
public sealed record Read(TableSymbol Table, string Name, bool IsLookup);

/// <summary>A name in the text that stands for a table, a view or a common table expression.</summary>
/// <param name="Statement">The statement it stands in.</param>
/// <param name="Node">The node that refers: <see cref="NamedTable"/>, <see cref="TableArgument"/>,
/// <see cref="TableQuery"/>, or the statement itself for its target.</param>
/// <param name="Name">The name.</param>
/// <param name="Table">The table or view; null when it is a common table expression.</param>
/// <param name="Common">The common table expression.</param>
/// <param name="Role">Source, lookup or sink, at this place.</param>
public sealed record TableReference(
    SqlStatement Statement, SqlNode Node, SqlIdentifier Name, TableSymbol? Table, CommonTable? Common, TableRoles Role);

/// <summary>A statement that runs, and what flows through it.</summary>
/// <param name="Statement">INSERT, CREATE TABLE … AS, CREATE MATERIALIZED TABLE, or a query at the top; the INSERTs of
/// a statement set one by one.</param>
/// <param name="Query">What is read.</param>
/// <param name="Sink">What is written; null for a query at the top.</param>
/// <param name="SinkName">Its name as written.</param>
/// <param name="Reads">The base tables, each name once, in the order of the text.</param>
public sealed record Flow(
    SqlStatement Statement, SqlQuery Query, TableSymbol? Sink, string? SinkName, IReadOnlyList<Read> Reads);

/// <summary>From a source to a sink, by their names as written.</summary>
public sealed record LineageEdge(string Source, string Sink);

/// <summary>
/// The tables between which a script moves data. Names are as written at the reference, without backquotes, with dots
/// between; views and common table expressions are resolved to the tables under them; only statements that run count,
/// not EXPLAIN and not views that nothing reads.
/// </summary>
public sealed record Lineage(
    IReadOnlyList<string> Sources,
    IReadOnlyList<string> Sinks,
    IReadOnlyList<string> Lookups,
    IReadOnlyList<LineageEdge> Edges);
