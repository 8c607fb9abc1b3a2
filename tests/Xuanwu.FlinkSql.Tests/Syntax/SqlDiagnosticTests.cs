using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Syntax;

public sealed class SqlDiagnosticTests
{
    [Theory]
    [InlineData("SELECT a, FROM t", "SQL_EXPECTED", 1, 11)]
    [InlineData("SELECT a\nFROM t\nWHERE", "SQL_EXPECTED", 3, 6)]
    [InlineData("SELECT (a FROM t", "SQL_EXPECTED", 1, 11)]
    [InlineData("CREATE TABLE t (a INT", "SQL_EXPECTED", 1, 22)]
    [InlineData("CREATE TABLE t (a INT,)", "SQL_EXPECTED", 1, 23)]
    [InlineData("CREATE TABLE t (f(a))", "SQL_EXPECTED", 1, 18)]
    [InlineData("CREATE TABLE t (a, b INT) AS SELECT 1", "SQL_EXPECTED", 1, 22)]
    [InlineData("CREATE VIEW v() AS SELECT 1", "SQL_EXPECTED", 1, 15)]
    [InlineData("INSERT t SELECT 1", "SQL_EXPECTED", 1, 8)]
    [InlineData("SHOW PROCEDURES db1", "SQL_EXPECTED", 1, 17)]
    [InlineData("ANALYZE TABLE t", "SQL_EXPECTED", 1, 16)]
    [InlineData("ALTER TABLE t", "SQL_EXPECTED", 1, 14)]
    [InlineData("SELECT 1 # no", "SQL_EXPECTED", 1, 10)]
    [InlineData("LOAD MODULE 'core'", "SQL_EXPECTED", 1, 13)]
    [InlineData("EXECUTE STATEMENT SET BEGIN END", "SQL_EXPECTED", 1, 29)]
    [InlineData("CREATE TABLE t (a INT) LIKE s AS SELECT 1", "SQL_EXPECTED", 1, 31)]
    [InlineData("CREATE TABLE t (f INTERVAL YEAR)", "SQL_EXPECTED", 1, 19)]
    [InlineData("amount currency", "SQL_NO_STATEMENT", 1, 1)]
    [InlineData("SELECT 'abc\nFROM t", "SQL_TEXT_OPEN", 1, 8)]
    [InlineData("SELECT `abc FROM t", "SQL_NAME_OPEN", 1, 8)]
    [InlineData("SELECT 1 /* abc", "SQL_COMMENT_OPEN", 1, 10)]
    [InlineData("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;", "SQL_STATEMENT_SET_OPEN", 1, 23)]
    [InlineData("CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED, PRIMARY KEY (a) NOT ENFORCED)", "SQL_SECOND_PRIMARY_KEY", 1, 49)]
    [InlineData("CREATE TABLE t (a INT, UNIQUE (a))", "SQL_UNIQUE", 1, 24)]
    [InlineData("CREATE TABLE t (a INT, WATERMARK FOR a AS a, WATERMARK FOR b AS b)", "SQL_SECOND_WATERMARK", 1, 46)]
    [InlineData("CREATE TABLE t (a INT, WATERMARK FOR a AS (SELECT 1))", "SQL_QUERY_NOT_HERE", 1, 43)]
    [InlineData("CREATE TABLE t (a, b)", "SQL_COLUMN_TYPE", 1, 17)]
    [InlineData("CREATE OR REPLACE MATERIALIZED TABLE m AS SELECT 1", "SQL_MATERIALIZED_TABLE", 1, 1)]
    [InlineData("CREATE TEMPORARY TABLE t AS SELECT 1", "SQL_TEMPORARY_AS", 1, 1)]
    [InlineData("CREATE MODEL m INPUT (a INT) WITH ('a' = 'b') AS SELECT 1", "SQL_MODEL_COLUMNS", 1, 23)]
    [InlineData("EXPLAIN CHANGELOG_MODE, CHANGELOG_MODE SELECT 1", "SQL_DUPLICATE_DETAIL", 1, 25)]
    [InlineData("EXPLAIN CREATE TABLE t (a INT)", "SQL_NOT_EXPLAINED", 1, 9)]
    [InlineData("STOP JOB 'a' WITH DRAIN", "SQL_DRAIN_WITHOUT_SAVEPOINT", 1, 14)]
    [InlineData("CREATE TABLE t (a INT) DISTRIBUTED INTO 1.5 BUCKETS", "SQL_BUCKETS", 1, 41)]
    public void What_is_wrong_is_told_where_it_is_wrong(string sql, string code, int line, int column)
    {
        var script = SqlScript.Parse(sql);

        Assert.False(script.IsValid);
        var told = script.Diagnostics[0];
        Assert.Equal((code, line, column), (told.Code, told.Line, told.Column));
        Assert.False(Assert.Single(script.Statements).IsWhole);
    }

    [Theory]
    [InlineData("SELCT a FROM t", "SQL_MISSPELT_KEYWORD", "SELECT a FROM t")]
    [InlineData("SELECT a FORM t", "SQL_MISSPELT_KEYWORD", "SELECT a FROM t")]
    [InlineData("SELECT a FROM t GRUOP BY a", "SQL_MISSPELT_KEYWORD", "SELECT a FROM t GROUP BY a")]
    [InlineData("CREATE TABEL t (a INT)", "SQL_MISSPELT_KEYWORD", "CREATE TABLE t (a INT)")]
    [InlineData("INSERT INOT t SELECT 1", "SQL_MISSPELT_KEYWORD", "INSERT INTO t SELECT 1")]
    [InlineData("CREATE TABLE t (user STRING)", "SQL_RESERVED_WORD", "CREATE TABLE t (`user` STRING)")]
    [InlineData("CREATE TABLE t (a INT, timestamp TIMESTAMP(3))", "SQL_RESERVED_WORD", "CREATE TABLE t (a INT, `timestamp` TIMESTAMP(3))")]
    [InlineData("SELECT x AS value FROM t", "SQL_RESERVED_WORD", "SELECT x AS `value` FROM t")]
    [InlineData("SELECT t.date FROM t", "SQL_RESERVED_WORD", "SELECT t.`date` FROM t")]
    [InlineData("SELECT day, 1 FROM t", "SQL_RESERVED_WORD", "SELECT `day`, 1 FROM t")]
    [InlineData("SELECT 1\nSELECT 2", "SQL_MISSING_SEMICOLON", "SELECT 1;\nSELECT 2")]
    [InlineData("CREATE TABLE t (a INT)\nINSERT INTO t SELECT 1", "SQL_MISSING_SEMICOLON", "CREATE TABLE t (a INT);\nINSERT INTO t SELECT 1")]
    [InlineData("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1 END", "SQL_MISSING_SEMICOLON", "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END")]
    [InlineData("SELECT \"a\" FROM t", "SQL_DOUBLE_QUOTES", "SELECT 'a' FROM t")]
    [InlineData("SELECT a FROM \"t\"", "SQL_DOUBLE_QUOTES", "SELECT a FROM `t`")]
    [InlineData("CREATE TABLE t (a INT) WITH (\"k\" = 'v')", "SQL_DOUBLE_QUOTES", "CREATE TABLE t (a INT) WITH ('k' = 'v')")]
    [InlineData("CREATE TABLE t (a INT) WITH ('k' = 'v',)", "SQL_TRAILING_COMMA", "CREATE TABLE t (a INT) WITH ('k' = 'v')")]
    [InlineData("CREATE TABLE t (a INT) WITH (scan.mode = 'v')", "SQL_OPTION_KEY", "CREATE TABLE t (a INT) WITH ('scan.mode' = 'v')")]
    [InlineData("CREATE TABLE t (a INT) WITH ('k' = 5)", "SQL_OPTION_VALUE", "CREATE TABLE t (a INT) WITH ('k' = '5')")]
    [InlineData("SELECT a != b FROM t", "SQL_BANG_EQUAL", "SELECT a <> b FROM t")]
    [InlineData("SELECT 1 MINUS SELECT 2", "SQL_MINUS", "SELECT 1 EXCEPT SELECT 2")]
    [InlineData("INSERT OVERWRITE TABLE t SELECT 1", "SQL_HIVE_DIALECT", "INSERT OVERWRITE t SELECT 1")]
    [InlineData("CREATE SYSTEM FUNCTION f AS 'a'", "SQL_SYSTEM_NOT_TEMPORARY", "CREATE TEMPORARY SYSTEM FUNCTION f AS 'a'")]
    public void A_fix_makes_the_text_valid(string sql, string code, string fixedSql)
    {
        var told = Assert.Single(SqlScript.Parse(sql).Diagnostics);

        Assert.Equal(code, told.Code);
        var text = SqlEdits.Apply(sql, Assert.IsType<SqlFix>(told.Fix).Edits);
        Assert.Equal(fixedSql, text);
        Assert.Empty(SqlScript.Parse(text).Diagnostics);
    }

    [Fact]
    public void What_could_stand_there_is_told()
    {
        var told = Assert.Single(SqlScript.Parse("DROP x").Diagnostics);

        Assert.Contains("TABLE", told.Expected);
        Assert.Contains("CATALOG", told.Expected);
        Assert.Equal(
            "Expected TEMPORARY, SYSTEM, TABLE, VIEW, CATALOG, DATABASE, FUNCTION, MODEL, CONNECTION or MATERIALIZED, but "
            + "there is x.",
            told.Message);
    }

    [Fact]
    public void Each_statement_tells_its_own_errors_and_the_others_are_read()
    {
        var script = SqlScript.Parse(
            """
            CREATE TABLE a (user STRING, date DATE);
            SELECT FROM a;
            INSERT INTO b SELECT * FROM a;
            EXECUTE STATEMENT SET BEGIN
              INSERT INTO b SELECT FROM a;
              INSERT INTO c SELECT * FROM a;
              INSERT INTO d SELECT * FROM;
            END;
            SHOW TABLES
            """);

        Assert.Equal(
            ["CREATE_TABLE", "SELECT", "INSERT", "STATEMENT_SET", "SHOW_TABLES"],
            script.Statements.Select(statement => statement.Kind.Name()));
        Assert.Equal(
            [(1, "SQL_RESERVED_WORD"), (1, "SQL_RESERVED_WORD"), (2, "SQL_EXPECTED"), (5, "SQL_EXPECTED"), (7, "SQL_EXPECTED")],
            script.Diagnostics.Select(told => (told.Line, told.Code)));
        Assert.Equal([false, false, true, false, true], script.Statements.Select(statement => statement.IsWhole));
        Assert.Equal(
            [false, true, false], ((StatementSet)script.Statements[3]).Inserts.Select(insert => insert.IsWhole));
    }

    [Fact]
    public void A_hundred_thousand_brackets_are_an_error_and_no_more()
    {
        var open = new string('(', 100_000);
        foreach (var sql in new[] { $"SELECT {open}1{open.Replace('(', ')')}", open, $"SELECT * FROM {open}",
            "SELECT " + string.Concat(Enumerable.Repeat("CASE WHEN ", 100_000)), "SELECT "
            + string.Concat(Enumerable.Repeat("- ", 100_000)), "SELECT a" + string.Concat(Enumerable.Repeat("[1]", 100_000)),
            "SELECT CAST(a AS " + string.Concat(Enumerable.Repeat("ARRAY<", 100_000)),
            "SELECT " + string.Concat(Enumerable.Repeat("f(", 100_000)) })
        {
            var script = SqlScript.Parse(sql);

            Assert.Contains(script.Diagnostics, told => told.Code == "SQL_TOO_DEEP");
        }
    }

    [Fact]
    public void Long_chains_are_no_depth()
    {
        var sql = "SELECT " + string.Join(" + ", Enumerable.Repeat("a", 50_000)) + " FROM "
            + string.Join(", ", Enumerable.Repeat("t", 20_000)) + " WHERE " + string.Join(" OR ", Enumerable.Repeat("x = 1", 20_000))
            + string.Concat(Enumerable.Repeat(" UNION ALL SELECT 1", 20_000));
        var script = SqlScript.Parse(sql);

        Assert.Empty(script.Diagnostics);
        Assert.True(script.Statements[0].DescendantsAndSelf().Count() > 250_000);
        var analysis = Xuanwu.FlinkSql.Analysis.SqlAnalysis.Of(script);
        Assert.Equal(["t"], analysis.Lineage.Sources);
        Assert.NotEmpty(analysis.ColumnsOf(analysis.Flows[0]));
    }
}
