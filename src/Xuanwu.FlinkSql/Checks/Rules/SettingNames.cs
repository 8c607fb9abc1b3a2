using Xuanwu.FlinkSql.Dictionary;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>
/// Settings that the target ignores: Flink says nothing of a key that it does not know, so a misspelt one does nothing
/// at all. And values that it cannot read, at which it fails.
/// </summary>
internal sealed class SettingNames() : CheckRule(
    "SQL_SETTING_IGNORED", "The target ignores a setting.")
{
    // Read by others than Flink's own option classes: by connectors, file systems, the client.
    private static readonly string[] Foreign =
    [
        "sql-client.", "fs.", "s3.", "oss.", "hadoop.", "flink.hadoop.", "connector.", "parquet.", "hive.", "metrics.",
        "user.", "pipeline.global-job-parameters.", "kubernetes.", "yarn.", "env.", "containerized.", "security.",
        "rest.", "table.sql-dialect", "sql-gateway.", "workflow-scheduler.", "$internal.", "job.",
    ];

    internal override void Check(CheckContext context)
    {
        foreach (var set in context.Script.Statements.OfType<SetStatement>())
        {
            if (set is { Kind: SqlKind.Set, Key: { } key, Value: { } value }) Setting(context, set, key, value);
        }
    }

    private void Setting(CheckContext context, SetStatement set, string key, string value)
    {
        var sheet = context.Dictionary.Configuration;
        var entry = sheet.Find(key);
        if (entry is null)
        {
            if (sheet.FindFormer(key) is not null
                || Foreign.Any(it => key.StartsWith(it, StringComparison.Ordinal))) return;
            var meant = Nearest.To(key, sheet.Options.Where(it => !it.IsPattern).Select(it => it.Key));
            context.Warn(
                Code,
                $"Flink has no setting '{key}', and ignores it." + (meant is null ? "" : $" Did you mean '{meant}'?"),
                set.KeySpan,
                meant is null ? null : new($"Write '{meant}'", [new(set.KeySpan, SqlQuote.Text(meant))]));
            return;
        }

        if (entry.Removed is { } removed && context.Target.Reached(removed, null) == true)
        {
            var instead = entry.Instead.Count == 0 ? "" : $" Use '{string.Join("' and '", entry.Instead)}'.";
            context.Warn(
                Code,
                $"{removed} and later ignore '{key}'.{instead}",
                set.KeySpan,
                entry.Instead.Count == 1
                    ? new($"Write '{entry.Instead[0]}'", [new(set.KeySpan, SqlQuote.Text(entry.Instead[0]))])
                    : null);
        }
        else if (entry.Since is { } since && context.Target.Reached(since, null) == false)
        {
            context.Warn(
                Code, $"'{key}' begins with {since}; Flink {context.Target.Flink} ignores it.", set.KeySpan);
        }
        else if (!entry.IsPattern && entry.Key == key && OptionValues.Expected(entry, value) is { } expected)
        {
            context.Error("SQL_SETTING_VALUE", $"'{value}' is no value of '{key}'; it is {expected}.", set.ValueSpan);
        }
    }
}
