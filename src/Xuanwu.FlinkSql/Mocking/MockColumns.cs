using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mocking;

/// <summary>The columns that a mocked table has: those of the original, made plain.</summary>
internal sealed class MockColumns(SqlAnalysis analysis, ColumnUses uses)
{
    /// <summary>
    /// Columns of a source: METADATA becomes physical; computed ones stay, but those that would compute a window's time
    /// from generated texts or numbers become times themselves. Null when they are not known.
    /// </summary>
    public List<MockColumn>? Source(TableSymbol table, Action<string, string> changed)
    {
        if (table.DeclaredColumns is not { Count: > 0 } declared) return null;
        var columns = new List<MockColumn>(declared.Count);
        foreach (var column in declared)
        {
            var expression = column.Definition?.Expression;
            if (column.Kind == ColumnKind.Computed && expression is not null)
            {
                var isTime = table.Watermark?.Column.ToString() == column.Name;
                if (!isTime || IsPlain(expression, declared))
                {
                    columns.Add(new(column.Name, "", column.Type, analysis.Script.TextOf(expression)));
                    continue;
                }

                var time = column.Type is { IsTimestamp: true } type ? type : DataType.Timestamp(3);
                columns.Add(new(column.Name, time.ToString(), time, null));
                changed(column.Name, "It is computed from values that are generated here, which make no times; it is "
                    + "generated as a time itself.");
                continue;
            }

            if (column.Kind == ColumnKind.Metadata)
                changed(column.Name, "datagen has no metadata, so the column is a physical one of the same type.");
            columns.Add(new(column.Name, TypeText(column), column.Type, null));
        }

        return columns;
    }

    /// <summary>Columns of a sink: those that an INSERT writes. Null when they are not known.</summary>
    public List<MockColumn>? Sink(TableSymbol table) => table.DeclaredColumns is { Count: > 0 } declared
        ? [.. declared.Where(column => !column.IsVirtual && column.Kind != ColumnKind.Computed)
            .Select(column => new MockColumn(column.Name, TypeText(column), column.Type, null))]
        : null;

    /// <summary>Columns that the queries that write a table give.</summary>
    public List<MockColumn> Given(Flow flow)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var columns = new List<MockColumn>();
        foreach (var column in analysis.ColumnsOf(flow))
        {
            if (column.From.IsWild) continue;
            var name = column.Sink;
            while (!names.Add(name)) name += "0";
            var type = column.From.Type is { Name: not "NULL" } known ? known : DataType.String;
            columns.Add(new(name, type.ToString(), type, null));
        }

        if (columns.Count == 0) columns.Add(new("value", "STRING", DataType.String, null));
        return columns;
    }

    /// <summary>Columns that the queries name of a table that nobody knows, with the types that fit what they
    /// do.</summary>
    public (List<MockColumn> Columns, string? Watermark) Guessed(TableSymbol table)
    {
        var columns = new List<MockColumn>();
        string? watermark = null;
        foreach (var (name, use) in uses.Named(table))
        {
            var type = TypeOf(name, use);
            columns.Add(new(name, type.ToString(), type, null));
            if (!use.IsTime || watermark is not null) continue;
            var quoted = SqlWords.Quoted(name);
            watermark = $"WATERMARK FOR {quoted} AS {quoted} - INTERVAL '1' SECOND";
        }

        if (columns.Count == 0) columns.Add(new("value", "STRING", DataType.String, null));
        return (columns, watermark);
    }

    /// <summary>WATERMARK FOR … of a source; null without one.</summary>
    public string? Watermark(TableSymbol table, IReadOnlyList<MockColumn> columns)
    {
        if (table.Watermark is not { } mark) return null;
        var column = columns.FirstOrDefault(each => each.Name == mark.Column.ToString());
        if (column is null && mark.Column.Parts.Count == 1) return null;
        return analysis.Script.TextOf(mark);
    }

    private static DataType TypeOf(string name, ColumnUse use)
    {
        if (use.IsTime) return DataType.Timestamp(3);
        if (use.Like is { } like) return like with { IsNullable = true };
        if (use.Texts.Count > 0) return DataType.String;
        if (use.Numbers.Any(number => number != decimal.Truncate(number))) return DataType.Double;
        if (use.IsNumber || use.IsKey) return DataType.BigInt;
        return name.EndsWith("time", StringComparison.OrdinalIgnoreCase) || name is "ts" or "rowtime"
            || name.EndsWith("_ts", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith("_at", StringComparison.OrdinalIgnoreCase)
            ? DataType.Timestamp(3)
            : DataType.String;
    }

    private string TypeText(TableColumn column)
    {
        var type = column.Definition?.Type is { } written
            ? analysis.Script.TextOf(written)
            : column.Type?.ToString() ?? "STRING";
        // datagen and print know no types of this kind.
        return column.Type?.Name is "RAW" or "STRUCTURED" or "VARIANT" or "BITMAP" ? "STRING" : type;
    }

    // x, CAST(x AS TIMESTAMP(3)) and x - INTERVAL … over columns that are times as they are generated.
    private static bool IsPlain(SqlExpression expression, IReadOnlyList<TableColumn> declared) =>
        !expression.DescendantsAndSelf().Any(node => node is Call call && !call.Is("PROCTIME"))
        && expression.DescendantsAndSelf().OfType<SqlIdentifier>().All(name =>
            declared.FirstOrDefault(column => column.Name == name.Parts[0].Text)?.Type?.IsTimestamp == true);
}
