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
            if (set is not { Kind: SqlKind.Set, Key: { } key, Value: { } value }) continue;
            if (Judge(key, value, context.Target) is not { } found) continue;
            var at = found.IsOfValue ? set.ValueSpan : set.KeySpan;
            var fix = found.Instead is null
                ? null
                : new SqlFix($"Write '{found.Instead}'", [new(at, SqlQuote.Text(found.Instead))]);
            if (found.IsError) context.Error(found.Code, found.Message, at, fix);
            else context.Warn(found.Code, found.Message, at, fix);
        }
    }

    /// <summary>What is wrong with a setting on a target; null when nothing is.</summary>
    public static SettingFinding? Judge(string key, string value, SqlTarget target)
    {
        var sheet = target.Dictionary.Configuration;
        if (sheet.Find(key) is not { } entry)
        {
            if (sheet.FindFormer(key) is not null
                || Foreign.Any(it => key.StartsWith(it, StringComparison.Ordinal))) return null;
            var meant = Nearest.To(key, sheet.Options.Where(it => !it.IsPattern).Select(it => it.Key));
            return Ignored(
                $"Flink has no setting '{key}', and ignores it." + (meant is null ? "" : $" Did you mean '{meant}'?"),
                meant);
        }

        if (entry.Removed is { } removed && target.Reached(removed, null) == true)
        {
            var instead = entry.Instead.Count == 0 ? "" : $" Use '{string.Join("' and '", entry.Instead)}'.";
            return Ignored(
                $"{removed} and later ignore '{key}'.{instead}", entry.Instead.Count == 1 ? entry.Instead[0] : null);
        }

        if (entry.Since is { } since && target.Reached(since, null) == false)
            return Ignored($"'{key}' begins with {since}; Flink {target.Flink} ignores it.", null);

        return !entry.IsPattern && entry.Key == key && OptionValues.Expected(entry, value) is { } expected
            ? new("SQL_SETTING_VALUE", $"{Shown(entry, value)} is no value of '{key}'; it is {expected}.", true, true,
                null)
            : null;

        static SettingFinding Ignored(string message, string? instead) =>
            new("SQL_SETTING_IGNORED", message, false, false, instead);

        static string Shown(OptionEntry entry, string value) =>
            entry.Secrecy == OptionSecrecy.None ? $"'{value}'" : "This";
    }
}

/// <summary>What is wrong with a setting.</summary>
/// <param name="Code">SQL_SETTING_IGNORED or SQL_SETTING_VALUE.</param>
/// <param name="Message">A sentence for its author.</param>
/// <param name="IsError">Whether Flink fails at it.</param>
/// <param name="IsOfValue">Whether the value is wrong and not the key.</param>
/// <param name="Instead">The key that was meant, or that is used now; null when none is surely.</param>
public sealed record SettingFinding(string Code, string Message, bool IsError, bool IsOfValue, string? Instead);
