using Xuanwu.Domain.Jobs;
using Xuanwu.Flink;
using Xuanwu.FlinkSql;
using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Checks;
using Xuanwu.FlinkSql.Mapping;
using Xuanwu.FlinkSql.Mocking;
using Xuanwu.FlinkSql.Syntax;
using Xuanwu.GraphQL;
using Xuanwu.Server.Jobs;

namespace Xuanwu.Server.Sql;

/// <summary>Flink SQL as text: checked, mapped to another release and mocked, without a job and without a cluster.</summary>
public static class SqlQueries
{
    private const int MaxRows = 10_000;

    /// <summary>
    /// What is wrong with a script on a release of Flink, what its statements are and where its data goes. Tables that
    /// it does not declare itself are taken to be there.
    /// </summary>
    public static CheckedSql CheckSql(string sql, string flinkVersion = "1.20")
    {
        var target = Target(sql, flinkVersion);
        var analysis = SqlAnalysis.Of(SqlScript.Parse(sql));
        var findings = SqlCheck.Run(analysis, new CheckOptions(target));
        return new(
            findings.All(found => found.Severity != SqlSeverity.Error),
            [.. findings.Select(SqlFinding.Of)],
            [.. analysis.Script.Statements.Select(statement => SqlStatementView.Of(analysis.Script, statement))],
            SqlLineage.Of(analysis));
    }

    /// <summary>
    /// The script as another release of Flink reads it, what was changed and why, and what only a person can change.
    /// </summary>
    public static SqlMapped MapSql(string sql, string flinkVersion)
    {
        var mapped = SqlMapping.To(sql, Target(sql, flinkVersion));
        return new(
            mapped.Text,
            UnifiedDiff.Between(sql, mapped.Text, "as written", $"for Flink {flinkVersion}"),
            [.. mapped.Changes.Select(it => new SqlMappingChange(it.Before, it.After, it.Why, it.Line, it.Column))],
            [.. mapped.Diagnostics.Select(SqlFinding.Of)]);
    }

    /// <summary>
    /// The script with generated rows in place of its sources and printing in place of its sinks, so that it can be
    /// tried without touching what it reads and writes.
    /// </summary>
    public static SqlMocked MockSql(string sql, string flinkVersion = "1.20", int rows = 200)
    {
        if (rows is < 1 or > MaxRows)
        {
            throw new GraphQLException($"rows is {rows}; give 1 to {MaxRows}.", "ROWS_INVALID");
        }

        var mocked = SqlMock.Of(sql, new MockOptions(Target(sql, flinkVersion)) { Rows = rows });
        var broken = MockGuarantee.Broken(mocked.Text);
        return new(
            mocked.Text,
            broken.Count == 0,
            [.. mocked.Changes.Select(it => new SqlMockChange(it.Subject, it.What, it.Why, it.Line, it.Column))],
            [.. mocked.Diagnostics.Concat(broken).Select(SqlFinding.Of)]);
    }

    private static SqlTarget Target(string sql, string flinkVersion)
    {
        if (sql.Length > JobSpecRules.MaxSqlLength)
        {
            throw new GraphQLException(
                $"The SQL has more than {JobSpecRules.MaxSqlLength} characters.", "SQL_TOO_LARGE");
        }

        return FlinkVersion.TryParse(flinkVersion, out var version, out var wrong)
            ? SqlTarget.Of(version.ToString())
            : throw new GraphQLException(wrong!, "FLINK_VERSION_UNKNOWN");
    }
}
