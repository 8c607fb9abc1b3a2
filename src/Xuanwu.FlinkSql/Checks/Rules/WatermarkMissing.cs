using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// A window over a column that carries no time: Flink wants a column with a WATERMARK or one AS PROCTIME(). Judged only
/// where the window reads a table that the script declares with all its columns.
/// </summary>
internal sealed class WatermarkMissing() : CheckRule(
    "SQL_WATERMARK_MISSING", "A window is over a column without a watermark.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var statement in context.Statements)
        {
            foreach (var node in statement.DescendantsAndSelf())
            {
                if (node is FunctionTable { Call: { } call }) TableFunction(context, call);
                else if (node is Select { From: NamedTable from } select) GroupWindows(context, select, from);
            }
        }
    }

    private void TableFunction(CheckContext context, Call call)
    {
        if (!(call.Is("TUMBLE") || call.Is("HOP") || call.Is("CUMULATE") || call.Is("SESSION"))) return;
        var arguments = call.Arguments.Select(it => it is NamedArgument named ? named.Value : it).ToArray();
        if (arguments.OfType<TableArgument>().FirstOrDefault() is not { Name: not null } table) return;
        var descriptor = arguments.OfType<Call>().FirstOrDefault(each => each.Is("DESCRIPTOR"));
        if (descriptor?.Arguments is not [SqlIdentifier { Parts.Count: 1 } column]) return;
        Look(context, context.Analysis.TableOf(table), column);
    }

    // GROUP BY TUMBLE(ts, INTERVAL …), as it was before window table functions.
    private void GroupWindows(CheckContext context, Select select, NamedTable from)
    {
        foreach (var key in select.GroupBy)
        {
            if (key is not Call { Arguments: [SqlIdentifier { Parts.Count: 1 } column, ..] } call) continue;
            if (call.Is("TUMBLE") || call.Is("HOP") || call.Is("SESSION"))
                Look(context, context.Analysis.TableOf(from), column);
        }
    }

    private void Look(CheckContext context, TableSymbol? symbol, SqlIdentifier column)
    {
        var table = context.Tables.FirstOrDefault(each => each.Symbol == symbol);
        if (table is null || !table.IsWhole || table.Symbol.DeclaredColumns is not { } columns) return;
        if (columns.FirstOrDefault(each => each.Name == column.ToString()) is not { } declared) return;
        if (table.Symbol.Watermark is { } mark && mark.Column.ToString() == declared.Name) return;
        if (declared.Definition?.Expression is Call call && call.Is("PROCTIME")) return;
        var message = $"{table.Symbol.WrittenName} declares no WATERMARK for {declared.Name}, so no window can close "
            + "on it.";
        if (context.IsStreaming) context.Error(Code, message, column.Span, Fix(table, declared));
    }

    private static SqlFix? Fix(CheckedTable table, TableColumn column)
    {
        if (table.Create.Elements.Count == 0 || column.Type?.IsTimestamp != true || table.Symbol.Watermark is not null)
            return null;
        var name = SqlWords.Quoted(column.Name);
        return new(
            $"Declare a watermark for {column.Name}",
            [new(
                new(table.Create.Elements[^1].End, 0),
                $",\n  WATERMARK FOR {name} AS {name} - INTERVAL '5' SECOND")]);
    }
}
