using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A value of the wrong type, or not in the option's list.</summary>
internal sealed class OptionValueRule() : CheckRule(
    "SQL_OPTION_VALUE", "An option has a value that cannot be read.")
{
    internal override void Check(CheckContext context)
    {
        foreach (var group in context.Groups)
        {
            if (group.Sheet is null || group.All.ContainsKey("connector.type")) continue;
            foreach (var option in group.Written)
            {
                if (option.Key.Value is "connector" or "type") continue;
                var (entry, _) = OptionLookup.Find(group, context.Dictionary, option.Key.Value);
                if (entry is null || OptionValues.Expected(entry, option.Value.Value) is not { } expected) continue;
                var meant = entry.Values.Count > 0 ? Nearest.To(option.Value.Value, entry.Values) : null;
                var shown = entry.Secrecy == OptionSecrecy.None ? $"'{option.Value.Value}'" : "This value";
                context.Error(
                    Code,
                    $"{shown} is no value of '{option.Key.Value}'; it is {expected}.",
                    option.Value.Span,
                    meant is null ? null : CheckContext.Replace($"Write '{meant}'", option.Value, meant));
            }
        }
    }
}
