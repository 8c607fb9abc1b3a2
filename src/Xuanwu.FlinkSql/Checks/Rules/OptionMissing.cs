using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>Required options that a table does not have. Only tables that the script uses are judged by their
/// role.</summary>
internal sealed class OptionMissing() : CheckRule("SQL_OPTION_MISSING", "A required option is missing.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var table in context.Tables)
        {
            if (table.Sheet is not { } sheet || !table.IsWhole || table.Create.Connection is not null) continue;
            var releases = context.Target.ReleasesOf(table.Connector!);
            var told = new HashSet<string>(StringComparer.Ordinal);
            foreach (var entry in sheet.Options)
            {
                if (entry.Required.Count == 0 || entry.IsPattern || !IsThere(context, entry, releases)) continue;
                if (entry.Required.FirstOrDefault(it => IsDue(it, context, table, releases)) is not { } due) continue;
                var keys = due.Kind is RequirementKind.OneOf or RequirementKind.OneOfForSource ? due.Keys : [entry.Key];
                if (keys.Any(key => Has(table, sheet, key)) || !told.Add(string.Join('|', keys))) continue;
                context.Error(
                    Code,
                    $"The table needs {string.Join(" or ", keys.Select(key => $"'{key}'"))}{Because(due)}.",
                    table.ConnectorSpan);
            }
        }
    }

    private static bool IsThere(CheckContext context, OptionEntry entry, ReleaseRange? releases) =>
        (entry.Since is not { } since || context.Target.Reached(since, releases) == true)
        && (entry.Removed is not { } removed || context.Target.Reached(removed, releases) == false);

    // Given by its name, an older name, or one that has taken its place.
    private static bool Has(CheckedTable table, OptionSheet sheet, string key) =>
        table.Symbol.Options.ContainsKey(key)
        || sheet.Find(key)?.FormerKeys.Any(it => table.Symbol.Options.ContainsKey(it.Key)) == true
        || sheet.Options.Any(it => it.Instead.Contains(key) && table.Symbol.Options.ContainsKey(it.Key));

    private static bool IsDue(Requirement due, CheckContext context, CheckedTable table, ReleaseRange? releases) =>
        due.Kind switch
        {
            RequirementKind.Always or RequirementKind.OneOf => true,
            RequirementKind.ForSource or RequirementKind.OneOfForSource =>
                table.Is(TableRoles.Source) && !table.Is(TableRoles.Lookup),
            RequirementKind.ForSink => table.Is(TableRoles.Sink),
            RequirementKind.ForLookup => table.Is(TableRoles.Lookup),
            RequirementKind.With => table.Symbol.Options.ContainsKey(due.Keys[0]),
            RequirementKind.If => table.Symbol.Options.TryGetValue(due.Keys[0], out var value)
                && value.Equals(due.Value, StringComparison.OrdinalIgnoreCase),
            RequirementKind.From => due.From is { } from && context.Target.Reached(from, releases) == true,
            _ => false,
        };

    private static string Because(Requirement due) => due.Kind switch
    {
        RequirementKind.ForSource or RequirementKind.OneOfForSource => " to be read",
        RequirementKind.ForSink => " to be written",
        RequirementKind.ForLookup => " to be looked up",
        RequirementKind.With => $", since it has '{due.Keys[0]}'",
        RequirementKind.If => $", since '{due.Keys[0]}' is '{due.Value}'",
        _ => "",
    };
}
