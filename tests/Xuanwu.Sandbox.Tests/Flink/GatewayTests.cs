using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Flink;

public sealed class GatewayTests : IAsyncLifetime
{
    private readonly FlinkHost host = FlinkHost.Open();
    private FlinkPod jobManager = null!;
    private FlinkPod gateway = null!;

    public Task InitializeAsync()
    {
        jobManager = host.Start(FlinkHost.Plain("jobmanager", "-Dstate.savepoints.dir=s3://flink/savepoints"));
        host.Start(FlinkHost.Plain("taskmanager", "-Dtaskmanager.numberOfTaskSlots=4"));
        gateway = host.Start(FlinkHost.Plain("sql-gateway"));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Theory]
    [InlineData("1.16.3", 1)]
    [InlineData("1.17.2", 2)]
    [InlineData("1.19.1", 2)]
    [InlineData("1.20.0", 3)]
    [InlineData("2.0.0", 4)]
    public async Task Each_release_offers_its_versions_of_the_api(string version, int newest)
    {
        host.Version = version;
        var pod = host.Start(FlinkHost.Plain("sql-gateway"));
        var versions = (await pod.GetAsync("/api_versions", 8083))["versions"]!.AsArray();
        Assert.Equal(
            Enumerable.Range(1, newest).Select(number => $"V{number}"), versions.Select(each => (string)each!));
        Assert.Equal(version, (string?)(await pod.GetAsync("/v1/info", 8083))["version"]);
        Assert.Equal(200, (await pod.SendAsync("POST", $"/v{newest}/sessions", new JsonObject(), 8083)).Status);
        Assert.Equal(404, (await pod.SendAsync("POST", $"/v{newest + 1}/sessions", new JsonObject(), 8083)).Status);
    }

    [Fact]
    public async Task An_insert_answers_the_job_id_as_the_version_of_the_api_does()
    {
        var newer = await GatewayClient.OpenAsync(host, gateway);
        await newer.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        var page = (await newer.RunAsync("INSERT INTO shown VALUES (1)")).Body;
        var jobId = (string)page["jobID"]!;
        Assert.Equal(jobId, (string?)page["results"]!["data"]![0]!["fields"]![0]);
        Assert.Equal("job id", (string?)page["results"]!["columns"]![0]!["name"]);
        Assert.Equal(("PAYLOAD", "SUCCESS_WITH_CONTENT", false),
            ((string)page["resultType"]!, (string)page["resultKind"]!, (bool)page["isQueryResult"]!));

        var last = await gateway.GetAsync((string)page["nextResultUri"]!, 8083);
        Assert.Equal("EOS", (string?)last["resultType"]);
        Assert.Null(last["nextResultUri"]);

        var older = await GatewayClient.OpenAsync(host, gateway, api: "v1");
        await older.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        page = (await older.RunAsync("INSERT INTO shown VALUES (1)")).Body;
        Assert.Null(page["jobID"]);
        Assert.Null(page["resultKind"]);
        Assert.Equal(32, ((string)page["results"]!["data"]![0]!["fields"]![0]!).Length);
    }

    [Fact]
    public async Task A_statement_set_is_one_job_with_the_settings_of_the_session()
    {
        var id = Guid.NewGuid().ToString("N");
        var session = await GatewayClient.OpenAsync(host, gateway, new() { ["parallelism.default"] = "2" });
        await session.OkAsync($"SET '$internal.pipeline.job-id' = '{id}'");
        await session.OkAsync("SET 'pipeline.name' = 'live room: gifts'");
        await session.OkAsync("CREATE TABLE gifts (room BIGINT, gift STRING, at TIMESTAMP(3), WATERMARK FOR at AS at "
            + "- INTERVAL '5' SECOND) "
            + "WITH ('connector'='kafka', 'topic'='gifts')");
        await session.OkAsync("CREATE TABLE totals (room BIGINT, n BIGINT, PRIMARY KEY (room) NOT ENFORCED) WITH "
            + "('connector'='upsert-kafka')");
        await session.OkAsync("CREATE TABLE raw LIKE gifts");
        await session.OkAsync("CREATE TEMPORARY VIEW big AS SELECT * FROM gifts WHERE gift <> 'rose; cheap'");
        var (status, body) = await session.RunAsync(
            """
            EXECUTE STATEMENT SET BEGIN -- two sinks
              INSERT INTO totals SELECT room, COUNT(*) FROM TABLE(TUMBLE(TABLE gifts, DESCRIPTOR(at), INTERVAL '1' MINUTE)) GROUP BY room;
              INSERT INTO raw SELECT room, gift, at FROM big WHERE EXTRACT(HOUR FROM at) > 3;
            END
            """);
        Assert.True(status == 200, body.ToJsonString());
        host.Advance(1);
        var job = await jobManager.GetAsync("/jobs/" + id);
        Assert.Equal("live room: gifts", (string?)job["name"]);
        Assert.Equal(["Source: gifts[1]", "totals[2]: Writer", "raw[3]: Writer"],
            job["vertices"]!.AsArray().Select(vertex => (string)vertex!["name"]!));
        Assert.Equal(2, (int)job["vertices"]![0]!["parallelism"]!);
        var config = await jobManager.GetAsync($"/jobs/{id}/config");
        Assert.Equal("live room: gifts", (string?)config["execution-config"]!["user-config"]!["pipeline.name"]);
    }

    [Fact]
    public async Task A_statement_set_can_be_begun_and_ended_by_statements_of_their_own()
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        await session.OkAsync("CREATE TABLE clicks (id BIGINT) WITH ('connector'='kafka')");
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        await session.OkAsync("BEGIN STATEMENT SET;");
        await session.OkAsync("INSERT INTO shown SELECT id FROM clicks;");
        Assert.Contains(
            "Only 'INSERT/CREATE TABLE AS'", await session.FailAsync("SHOW TABLES"), StringComparison.Ordinal);
        await session.OkAsync("INSERT INTO shown SELECT id + 1 FROM clicks;");
        var page = (await session.RunAsync("END;")).Body;
        var job = await jobManager.GetAsync("/jobs/" + (string)page["jobID"]!);
        Assert.Equal(3, job["vertices"]!.AsArray().Count);
        Assert.Contains("No Statement Set to submit.", await session.FailAsync("END"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELEC 1", "SQL parse failed. Encountered \"SELEC\" at line 1, column 1.")]
    [InlineData("CREATE TABEL t (id INT)", "Encountered \"TABEL\" at line 1, column 8.")]
    [InlineData("INSERT INTO shown\nSELECT (id FROM clicks", "Encountered \"<EOF>\" at line 2, column 23.")]
    [InlineData("INSERT INTO shown SELECT 'id FROM clicks", "Lexical error at line 1, column 26.")]
    [InlineData("INSERT INTO shown SELECT id\nFROM nosuch", "From line 2, column 6 to line 2, column 11: Object "
        + "'nosuch' not found")]
    [InlineData("INSERT INTO shown SELECT id FROM db.nosuch", "Object 'nosuch' not found within 'db'")]
    [InlineData("INSERT INTO nosuch SELECT id FROM clicks", "Cannot find table "
        + "'`default_catalog`.`default_database`.`nosuch`'")]
    [InlineData("CREATE TABLE clicks (id INT) WITH ('connector'='kafka')", "Could not execute CreateTable in path")]
    [InlineData("DROP TABLE nosuch", "Table with identifier 'default_catalog.default_database.nosuch' does not exist.")]
    [InlineData("USE CATALOG nosuch", "A catalog with name [nosuch] does not exist.")]
    [InlineData("CREATE CATALOG c WITH ('type'='oracle-forms')", "Could not find any factory for identifier "
        + "'oracle-forms'")]
    [InlineData("INSERT INTO odd SELECT id FROM clicks", "Could not find any factory for identifier 'kafak'")]
    [InlineData("SELECT COUNT(*) FROM clicks", "The sandbox processes no records")]
    [InlineData("STOP JOB '00000000000000000000000000000001'", "Could not find Flink job "
        + "(00000000000000000000000000000001)")]
    public async Task A_failure_shows_when_the_result_is_fetched_in_flinks_words(string sql, string expected)
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        await session.OkAsync("CREATE TABLE clicks (id BIGINT) WITH ('connector'='kafka')");
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        await session.OkAsync("CREATE TABLE odd (id BIGINT) WITH ('connector'='kafak')");
        var operation = await session.SubmitAsync(sql);
        Assert.Equal("ERROR", await session.StatusAsync(operation));
        var stack = (string)(await session.FetchAsync(operation)).Body["errors"]![1]!;
        Assert.Contains(expected, stack, StringComparison.Ordinal);
        Assert.StartsWith("<Exception on server side:", stack, StringComparison.Ordinal);
        Assert.Contains("Caused by: ", stack, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Catalogs_are_injected_by_configure_session_which_takes_nothing_that_runs()
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        async Task<int> ConfigureAsync(string sql) =>
            (await session.SendAsync("POST", "/configure-session", new JsonObject { ["statement"] = sql })).Status;
        Assert.Equal(200, await ConfigureAsync("CREATE CATALOG lake WITH ('type'='paimon', 'warehouse'='s3://lake')"));
        Assert.Equal(200, await ConfigureAsync("ADD JAR '/opt/udf.jar'"));
        Assert.Equal(200, await ConfigureAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')"));
        Assert.Equal(500, await ConfigureAsync("INSERT INTO shown VALUES (1)"));
        Assert.Equal(500, await ConfigureAsync("CREATE CATALOG lake WITH ('type'='paimon')"));

        await session.OkAsync("INSERT INTO shown SELECT id FROM lake.ads.clicks");
        await session.OkAsync("USE CATALOG lake");
        var current = (await session.RunAsync("SHOW CURRENT CATALOG")).Body;
        Assert.Equal("lake", (string?)current["results"]!["data"]![0]!["fields"]![0]);
        await session.OkAsync("INSERT INTO default_catalog.default_database.shown SELECT id FROM orders");
    }

    [Fact]
    public async Task Show_describe_explain_set_and_reset_tell_of_the_session()
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        await session.OkAsync("CREATE TABLE clicks (id BIGINT NOT NULL, price DECIMAL(10, 2) COMMENT 'cents') WITH "
            + "('connector'='kafka')");
        Assert.Equal(["clicks"], await ColumnAsync(session, "SHOW TABLES"));
        Assert.Equal(["default_catalog"], await ColumnAsync(session, "SHOW CATALOGS"));
        Assert.Equal(["id", "price"], await ColumnAsync(session, "DESCRIBE clicks"));
        Assert.Contains("'connector' = 'kafka'", (await ColumnAsync(session, "SHOW CREATE TABLE clicks"))[0],
            StringComparison.Ordinal);
        Assert.Contains("== Abstract Syntax Tree ==",
            (await ColumnAsync(session, "EXPLAIN PLAN FOR SELECT id FROM clicks"))[0], StringComparison.Ordinal);
        Assert.Contains(
            "not found", await session.FailAsync("EXPLAIN SELECT id FROM nosuch"), StringComparison.Ordinal);

        await session.OkAsync("SET 'pipeline.name' = 'it''s mine'");
        Assert.Contains("pipeline.name", await ColumnAsync(session, "SET"));
        var properties = (await session.SendAsync("GET", "")).Body["properties"]!;
        Assert.Equal("it's mine", (string?)properties["pipeline.name"]);
        await session.OkAsync("RESET 'pipeline.name'");
        Assert.DoesNotContain("pipeline.name", await ColumnAsync(session, "SET"));

        var hints = await session.SendAsync(
            "GET", "/complete-statement", new JsonObject { ["statement"] = "SELECT * FROM cli", ["position"] = 17 });
        Assert.Equal(["clicks"], hints.Body["candidates"]!.AsArray().Select(each => (string)each!));
    }

    [Fact]
    public async Task A_job_is_listed_and_stopped_with_a_savepoint_by_statements()
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        var jobId = await session.StartJobAsync();
        Assert.Equal([jobId], await ColumnAsync(session, "SHOW JOBS"));
        var path = (await ColumnAsync(session, $"STOP JOB '{jobId}' WITH SAVEPOINT"))[0];
        Assert.StartsWith("s3://flink/savepoints/savepoint-", path, StringComparison.Ordinal);
        Assert.Equal("FINISHED", await jobManager.StatusOf(jobId));
        var other = await session.StartJobAsync();
        await session.OkAsync($"STOP JOB '{other}'");
        host.Advance(1);
        Assert.Equal("CANCELED", await jobManager.StatusOf(other));
    }

    [Fact]
    public async Task Rows_of_a_datagen_table_and_literals_can_be_previewed()
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        await session.OkAsync("CREATE TABLE mock (id INT, name STRING, at TIMESTAMP(3)) WITH ('connector'='datagen')");
        var page = (await session.RunAsync("SELECT id, at FROM mock LIMIT 3")).Body;
        Assert.True((bool)page["isQueryResult"]!);
        Assert.Equal(3, page["results"]!["data"]!.AsArray().Count);
        Assert.Equal("INTEGER", (string?)page["results"]!["columns"]![0]!["logicalType"]!["type"]);
        Assert.Equal("INSERT", (string?)page["results"]!["data"]![0]!["kind"]);
        page = (await session.RunAsync("SELECT 1 AS one, 'x'")).Body;
        Assert.Equal(1, (int)page["results"]!["data"]![0]!["fields"]![0]!);
        Assert.Equal("EXPR$1", (string?)page["results"]!["columns"]![1]!["name"]);
    }

    [Fact]
    public async Task A_start_delay_keeps_the_operation_running_and_its_result_not_ready()
    {
        var session = await GatewayClient.OpenAsync(host, gateway, new() { ["sandbox.job.start-delay"] = "20 s" });
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        var operation = await session.SubmitAsync("INSERT INTO shown VALUES (1)");
        host.Advance(5);
        var page = (await session.FetchAsync(operation)).Body;
        Assert.Equal("NOT_READY", (string?)page["resultType"]);
        Assert.EndsWith("/result/0?rowFormat=JSON", (string?)page["nextResultUri"], StringComparison.Ordinal);
        Assert.Equal("INITIALIZING", (string?)(await jobManager.GetAsync("/jobs"))["jobs"]![0]!["status"]);

        Assert.Equal(
            "CANCELED", (string?)(await session.SendAsync("POST", $"/operations/{operation}/cancel")).Body["status"]);
        host.Advance(15.5);
        Assert.Equal("RUNNING", (string?)(await jobManager.GetAsync("/jobs"))["jobs"]![0]!["status"]);
        Assert.Equal(
            "CLOSED", (string?)(await session.SendAsync("DELETE", $"/operations/{operation}/close")).Body["status"]);
        Assert.Equal(500, (await session.FetchAsync(operation)).Status);
    }

    [Fact]
    public async Task A_statement_reaches_another_cluster_by_rest_address_and_an_unknown_one_is_refused()
    {
        var other = host.Start(["jobmanager", "-Djobmanager.rpc.address=other"]);
        host.Start(["taskmanager", "-Djobmanager.rpc.address=other"]);
        var session = await GatewayClient.OpenAsync(host, gateway);
        await session.StartJobAsync(new() { ["rest.address"] = other.Address.ToString(), ["rest.port"] = "8081" });
        await session.StartJobAsync(new() { ["rest.address"] = "other.jobs.svc" });
        Assert.Equal(2, (await other.GetAsync("/jobs"))["jobs"]!.AsArray().Count);
        Assert.Empty((await jobManager.GetAsync("/jobs"))["jobs"]!.AsArray());

        var operation =
            await session.SubmitAsync("INSERT INTO shown VALUES (1)", new() { ["rest.address"] = "nobody" });
        host.Advance(61);
        Assert.Contains("Connection refused: nobody:8081",
            (string?)(await session.FetchAsync(operation)).Body["errors"]![1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_ends_when_it_is_idle_closed_or_its_gateway_ends()
    {
        var idle = await GatewayClient.OpenAsync(host, gateway);
        host.Advance(9 * 60);
        Assert.Equal(200, (await idle.SendAsync("POST", "/heartbeat")).Status);
        host.Advance(9 * 60);
        Assert.Equal(200, (await idle.SendAsync("GET", "")).Status);
        host.Advance(11 * 60);
        var (status, body) = await idle.SendAsync("GET", "");
        Assert.Equal(500, status);
        Assert.Contains(
            $"Session '{idle.Session}' does not exist.", (string?)body["errors"]![1], StringComparison.Ordinal);

        var closed = await GatewayClient.OpenAsync(host, gateway);
        Assert.Equal("CLOSED", (string?)(await closed.SendAsync("DELETE", "")).Body["status"]);
        Assert.Equal(500, (await closed.SendAsync("DELETE", "")).Status);
    }

    [Fact]
    public async Task Bad_requests_are_refused_without_a_stack_trace_and_an_address_is_required()
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        Assert.Equal(
            400, (await session.SendAsync("POST", "/statements", new JsonObject { ["sql"] = "SELECT 1" })).Status);
        var operation = await session.SubmitAsync("SELECT 1");
        Assert.Equal(400, (await session.SendAsync("GET", $"/operations/{operation}/result/0")).Status);
        Assert.Equal(500, (await session.FetchAsync(operation, 7)).Status);

        var refused = host.Start(["sql-gateway"]);
        Assert.Equal(1, await refused.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private static async Task<List<string?>> ColumnAsync(GatewayClient session, string sql)
    {
        var (status, body) = await session.RunAsync(sql);
        Assert.True(status == 200, body.ToJsonString());
        return [.. body["results"]!["data"]!.AsArray().Select(row => (string?)row!["fields"]![0])];
    }
}
