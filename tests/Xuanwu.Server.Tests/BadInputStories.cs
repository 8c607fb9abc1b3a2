using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Xuanwu.Server.Tests;

/// <summary>
/// What people ask of a command by mistake is refused with a stable code and a sentence that says what to do; nothing
/// is changed by it, and it is never an error of the server.
/// </summary>
[Collection(nameof(XuanwuCollection))]
public sealed class BadInputStories(XuanwuFixture fixture)
{
    private static readonly Guid Nobody = Guid.Parse("00000000-0000-4000-8000-000000000001");
    private readonly XuanwuHost _host = fixture.Host;

    [Theory]
    [InlineData("saveDraft", "JOB_UNKNOWN")]
    [InlineData("publishVersion", "JOB_UNKNOWN")]
    [InlineData("startJob", "JOB_UNKNOWN")]
    [InlineData("stopJob", "JOB_UNKNOWN")]
    [InlineData("cancelJob", "JOB_UNKNOWN")]
    [InlineData("triggerSavepoint", "JOB_UNKNOWN")]
    [InlineData("archiveJob", "JOB_UNKNOWN")]
    public async Task Unknown_jobs_are_an_error_of_a_mutation(string mutation, string code)
    {
        Assert.Equal(code, (string?)(await _host.RefusedAsync(mutation, new { jobId = Nobody }))["code"]);
    }

    [Fact]
    public async Task Unknown_clusters_versions_and_dead_letters_are_an_error_of_a_mutation()
    {
        var job = await _host.PublishedJobAsync("bad-unknown");
        Assert.Equal("JOB_UNKNOWN", await CodeAsync("rollBackJob", new { jobId = Nobody, toVersion = 1 }));
        Assert.Equal("CLUSTER_UNKNOWN", await CodeAsync("startJob", new { jobId = job, clusterId = Nobody }));
        Assert.Equal(
            "CLUSTER_UNKNOWN",
            await CodeAsync("offerFlinkVersion", new { clusterId = Nobody, version = "1.20", image = "flink:1.20" }));
        Assert.Equal("JOB_VERSION_UNKNOWN", await CodeAsync("startJob", new { jobId = job, version = 7 }));
        Assert.Equal("JOB_VERSION_UNKNOWN", await CodeAsync("startJob", new { jobId = job, version = 0 }));
        Assert.Equal("JOB_VERSION_UNKNOWN", await CodeAsync("rollBackJob", new { jobId = job, toVersion = -1 }));
        var diff = await _host.SendAsync(
            "query ($id: UUID!) { job(id: $id) { version(number: 9) { number } diff(from: 1, to: 9) { unified } } }",
            new { id = job });
        Assert.Equal("JOB_VERSION_UNKNOWN", Code(diff));
        var discarded = await _host.QueryAsync(
            "mutation { discardDeadLetter(input: { number: 99 }) { errors { code } } }");
        Assert.Equal("DEAD_LETTER_UNKNOWN", (string?)discarded["discardDeadLetter"]!["errors"]![0]!["code"]);
        Assert.Equal(
            "AS_OF_INVALID",
            Code(await _host.SendAsync("query ($id: UUID!) { job(id: $id) { asOf { id } } }", new { id = job })));
        Assert.Equal(["job_created", "job_draft_saved", "job_version_published"], await _host.EventTypesAsync(job));
    }

    [Fact]
    public async Task Names_that_are_taken_or_no_names_are_refused()
    {
        await _host.NewJobAsync("bad-taken");
        Assert.Equal(
            "JOB_NAME_TAKEN",
            await CodeAsync("createJob", new { project = "stories", name = "bad-taken", kind = "JAR" }));
        foreach (var name in new[] { "", " ", "a b", "-a", "a\0b", "a\nb", new string('a', 64), "a/b", "\u202Eabc" })
        {
            Assert.Equal(
                "JOB_NAME_INVALID", await CodeAsync("createJob", new { project = "stories", name, kind = "SQL" }));
            Assert.Equal(
                "PROJECT_NAME_INVALID",
                await CodeAsync("createJob", new { project = name, name = "ok", kind = "SQL" }));
            Assert.Equal("CATALOG_NAME_INVALID", await CodeAsync("registerCatalog", new { name, type = "hive" }));
        }
    }

    [Fact]
    public async Task Texts_that_cannot_be_kept_are_refused_and_not_mangled()
    {
        var job = await _host.NewJobAsync("bad-texts");
        Assert.Equal("SQL_INVALID", await CodeAsync("saveDraft", new { jobId = job, sql = "SELECT\0 1" }));
        foreach (var input in new object[]
        {
            new { project = "stories", name = "bad-owner", kind = "SQL", owner = "a\0b" },
            new { project = "stories", name = "bad-owner", kind = "SQL", owner = "" },
            new { project = "stories", name = "bad-owner", kind = "SQL", owner = new string('o', 300) },
        })
        {
            Assert.Equal("OWNER_INVALID", await CodeAsync("createJob", input));
        }

        var labels = new[] { new Pair("team", "a\0b") };
        var label = new { project = "stories", name = "bad-label", kind = "SQL", labels };
        Assert.Equal("LABEL_INVALID", await CodeAsync("createJob", label));
        await _host.DoAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql });
        Assert.Equal("NOTE_INVALID", await CodeAsync("publishVersion", new { jobId = job, note = "a\0b" }));
        Assert.Equal(
            "NOTE_INVALID", await CodeAsync("publishVersion", new { jobId = job, note = new string('n', 20_000) }));
        Assert.Equal(
            "PARAMETER_INVALID",
            await CodeAsync("saveDraft", new { jobId = job, parameters = new[] { new Pair("a", "b\0") } }));
        Assert.Equal(
            "COMMAND_ID_INVALID", await CodeAsync("saveDraft", new { jobId = job, sql = "x", commandId = "a\0b" }));
        Assert.Equal(
            "COMMAND_ID_INVALID",
            await CodeAsync("saveDraft", new { jobId = job, sql = "x", commandId = new string('c', 5000) }));
        Assert.Equal(["job_created", "job_draft_saved"], await _host.EventTypesAsync(job));
    }

    [Fact]
    public async Task A_start_while_running_and_a_start_without_a_version_are_refused()
    {
        var job = await _host.NewJobAsync("bad-start");
        Assert.Equal("JOB_HAS_NO_DRAFT", await CodeAsync("publishVersion", new { jobId = job }));
        Assert.Equal("JOB_HAS_NO_VERSION", await CodeAsync("startJob", new { jobId = job }));
        await _host.DoAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql });
        await _host.DoAsync("publishVersion", new { jobId = job });
        Assert.Equal("NO_SAVEPOINT", await CodeAsync("startJob", new { jobId = job, from = "LATEST_SAVEPOINT" }));
        Assert.Equal("RESTORE_PATH_MISSING", await CodeAsync("startJob", new { jobId = job, from = "PATH" }));
        Assert.Equal("RESTORE_PATH_UNUSED", await CodeAsync("startJob", new { jobId = job, path = "file:///x" }));
        Assert.Equal(
            "RESTORE_PATH_INVALID",
            await CodeAsync("startJob", new { jobId = job, from = "PATH", path = "file:///x\0y" }));
        await _host.StartAsync(job);
        Assert.Equal("JOB_IS_RUNNING", await CodeAsync("startJob", new { jobId = job }));
        Assert.Equal("JOB_IS_RUNNING", await CodeAsync("archiveJob", new { jobId = job }));
        await _host.DoAsync("cancelJob", new { jobId = job });
    }

    [Fact]
    public async Task A_Flink_version_that_the_cluster_does_not_offer_or_that_is_none_is_refused()
    {
        var job = await _host.NewJobAsync("bad-flink");
        Assert.Equal(
            "FLINK_VERSION_INVALID",
            await CodeAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql, flinkVersion = "latest" }));
        Assert.Equal(
            "FLINK_VERSION_INVALID",
            await CodeAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql, flinkVersion = "1.20.1" }));
        await _host.DoAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql, flinkVersion = "7.7" });
        Assert.Equal("FLINK_VERSION_UNKNOWN", await CodeAsync("publishVersion", new { jobId = job }));
        await _host.DoAsync("saveDraft", new { jobId = job, flinkVersion = "1.17" });
        await _host.DoAsync("publishVersion", new { jobId = job });
        var error = await _host.RefusedAsync("startJob", new { jobId = job });
        Assert.Equal("FLINK_VERSION_NOT_OFFERED", (string?)error["code"]);
        Assert.Contains("1.18, 1.19, 1.20, 2.0", (string)error["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Memory_that_Flinks_model_cannot_split_is_refused_before_anything_runs()
    {
        var job = await _host.NewJobAsync("bad-memory");
        await _host.DoAsync(
            "saveDraft",
            new { jobId = job, sql = StoryCalls.Sql, resources = new { taskManager = new { memoryMiB = 300 } } });
        var error = await _host.RefusedAsync("publishVersion", new { jobId = job });
        Assert.StartsWith("MEMORY", (string?)error["code"], StringComparison.Ordinal);
        Assert.StartsWith("input.resources", (string?)error["path"], StringComparison.Ordinal);
        foreach (var resources in new object[]
        {
            new { taskManager = new { memoryMiB = 0 } },
            new { taskManager = new { slots = 0 } },
            new { jobManager = new { cpu = -1 } },
            new { jobManager = new { replicas = 11 } },
            new { jobManager = new { memoryMiB = int.MaxValue } },
        })
        {
            Assert.Equal("RESOURCES_INVALID", await CodeAsync("saveDraft", new { jobId = job, resources }));
        }

        Assert.Equal("PARALLELISM_INVALID", await CodeAsync("saveDraft", new { jobId = job, parallelism = 0 }));
        Assert.Equal("PARALLELISM_INVALID", await CodeAsync("saveDraft", new { jobId = job, parallelism = 100_000 }));
    }

    [Fact]
    public async Task A_cluster_that_Kubernetes_could_not_have_is_refused()
    {
        async Task RefusedAsync(string code, string field, string value)
        {
            var input = new JsonObject
            {
                ["name"] = "bad-cluster",
                ["apiServer"] = "https://kubernetes.example.com:6443",
                ["credential"] = "in-cluster",
                ["namespace"] = "flink",
                ["ingressHost"] = "https://{run}.flink.example.com",
                ["highAvailabilityDirectory"] = "s3://bucket/ha",
                ["checkpointDirectory"] = "s3://bucket/checkpoints",
                ["savepointDirectory"] = "s3://bucket/savepoints",
            };
            input[field] = value;
            var error = await _host.RefusedAsync("registerCluster", input);
            Assert.Equal((code, $"input.{field}"), ((string?)error["code"], (string?)error["path"]));
        }

        foreach (var wrong in new[] { "", "Flink", "a_b", "-a", "a-", "a.b", new string('n', 64), "a\nb", "名" })
        {
            await RefusedAsync("NAMESPACE_INVALID", "namespace", wrong);
        }

        foreach (var wrong in new[] { "", "kubernetes:6443", "ftp://host", "https://user:password@host" })
        {
            await RefusedAsync("API_SERVER_INVALID", "apiServer", wrong);
        }

        foreach (var wrong in new[] { "", "token:abc", "kubeconfig:", "kubeconfig:#context", "kubeconfig:/a\0b" })
        {
            await RefusedAsync("CREDENTIAL_INVALID", "credential", wrong);
        }

        foreach (var wrong in
            new[] { "", "https://flink.example.com", "https://flink.example.com/{run}", "{run}.flink" })
        {
            await RefusedAsync("INGRESS_HOST_INVALID", "ingressHost", wrong);
        }

        foreach (var field in new[] { "highAvailabilityDirectory", "checkpointDirectory", "savepointDirectory" })
        {
            foreach (var wrong in
                new[] { "", "/data", "data", "s3://key:secret@bucket", "s3://bucket/a\0b", "s3://bucket/\n" })
            {
                await RefusedAsync("DIRECTORY_INVALID", field, wrong);
            }
        }

        await RefusedAsync("CLUSTER_NAME_TAKEN", "name", "sandbox");
    }

    [Fact]
    public async Task An_image_that_is_none_and_a_version_that_is_none_are_not_offered()
    {
        var sandbox = (Guid)(await _host.QueryAsync("{ clusters(where: { name: { eq: \"sandbox\" } }) { nodes { id "
            + "} } }"))["clusters"]!["nodes"]![0]!["id"]!;
        foreach (var image in new[] { "", "flink 1.20", "Flink:1.20", "flink:1.20;rm", "flink\n", "flink:\0" })
        {
            Assert.Equal(
                "IMAGE_INVALID",
                await CodeAsync("offerFlinkVersion", new { clusterId = sandbox, version = "1.20", image }));
        }

        Assert.Equal(
            "FLINK_VERSION_INVALID",
            await CodeAsync("offerFlinkVersion", new { clusterId = sandbox, version = "one", image = "flink:1" }));
        Assert.Equal(
            "FLINK_VERSION_INVALID",
            await CodeAsync("offerFlinkVersion", new { clusterId = sandbox, version = "9.9", image = "flink:9.9" }));
    }

    [Fact]
    public async Task Ten_megabytes_of_SQL_are_refused_as_a_variable_and_inside_the_document()
    {
        var job = await _host.NewJobAsync("bad-huge");
        var huge = new string('x', 10_000_000);
        Assert.Equal("SQL_TOO_LARGE", await CodeAsync("saveDraft", new { jobId = job, sql = huge }));
        var inline = await _host.SendAsync(
            $"mutation {{ saveDraft(input: {{ jobId: \"{job}\", sql: \"{huge}\" }}) {{ errors {{ code }} }} }}");
        Assert.Equal("DOCUMENT_TOO_LARGE", Code(inline));
        using var request = new HttpRequestMessage(HttpMethod.Post, "graphql");
        request.Content = Json(new string(' ', 20_000_000));
        request.Headers.ExpectContinue = true;
        using var answer = await _host.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("REQUEST_TOO_LARGE", Code(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!));
        Assert.Equal(["job_created"], await _host.EventTypesAsync(job));
    }

    [Fact]
    public async Task Parameters_that_are_owned_secret_given_twice_or_none_are_refused()
    {
        var job = await _host.NewJobAsync("bad-parameters");
        await _host.DoAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql });
        Assert.Equal("KEY_TWICE", await DraftCodeAsync(new Pair("a.b", "1"), new Pair("a.b", "2")));
        Assert.Equal("KEY_EMPTY", await DraftCodeAsync(new Pair("", "1")));
        Assert.Equal("PARAMETER_OWNED", await PublishCodeAsync(new Pair("high-availability.type", "NONE")));
        Assert.Equal("PARAMETER_OWNED", await PublishCodeAsync(new Pair("jobmanager.memory.process.size", "9g")));
        Assert.Equal("PARAMETER_OWNED", await PublishCodeAsync(new Pair("$internal.pipeline.job-id", "0")));
        Assert.Equal(
            "PARAMETER_TWICE",
            await PublishCodeAsync(new Pair("state.backend", "rocksdb"), new Pair("state.backend.type", "hashmap")));
        Assert.Equal("SECRET_IN_CLEAR_TEXT", await PublishCodeAsync(new Pair("s3.secret-key", "shh")));
        Assert.Equal("SECRET_IN_CLEAR_TEXT", await PublishCodeAsync(new Pair("some.url", "https://user:shh@host/")));
        Assert.Equal("PARAMETER_INVALID", await PublishCodeAsync(new Pair("a b", "1")));
        Assert.Equal("PARAMETER_INVALID", await PublishCodeAsync(new Pair("execution.checkpointing.interval", "soon")));

        async Task<string?> DraftCodeAsync(params Pair[] parameters) =>
            await CodeAsync("saveDraft", new { jobId = job, parameters });
        async Task<string?> PublishCodeAsync(params Pair[] parameters)
        {
            await _host.DoAsync("saveDraft", new { jobId = job, parameters });
            return await CodeAsync("publishVersion", new { jobId = job });
        }
    }

    [Theory]
    [InlineData("no-insert", "CREATE TABLE a (x INT);", "SQL_NO_INSERT", "Line 1, column 1")]
    [InlineData("query", "CREATE TABLE a (x INT);\n  SELECT 1;", "SQL_QUERY_AT_TOP", "Line 2, column 3")]
    [InlineData("quote", "INSERT INTO a SELECT 1;\nINSERT INTO b SELECT 'open;\n", "", "Line 2, column 22")]
    [InlineData("comment", "INSERT INTO a SELECT 1; /* open", "", "Line 1, column 25")]
    [InlineData(
        "set", "SET 'high-availability.type' = 'NONE';\nINSERT INTO a SELECT 1;", "PARAMETER_OWNED",
        "Line 1, column 1")]
    [InlineData(
        "secret", "SET 's3.secret-key' = 'x';\nINSERT INTO a SELECT 1;", "SECRET_IN_CLEAR_TEXT", "Line 1, column 1")]
    public async Task SQL_that_cannot_be_a_job_is_refused_with_its_place(
        string name, string sql, string code, string place)
    {
        var job = await _host.NewJobAsync($"bad-sql-{name}");
        await _host.DoAsync("saveDraft", new { jobId = job, sql });
        var error = await _host.RefusedAsync("publishVersion", new { jobId = job });
        Assert.StartsWith(code, (string?)error["code"], StringComparison.Ordinal);
        Assert.Contains(place, (string)error["message"]!, StringComparison.Ordinal);
        Assert.Equal("input.sql", (string?)error["path"]);
    }

    [Fact]
    public async Task Drafts_of_the_wrong_kind_and_unknown_catalogs_are_refused()
    {
        var sql = await _host.NewJobAsync("bad-kind-sql");
        var jar = await _host.NewJobAsync("bad-kind-jar", kind: "JAR");
        var program = new { uri = "local:///opt/flink/usrlib/job.jar", entryClass = "com.example.Main" };
        Assert.Equal("SPEC_KIND_MISMATCH", await CodeAsync("saveDraft", new { jobId = sql, jar = program }));
        Assert.Equal("SPEC_KIND_MISMATCH", await CodeAsync("saveDraft", new { jobId = jar, sql = StoryCalls.Sql }));
        Assert.Equal("SQL_MISSING", await CodeAsync("saveDraft", new { jobId = sql }));
        Assert.Equal("JAR_MISSING", await CodeAsync("saveDraft", new { jobId = jar }));
        Assert.Equal(
            "JAR_URI_INVALID",
            await CodeAsync("saveDraft", new { jobId = jar, jar = program with { uri = "job.jar" } }));
        Assert.Equal(
            "JAR_ENTRY_CLASS_MISSING",
            await CodeAsync("saveDraft", new { jobId = jar, jar = program with { entryClass = " " } }));
        Assert.Equal(
            "CATALOG_REPEATED",
            await CodeAsync("saveDraft", new { jobId = sql, sql = StoryCalls.Sql, catalogs = new[] { "a", "a" } }));
        await _host.DoAsync("saveDraft", new { jobId = sql, sql = StoryCalls.Sql, catalogs = new[] { "nowhere" } });
        Assert.Equal("CATALOG_UNKNOWN", await CodeAsync("publishVersion", new { jobId = sql }));
    }

    [Fact]
    public async Task A_catalog_with_a_secret_in_clear_text_is_refused()
    {
        object Input(Pair[] properties, Pair[] secrets) =>
            new { name = "bad_catalog", type = "jdbc", properties, secrets };
        Assert.Equal("SECRET_IN_CLEAR_TEXT", await CodeAsync("registerCatalog", Input([new("password", "shh")], [])));
        Assert.Equal(
            "SECRET_REFERENCE_INVALID", await CodeAsync("registerCatalog", Input([], [new("password", "shh")])));
        Assert.Equal(
            "SECRET_REFERENCE_INVALID", await CodeAsync("registerCatalog", Input([], [new("password", "env:")])));
        Assert.Equal("CATALOG_PROPERTY_INVALID", await CodeAsync("registerCatalog", Input([new("type", "hive")], [])));
        Assert.Equal("CATALOG_PROPERTY_INVALID", await CodeAsync("registerCatalog", Input([new("a", "b\0")], [])));
        Assert.Equal("KEY_TWICE", await CodeAsync("registerCatalog", Input([new("a", "1"), new("a", "2")], [])));
        Assert.Equal(
            "CATALOG_TYPE_MISSING", await CodeAsync("registerCatalog", new { name = "bad_catalog", type = "" }));
    }

    [Fact]
    public async Task A_job_that_never_ran_or_has_ended_cannot_be_stopped_wrongly()
    {
        var job = await _host.PublishedJobAsync("bad-stop");
        foreach (var mutation in new[] { "stopJob", "cancelJob", "triggerSavepoint" })
        {
            Assert.Equal("JOB_NOT_STARTED", await CodeAsync(mutation, new { jobId = job }));
        }

        var run = await _host.StartAsync(job);
        await _host.DoAsync("cancelJob", new { jobId = job });
        await _host.RunUntilAsync(run, it => (bool)it["released"]!);
        var before = await _host.EventTypesAsync(run);
        await _host.DoAsync("stopJob", new { jobId = job });
        await _host.DoAsync("cancelJob", new { jobId = job });
        Assert.Equal("RUN_NOT_RUNNING", await CodeAsync("triggerSavepoint", new { jobId = job }));
        Assert.Equal(before, await _host.EventTypesAsync(run));
    }

    [Fact]
    public async Task An_archived_job_takes_no_command_and_keeps_its_name_and_history()
    {
        var job = await _host.PublishedJobAsync("bad-archived");
        await _host.DoAsync("archiveJob", new { jobId = job });
        await _host.DoAsync("archiveJob", new { jobId = job });
        Assert.Equal("JOB_IS_ARCHIVED", await CodeAsync("saveDraft", new { jobId = job, sql = "x" }));
        Assert.Equal("JOB_IS_ARCHIVED", await CodeAsync("publishVersion", new { jobId = job }));
        Assert.Equal("JOB_IS_ARCHIVED", await CodeAsync("rollBackJob", new { jobId = job, toVersion = 1 }));
        Assert.Equal("JOB_IS_ARCHIVED", await CodeAsync("startJob", new { jobId = job }));
        Assert.Equal("JOB_NOT_STARTED", await CodeAsync("stopJob", new { jobId = job }));
        Assert.Equal(
            "JOB_NAME_TAKEN",
            await CodeAsync("createJob", new { project = "stories", name = "bad-archived", kind = "SQL" }));
        Assert.Equal(
            ["job_created", "job_draft_saved", "job_version_published", "job_archived"],
            await _host.EventTypesAsync(job));
    }

    private static string? Code(JsonNode answer) => (string?)answer["errors"]?[0]?["extensions"]?["code"];

    private async Task<string?> CodeAsync(string mutation, object input) =>
        (string?)(await _host.RefusedAsync(mutation, input))["code"];

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");
}
