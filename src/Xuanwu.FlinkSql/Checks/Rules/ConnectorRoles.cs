using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A table that is read, written or looked up though its connector cannot do that.</summary>
internal sealed class ConnectorRoles() : CheckRule(
    "SQL_CONNECTOR_ROLE", "A connector is used for what it cannot do.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var reference in context.Analysis.References)
        {
            var table = context.Tables.FirstOrDefault(each => each.Symbol == reference.Table);
            if (table?.Sheet is not { Head.Roles.Count: > 0 } sheet) continue;
            if (reference.Role == TableRoles.Sink && !sheet.Head.Roles.Contains(OptionUse.Sink))
            {
                context.Error(Code, $"'{table.Connector}' cannot be written, only read.", reference.Name.Span);
            }
            else if (reference.Role == TableRoles.Source && !sheet.Head.Roles.Contains(OptionUse.Source)
                && !sheet.Head.Roles.Contains(OptionUse.Lookup))
            {
                context.Error(Code, $"'{table.Connector}' cannot be read, only written.", reference.Name.Span);
            }
        }
    }
}
