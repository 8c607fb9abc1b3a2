using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A table that the script creates, as the rules look at it.</summary>
/// <param name="Symbol">What the analysis knows of it.</param>
/// <param name="Create">Where it is created.</param>
/// <param name="Sheet">What is known of its connector; null when nothing is.</param>
internal sealed record CheckedTable(TableSymbol Symbol, CreateTable Create, OptionSheet? Sheet)
{
    public string? Connector => Symbol.Options.GetValueOrDefault("connector");

    /// <summary>Whether all its options are seen: not where LIKE names a table from elsewhere.</summary>
    public bool IsWhole { get; init; }

    public bool Is(TableRoles role) => (Symbol.Roles & role) != 0;

    /// <summary>Where its connector is named; the table's name when that is in another table.</summary>
    public SqlSpan ConnectorSpan =>
        Create.Options?.Options.LastOrDefault(option => option.Key.Value == "connector")?.Value.Span
            ?? Create.Name.Span;
}

/// <summary>Options that stand together: of a table, a hint, ALTER TABLE, or a catalog.</summary>
/// <param name="Written">The options as written.</param>
/// <param name="Sheet">What is known of them; null when nothing is.</param>
/// <param name="All">All options of the table, by which the formats are found.</param>
/// <param name="Releases">The connector's releases that the target may have.</param>
internal sealed record OptionGroup(
    IReadOnlyList<SqlOption> Written,
    OptionSheet? Sheet,
    IReadOnlyDictionary<string, string> All,
    ReleaseRange? Releases);

/// <summary>What the rules look at, and what they have found.</summary>
internal sealed class CheckContext
{
    private readonly List<SqlDiagnostic> told = [];

    public CheckContext(SqlAnalysis analysis, CheckOptions options)
    {
        (Analysis, Options) = (analysis, options);
        Statements = [.. Flat(Script.Statements)];
        Tables = [.. Analysis.Tables.Where(table => table.Definition is CreateTable).Select(Table)];
        Groups = [.. OptionGroups()];
        foreach (var (key, value) in options.Parameters) Settings[key] = value;
        foreach (var set in Script.Statements.OfType<SetStatement>())
        {
            if (set is { Kind: SqlKind.Set, Key: { } key, Value: { } value }) Settings[key] = value;
        }
    }

    public SqlAnalysis Analysis { get; }

    public CheckOptions Options { get; }

    public SqlScript Script => Analysis.Script;

    public SqlTarget Target => Options.Target;

    public SqlDictionary Dictionary => Target.Dictionary;

    /// <summary>All statements, those within statement sets and EXPLAIN too.</summary>
    public IReadOnlyList<SqlStatement> Statements { get; }

    public IReadOnlyList<CheckedTable> Tables { get; }

    public IReadOnlyList<OptionGroup> Groups { get; }

    /// <summary>Parameters, and over them what SET sets.</summary>
    public Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal);

    /// <summary>Whether the job runs without end, which is how Flink runs unless it is told otherwise.</summary>
    public bool IsStreaming =>
        !Settings.GetValueOrDefault("execution.runtime-mode", "").Equals("batch", StringComparison.OrdinalIgnoreCase);

    public void Error(string code, string message, SqlSpan at, SqlFix? fix = null) =>
        told.Add(new(code, message, at.Start, at.Length) { Fix = fix });

    public void Warn(string code, string message, SqlSpan at, SqlFix? fix = null) =>
        told.Add(new(code, message, at.Start, at.Length) { Severity = SqlSeverity.Warning, Fix = fix });

    /// <summary>Everything, with the syntax's own diagnostics, in the order of the text.</summary>
    public IReadOnlyList<SqlDiagnostic> Told() =>
    [
        .. Script.Diagnostics.Concat(told.Select(each =>
        {
            var at = Script.PositionOf(each.Start);
            return each with { Line = at.Line, Column = at.Column };
        })).OrderBy(each => each.Start),
    ];

    /// <summary>A text literal that takes the place of another.</summary>
    public static SqlFix Replace(string title, SqlNode literal, string text) =>
        new(title, [new(literal.Span, SqlQuote.Text(text))]);

    private static IEnumerable<SqlStatement> Flat(IEnumerable<SqlStatement> statements)
    {
        foreach (var statement in statements)
        {
            switch (statement)
            {
                case StatementSet set:
                    foreach (var insert in set.Inserts) yield return insert;
                    break;
                case WrapperStatement { Inner: { } inner }:
                    foreach (var each in Flat([inner])) yield return each;
                    break;
                default:
                    yield return statement;
                    break;
            }
        }
    }

    private CheckedTable Table(TableSymbol symbol)
    {
        var create = (CreateTable)symbol.Definition!;
        var connector = symbol.Options.GetValueOrDefault("connector");
        var like = create.Like is null
            || Analysis.Tables.Any(table => table.Definition is CreateTable
                && table.WrittenName == create.Like.Name.ToString());
        return new(symbol, create, connector is null ? null : Dictionary.Connector(connector)) { IsWhole = like };
    }

    private IEnumerable<OptionGroup> OptionGroups()
    {
        foreach (var table in Tables)
        {
            if (table.Create.Options is { } options) yield return Of(table, options.Options);
        }

        foreach (var statement in Statements)
        {
            switch (statement)
            {
                case AlterObject { Object: ObjectKind.Table, Options: { } options, Name.Parts.Count: > 0 } alter
                    when Named(alter.Name) is { } table:
                    yield return Of(table, options.Options);
                    break;
                case CreateObject { Object: ObjectKind.Catalog, Options: { } options }:
                    var type = options["type"];
                    yield return new(
                        options.Options,
                        type is null ? null : Dictionary.Catalog(type),
                        options.Options.GroupBy(each => each.Key.Value)
                            .ToDictionary(each => each.Key, each => each.Last().Value.Value),
                        null);
                    break;
            }
        }

        foreach (var reference in Analysis.References)
        {
            var hints = reference.Node switch
            {
                NamedTable named => named.Hints,
                Insert insert => insert.Hints,
                _ => null,
            };
            if (hints is null || reference.Table is not { } symbol) continue;
            if (Tables.FirstOrDefault(each => each.Symbol == symbol) is not { } table) continue;
            foreach (var hint in hints.Hints)
            {
                if (hint.Name.Text.Equals("OPTIONS", StringComparison.OrdinalIgnoreCase))
                    yield return Of(table, hint.Options);
            }
        }
    }

    private CheckedTable? Named(SqlIdentifier name) =>
        Tables.LastOrDefault(table => table.Symbol.WrittenName == name.ToString()
            || table.Symbol.Path.Name == name.Last.Text);

    private OptionGroup Of(CheckedTable table, IReadOnlyList<SqlOption> options) =>
        new(
            options,
            table.Sheet,
            table.Symbol.Options,
            table.Connector is { } connector ? Target.ReleasesOf(connector) : null);
}
