using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Xuanwu.Server.Tests;

/// <summary>
/// Whatever people and programs send by mistake is answered with a stable code and a sentence that says what to do;
/// never with a stack trace, never with HTTP 500, and nothing is changed by it.
/// </summary>
[Collection(nameof(XuanwuCollection))]
public sealed class BadInputStories(XuanwuFixture fixture)
{
    private static readonly Guid Nobody = Guid.Parse("00000000-0000-4000-8000-000000000001");
    private readonly XuanwuHost _host = fixture.Host;

    [Theory]
    [InlineData("{ job }")]
    [InlineData("{ job(id: 1) { id } }")]
    [InlineData("{ job(id: \"no-uuid\") { id } }")]
    [InlineData("{ jobs(frist: 1) { nodes { id } } }")]
    [InlineData("{ jbos { nodes { id } } }")]
    [InlineData("{ jobs(where: { nmae: { eq: \"x\" } }) { nodes { id } } }")]
    [InlineData("{ jobs(where: { draft: { eq: \"x\" } }) { nodes { id } } }")]
    [InlineData("{ jobs(where: { name: { regex: \"x\" } }) { nodes { id } } }")]
    [InlineData("{ jobs(order: [{ draft: ASC }]) { nodes { id } } }")]
    [InlineData("mutation { createJob(input: { project: \"p\", name: \"n\", kind: PYTHON }) { job { id } } }")]
    [InlineData("mutation { createJob(input: { project: \"p\", kind: SQL }) { job { id } } }")]
    [InlineData("mutation { createJob { job { id } } }")]
    [InlineData("mutation { saveDraft(input: { jobId: null }) { job { id } } }")]
    [InlineData("{ job(id: \"")]
    [InlineData("")]
    public async Task A_document_that_does_not_fit_the_schema_is_refused_with_its_place(string document)
    {
        var answer = await _host.SendAsync(document);
        var error = answer["errors"]![0]!;
        Assert.False(string.IsNullOrEmpty((string?)error["extensions"]!["code"]), answer.ToJsonString());
        Assert.Null(answer["data"]);
    }

    [Theory]
    [InlineData("UUID!", "not-a-uuid")]
    [InlineData("UUID!", 7)]
    [InlineData("UUID!", null)]
    public async Task A_variable_that_does_not_fit_is_refused(string type, object? id)
    {
        var answer = await _host.SendAsync($"query ($id: {type}) {{ job(id: $id) {{ id }} }}", new { id });
        Assert.Equal("HC0018", Code(answer));
    }

    [Fact]
    public async Task Unknown_ids_are_null_in_queries()
    {
        var data = await _host.QueryAsync(
            "query ($id: UUID!) { job(id: $id) { id } run(id: $id) { id } cluster(id: $id) { id } "
            + "jobByName(project: \"no\", name: \"no\") { id } }",
            new { id = Nobody });
        foreach (var (_, value) in data.AsObject()) Assert.Null(value);
    }

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
    public async Task Half_a_surrogate_pair_is_refused_wherever_it_comes()
    {
        foreach (var body in new[]
        {
            """
            {"query":"mutation ($n: String!) { createJob(input: {project: \"p\", name: $n, kind: SQL}) {job {id}} }",
             "variables":{"n":"a\ud800b"}}
            """,
            """{"query":"mutation { createJob(input: {project: \"p\", name: \"\\ud800\", kind: SQL}) {job {id}} }"}""",
            """{"query":"{ jobs(where: { name: { eq: \"a\\udc00\" } }) { nodes { id } } }"}""",
            """
            {"query":"query ($n: String!) { jobByName(project: $n, name: $n) { id } }","variables":{"n":"\udfff"}}
            """,
            """
            {"query":"query ($w: JobFilterInput) { jobs(where: $w) { nodes { id } } }",
             "variables":{"w":{"name":{"in":["\ud83d"]}}}}
            """,
        })
        {
            var (status, answer) = await PostAsync(body);
            Assert.InRange((int)status, 200, 499);
            Assert.False(string.IsNullOrEmpty(Code(answer)), answer.ToJsonString());
        }
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
    public async Task A_user_header_that_is_no_name_is_refused()
    {
        foreach (var user in new[] { new string('u', 101), "a\tb" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "graphql");
            request.Content = Json("""{"query":"{ __typename }"}""");
            request.Headers.TryAddWithoutValidation("X-Xuanwu-User", user);
            using var answer = await _host.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("USER_INVALID", Code(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!));
        }
    }

    [Theory]
    [InlineData("", "application/json", 400)]
    [InlineData("{", "application/json", 400)]
    [InlineData("null", "application/json", 400)]
    [InlineData("7", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("""{"query":7}""", "application/json", 400)]
    [InlineData("""{"query":"{ __typename }","variables":[]}""", "application/json", 400)]
    [InlineData("""{"query":"{ __typename }"} trailing""", "application/json", 400)]
    [InlineData("""{"query":"{ __typename }"}""", "text/plain", 415)]
    [InlineData("""{"query":"{ __typename }"}""", "application/x-www-form-urlencoded", 415)]
    [InlineData("""{"query":"{ __typename }"}""", null, 415)]
    public async Task A_body_that_is_no_request_gets_a_status_and_an_error(string body, string? contentType, int status)
    {
        var (seen, answer) = await PostAsync(body, contentType);
        Assert.Equal(status, (int)seen);
        Assert.False(string.IsNullOrEmpty(Code(answer)), answer.ToJsonString());
    }

    [Theory]
    [InlineData("PUT", 405)]
    [InlineData("DELETE", 405)]
    [InlineData("PATCH", 405)]
    public async Task Other_methods_are_refused(string method, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "graphql");
        request.Content = Json("""{"query":"{ __typename }"}""");
        using var answer = await _host.Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("METHOD_NOT_ALLOWED", Code(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!));
    }

    [Fact]
    public async Task A_mutation_by_GET_is_refused()
    {
        using var answer = await _host.Http.GetAsync(
            "graphql?query=" + Uri.EscapeDataString(
                "mutation { createJob(input: { project: \"p\", name: \"get\", kind: SQL }) { job { id } } }"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Null((await _host.QueryAsync("{ jobByName(project: \"p\", name: \"get\") { id } }"))["jobByName"]);
    }

    [Theory]
    [InlineData("first: 1000", "HC0051")]
    [InlineData("first: -1", "HC0079")]
    [InlineData("last: 101", "HC0051")]
    [InlineData("after: \"nonsense\"", "CURSOR_INVALID")]
    [InlineData("after: \"\"", "CURSOR_INVALID")]
    [InlineData("before: \"!!!\"", "CURSOR_INVALID")]
    public async Task Pages_and_cursors_that_cannot_be_are_refused(string arguments, string code)
    {
        var job = await _host.NewJobAsync($"bad-page-{Guid.NewGuid():N}");
        foreach (var list in new[] { "jobs", "runs", "clusters", "catalogs", "events" })
        {
            Assert.Equal(
                code, Code(await _host.SendAsync($"{{ {list}({arguments}) {{ pageInfo {{ hasNextPage }} }} }}")));
        }

        foreach (var list in new[] { "versions", "runs", "history" })
        {
            var document = $"query ($id: UUID!) "
                + $"{{ job(id: $id) {{ {list}({arguments}) {{ pageInfo {{ hasNextPage }} }} }} }}";
            Assert.Equal(code, Code(await _host.SendAsync(document, new { id = job })));
        }
    }

    [Fact]
    public async Task Cursors_of_another_list_of_another_order_and_forged_ones_are_refused()
    {
        await _host.NewJobAsync("bad-cursor");
        var data = await _host.QueryAsync(
            "{ jobs(first: 1) { pageInfo { endCursor } } clusters(first: 1) { pageInfo { endCursor } } "
            + "events(first: 1) { pageInfo { endCursor } } }");
        var ofJobs = (string)data["jobs"]!["pageInfo"]!["endCursor"]!;
        var ofClusters = (string)data["clusters"]!["pageInfo"]!["endCursor"]!;
        var ofEvents = (string)data["events"]!["pageInfo"]!["endCursor"]!;
        await RefusedAsync("jobs", ofClusters);
        await RefusedAsync("jobs", ofEvents);
        await RefusedAsync("events", ofJobs);
        await RefusedAsync("catalogs", ofClusters);
        await RefusedAsync("jobs", ofJobs, "order: [{ name: ASC }]");
        foreach (var forged in Forgeries(ofEvents)) await RefusedAsync("events", forged);
        foreach (var forged in Forgeries(ofJobs)) await RefusedAsync("jobs", forged);

        async Task RefusedAsync(string list, string cursor, string? order = null)
        {
            var arguments = order is null ? "after: $c" : $"after: $c, {order}";
            var document = $"query ($c: String!) {{ {list}({arguments}) {{ pageInfo {{ hasNextPage }} }} }}";
            Assert.Equal("CURSOR_INVALID", Code(await _host.SendAsync(document, new { c = cursor })));
        }
    }

    [Theory]
    [InlineData("jobs(where: { name: { eq: \"a\\u0000\" } })")]
    [InlineData("jobs(where: { name: { contains: \"a\\u0000\" } })")]
    [InlineData("jobs(where: { owner: { in: [\"a\\u0000\"] } })")]
    [InlineData("events(where: { type: { startsWith: \"\\u0000\" } })")]
    public async Task A_filter_for_a_text_that_cannot_exist_finds_nothing_or_says_so(string list)
    {
        var answer = await _host.SendAsync($"{{ {list} {{ totalCount }} }}");
        Assert.Equal("FILTER_INVALID", Code(answer));
    }

    [Theory]
    [InlineData("jobs(where: { createdAt: { gt: \"0001-01-01T00:00:00Z\", lt: \"9999-12-31T23:59:59Z\" } })")]
    [InlineData("jobs(where: { name: { contains: \"%_\\\\\" } })")]
    [InlineData("jobs(where: { state: { in: [] } })")]
    [InlineData("jobs(where: { state: { in: null } })")]
    [InlineData("jobs(where: { state: { eq: null } })")]
    [InlineData("jobs(where: { or: [] })")]
    [InlineData("jobs(where: { and: [{ or: [{ name: { eq: \"x\" } }, { not_a_field: null }] }] })")]
    [InlineData("events(where: { sequence: { gt: 9223372036854775807 } })")]
    [InlineData("runs(where: { attempt: { in: [1, null, 3] } })")]
    public async Task Filters_at_the_edge_are_answered(string list)
    {
        var answer = await _host.SendAsync($"{{ {list} {{ totalCount nodes {{ __typename }} }} }}");
        if (list.Contains("not_a_field", StringComparison.Ordinal)) Assert.False(string.IsNullOrEmpty(Code(answer)));
        else Assert.True(answer["errors"] is null, answer.ToJsonString());
    }

    [Fact]
    public async Task A_filter_with_too_many_conditions_is_refused()
    {
        var or = new JsonArray(
            [.. Enumerable.Range(0, 70_000).Select(_ => JsonNode.Parse("""{"name":{"eq":"x"}}"""))]);
        var answer = await _host.SendAsync(
            "query ($w: JobFilterInput) { jobs(where: $w) { totalCount } }",
            new { w = new JsonObject { ["or"] = or } });
        Assert.Equal("FILTER_INVALID", Code(answer));
    }

    [Fact]
    public async Task A_document_of_a_hundred_thousand_levels_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{job", 100_000)) + string.Concat(Enumerable.Repeat('}', 100_000));
        Assert.Equal("DOCUMENT_TOO_LARGE", Code(await _host.SendAsync(deep)));
        var brackets = new string('[', 100_000) + new string(']', 100_000);
        var list = $"{{ jobs(where: {{name: {{in: {brackets}}}}}) {{ totalCount }} }}";
        Assert.Equal("DOCUMENT_TOO_LARGE", Code(await _host.SendAsync(list)));
        var (status, answer) = await PostAsync(
            "{\"query\":\"{ __typename }\",\"variables\":"
            + string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_001));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("HC0012", Code(answer));
    }

    [Fact]
    public async Task A_document_of_thousands_of_aliases_is_answered_or_refused_while_others_are_served()
    {
        var job = await _host.NewJobAsync("bad-aliases");
        string Many(int count) =>
            "{" + string.Concat(Enumerable.Range(0, count).Select(number => $" j{number}: job(id: \"{job}\") "
            + $"{{ name }}")) + " }";
        Assert.Equal("DOCUMENT_TOO_LARGE", Code(await _host.SendAsync(Many(5000))));
        var large = _host.SendAsync(Many(4000));
        var small = await _host.QueryAsync("query ($id: UUID!) { job(id: $id) { name } }", new { id = job });
        Assert.Equal("bad-aliases", (string?)small["job"]!["name"]);
        var answer = await large;
        Assert.True(answer["errors"] is null, answer["errors"]?.ToJsonString());
        Assert.Equal(4000, answer["data"]!.AsObject().Count);
    }

    [Fact]
    public async Task A_command_id_makes_a_repeat_harmless_for_its_user_alone()
    {
        var id = Guid.NewGuid().ToString();
        var first = await _host.DoAsync(
            "createJob", new { project = "stories", name = "repeat", kind = "SQL", commandId = id }, "job { id }");
        var again = await _host.DoAsync(
            "createJob", new { project = "stories", name = "repeat", kind = "SQL", commandId = id }, "job { id }");
        Assert.Equal(first.ToJsonString(), again.ToJsonString());
        var job = (Guid)first["job"]!["id"]!;

        var other = await _host.MutateAsync(
            "createJob", new { project = "stories", name = "repeat", kind = "SQL", commandId = id }, user: "mallory");
        Assert.Equal("JOB_NAME_TAKEN", (string?)other["errors"]![0]!["code"]);

        var draft = new { jobId = job, sql = StoryCalls.Sql, commandId = $"{id}-draft" };
        await _host.DoAsync("saveDraft", draft);
        await _host.DoAsync(
            "saveDraft", new { jobId = job, sql = StoryCalls.Sql + "-- changed", commandId = $"{id}-next" });
        await _host.DoAsync("saveDraft", draft);
        Assert.Equal(["job_created", "job_draft_saved", "job_draft_saved"], await _host.EventTypesAsync(job));

        await _host.DoAsync("publishVersion", new { jobId = job });
        var start = new { jobId = job, commandId = $"{id}-start" };
        var run = (await _host.DoAsync("startJob", start, "run { id }"))["run"]!["id"]!.ToJsonString();
        Assert.Equal(run, (await _host.DoAsync("startJob", start, "run { id }"))["run"]!["id"]!.ToJsonString());
        await _host.DoAsync("cancelJob", new { jobId = job });
        Assert.Single(await _host.EventTypesAsync(job), type => type == "job_start_requested");
    }

    [Fact]
    public async Task A_command_id_used_for_other_commands_too_loses_none_of_them()
    {
        var id = Guid.NewGuid().ToString();
        var job = await _host.NewJobAsync("reused");
        var elsewhere = await _host.NewJobAsync("reused-elsewhere");
        await _host.DoAsync("saveDraft", new { jobId = job, sql = StoryCalls.Sql, commandId = id });
        await _host.DoAsync("publishVersion", new { jobId = job, commandId = id });
        await _host.DoAsync("saveDraft", new { jobId = elsewhere, sql = StoryCalls.Sql, commandId = id });
        Assert.Equal(["job_created", "job_draft_saved", "job_version_published"], await _host.EventTypesAsync(job));
        Assert.Equal(["job_created", "job_draft_saved"], await _host.EventTypesAsync(elsewhere));
    }

    [Fact]
    public async Task The_same_command_sent_by_twenty_clients_at_once_is_one_event()
    {
        var id = Guid.NewGuid().ToString();
        var job = await _host.NewJobAsync("at-once");
        var input = new { jobId = job, sql = StoryCalls.Sql, commandId = id };
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _host.DoAsync("saveDraft", input)));
        Assert.Equal(["job_created", "job_draft_saved"], await _host.EventTypesAsync(job));
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

    private async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(
        string body, string? contentType = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null) content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var answer = await _host.Http.PostAsync("graphql", content);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    // A cursor is the list's name with its order and then the values; whoever takes it apart and lies is told so.
    private static IEnumerable<string> Forgeries(string cursor)
    {
        var parts = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(cursor))!.AsArray();
        foreach (var lie in new[] { "999999999999999999999999999", "x", "a\0b", "2026-13-45" })
        {
            var forged = parts.DeepClone().AsArray();
            forged[1] = lie;
            yield return System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(forged.ToJsonString()));
        }

        yield return System.Buffers.Text.Base64Url.EncodeToString("[\"\\ud800\",\"1\"]"u8);
        yield return System.Buffers.Text.Base64Url.EncodeToString("{}"u8);
        yield return System.Buffers.Text.Base64Url.EncodeToString("[1,2,3]"u8);
        yield return cursor[..^3];
    }
}
