using System.Diagnostics;
using System.Text;

namespace Xuanwu.FlinkSql.Tests;

public sealed class SplitScriptTests
{
    [Theory]
    [InlineData("SELECT ';'; SELECT 1", "SELECT ';'|SELECT 1")]
    [InlineData("SELECT 'it''s; x'; SELECT 2;", "SELECT 'it''s; x'|SELECT 2")]
    [InlineData(@"SELECT '\'; SELECT 2", @"SELECT '\'|SELECT 2")]
    [InlineData("SELECT `a;``b`; SELECT \"x;\"\"y\"", "SELECT `a;``b`|SELECT \"x;\"\"y\"")]
    [InlineData("SELECT 1 -- ; '\n, 2; SELECT 3", "SELECT 1 -- ; '\n, 2|SELECT 3")]
    [InlineData("SELECT 1 // ; it's\n, 2; SELECT 3", "SELECT 1 // ; it's\n, 2|SELECT 3")]
    [InlineData("SELECT /* ;' */ 1; SELECT 2", "SELECT /* ;' */ 1|SELECT 2")]
    [InlineData(
        "SELECT /*+ OPTIONS('a'='*/;') -- ;\n */ 1; SELECT 2", "SELECT /*+ OPTIONS('a'='*/;') -- ;\n */ 1|SELECT 2")]
    [InlineData(";; -- nothing\n ; /* here */ ;", "")]
    [InlineData("\uFEFFSELECT 1", "SELECT 1")]
    [InlineData("SELECT 1 -- the end", "SELECT 1")]
    [InlineData("SELECT '名字;' AS 名字; SELECT 2", "SELECT '名字;' AS 名字|SELECT 2")]
    public void Semicolons_in_quotes_comments_and_hints_do_not_end_a_statement(string text, string statements)
    {
        var script = SplitScript.Split(text);

        Assert.Null(script.Error);
        Assert.Equal(statements, string.Join('|', script.Statements.Select(statement => statement.Text)));
    }

    [Theory]
    [InlineData("INSERT INTO t SELECT 1", StatementKind.Insert)]
    [InlineData("insert overwrite t select 1", StatementKind.Insert)]
    [InlineData("SET 'a' = 'b'", StatementKind.Set)]
    [InlineData("RESET", StatementKind.Reset)]
    [InlineData(
        "CREATE /* x */ TABLE t (a INT, ts AS PROCTIME()) WITH ('connector' = 'print')", StatementKind.CreateTable)]
    [InlineData("CREATE TEMPORARY TABLE t LIKE s", StatementKind.CreateTable)]
    [InlineData("CREATE TABLE t WITH ('a' = 'b') AS SELECT 1", StatementKind.CreateTableAs)]
    [InlineData("CREATE OR REPLACE TABLE t AS SELECT 1", StatementKind.CreateTableAs)]
    [InlineData("CREATE CATALOG c WITH ('type' = 'hive')", StatementKind.CreateCatalog)]
    [InlineData("CREATE TEMPORARY SYSTEM FUNCTION f AS 'x.F'", StatementKind.CreateFunction)]
    [InlineData("CREATE TEMPORARY VIEW v AS SELECT 1", StatementKind.CreateView)]
    [InlineData("USE CATALOG c", StatementKind.Use)]
    [InlineData("SELECT 1", StatementKind.Select)]
    [InlineData("(SELECT 1) UNION ALL (SELECT 2)", StatementKind.Select)]
    [InlineData("WITH a AS (SELECT 1) SELECT * FROM a", StatementKind.Select)]
    [InlineData("VALUES (1)", StatementKind.Select)]
    [InlineData("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1; END", StatementKind.StatementSet)]
    [InlineData("EXPLAIN STATEMENT SET BEGIN INSERT INTO a SELECT 1; END", StatementKind.Explain)]
    [InlineData("COMPILE PLAN 'f' FOR STATEMENT SET BEGIN INSERT INTO a SELECT 1; END", StatementKind.CompilePlan)]
    [InlineData("ADD JAR '/x.jar'", StatementKind.AddJar)]
    [InlineData("QUIT", StatementKind.ClientCommand)]
    [InlineData("FROBNICATE t", StatementKind.Other)]
    public void The_leading_keywords_say_what_a_statement_is(string text, StatementKind kind)
    {
        Assert.Equal(kind, Assert.Single(SplitScript.Split(text + ";").Statements).Kind);
    }

    [Fact]
    public void A_statement_set_is_one_statement_with_a_body()
    {
        const string text = """
            CREATE TABLE a (x INT);
            EXECUTE STATEMENT SET
            BEGIN
              INSERT INTO a SELECT CASE WHEN x > 1 THEN 2 END FROM b; -- the first; of two
              INSERT INTO a SELECT 2;
            END;
            SET 'a' = 'b';
            """;

        var script = SplitScript.Split(text);

        Assert.Null(script.Error);
        Assert.Equal(
            [StatementKind.CreateTable, StatementKind.StatementSet, StatementKind.Set],
            script.Statements.Select(each => each.Kind));
        var set = script.Statements[1];
        Assert.Equal(
            ["INSERT INTO a SELECT CASE WHEN x > 1 THEN 2 END FROM b", "INSERT INTO a SELECT 2"],
            set.Body.Select(each => each.Text));
        Assert.Equal(new SqlPosition(set.Body[1].Start.Offset, 5, 3), set.Body[1].Start);
        Assert.EndsWith("END", set.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_older_statement_set_is_statements_of_their_own()
    {
        var script = SplitScript.Split("BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END;");

        Assert.Equal(
            [StatementKind.BeginStatementSet, StatementKind.Insert, StatementKind.EndStatementSet],
            script.Statements.Select(each => each.Kind));
    }

    [Theory]
    [InlineData("SELECT 1;\nSELECT 'abc", "SQL_QUOTE_OPEN", 2, 8)]
    [InlineData("SELECT `abc;", "SQL_QUOTE_OPEN", 1, 8)]
    [InlineData("SELECT 1;\r\n /* abc", "SQL_COMMENT_OPEN", 2, 2)]
    [InlineData("SELECT /*+ abc", "SQL_HINT_OPEN", 1, 8)]
    [InlineData("SELECT /*+ 'abc */", "SQL_QUOTE_OPEN", 1, 12)]
    [InlineData("\rEXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT 1;", "SQL_STATEMENT_SET_OPEN", 2, 1)]
    public void What_has_no_end_is_an_error_that_says_where_it_begins(string text, string code, int line, int column)
    {
        var error = SplitScript.Split(text).Error;

        Assert.NotNull(error);
        Assert.Equal((code, line, column), (error.Code, error.At.Line, error.At.Column));
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Nothing_is_lost_whatever_the_text_is(int seed)
    {
        string[] pieces =
        [
            "SELECT", " ", "\n", "\r\n", "\r", ";", "'a;'", "`b`", "-- c;\n", "/* d; */", "/*+ E('f'='g') */", "(", ")",
            "INSERT INTO t", "END",
            "EXECUTE STATEMENT SET BEGIN ", "1.5e3", "名字", "\"", "'", "/", "*", "-", "=",
        ];
        var random = new Random(seed);
        for (var round = 0; round < 2000; round++)
        {
            var text = string.Concat(
                Enumerable.Range(0, random.Next(1, 25)).Select(_ => pieces[random.Next(pieces.Length)]));
            var script = SplitScript.Split(text);
            var at = 0;
            foreach (var statement in script.Statements)
            {
                AssertNoToken(text[at..statement.Start.Offset]);
                Assert.Equal(statement.Text, text[statement.Start.Offset..statement.End.Offset]);
                Assert.Equal(Slow(text, statement.Start.Offset), statement.Start);
                Assert.Equal(Slow(text, statement.End.Offset), statement.End);
                at = statement.End.Offset;
            }

            if (script.Error is null) AssertNoToken(text[at..]);
        }

        static void AssertNoToken(string between)
        {
            var scanner = new SqlScanner(between);
            while (scanner.Next() is { Kind: not SqlTokenKind.End } token) Assert.Equal(
                SqlTokenKind.Semicolon, token.Kind);
        }

        static SqlPosition Slow(string text, int offset)
        {
            var (line, column) = (1, 1);
            for (var at = 0; at < offset; at++)
            {
                var ends = text[at] == '\n' || (text[at] == '\r' && !(at + 1 < text.Length && text[at + 1] == '\n'));
                (line, column) = ends ? (line + 1, 1) : (line, column + 1);
            }

            return new(offset, line, column);
        }
    }

    // A pass that looks back over the text for each piece would take hours.
    [Theory]
    [InlineData("INSERT INTO sink_table SELECT a, b, 'it''s; fine' FROM source_table; -- a comment\n", 10_000_000)]
    [InlineData("((((((((((", 2_000_000)]
    [InlineData("/*+", 2_000_000)]
    [InlineData("''", 2_000_000)]
    [InlineData(";", 2_000_000)]
    [InlineData("EXECUTE STATEMENT SET BEGIN ;", 2_000_000)]
    [InlineData("a\r", 2_000_000)]
    public void Time_grows_in_proportion_to_the_text(string piece, int length)
    {
        var text = new StringBuilder().Insert(0, piece, length / piece.Length).ToString();
        var clock = Stopwatch.StartNew();

        SplitScript.Split(text);

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(30), $"It took {clock.Elapsed}.");
    }
}
