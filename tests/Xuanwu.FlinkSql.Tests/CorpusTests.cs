using System.Text.Json;
using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;
using Xuanwu.Testing;

namespace Xuanwu.FlinkSql.Tests;

/// <summary>
/// Flink SQL of other projects, labelled: it lies outside of the repository, in XUANWU_FLINK_SQL_CORPUS or beside it in
/// ../shared/flink-sql. Where it is absent these tests say that they are skipped.
/// </summary>
public sealed class CorpusTests
{
    // Labels that contradict Flink's grammar or the corpus' own conventions, found by reading them.
    private static readonly HashSet<string> WrongLabels =
    [
        "s0601", "s0602", // the type is NONE, a reserved word: a placeholder that was not filled in
        "s1067", // RESULT bare as a column, which is reserved; the documentation slips
        "s0235", "s0540", // refused by validation, not by the parser: SqlValidation has them
    ];

    [CorpusFact]
    public void Valid_scripts_are_accepted_and_invalid_ones_refused()
    {
        var wrong = new List<string>();
        foreach (var (id, sql, label) in Corpus())
        {
            var ok = label.GetProperty("expect").GetProperty("ok").GetBoolean();
            if (SqlScript.Parse(sql).IsValid != ok && !WrongLabels.Contains(id)) wrong.Add(id);
        }

        Assert.Empty(wrong);
    }

    [CorpusFact]
    public void Statements_are_counted_and_named()
    {
        foreach (var (id, sql, label) in Corpus())
        {
            var expect = label.GetProperty("expect");
            if (!expect.GetProperty("ok").GetBoolean()) continue;
            var kinds = expect.GetProperty("kinds").EnumerateArray().Select(kind => kind.GetString()!);
            Assert.True(
                kinds.SequenceEqual(SqlScript.Parse(sql).Statements.Select(statement => statement.Kind.Name())), id);
        }

    }

    [CorpusFact]
    public void Sources_sinks_lookups_and_edges_are_found()
    {
        foreach (var (id, sql, label) in Corpus())
        {
            if (!label.TryGetProperty("lineage", out var wanted)) continue;
            var lineage = SqlAnalysis.Of(SqlScript.Parse(sql)).Lineage;
            Assert.True(Names(wanted.GetProperty("sources")).SetEquals(lineage.Sources), id);
            Assert.True(Names(wanted.GetProperty("sinks")).SetEquals(lineage.Sinks), id);
            Assert.True(Names(wanted.GetProperty("lookups")).SetEquals(lineage.Lookups), id);
            Assert.True(
                wanted.GetProperty("edges").EnumerateArray()
                    .Select(edge => new LineageEdge(edge[0].GetString()!, edge[1].GetString()!)).ToHashSet()
                    .SetEquals(lineage.Edges),
                id);
        }
    }

    private static HashSet<string> Names(JsonElement list) => [.. list.EnumerateArray().Select(name => name.GetString()!)];

    private static IEnumerable<(string Id, string Sql, JsonElement Label)> Corpus()
    {
        var corpus = JsonDocument.Parse(File.ReadAllText(CorpusFactAttribute.File!)).RootElement;
        foreach (var script in corpus.GetProperty("scripts").EnumerateArray())
        {
            yield return (script.GetProperty("id").GetString()!, script.GetProperty("sql").GetString()!, script);
        }
    }
}

/// <summary>A fact that is skipped, and says so, where the corpus is absent.</summary>
public sealed class CorpusFactAttribute : FactAttribute
{
    public CorpusFactAttribute()
    {
        if (File is null) Skip = "No corpus: set XUANWU_FLINK_SQL_CORPUS to the folder that holds corpus.json.";
    }

    internal static string? File { get; } = Find();

    private static string? Find()
    {
        var asked = Environment.GetEnvironmentVariable("XUANWU_FLINK_SQL_CORPUS");
        var folders = asked is not null ? new[] { asked } : [Repository.At("../shared/flink-sql")];
        return folders.Select(folder => Path.Combine(folder, "corpus.json")).FirstOrDefault(System.IO.File.Exists);
    }
}
