using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// Joins and aggregations that keep every row they have seen: a join of two streams without bounds in time, a GROUP BY
/// without a window. Harmless when the state has a time to live ('table.exec.state.ttl', STATE_TTL), or the input ends.
/// </summary>
internal sealed class UnboundedState() : CheckRule(
    "SQL_STATE_UNBOUNDED", "A join or an aggregation keeps its state for ever.")
{
    private const string Ttl = "table.exec.state.ttl";

    internal override void Check(CheckContext context)
    {
        if (!context.IsStreaming || context.Settings.TryGetValue(Ttl, out var ttl) && ttl.Trim() is not ("0" or "0 ms"))
            return;
        foreach (var flow in context.Analysis.Flows)
        {
            if (flow.Sink is null || flow.Reads.Count == 0 || flow.Reads.All(read => IsBounded(read.Table))) continue;
            foreach (var node in flow.Query.DescendantsAndSelf())
            {
                switch (node)
                {
                    case Select select when HasTtlHint(select): break;
                    case Select { GroupBy.Count: > 0 } select when PrimaryKeyMissing.GroupsWithoutWindow(select):
                        Tell(context, "GROUP BY without a window keeps a row per group for ever", select.GroupBy[0]);
                        break;
                    case Join
                    {
                        On: { } on,
                        Kind: JoinKind.Inner or JoinKind.Left or JoinKind.Right or JoinKind.Full
                    } join
                        when IsTable(join.Left, context) && IsTable(join.Right, context):
                        Joined(context, join, on);
                        break;
                }
            }
        }
    }

    private void Joined(CheckContext context, Join join, SqlExpression on)
    {
        var times = Times(join.Left, context).Concat(Times(join.Right, context)).ToHashSet(StringComparer.Ordinal);
        var compared = on.DescendantsAndSelf().Any(node => node switch
        {
            Between => true,
            Binary { Operator: "<" or "<=" or ">" or ">=" } => true,
            SqlIdentifier { Parts.Count: > 0 } name =>
                name.Last.Text.StartsWith("window_", StringComparison.OrdinalIgnoreCase),
            _ => false,
        });
        if (!compared)
        {
            Tell(context, "A join of two streams without bounds in time keeps both for ever", on);
            return;
        }

        // A bound on one side only is none: the other may lie any time behind.
        var lower = Bounds(on, times, [">", ">="], ["<", "<="]);
        if (lower is null) return;
        context.Warn(
            "SQL_STATE_ONE_BOUND",
            "The join compares times in one direction only, so it has no lower or no upper bound and keeps its rows "
                + "for ever; use BETWEEN.",
            lower.Span);
    }

    // The one comparison of two time columns, when there is no other in the opposite direction.
    private static Binary? Bounds(SqlExpression on, HashSet<string> times, string[] up, string[] down)
    {
        var all = on.DescendantsAndSelf().OfType<Binary>()
            .Where(each => up.Contains(each.Operator) || down.Contains(each.Operator))
            .Where(each => Names(each.Left, times) && Names(each.Right, times)).ToArray();
        return all.Length == 1 && !on.DescendantsAndSelf().OfType<Between>().Any() ? all[0] : null;
    }

    private static bool Names(SqlExpression side, HashSet<string> times) =>
        side.DescendantsAndSelf().OfType<SqlIdentifier>()
            .Any(name => name.Parts.Count > 0 && times.Contains(name.Last.Text));

    private static IEnumerable<string> Times(SqlTable side, CheckContext context) =>
        side.DescendantsAndSelf().OfType<NamedTable>().Select(table => context.Analysis.TableOf(table)?.Watermark)
            .OfType<WatermarkDefinition>().Select(mark => mark.Column.ToString());

    private static bool IsTable(SqlTable side, CheckContext context) => side switch
    {
        NamedTable { AsOf: not null } => false,
        NamedTable named => context.Analysis.TableOf(named) is { Kind: TableKind.Table } table && !IsBounded(table),
        Join => true,
        _ => false,
    };

    private static bool IsBounded(TableSymbol table) =>
        table.Connector is "filesystem" && !table.Options.ContainsKey("source.monitor-interval")
        || table.Options.ContainsKey("number-of-rows")
        || table.Connector is "jdbc" or "mongodb"
        || table.Options.TryGetValue("scan.bounded.mode", out var mode) && mode != "unbounded";

    private static bool HasTtlHint(Select select) =>
        select.Hints?.Hints.Any(hint => hint.Name.Text.Equals("STATE_TTL", StringComparison.OrdinalIgnoreCase)) == true;

    private void Tell(CheckContext context, string what, SqlNode at) =>
        context.Warn(Code, $"{what}; bound it in time, or set '{Ttl}'.", at.Span);
}
