using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// Options that the connector in the target does not read: unknown or misspelt, removed, not there yet, given twice;
/// and those that have a newer name. Flink refuses a table with one option that nobody reads.
/// </summary>
internal sealed class OptionNames() : CheckRule(
    "SQL_OPTION_UNKNOWN", "An option is unknown, misspelt, removed, too new, deprecated or given twice.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var group in context.Groups)
        {
            if (group.Sheet is null || group.All.ContainsKey("connector.type")) continue;
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var option in group.Written)
            {
                if (!seen.Add(option.Key.Value))
                {
                    context.Warn(
                        "SQL_OPTION_TWICE", $"'{option.Key.Value}' is given twice; the last one counts.",
                            option.Key.Span);
                }

                Name(context, group, option);
            }
        }
    }

    private void Name(CheckContext context, OptionGroup group, SqlOption option)
    {
        var key = option.Key.Value;
        var (entry, sheet) = OptionLookup.Find(group, context.Dictionary, key);
        if (sheet is null) return;
        var whose = sheet.Kind == SheetKind.Catalog ? $"A catalog of type '{sheet.Name}'" : $"'{sheet.Name}'";
        if (entry is null)
        {
            Unknown(context, group, option, whose, sheet);
            return;
        }

        if (entry.Removed is { } removed && context.Target.Reached(removed, group.Releases) == true)
        {
            context.Error(
                "SQL_OPTION_REMOVED", $"{whose} no longer reads '{key}' since {removed}.{Instead(entry)}",
                    option.Key.Span,
                Fix(option, entry));
        }
        else if (entry.Since is { } since && context.Target.Reached(since, group.Releases) == false)
        {
            context.Error(
                "SQL_OPTION_TOO_NEW",
                $"{whose} reads '{key}' from {since} on; the target has {Has(context, since, group.Releases)}.",
                option.Key.Span);
        }
        else if (entry.Deprecated && !entry.IsPattern && entry.Instead.All(it => IsThere(context, group, sheet, it)))
        {
            context.Warn(
                "SQL_OPTION_DEPRECATED", $"'{key}' is deprecated.{Instead(entry)}", option.Key.Span,
                    Fix(option, entry));
        }
    }

    private void Unknown(CheckContext context, OptionGroup group, SqlOption option, string whose, OptionSheet sheet)
    {
        var key = option.Key.Value;
        var meant = OptionLookup.Meant(group, context.Dictionary, key);
        var message = $"{whose} has no option '{key}'." + (meant is null ? "" : $" Did you mean '{meant}'?");
        var fix = meant is null ? null : CheckContext.Replace($"Write '{meant}'", option.Key, meant);
        if (sheet.Head.Strict && sheet.Kind != SheetKind.Catalog) context.Error(Code, message, option.Key.Span, fix);
        else if (meant is not null && sheet.Head.Strict) context.Warn(Code, message, option.Key.Span, fix);
    }

    private static bool IsThere(CheckContext context, OptionGroup group, OptionSheet sheet, string key) =>
        sheet.Find(key)?.Since is not { } since || context.Target.Reached(since, group.Releases) == true;

    private static string Instead(OptionEntry entry) =>
        entry.Instead.Count == 0 ? "" : $" Use '{string.Join("' and '", entry.Instead)}'.";

    private static SqlFix? Fix(SqlOption option, OptionEntry entry) =>
        entry.Instead.Count == 1
            ? CheckContext.Replace($"Write '{entry.Instead[0]}'", option.Key, entry.Instead[0])
            : null;

    private static string Has(CheckContext context, Since since, ReleaseRange? releases) =>
        since.OfConnector ? releases.ToString()! : $"Flink {context.Target.Flink}";
}
