using System.Text.Json;

namespace Xuanwu.FlinkSql.Tests;

/// <summary>The scripts of the corpus (see <see cref="CorpusTests"/>) that Flink accepts and our own parser too.</summary>
internal static class CorpusScripts
{
    public static IReadOnlyList<(string Id, string Sql)> Accepted()
    {
        using var corpus = JsonDocument.Parse(File.ReadAllText(CorpusFactAttribute.File!));
        return
        [
            .. corpus.RootElement.GetProperty("scripts").EnumerateArray()
                .Where(script => script.GetProperty("expect").GetProperty("ok").GetBoolean())
                .Select(script => (script.GetProperty("id").GetString()!, script.GetProperty("sql").GetString()!))
                .Where(script => Xuanwu.FlinkSql.Syntax.SqlScript.Parse(script.Item2).IsValid),
        ];
    }
}
