using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A job has nobody who looks at the rows of a query, and one that writes nothing does nothing.</summary>
internal sealed class NothingWritten() : CheckRule(
    "SQL_NO_INSERT", "A job only selects: its rows go nowhere.")
{
    internal override void Check(CheckContext context)
    {
        if (!context.Options.IsJob) return;
        foreach (var query in context.Script.Statements.OfType<QueryStatement>())
        {
            context.Error(
                Code,
                "A query at the top level shows its rows to somebody who looks on, and a job has nobody; write them "
                    + "to a table with INSERT INTO.",
                new(query.Start, Math.Min(query.End - query.Start, 6)));
        }
    }
}
