using Xuanwu.FlinkSql.Mocking;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Mocking;

public sealed class MockCorpusTests
{
    [CorpusScriptsFact]
    public void Every_script_mocks_to_SQL_that_the_parser_takes_with_nothing_of_production_left()
    {
        var broken = new List<string>();
        foreach (var script in CorpusScripts.Accepted())
        {
            // What our own parser refuses though Flink takes it is the parser's to answer for.
            if (!SqlScript.Parse(script.Sql).IsValid) continue;
            foreach (var sinks in (MockSinks[])[MockSinks.Print, MockSinks.Collect])
            {
                var mocked = SqlMock.Of(script.Sql, new(SqlTarget.Of("2.1")) { Sinks = sinks });
                if (MockGuarantee.Broken(mocked.Text) is [var first, ..]) broken.Add($"{script.Id} {sinks}: {first}");
            }
        }

        Assert.Empty(broken);
    }
}
