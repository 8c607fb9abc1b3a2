using Xuanwu.FlinkSql.Checks;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Checks;

public sealed class CheckCorpusTests
{
    // Looked at one by one: passwords in clear text, tables cut short for a documentation page, one table of Flink
    // 1.10,
    // and a parser test with an option that Kafka never had.
    private static readonly string[] Judged =
        ["SQL_SECRET_CLEAR", "SQL_OPTION_MISSING", "SQL_OPTION_UNKNOWN", "SQL_TABLE_LEGACY"];

    [CorpusScriptsFact]
    public void Scripts_that_Flink_accepts_get_no_error_but_those_that_were_judged_right()
    {
        var alarms = new List<string>();
        foreach (var script in CorpusScripts.Accepted())
        {
            if (!SqlScript.Parse(script.Sql).IsValid) continue;
            alarms.AddRange(SqlCheck.Run(script.Sql, new(SqlTarget.Of("2.1")) { IsJob = false })
                .Where(told => told.Severity == SqlSeverity.Error && !Judged.Contains(told.Code))
                .Select(told => $"{script.Id} {told}"));
        }

        Assert.True(alarms.Count <= 2, string.Join('\n', alarms));
    }
}
