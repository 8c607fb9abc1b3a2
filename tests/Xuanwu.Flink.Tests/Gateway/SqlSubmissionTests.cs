using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Gateway;
using Xuanwu.FlinkSql;
using static Xuanwu.Flink.Tests.Gateway.ScriptedGateway;

namespace Xuanwu.Flink.Tests.Gateway;

public sealed class SqlSubmissionTests
{
    private const string JobId = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    private const string Script = "SET table.local-time-zone = UTC;\nCREATE TABLE a (x INT);\nINSERT INTO a SELECT "
        + "1;\nINSERT INTO a SELECT 2;\n";

    private const string NotReady = """
        {"resultType":"NOT_READY","nextResultUri":"/v3/sessions/s-1/operations/o-0/result/0?rowFormat=JSON"}
        """;

    private const string Job = $$"""
        {"resultType":"PAYLOAD","isQueryResult":false,"jobID":"{{JobId}}","resultKind":"SUCCESS_WITH_CONTENT",
         "results":{"columns":[{"name":"job id"}],"rowFormat":"JSON","data":[{"kind":"INSERT","fields":["{{JobId}}"]}]},
         "nextResultUri":"/v3/sessions/s-1/operations/o-0/result/1?rowFormat=JSON"}
        """;

    [Fact]
    public async Task A_script_becomes_one_job_with_the_id_that_we_chose()
    {
        await using var scripted = new ScriptedGateway(
            statement => IsDml(statement) ? [Page(NotReady), Page(NotReady), Page(Job)] : null);

        var outcome = await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script), default);

        Assert.Equal(new Submitted(JobId), outcome);
        Assert.Equal(
            [
                "CREATE CATALOG `c` WITH ('type' = 'hive')",
                "SET 'table.local-time-zone' = 'UTC'",
                "CREATE TABLE a (x INT)",
                "EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nINSERT INTO a SELECT 2;\nEND;",
            ],
            scripted.Statements);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["$internal.pipeline.job-id"] = JobId,
                ["execution.checkpointing.dir"] = "s3://c",
                ["execution.state-recovery.claim-mode"] = "NO_CLAIM",
                ["execution.state-recovery.ignore-unclaimed-state"] = "true",
                ["execution.state-recovery.path"] = "s3://s/savepoint-1",
                ["parallelism.default"] = "4",
                ["pipeline.name"] = "clicks: 广告",
            },
            scripted.Properties);
        Assert.All(
            scripted.Requests.Skip(1),
            request => Assert.StartsWith(
                "/api/v1/namespaces/flink/pods/jm-0:8083/proxy/v3/sessions", request.Path, StringComparison.Ordinal));
        Assert.Contains(
            scripted.Requests,
            request => request.Path.EndsWith("/operations/o-3/result/0?rowFormat=JSON", StringComparison.Ordinal));
        Assert.Equal("DELETE", scripted.Requests.Last().Method);
    }

    [Fact]
    public async Task The_keys_are_the_versions()
    {
        await using var scripted = new ScriptedGateway(statement => IsDml(statement) ? [Page(Job)] : null);

        await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script) with { Version = new(1, 19) }, default);

        Assert.Equal("s3://s/savepoint-1", scripted.Properties["execution.savepoint.path"]);
        Assert.Equal("s3://c", scripted.Properties["state.checkpoints.dir"]);
        Assert.DoesNotContain(
            scripted.Properties.Keys, key => key.Contains("state-recovery", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_version_1_the_job_id_is_a_row_and_no_format_is_asked_for()
    {
        const string page = $$"""
            {"results":{"columns":[{"name":"job id","logicalType":{"type":"VARCHAR"} }],
                        "data":[{"kind":"INSERT","fields":["{{JobId}}"]}]},
             "resultType":"PAYLOAD","nextResultUri":"/v1/x/result/1"}
            """;
        await using var scripted = new ScriptedGateway(
            statement => IsDml(statement) ? [Page(page)] : null, versions: "\"V1\"");

        Assert.Equal(
            new Submitted(JobId),
            await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script) with { Version = new(1, 16) }, default));
        Assert.DoesNotContain(
            scripted.Requests, request => request.Path.Contains("rowFormat", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_highest_version_that_both_know_is_spoken()
    {
        await using var scripted = new ScriptedGateway(_ => [Page(Job)], versions: "\"V2\",\"V4\",\"V9\",\"beta\",7");

        await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script), default);

        Assert.Contains(scripted.Requests, request => request.Path.EndsWith("/v4/sessions", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(
        "org.apache.flink.table.api.SqlParserException: SQL parse failed. Encountered \"SELEC\" at line 3, column "
        + "15.\nWas expecting one of:\n    \"(\" ...\n\tat a.B.c(B.java:1)\nCaused by: "
        + "org.apache.calcite.sql.parser.SqlParseException: Encountered \"SELEC\" at line 3, column 15.\nWas "
        + "expecting one of:\n    \"(\" ...\n\tat a.B.c(B.java:1)",
        "Encountered \"SELEC\" at line 4, column 15.",
        4, 15)]
    [InlineData(
        "org.apache.flink.table.api.ValidationException: SQL validation failed. From line 2, column 13 to line 2, "
        + "column 13: Object 'a' not found\n\tat a.B.c(B.java:1)\nCaused by: "
        + "org.apache.calcite.runtime.CalciteContextException: From line 2, column 13 to line 2, column 13: Object "
        + "'a' not found\n\tat a.B.c(B.java:1)\nCaused by: org.apache.calcite.sql.validate.SqlValidatorException: "
        + "Object 'a' not found\n\tat a.B.c(B.java:1)\n\t... 9 more",
        "Object 'a' not found",
        3, 13)]
    [InlineData(
        "org.apache.flink.table.api.TableException: Failed to execute sql\n\tat a.B.c(B.java:1)\nCaused by: "
        + "java.lang.ClassNotFoundException: com.example.Udf\n\tat a.B.c(B.java:1)",
        "java.lang.ClassNotFoundException: com.example.Udf",
        null, null)]
    public async Task A_refusal_says_why_and_where_in_the_users_script(
        string trace, string sentence, int? line, int? column)
    {
        await using var scripted = new ScriptedGateway(statement => IsDml(statement) ? [Error(trace)] : null);

        var refused = Assert.IsType<SubmissionRefused>(
            await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script), default));

        Assert.Equal((sentence, line, column), (refused.Sentence, refused.At?.Line, refused.At?.Column));
        Assert.Equal("DELETE", scripted.Requests.Last().Method);
    }

    [Fact]
    public async Task A_refused_preparation_is_at_its_statement_and_nothing_after_it_is_sent()
    {
        await using var scripted = new ScriptedGateway(statement =>
            statement.StartsWith("CREATE TABLE", StringComparison.Ordinal)
                ? [Error("org.apache.flink.table.api.ValidationException: Could not execute CreateTable in path "
                    + "`x`.`y`.`a`")]
                : null);

        var refused = Assert.IsType<SubmissionRefused>(
            await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script), default));

        Assert.Equal(new SqlPosition(Script.IndexOf("CREATE", StringComparison.Ordinal), 2, 1), refused.At);
        Assert.DoesNotContain(scripted.Statements, IsDml);
    }

    [Theory]
    [InlineData("SELECT 1", 1)]
    [InlineData("INSERT INTO a SELECT 'x", 1)]
    [InlineData("\nSET '$internal.pipeline.job-id' = 'ffffffffffffffffffffffffffffffff'; INSERT INTO a SELECT 1", 2)]
    [InlineData("SET 'table.dml-sync' = 'true'; INSERT INTO a SELECT 1", 1)]
    public async Task What_we_can_see_to_be_wrong_is_refused_before_the_gateway_is_asked(string script, int line)
    {
        await using var scripted = new ScriptedGateway(_ => null);

        var refused = Assert.IsType<SubmissionRefused>(
            await SqlSubmission.RunAsync(scripted.Gateway, Plan(script), default));

        Assert.Equal(line, refused.At!.Value.Line);
        Assert.Empty(scripted.Requests);
    }

    public static TheoryData<string, string?> LostAnswers() => new()
    {
        { "silence", null },
        { "a broken connection", "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{" },
        { "a proxy's page", Xuanwu.Flink.Tests.Rest.WireServer.Answer(502, "text/html", "<html>") },
        { "another proxy's page", Xuanwu.Flink.Tests.Rest.WireServer.Answer(200, "text/html", "<html>") },
        { "no job", Page("""{"resultType":"EOS","results":{"columns":[{"name":"result"}],"data":[]}}""") },
        { "a gateway that was started anew", Error("org.apache.flink.table.gateway.api.utils.SqlGatewayException: "
            + "Session 's-1' does not exist.") },
        {
            "a cluster that did not answer the gateway",
            Error(
                "org.apache.flink.table.api.TableException: Failed to execute sql\n\tat a(B.java)\nCaused by: "
                + "org.apache.flink.runtime.client.JobSubmissionException: Failed to submit JobGraph.\n\tat "
                + "a(B.java)\nCaused by: java.util.concurrent.TimeoutException\n\t... 2 more")
        },
    };

    [Theory]
    [MemberData(nameof(LostAnswers))]
    public async Task A_lost_answer_to_the_job_is_unknown_and_it_is_not_sent_again(string what, string? answer)
    {
        await using var scripted = new ScriptedGateway(
            statement => IsDml(statement) ? [answer, answer, answer, answer] : null);

        var unknown = Assert.IsType<SubmissionUnknown>(
            await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script), default));

        Assert.True(unknown.Sent, what);
        Assert.Single(scripted.Statements, IsDml);
        Assert.DoesNotContain(scripted.Requests, request => request.Method == "DELETE");
    }

    [Fact]
    public async Task An_answer_that_is_lost_once_is_fetched_again()
    {
        await using var scripted = new ScriptedGateway(statement =>
            IsDml(statement) ? ["HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{", Page(NotReady), Page(Job)] : null);

        Assert.Equal(new Submitted(JobId), await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script), default));
    }

    [Fact]
    public async Task A_lost_answer_to_a_preparation_is_unknown_but_the_job_was_not_sent()
    {
        await using var scripted = new ScriptedGateway(statement =>
            statement.StartsWith("SET", StringComparison.Ordinal) ? ["HTTP/1.1 200 OK\r\n\r\n", "x", "x", "x"] : null);

        var outcome = await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script), default);

        Assert.False(Assert.IsType<SubmissionUnknown>(outcome).Sent);
    }

    [Fact]
    public async Task A_gateway_that_is_not_there_is_unknown()
    {
        using var http = new HttpClient { BaseAddress = new Uri("http://127.0.0.1:9/") };

        var outcome = await SqlSubmission.RunAsync(new SqlGateway(http), Plan(Script), default);

        Assert.False(Assert.IsType<SubmissionUnknown>(outcome).Sent);
    }

    [Fact]
    public async Task A_job_that_is_there_already_was_submitted_before()
    {
        await using var scripted = new ScriptedGateway(statement => IsDml(statement)
            ? [Error("a.B: Failed to execute sql\n\tat a(B.java)\nCaused by: "
                + "org.apache.flink.runtime.client.DuplicateJobSubmissionException: Job has already been "
                + "submitted.\n\t... 2 more")]
            : null);

        Assert.Equal(new Submitted(JobId), await SqlSubmission.RunAsync(scripted.Gateway, Plan(Script), default));
    }

    [Fact]
    public async Task A_catalogs_secret_is_in_no_sentence_and_no_text_of_the_plan()
    {
        var catalog = CreateCatalog.Render(
            "c", "jdbc", new Dictionary<string, string> { ["username"] = "u", ["password"] = "it's-hunter2" });
        var plan = Plan(Script) with { Catalogs = [catalog] };
        await using var scripted = new ScriptedGateway(statement => statement == catalog
            ? [Error("org.apache.flink.table.api.ValidationException: Unable to create catalog 'c'. Options: "
                + "'password'='it's-hunter2'")]
            : null);

        var refused = Assert.IsType<SubmissionRefused>(await SqlSubmission.RunAsync(scripted.Gateway, plan, default));

        Assert.StartsWith(
            "A catalog cannot be injected: Unable to create catalog 'c'.", refused.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", refused.Sentence, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", plan.ToString(), StringComparison.Ordinal);
    }

    private static bool IsDml(string statement) =>
        statement.StartsWith("EXECUTE", StringComparison.Ordinal) || statement.StartsWith(
            "INSERT", StringComparison.Ordinal);

    private static SqlPlan Plan(string script) => new(
        new(1, 20),
        script,
        JobId,
        new RestorePoint("s3://s/savepoint-1", "1.20", AllowNonRestoredState: true),
        new Dictionary<string, string> { ["state.checkpoints.dir"] = "s3://c" },
        ["CREATE CATALOG `c` WITH ('type' = 'hive')"],
        JobName: "clicks: 广告",
        Parallelism: 4);
}
