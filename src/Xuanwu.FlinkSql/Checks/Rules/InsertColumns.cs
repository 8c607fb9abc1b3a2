using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>INSERT gives more or fewer columns than the table takes, or names one that it does not have.</summary>
internal sealed class InsertColumns() : CheckRule(
    "SQL_INSERT_COLUMNS", "INSERT gives more or fewer columns than the table takes.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var flow in context.Analysis.Flows)
        {
            if (flow.Statement is not Insert { IsWhole: true } insert || flow.Sink?.DeclaredColumns is not { } declared)
                continue;
            if (context.Tables.FirstOrDefault(table => table.Symbol == flow.Sink) is { IsWhole: false }) continue;
            var writable = declared.Where(column => !column.IsVirtual).Select(column => column.Name).ToArray();
            var unknown = insert.Columns.FirstOrDefault(column => !writable.Contains(column.Parts[0].Text));
            if (unknown is not null)
            {
                context.Error(
                    Code, $"{flow.SinkName} has no column {unknown} that can be written.", unknown.Span);
                continue;
            }

            var given = context.Analysis.ColumnsOf(flow.Query);
            if (given.Count == 0 || given.Any(column => column.IsWild)) continue;
            var set = insert.Partition?.Values.Count(value => value.Value is not null) ?? 0;
            var taken = insert.Columns.Count > 0 ? insert.Columns.Count : writable.Length - set;
            if (given.Count == taken) continue;
            context.Error(
                Code,
                $"The query gives {Columns(given.Count)}, but {flow.SinkName} takes {taken}"
                    + (insert.Columns.Count > 0 ? "." : $": {string.Join(", ", writable)}."),
                insert.Target.Span);
        }
    }

    private static string Columns(int count) => count == 1 ? "1 column" : $"{count} columns";
}
