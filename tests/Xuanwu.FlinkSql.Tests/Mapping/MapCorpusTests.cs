using Xuanwu.FlinkSql.Mapping;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Mapping;

public sealed class MapCorpusTests
{
    [CorpusScriptsFact]
    public void Every_script_stays_valid_whatever_it_is_mapped_to()
    {
        var broken = new List<string>();
        foreach (var script in CorpusScripts.Accepted())
        {
            if (!SqlScript.Parse(script.Sql).IsValid) continue;
            foreach (var flink in (string[])["1.16", "1.18", "1.20", "2.2"])
            {
                var mapped = SqlMapping.To(script.Sql, SqlTarget.Of(flink));
                if (!SqlScript.Parse(mapped.Text).IsValid) broken.Add($"{script.Id} {flink}");
                if (SqlMapping.To(mapped.Text, SqlTarget.Of(flink)).Text != mapped.Text) broken.Add(
                    $"{script.Id} {flink} again");
            }
        }

        Assert.Empty(broken);
    }
}
