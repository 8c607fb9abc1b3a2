using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// FOR SYSTEM_TIME AS OF: a table without a watermark can only be looked up, at processing time, and only if its
/// connector can; a table with versions needs a primary key and a watermark.
/// </summary>
internal sealed class LookupTime() : CheckRule(
    "SQL_LOOKUP_TIME", "A table cannot be joined as of that time.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var reference in context.Analysis.References)
        {
            if (reference.Role != TableRoles.Lookup
                || reference.Node is not NamedTable { AsOf: { } time } named) continue;
            var table = context.Tables.FirstOrDefault(each => each.Symbol == reference.Table);
            if (table?.Sheet is not { } sheet || !table.IsWhole) continue;
            if (table.Symbol.Watermark is not null && table.Symbol.PrimaryKey.Count > 0) continue;
            if (!sheet.Head.Roles.Contains(OptionUse.Lookup))
            {
                context.Error(
                    Code,
                    $"'{table.Connector}' cannot be looked up; as a table with versions {table.Symbol.WrittenName} "
                        + "needs a primary key and a watermark.",
                    named.Name.Span);
            }
            else if (IsEventTime(context, time))
            {
                context.Error(
                    Code,
                    $"{table.Symbol.WrittenName} is looked up, which happens at processing time; "
                        + $"{context.Script.TextOf(time)} "
                        + "is event time. Use a column declared AS PROCTIME().",
                    time.Span);
            }
        }
    }

    // Sure only when the name is the watermark's column of a table of this script, and nobody's processing time.
    private static bool IsEventTime(CheckContext context, SqlExpression time)
    {
        if (time is not SqlIdentifier { Parts.Count: > 0 } name) return false;
        var column = name.Last.Text;
        return context.Tables.Any(table => table.Symbol.Watermark?.Column.ToString() == column)
            && !context.Tables.Any(table => table.Symbol.DeclaredColumns?.Any(each =>
                each.Name == column && each.Definition?.Expression is Call call && call.Is("PROCTIME")) == true);
    }
}
