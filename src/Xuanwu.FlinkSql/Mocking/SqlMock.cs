using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mocking;

/// <summary>What becomes of what a script writes.</summary>
public enum MockSinks
{
    /// <summary>Each sink prints its rows to the TaskManagers' logs, under its own name.</summary>
    Print,

    /// <summary>Each INSERT becomes its query, whose rows the gateway collects.</summary>
    Collect,
}

/// <summary>How a script is mocked.</summary>
/// <param name="Target">The Flink that is to run it.</param>
public sealed record MockOptions(SqlTarget Target)
{
    /// <summary>Rows of each source; they end, so that the job does.</summary>
    public int Rows { get; init; } = 200;

    /// <summary>Rows a second of each source.</summary>
    public int RowsPerSecond { get; init; } = 50;

    public MockSinks Sinks { get; init; }

    /// <summary>Tables of catalogs, so that their columns need not be guessed.</summary>
    public SqlSurroundings? Surroundings { get; init; }
}

/// <summary>One thing that was changed.</summary>
/// <param name="Subject">The table, statement or setting.</param>
/// <param name="What">What became of it.</param>
/// <param name="Why">A sentence for the author of the script.</param>
/// <param name="Start">Where it was: UTF-16 code units of the original before it.</param>
/// <param name="Length">Its length there.</param>
/// <param name="Line">Its line, from 1.</param>
/// <param name="Column">Its column, from 1.</param>
public sealed record MockChange(
    string Subject, string What, string Why, int Start, int Length, int Line, int Column);

/// <summary>A script that touches nothing.</summary>
/// <param name="Text">What is run.</param>
/// <param name="Changes">What was changed, in the order of the original.</param>
/// <param name="Diagnostics">
/// What could not be mocked or had to be guessed: SQL_MOCK_GUESSED, SQL_MOCK_LEFT_OUT, SQL_MOCK_MODEL, SQL_MOCK_TYPE.
/// </param>
public sealed record MockedSql(
    string Text, IReadOnlyList<MockChange> Changes, IReadOnlyList<SqlDiagnostic> Diagnostics);

/// <summary>
/// Rewrites a script of production so that it can be tried: every source generates rows, every sink prints them or is
/// collected, catalogs live in memory, lookups are joins, and nothing that reaches outside is left. What is promised
/// can be checked by <see cref="MockGuarantee"/>, and callers do so before they run anything.
/// </summary>
public static class SqlMock
{
    /// <summary>The mocked script. A statement with errors is left as it is, for Flink to refuse.</summary>
    public static MockedSql Of(string sql, MockOptions options)
    {
        ArgumentNullException.ThrowIfNull(sql);
        ArgumentNullException.ThrowIfNull(options);
        var analysis = SqlAnalysis.Of(SqlScript.Parse(sql), options.Surroundings);
        return new ScriptMock(analysis, options).Run();
    }
}
