using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>Tables described by 'connector.type', as up to Flink 1.10; the factories that read them went with
/// 1.14.</summary>
internal sealed class LegacyTables() : CheckRule(
    "SQL_TABLE_LEGACY", "A table is described as Flink 1.10 wanted it, which the target does not read.")
{
    private static readonly Release Gone = Release.Parse("1.14");

    internal override void Check(CheckContext context)
    {
        if (context.Target.Flink < Gone) return;
        foreach (var table in context.Tables)
        {
            var legacy = table.Create.Options?.Options.FirstOrDefault(option => option.Key.Value == "connector.type");
            if (legacy is null) continue;
            context.Error(
                Code,
                $"'connector.type' is the form of Flink 1.10, which Flink {context.Target.Flink} does not read; map "
                    + "the script to this release.",
                legacy.Span);
        }
    }
}
