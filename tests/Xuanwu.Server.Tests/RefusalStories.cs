using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace Xuanwu.Server.Tests;

/// <summary>Bad input gets a stable code and a sentence, changes nothing, and is never an error of the server.</summary>
[Collection(nameof(XuanwuCollection))]
public sealed class RefusalStories(XuanwuFixture fixture)
{
    private const string Sql =
        "CREATE TABLE a (x INT) WITH ('connector' = 'datagen'); "
        + "CREATE TABLE b (x INT) WITH ('connector' = 'blackhole'); INSERT INTO b SELECT x FROM a;";

    private readonly XuanwuHost _host = fixture.Host;

    [Theory]
    [InlineData("startJob(input: { jobId: \"00000000-0000-0000-0000-000000000001\" })", "JOB_UNKNOWN")]
    [InlineData("stopJob(input: { jobId: \"00000000-0000-0000-0000-000000000001\" })", "JOB_UNKNOWN")]
    [InlineData("archiveJob(input: { jobId: \"00000000-0000-0000-0000-000000000001\" })", "JOB_UNKNOWN")]
    [InlineData("createJob(input: { project: \"ads\", name: \"no spaces\", kind: SQL })", "JOB_NAME_INVALID")]
    [InlineData("createJob(input: { project: \"\", name: \"x\", kind: SQL })", "PROJECT_NAME_INVALID")]
    [InlineData(
        "createJob(input: { project: \"p\", name: \"x\", kind: SQL, labels: [{ key: \"a\", value: \"1\" }, "
        + "{ key: \"a\", value: \"2\" }] })",
        "KEY_TWICE")]
    [InlineData(
        "registerCatalog(input: { name: \"c\", type: \"jdbc\", properties: [{ key: \"password\", value: \"x\" }] })",
        "SECRET_IN_CLEAR_TEXT")]
    [InlineData(
        "registerCluster(input: { name: \"k\", apiServer: \"https://k:6443\", credential: \"in-cluster\", "
        + "namespace: \"No_Such\", ingressHost: \"http://{run}.x\", highAvailabilityDirectory: \"s3://b/h\", "
        + "checkpointDirectory: \"s3://b/c\", savepointDirectory: \"s3://b/s\" })",
        "NAMESPACE_INVALID")]
    public async Task A_command_that_cannot_be_is_refused_with_a_code_and_a_sentence(string mutation, string code)
    {
        var answer = await _host.QueryAsync($"mutation {{ it: {mutation} {{ errors {{ code message }} }} }}");
        var error = Assert.Single(answer["it"]!["errors"]!.AsArray())!;
        Assert.Equal(code, (string?)error["code"]);
        Assert.EndsWith(".", (string?)error["message"], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SELECT 1", null, null, "SQL_QUERY_AT_TOP")]
    [InlineData("INSERT INTO b SELECT 'open FROM a", null, null, "SQL_")]
    [InlineData(Sql, "9.99", null, "FLINK_VERSION_")]
    [InlineData(Sql, "1.20", 300, "MEMORY_")]
    public async Task What_Flink_would_refuse_later_is_refused_when_it_is_published(
        string sql, string? flinkVersion, int? memoryMiB, string code)
    {
        var job = await CreateAsync();
        var resources = memoryMiB is null ? null : new { taskManager = new { memoryMiB } };
        await SaveAsync(new { jobId = job, sql, flinkVersion, resources });
        var published = (await _host.QueryAsync(
            "mutation ($job: UUID!) { publishVersion(input: { jobId: $job }) { version { number } errors { code } } }",
            new { job }))["publishVersion"]!;
        Assert.StartsWith(code, (string?)Assert.Single(published["errors"]!.AsArray())!["code"], StringComparison.Ordinal);
        Assert.Null(published["version"]);
    }

    [Fact]
    public async Task Ten_megabytes_of_SQL_are_refused_and_the_draft_stays()
    {
        var job = await CreateAsync();
        Assert.Null((await SaveAsync(new { jobId = job, sql = Sql }))["errors"]);
        var refused = await SaveAsync(new { jobId = job, sql = new string('x', 10_000_000) });
        Assert.Equal("SQL_TOO_LARGE", (string?)refused["errors"]![0]!["code"]);
        Assert.Equal("input.sql", (string?)refused["errors"]![0]!["path"]);
        var seen = await _host.QueryAsync("query ($job: UUID!) { job(id: $job) { draft { sql } } }", new { job });
        Assert.Equal(Sql, (string?)seen["job"]!["draft"]!["sql"]);
    }

    [Fact]
    public async Task A_command_id_makes_a_repeat_harmless()
    {
        var name = Guid.NewGuid().ToString("N");
        var id = Guid.NewGuid().ToString("N");
        var first = await CreateWithAsync("li");
        var again = await CreateWithAsync("li");
        var other = await CreateWithAsync("wang");
        Assert.Equal((string?)first["job"]!["id"], (string?)again["job"]!["id"]);
        Assert.Null(again["errors"]);
        Assert.Equal("JOB_NAME_TAKEN", (string?)other["errors"]![0]!["code"]);
        var events = await _host.QueryAsync(
            "query ($job: UUID!) { events(where: { streamId: { eq: $job } }) { totalCount } }",
            new { job = (string?)first["job"]!["id"] });
        Assert.Equal(1, (int)events["events"]!["totalCount"]!);

        async Task<JsonNode> CreateWithAsync(string user) => (await _host.QueryAsync(
            """
            mutation ($name: String!, $id: String) {
              createJob(input: { project: "ads", name: $name, kind: SQL, commandId: $id }) {
                job { id }
                errors { code }
              }
            }
            """,
            new { name, id },
            user))["createJob"]!;
    }

    [Theory]
    [InlineData("{ jobs(first: 1000) { totalCount } }")]
    [InlineData("{ jobs(first: -1) { totalCount } }")]
    [InlineData("{ jobs(after: \"forged\") { nodes { id } } }")]
    [InlineData("{ jobs(where: { secret: { eq: 1 } }) { totalCount } }")]
    [InlineData("{ job(id: \"no id\") { id } }")]
    [InlineData("{ nothing }")]
    [InlineData("{ jobs(")]
    public async Task A_wrong_query_says_what_is_wrong(string query)
    {
        var answer = await _host.SendAsync(query);
        var error = answer["errors"]![0]!;
        Assert.NotEqual("Unexpected Execution Error", (string?)error["message"]);
        Assert.DoesNotContain("   at ", answer.ToJsonString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("{}", "text/plain", HttpStatusCode.UnsupportedMediaType)]
    public async Task What_is_not_a_request_gets_a_status_below_500(string body, string type, HttpStatusCode status)
    {
        using var answer = await _host.Http.PostAsync("graphql", new StringContent(body, Encoding.UTF8, type));
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task A_hundred_thousand_levels_of_nesting_are_an_error_and_not_a_crash()
    {
        var answer = await _host.SendAsync(string.Concat(Enumerable.Repeat("{ a ", 100_000)));
        Assert.NotNull(answer["errors"]);
        Assert.NotNull((await _host.QueryAsync("{ clusters { totalCount } }"))["clusters"]);
    }

    private async Task<Guid> CreateAsync() => (Guid)(await _host.QueryAsync(
        "mutation ($name: String!) { createJob(input: { project: \"bad\", name: $name, kind: SQL }) { job { id } } }",
        new { name = Guid.NewGuid().ToString("N") }))["createJob"]!["job"]!["id"]!;

    private async Task<JsonNode> SaveAsync(object input) => (await _host.QueryAsync(
        "mutation ($input: SaveDraftInput!) { saveDraft(input: $input) { errors { code path } } }",
        new { input }))["saveDraft"]!;
}
