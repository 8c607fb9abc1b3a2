using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// A primary key that the connector needs, or that a sink needs to take the updates that it is sent: a query that
/// aggregates without a window, or takes the first of a ranking, changes rows that it has written before.
/// </summary>
internal sealed class PrimaryKeyMissing() : CheckRule(
    "SQL_PRIMARY_KEY_MISSING", "A table needs a primary key that it does not have.")
{
    private static readonly string[] StandIns =
        ["scan.incremental.snapshot.chunk.key-column", "scan.incremental.snapshot.enabled"];

    internal override void Check(CheckContext context)
    {
        foreach (var table in context.Tables)
        {
            if (table.Sheet is not { } sheet || !table.IsWhole || table.Symbol.PrimaryKey.Count > 0) continue;
            switch (sheet.Head.PrimaryKey)
            {
                case PrimaryKeyUse.Required:
                    context.Error(
                        Code,
                        $"'{table.Connector}' needs PRIMARY KEY (…) NOT ENFORCED: the key says which row a message is "
                            + "about.",
                        table.Create.Name.Span);
                    break;
                case PrimaryKeyUse.Expected when !StandIns.Any(table.Symbol.Options.ContainsKey):
                    context.Warn(
                        Code,
                        $"'{table.Connector}' needs a primary key to read its snapshot in pieces and to tell rows "
                            + "apart.",
                        table.Create.Name.Span);
                    break;
                case PrimaryKeyUse.ForUpsert when context.IsStreaming:
                    Updates(context, table);
                    break;
            }
        }
    }

    private void Updates(CheckContext context, CheckedTable table)
    {
        foreach (var flow in context.Analysis.Flows)
        {
            if (flow.Sink != table.Symbol || !GroupsWithoutWindow(flow.Query)) continue;
            context.Warn(
                Code,
                $"The query updates rows that it has written before, and '{table.Connector}' can do that only by a "
                    + $"primary key; declare PRIMARY KEY (…) NOT ENFORCED in {table.Symbol.WrittenName}.",
                flow.Statement is Insert insert ? insert.Target.Span : table.Create.Name.Span);
        }
    }

    /// <summary>Whether the query's own SELECT groups by something, and by no window.</summary>
    public static bool GroupsWithoutWindow(SqlQuery query)
    {
        while (query is OrderedQuery { Body: { } body }) query = body;
        if (query is not Select { GroupBy.Count: > 0 } select) return false;
        return !select.GroupBy.SelectMany(key => key.DescendantsAndSelf()).Any(IsWindow);
    }

    private static bool IsWindow(SqlNode node) => node switch
    {
        Call call => call.Is("TUMBLE") || call.Is("HOP") || call.Is("SESSION") || call.Is("CUMULATE"),
        SqlIdentifier { Parts.Count: > 0 } name =>
            name.Last.Text.StartsWith("window_", StringComparison.OrdinalIgnoreCase),
        _ => false,
    };
}
