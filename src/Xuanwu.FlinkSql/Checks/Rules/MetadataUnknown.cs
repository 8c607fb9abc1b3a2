using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A METADATA column that the connector does not offer.</summary>
internal sealed class MetadataUnknown() : CheckRule(
    "SQL_METADATA_UNKNOWN", "A connector does not offer a METADATA column.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var table in context.Tables)
        {
            if (table.Sheet is not { Head.Metadata: { Count: > 0 } offered } || table.Connector == "kinesis") continue;
            foreach (var column in table.Create.Elements.OfType<ColumnDefinition>())
            {
                if (column.Kind != ColumnKind.Metadata || column.Name is not { Parts.Count: > 0 }) continue;
                var key = column.MetadataKey?.Value ?? column.Name.Last.Text;
                // 'value.timestamp' is metadata of the format, which no sheet lists.
                if (offered.Contains(key) || key.StartsWith("value.", StringComparison.Ordinal)) continue;
                var meant = Nearest.To(key, offered);
                context.Warn(
                    Code,
                    $"'{table.Connector}' offers {string.Join(", ", offered.Select(each => $"'{each}'"))} as "
                        + $"METADATA, but no '{key}'.",
                    (column.MetadataKey as SqlNode ?? column.Name).Span,
                    meant is null || column.MetadataKey is null
                        ? null
                        : CheckContext.Replace($"Write '{meant}'", column.MetadataKey, meant));
            }
        }
    }
}
