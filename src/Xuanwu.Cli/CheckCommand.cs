using Xuanwu.FlinkSql;
using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Checks;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.Cli;

/// <summary>xuanwu check FILE…: the syntax, and all rules unless only that is asked for.</summary>
internal static class CheckCommand
{
    public static async Task<int> RunAsync(
        IEnumerable<string> files, string flink, bool syntaxOnly, bool json, Terminal terminal, CancellationToken ct)
    {
        var worst = ExitCode.Ok;
        foreach (var path in files)
        {
            var code = await SqlFile.ReadAsync(path, terminal, ct) is { } file
                ? Check(file, SqlTarget.Of(flink), syntaxOnly, json, terminal)
                : ExitCode.Trouble;
            worst = Math.Max(worst, code);
        }

        return worst;
    }

    private static int Check(SqlFile file, SqlTarget target, bool syntaxOnly, bool json, Terminal terminal)
    {
        var script = SqlScript.Parse(file.Text);
        var analysis = SqlAnalysis.Of(script);
        var diagnostics = syntaxOnly ? script.Diagnostics : SqlCheck.Run(analysis, new(target));
        var ok = diagnostics.All(each => each.Severity != SqlSeverity.Error);
        if (json) terminal.Line(Line(file.Name, ok, diagnostics, analysis));
        else file.Tell(diagnostics, terminal);
        return ok ? ExitCode.Ok : ExitCode.Wrong;
    }

    private static object Line(
        string file, bool ok, IReadOnlyList<SqlDiagnostic> diagnostics, SqlAnalysis analysis) => new
        {
            file,
            ok,
            diagnostics = diagnostics.Select(SqlFile.Json),
            statements = analysis.Script.Statements.Select(each =>
            {
                var at = analysis.Script.PositionOf(each.Span.Start);
                return new { kind = each.Kind.Name(), line = at.Line, column = at.Column, length = each.Span.Length };
            }),
            lineage = new
            {
                analysis.Lineage.Sources,
                analysis.Lineage.Sinks,
                analysis.Lineage.Lookups,
                edges = analysis.Lineage.Edges.Select(edge => new[] { edge.Source, edge.Sink }),
            },
        };
}
