using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// A connector that the target's image does not have, or that no release for its Flink exists of. A connector that
/// nobody knows gets one warning and no more: its options cannot be judged.
/// </summary>
internal sealed class ConnectorUnknown() : CheckRule(
    "SQL_CONNECTOR_UNKNOWN", "The target has no such connector.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var table in context.Tables)
        {
            if (table.Connector is not { } connector || connector.Contains("${", StringComparison.Ordinal)) continue;
            var has = context.Target.Has(connector);
            if (has == true) continue;
            if (has is null && table.Sheet is not null) continue;
            var meant = table.Sheet is null ? Nearest.To(connector, context.Dictionary.Connectors) : null;
            var literal = table.Create.Options?.Options.LastOrDefault(option => option.Key.Value == "connector")?.Value;
            var fix = meant is not null && literal is not null
                ? CheckContext.Replace($"Write '{meant}'", literal, meant)
                : null;
            var hint = meant is null ? "" : $" Did you mean '{meant}'?";
            if (has is null)
            {
                context.Warn(
                    Code,
                    $"Nothing is known of a connector '{connector}', so its options are not checked.{hint}",
                    table.ConnectorSpan,
                    fix);
            }
            else if (table.Sheet is { Head.Sql: false })
            {
                context.Error(Code, $"'{connector}' cannot be used in SQL. {table.Sheet.Head.Note}",
                    table.ConnectorSpan);
            }
            else
            {
                var why = context.Target.Connectors is not null
                    ? "the image of the target does not have it"
                    : $"no release of it for Flink {context.Target.Flink.ToMinor()} is known";
                var message = $"The connector '{connector}' is not there: {why}.{hint}";
                // Without the image's own list it is only what has been released so far.
                if (context.Target.Connectors is null) context.Warn(Code, message, table.ConnectorSpan, fix);
                else context.Error(Code, message, table.ConnectorSpan, fix);
            }
        }
    }
}
