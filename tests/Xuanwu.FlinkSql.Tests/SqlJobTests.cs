namespace Xuanwu.FlinkSql.Tests;

public sealed class SqlJobTests
{
    [Fact]
    public void Preparations_and_inserts_are_told_apart_and_the_inserts_become_one_job()
    {
        var (job, error) = SqlJob.Read("""
            SET 'table.exec.state.ttl' = '1 h';
            CREATE TABLE a (x INT) WITH ('connector' = 'datagen');
            SHOW TABLES;
            INSERT INTO b SELECT * FROM a;
            CREATE TABLE c (x INT) WITH ('connector' = 'print');
            BEGIN STATEMENT SET;
            INSERT INTO c SELECT 1;
            END;
            EXECUTE STATEMENT SET BEGIN INSERT INTO c SELECT 2; END;
            """);

        Assert.Null(error);
        Assert.Equal(
            [StatementKind.Set, StatementKind.CreateTable, StatementKind.CreateTable],
            job!.Preparation.Select(each => each.Kind));
        Assert.Equal(
            "EXECUTE STATEMENT SET BEGIN\nINSERT INTO b SELECT * FROM a;\nINSERT INTO c SELECT 1;\nINSERT INTO c "
            + "SELECT 2;\nEND;", job.Dml().Text);
    }

    [Fact]
    public void A_single_insert_is_sent_as_it_is()
    {
        Assert.Equal("INSERT INTO b SELECT 1", SqlJob.Read("INSERT INTO b SELECT 1;").Job!.Dml().Text);
    }

    [Theory]
    [InlineData("", "SQL_NO_INSERT", 1)]
    [InlineData("CREATE TABLE a (x INT);", "SQL_NO_INSERT", 1)]
    [InlineData("EXECUTE STATEMENT SET BEGIN END;", "SQL_NO_INSERT", 1)]
    [InlineData("INSERT INTO a SELECT 1;\nSELECT * FROM a", "SQL_QUERY_AT_TOP", 2)]
    [InlineData("CREATE TABLE a AS SELECT 1", "SQL_STARTS_OWN_JOB", 1)]
    [InlineData("DELETE FROM a", "SQL_STARTS_OWN_JOB", 1)]
    [InlineData("INSERT INTO a SELECT 1;\nUSE d;\nINSERT INTO a SELECT 2", "SQL_AFTER_INSERT", 2)]
    [InlineData("INSERT INTO a SELECT 1;\nSET 'a' = 'b'", "SQL_AFTER_INSERT", 2)]
    [InlineData("INSERT INTO a SELECT 1;\nDROP TABLE a", "SQL_AFTER_INSERT", 2)]
    [InlineData("RESET;INSERT INTO a SELECT 1", "SQL_RESET_ALL", 1)]
    [InlineData("SET 'a';INSERT INTO a SELECT 1", "SQL_SET_INVALID", 1)]
    [InlineData("BEGIN STATEMENT SET;\nINSERT INTO a SELECT 1;", "SQL_STATEMENT_SET_OPEN", 1)]
    [InlineData("BEGIN STATEMENT SET;\nUSE d;END", "SQL_NOT_IN_SET", 2)]
    [InlineData("EXECUTE STATEMENT SET BEGIN\nUSE d;END", "SQL_NOT_IN_SET", 2)]
    [InlineData("INSERT INTO a SELECT 1;\nEND;", "SQL_END_ALONE", 2)]
    [InlineData("QUIT;", "SQL_NOT_FOR_JOBS", 1)]
    [InlineData("SELECT 'a", "SQL_TEXT_OPEN", 1)]
    public void A_script_that_is_not_one_job_is_refused_with_a_place_and_a_sentence(string text, string code, int line)
    {
        var (job, error) = SqlJob.Read(text);

        Assert.Null(job);
        Assert.Equal((code, line), (error!.Code, error.At.Line));
        Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_place_in_what_was_sent_leads_back_to_the_script()
    {
        const string script = "CREATE TABLE a (x INT);\n  INSERT INTO a\r\n    SELEC 1;\n\nINSERT INTO b SELECT 2;";
        var dml = SqlJob.Read(script).Job!.Dml();

        // What was sent has BEGIN in line 1, so the misspelled word stands in its line 3.
        Assert.Equal(new SqlPosition(script.IndexOf("SELEC ", StringComparison.Ordinal), 3, 5), dml.Origin(3, 5));
        Assert.Equal(
            new SqlPosition(script.IndexOf("INSERT INTO a", StringComparison.Ordinal), 2, 3), dml.Origin(2, 1));
        Assert.Equal(new SqlPosition(script.LastIndexOf('b'), 5, 13), dml.Origin(4, 13));
        Assert.Null(dml.Origin(1, 1));
        Assert.Null(dml.Origin(99, 1));
    }
}
