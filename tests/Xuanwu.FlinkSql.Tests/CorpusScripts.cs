using System.Text.Json;

namespace Xuanwu.FlinkSql.Tests;

/// <summary>
/// A fact about scripts of other projects, which are read where they lie and are no part of this repository: in the
/// folder that XUANWU_FLINK_SQL_CORPUS names, or in shared/flink-sql beside the repository. Skipped where there is
/// none.
/// </summary>
public sealed class CorpusScriptsFactAttribute : FactAttribute
{
    public CorpusScriptsFactAttribute()
    {
        if (CorpusScripts.File is null)
            Skip = "There is no corpus.json; set XUANWU_FLINK_SQL_CORPUS to the folder that holds it.";
    }
}

/// <param name="Id">As the corpus names it.</param>
/// <param name="Sql">The script.</param>
/// <param name="IsLabelled">Whether its lineage is known.</param>
internal sealed record CorpusScript(string Id, string Sql, bool IsLabelled);

internal static class CorpusScripts
{
    public static string? File { get; } = Find();

    /// <summary>The scripts that Flink accepts.</summary>
    public static IReadOnlyList<CorpusScript> Accepted()
    {
        using var corpus = JsonDocument.Parse(System.IO.File.ReadAllText(File!));
        return
        [
            .. corpus.RootElement.GetProperty("scripts").EnumerateArray()
                .Where(script => script.GetProperty("expect").GetProperty("ok").GetBoolean())
                .Select(script => new CorpusScript(
                    script.GetProperty("id").GetString()!,
                    script.GetProperty("sql").GetString()!,
                    script.TryGetProperty("lineage", out _))),
        ];
    }

    private static string? Find()
    {
        var folder = Environment.GetEnvironmentVariable("XUANWU_FLINK_SQL_CORPUS");
        for (var above = new DirectoryInfo(AppContext.BaseDirectory); folder is null
            && above is not null; above = above.Parent)
        {
            if (System.IO.File.Exists(Path.Combine(above.FullName, "Xuanwu.sln")))
                folder = Path.Combine(above.FullName, "..", "shared", "flink-sql");
        }

        var file = folder is null ? null : Path.Combine(folder, "corpus.json");
        return System.IO.File.Exists(file) ? file : null;
    }
}
