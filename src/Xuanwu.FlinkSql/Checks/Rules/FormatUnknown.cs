using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A format that nobody knows.</summary>
internal sealed class FormatUnknown() : CheckRule("SQL_FORMAT_UNKNOWN", "Nothing is known of a format.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var group in context.Groups)
        {
            if (group.Sheet is not { Head.Formats: true }) continue;
            foreach (var option in group.Written)
            {
                if (option.Key.Value is not ("format" or "key.format" or "value.format")) continue;
                var format = option.Value.Value;
                if (format.Contains("${", StringComparison.Ordinal)
                    || context.Dictionary.Format(format) is not null) continue;
                var meant = Nearest.To(format, context.Dictionary.Formats);
                context.Warn(
                    Code,
                    $"Nothing is known of a format '{format}'." + (meant is null ? "" : $" Did you mean '{meant}'?"),
                    option.Value.Span,
                    meant is null ? null : CheckContext.Replace($"Write '{meant}'", option.Value, meant));
            }
        }
    }
}
