using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

/// <summary>A column of a base table.</summary>
public sealed record ColumnSource(TableSymbol Table, string Column)
{
    public override string ToString() => $"{Table.WrittenName}.{Column}";
}

/// <summary>A column that a query gives.</summary>
/// <param name="Name">Its name; EXPR$n for an expression without one, as Flink names it; * for the columns, which are
/// not known, of a table that is not declared.</param>
/// <param name="Type">Its type, where it can be told.</param>
/// <param name="Inputs">The columns of base tables that its value is computed from.</param>
public sealed record OutputColumn(string Name, DataType? Type, IReadOnlyList<ColumnSource> Inputs)
{
    internal bool IsWild => Name == "*";
}

/// <summary>A column that is written, and what it is written from.</summary>
public sealed record ColumnFlow(string Sink, OutputColumn From);

public sealed partial class SqlAnalysis
{
    private ColumnReader? reader;

    /// <summary>The columns of a table or view, in order; null when nothing of them is known.</summary>
    public IReadOnlyList<OutputColumn>? ColumnsOf(TableSymbol table)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Reader.Table(table);
    }

    /// <summary>The columns that a query of this script gives.</summary>
    public IReadOnlyList<OutputColumn> ColumnsOf(SqlQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        return Reader.Query(query, null);
    }

    /// <summary>
    /// Column lineage of a statement: what each column of its sink is written from. A query at the top writes what it
    /// gives.
    /// </summary>
    public IReadOnlyList<ColumnFlow> ColumnsOf(Flow flow)
    {
        ArgumentNullException.ThrowIfNull(flow);
        var given = Reader.Query(flow.Query, null);
        List<string> names = flow.Statement is Insert insert ? SinkColumns(insert, flow.Sink) : [];
        var known = names.Count > 0 && !given.Any(column => column.IsWild);
        return [.. given.Select((column, i) => new ColumnFlow(known && i < names.Count ? names[i] : column.Name,
            column))];
    }

    private ColumnReader Reader => reader ??= new(this);

    // The columns that an INSERT names, or those of the table that can be written, less those that PARTITION sets.
    private static List<string> SinkColumns(Insert insert, TableSymbol? sink)
    {
        if (insert.Columns.Count > 0) return [.. insert.Columns.Select(column => column.ToString())];
        var set = insert.Partition?.Values.Where(value => value.Value is not null).Select(value => value.Column.Text);
        return [.. (sink?.DeclaredColumns ?? [])
            .Where(column => !column.IsVirtual).Select(column => column.Name).Except(set ?? [])];
    }
}
