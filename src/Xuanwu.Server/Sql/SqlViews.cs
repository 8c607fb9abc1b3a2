using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.Server.Sql;

/// <summary>What a check of a script came to.</summary>
/// <param name="Ok">Whether there is no error; warnings may be there.</param>
public sealed record CheckedSql(
    bool Ok, IReadOnlyList<SqlFinding> Findings, IReadOnlyList<SqlStatementView> Statements, SqlLineage Lineage);

/// <summary>One thing that is wrong with a script, or that its author should look at.</summary>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column in UTF-16 code units, from 1.</param>
/// <param name="Expected">What could stand there instead.</param>
/// <param name="Fix">Edits that put it right; null when there are none that are surely meant.</param>
public sealed record SqlFinding(
    string Code,
    SqlSeverity Severity,
    string Message,
    int Start,
    int Length,
    int Line,
    int Column,
    IReadOnlyList<string> Expected,
    SqlFindingFix? Fix)
{
    public static SqlFinding Of(SqlDiagnostic found) => new(
        found.Code, found.Severity, found.Message, found.Start, found.Length, found.Line, found.Column, found.Expected,
        found.Fix is null ? null : new(
            found.Fix.Title,
            [.. found.Fix.Edits.Select(edit => new SqlReplacement(edit.Span.Start, edit.Span.Length, edit.Text))]));
}

/// <summary>Edits that put a finding right.</summary>
public sealed record SqlFindingFix(string Title, IReadOnlyList<SqlReplacement> Edits);

/// <summary>Another text in the place of a part of the script, in UTF-16 code units.</summary>
public sealed record SqlReplacement(int Start, int Length, string Text);

/// <summary>A statement of a script.</summary>
/// <param name="Kind">What it is, such as CREATE_TABLE or INSERT.</param>
public sealed record SqlStatementView(string Kind, int Line, int Column, int Start, int Length)
{
    public static SqlStatementView Of(SqlScript script, SqlStatement statement)
    {
        var at = script.PositionOf(statement.Span.Start);
        return new(statement.Kind.Name(), at.Line, at.Column, statement.Span.Start, statement.Span.Length);
    }
}

/// <summary>The tables between which a script moves data, and what it needs to run.</summary>
public sealed record SqlLineage(
    IReadOnlyList<string> Sources,
    IReadOnlyList<string> Sinks,
    IReadOnlyList<string> Lookups,
    IReadOnlyList<LineageEdge> Edges,
    IReadOnlyList<string> Connectors,
    IReadOnlyList<string> Functions)
{
    public static SqlLineage Of(SqlAnalysis analysis) => new(
        analysis.Lineage.Sources, analysis.Lineage.Sinks, analysis.Lineage.Lookups, analysis.Lineage.Edges,
        [.. analysis.Needs.Connectors], [.. analysis.Needs.Functions.Select(function => function.Name)]);
}

/// <summary>A script for another release of Flink.</summary>
/// <param name="Unified">The difference from what was written, as a unified diff.</param>
/// <param name="Findings">What could not be mapped, with positions in the script as it was written.</param>
public sealed record SqlMapped(
    string Sql, string Unified, IReadOnlyList<SqlMappingChange> Changes, IReadOnlyList<SqlFinding> Findings);

/// <summary>One thing that a mapping changed, and why.</summary>
public sealed record SqlMappingChange(string Before, string After, string Why, int Line, int Column);

/// <summary>A script that touches nothing that its author's reads and writes.</summary>
/// <param name="Harmless">Whether the text was read anew and found to reach nothing outside; else do not run it.</param>
public sealed record SqlMocked(
    string Sql, bool Harmless, IReadOnlyList<SqlMockChange> Changes, IReadOnlyList<SqlFinding> Findings);

/// <summary>One thing that a mock changed, and why.</summary>
public sealed record SqlMockChange(string Subject, string What, string Why, int Line, int Column);
