using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mocking;

/// <summary>
/// What a mocked script promises, checked on the text that is to be run, by reading it anew and not by trusting who
/// wrote it: it holds no connector but datagen, print and blackhole, no catalog but those in memory, no hint with
/// options, no statement that reaches outside of its session, and no setting that names a place to keep state.
/// </summary>
public static class MockGuarantee
{
    private static readonly string[] Harmless = ["datagen", "print", "blackhole"];

    /// <summary>What breaks the promise; empty when it is kept.</summary>
    public static IReadOnlyList<SqlDiagnostic> Broken(string sql)
    {
        var script = SqlScript.Parse(sql);
        var told = new List<SqlDiagnostic>(script.Diagnostics.Where(each => each.Severity == SqlSeverity.Error));
        foreach (var node in script.Statements.SelectMany(statement => statement.DescendantsAndSelf()))
        {
            var what = node switch
            {
                CreateTable table => Table(table),
                CreateObject { Object: ObjectKind.Catalog } catalog when catalog.Options?.Options
                    .LastOrDefault(option => option.Key.Value == "type")?.Value.Value != "generic_in_memory" =>
                    "a catalog that is not in memory",
                CreateObject { Object: ObjectKind.Model or ObjectKind.Connection } => "a model or a connection",
                Hint { Options.Count: > 0 } hint
                    when hint.Name.Text.Equals("OPTIONS", StringComparison.OrdinalIgnoreCase) =>
                    "a hint with options",
                SqlStatement { Kind: var kind } when Statements.ReachOutside(kind) => $"{kind.Name()}",
                SetStatement { Key: { } key } when Statements.KeepsState(key) => $"the setting '{key}'",
                _ => null,
            };
            if (what is not null)
            {
                var at = script.PositionOf(node.Start);
                told.Add(new("SQL_MOCK_BROKEN", $"The mocked script holds {what}.", node.Start, node.End - node.Start)
                {
                    Line = at.Line,
                    Column = at.Column,
                });
            }
        }

        return told;
    }

    private static string? Table(CreateTable table)
    {
        if (table.Kind == SqlKind.CreateMaterializedTable) return "a materialized table";
        if (table.Like is not null) return "LIKE, which brings options from elsewhere";
        if (table.Connection is not null) return "a connection";
        var connector = table.Options?.Options.LastOrDefault(option => option.Key.Value == "connector")?.Value.Value;
        return connector is not null && Harmless.Contains(connector)
            ? null
            : $"a table with the connector '{connector ?? "of its catalog"}'";
    }

    /// <summary>What statements and settings do to the world.</summary>
    internal static class Statements
    {
        public static bool ReachOutside(SqlKind kind) => kind is SqlKind.AlterTable or SqlKind.AlterCatalog
            or SqlKind.AlterDatabase or SqlKind.AlterMaterializedTable or SqlKind.AlterModel or SqlKind.AlterConnection
            or SqlKind.DropTable or SqlKind.DropCatalog or SqlKind.DropDatabase or SqlKind.DropMaterializedTable
            or SqlKind.DropModel or SqlKind.DropConnection or SqlKind.TruncateTable or SqlKind.AnalyzeTable
            or SqlKind.Update or SqlKind.Delete or SqlKind.Call or SqlKind.StopJob or SqlKind.CompilePlan
            or SqlKind.ExecutePlan or SqlKind.CompileAndExecutePlan or SqlKind.LoadModule or SqlKind.UnloadModule
            or SqlKind.UseModules or SqlKind.ReplaceTableAs;

        public static bool KeepsState(string key) =>
            key.StartsWith("state.", StringComparison.Ordinal)
            || key.StartsWith("execution.checkpointing.", StringComparison.Ordinal)
            || key.StartsWith("execution.savepoint", StringComparison.Ordinal)
            || key.StartsWith("execution.state-recovery", StringComparison.Ordinal)
            || key.StartsWith("high-availability", StringComparison.Ordinal)
            || key.StartsWith("fs.", StringComparison.Ordinal) || key.StartsWith("s3.", StringComparison.Ordinal)
            || key.StartsWith("execution.target", StringComparison.Ordinal)
            || key.StartsWith("rest.", StringComparison.Ordinal)
            || key.StartsWith("kubernetes.", StringComparison.Ordinal)
            || key.StartsWith("table.catalog-store.", StringComparison.Ordinal)
            || Dictionary.SecretNames.Of(key) == Dictionary.OptionSecrecy.Value;
    }
}
