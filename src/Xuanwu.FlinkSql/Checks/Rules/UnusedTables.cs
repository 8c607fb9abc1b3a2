using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A sink that is never written, a source that is never read: in a script that runs something.</summary>
internal sealed class UnusedTables() : CheckRule("SQL_TABLE_UNUSED", "A table is declared and not used.")
{
    internal override void Check(CheckContext context)
    {
        if (context.Analysis.Flows.Count == 0) return;
        var copied = context.Tables.Select(table => table.Create.Like?.Name.ToString()).ToHashSet();
        foreach (var table in context.Tables)
        {
            if (table.Symbol.Roles != TableRoles.None || copied.Contains(table.Symbol.WrittenName)) continue;
            if (context.Analysis.References.Any(reference => reference.Table == table.Symbol)) continue;
            var what = table.Sheet?.Head.Roles is [var only]
                ? only == OptionUse.Sink ? "The sink" : "The source"
                : "The table";
            var never = table.Sheet?.Head.Roles is [OptionUse.Sink] ? "never written"
                : table.Sheet?.Head.Roles is [OptionUse.Source] ? "never read" : "neither read nor written";
            context.Warn(Code, $"{what} {table.Symbol.WrittenName} is {never}.", table.Create.Name.Span);
        }
    }
}
