using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Xuanwu.Flink.Manifests;
using Xuanwu.Kubernetes;
using Xuanwu.Sandbox;
using Xuanwu.Sandbox.Faults;
using Xuanwu.Testing;

namespace Xuanwu.Server.Tests;

/// <summary>
/// A server as those see it who run it: alive, ready, refusing to start, restarted, and silent about secrets.
/// </summary>
public sealed class HealthStories : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private readonly string _folder = Directory.CreateTempSubdirectory("xuanwu-health-").FullName;
    private TestDatabase _database = null!;
    private SandboxCluster _sandbox = null!;

    public async Task InitializeAsync()
    {
        _database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        _sandbox = await SandboxCluster.StartAsync(
            new SandboxOptions { PodStartDelay = TimeSpan.FromMilliseconds(20) });
        await _sandbox.WriteKubeconfigAsync(Path.Combine(_folder, "kubeconfig"));
    }

    public async Task DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task While_PostgreSQL_is_away_the_server_is_alive_and_not_ready_and_then_ready_again()
    {
        await using var proxy = _database.NewProxy();
        var through = new NpgsqlConnectionStringBuilder(_database.ConnectionString);
        (through.Host, through.Port) = ("127.0.0.1", proxy.Port);
        await using var server = NewServer(through.ConnectionString);
        server.Start();
        await server.ReadyAsync();
        var job = await server.RunningJobAsync("away");

        proxy.Refusing = true;
        var report = await UntilAsync(
            server, () => ReadyzAsync(server), it => it.Status == HttpStatusCode.ServiceUnavailable, "it is not ready");
        var database = report.Body["checks"]!.AsArray().Single(check => (string?)check!["name"] == "database")!;
        Assert.False((bool)report.Body["ready"]!);
        Assert.False((bool)database["ok"]!);
        Assert.Contains("PostgreSQL", (string)database["problem"]!, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await server.Http.GetAsync("healthz")).StatusCode);
        foreach (var request in new[]
        {
            $"{{ job(id: \"{job}\") {{ state }} }}",
            $"mutation {{ cancelJob(input: {{ jobId: \"{job}\" }}) {{ errors {{ code }} }} }}",
        })
        {
            using var answer = await server.Http.PostAsJsonAsync("graphql", new { query = request });
            Assert.True((int)answer.StatusCode < 500, $"{answer.StatusCode}");
            var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]![0]!;
            Assert.Equal("DATABASE_UNAVAILABLE", (string?)error["extensions"]!["code"]);
        }

        proxy.Refusing = false;
        await UntilAsync(server, () => ReadyzAsync(server), it => it.Status == HttpStatusCode.OK, "it is ready again");
        await server.QueryAsync($"mutation {{ cancelJob(input: {{ jobId: \"{job}\" }}) {{ errors {{ code }} }} }}");
        await UntilAsync(server, () => server.StateAsync(job), it => it == "CANCELED", "work goes on");
    }

    [Fact]
    public async Task A_server_is_not_ready_without_a_word_of_why()
    {
        await using var server = NewServer(_database.ConnectionString);
        server.Start();
        await server.ReadyAsync();
        var (status, body) = await ReadyzAsync(server);
        Assert.Equal(HttpStatusCode.OK, status);
        var checks = body["checks"]!.AsArray().Select(check => (string)check!["name"]!).ToList();
        Assert.Equal(
            [
                "database", "start", "projection job", "projection run", "projection cluster", "projection catalog",
                "projection run_timeline", "workers",
            ],
            checks);
    }

    [Theory]
    [InlineData("XUANWU_LISTEN", "http://0.0.0.0:0", "Refusing to listen on http://0.0.0.0")]
    [InlineData("XUANWU_LISTEN", "http://[::]:0", "Refusing to listen on http://[::]")]
    [InlineData("XUANWU_LISTEN", "http://10.0.0.1:8080", "authentication is not configured")]
    [InlineData("XUANWU_LISTEN", "http://*:8080", "XUANWU_LISTEN is http://*:8080")]
    [InlineData("XUANWU_LISTEN", "https://127.0.0.1:8080", "XUANWU_LISTEN is https://127.0.0.1:8080")]
    [InlineData("XUANWU_PORT", "99999", "XUANWU_PORT is 99999")]
    [InlineData("XUANWU_POSTGRES", "", "XUANWU_POSTGRES is not set")]
    [InlineData("XUANWU_POSTGRES", "postgres//nonsense", "XUANWU_POSTGRES")]
    public async Task A_server_that_must_not_start_as_it_is_told_says_why_and_ends(
        string name, string value, string sentence)
    {
        var (code, said) = await RunAsync(name, value);
        Assert.Equal(2, code);
        Assert.StartsWith("xuanwu: ", said, StringComparison.Ordinal);
        Assert.Contains(sentence, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_in_the_address_of_PostgreSQL_is_never_printed()
    {
        var (code, said) = await RunAsync(
            "XUANWU_POSTGRES", "Host=127.0.0.1;Port=1;Database=x;Username=x;Password=top-secret-word");
        Assert.Equal(1, code);
        Assert.DoesNotContain("top-secret-word", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restarted_server_sees_at_once_what_happened_while_it_was_away()
    {
        await using var server = NewServer(_database.ConnectionString);
        server.Start();
        await server.ReadyAsync();
        var lost = await server.RunningJobAsync(
            "dies-unseen", ("sandbox.job.fails-after", "8 s"), ("restart-strategy.type", "none"));
        var live = await server.RunningJobAsync("lives-on");
        await server.KillAsync();
        await UntilAsync(server, () => FlinkStateAsync(lost), it => it == "FAILED", "Flink says so");
        server.Start();
        await server.ReadyAsync();
        var ready = Stopwatch.GetTimestamp();
        await UntilAsync(server, () => server.StateAsync(lost), it => it == "FAILED", "the end is seen");
        Assert.True(
            Stopwatch.GetElapsedTime(ready) < TimeSpan.FromSeconds(5),
            $"It took {Stopwatch.GetElapsedTime(ready).TotalSeconds:0.0} s.");
        Assert.Equal("RUNNING", await server.StateAsync(live));
    }

    // The Ingress leads to another run's JobManager for a while, which truthfully says that it does not know the job.
    [Fact]
    public async Task An_end_that_was_only_inferred_is_taken_back_when_the_job_shows_again()
    {
        await using var server = NewServer(_database.ConnectionString);
        server.Start();
        await server.ReadyAsync();
        var job = await server.RunningJobAsync("back-again");
        var run = await RunIdAsync(job);
        var other = await RunIdAsync(await server.RunningJobAsync("asked-in-its-place"));
        using var kubernetes = new KubernetesClient(KubernetesConnection.FromKubeconfigText(_sandbox.Kubeconfig));

        await LeadToAsync(other);
        await UntilAsync(server, () => server.StateAsync(job), it => it == "FAILED", "it is taken for failed");
        await LeadToAsync(run);
        await UntilAsync(server, () => server.StateAsync(job), it => it == "RUNNING", "it runs again");
        var seen = (await server.QueryAsync(
            $"{{ job(id: \"{job}\") {{ currentRun {{ state reason endedAt released }} }} }}"))["job"]!["currentRun"]!;
        Assert.Equal(
            ("RUNNING", null, null, false),
            ((string?)seen["state"], (string?)seen["reason"], (string?)seen["endedAt"], (bool)seen["released"]!));

        async Task LeadToAsync(Guid target)
        {
            var ingress = RunNames.Rest(RunNames.ClusterId(run));
            var spec = (await kubernetes.GetAsync(Kind.Ingress, "flink", ingress, default)).Json["spec"]!.DeepClone();
            spec["rules"]![0]!["http"]!["paths"]![0]!["backend"]!["service"]!["name"] =
                RunNames.Rest(RunNames.ClusterId(target));
            await kubernetes.PatchAsync(Kind.Ingress, "flink", ingress, new() { ["spec"] = spec }, default);
        }
    }

    [Fact]
    public async Task A_catalogs_secret_is_in_no_event_view_message_object_log_or_error()
    {
        const string secret = "s3cr3t-0f-the-w4rehouse'it";
        Environment.SetEnvironmentVariable("XUANWU_TEST_CATALOG_SECRET", secret);
        await using var server = NewServer(_database.ConnectionString);
        server.Start();
        await server.ReadyAsync();
        await RegisterAsync("warehouse", "jdbc", "env:XUANWU_TEST_CATALOG_SECRET");
        await RegisterAsync("broken", "no-such-type", "env:XUANWU_TEST_CATALOG_SECRET");
        await RegisterAsync("missing", "jdbc", "env:XUANWU_TEST_NOT_SET");
        const string sql = "CREATE TABLE b (x INT) WITH ('connector' = 'blackhole'); INSERT INTO b SELECT x FROM "
            + "{0}.sales.orders;";
        var works = await StartAsync("warehouse");
        var broken = await StartAsync("broken");
        var missing = await StartAsync("missing");
        await UntilAsync(server, () => server.StateAsync(works), it => it == "RUNNING", "the catalog is used");
        await UntilAsync(server, () => server.StateAsync(broken), it => it == "FAILED", "the catalog is refused");
        var reason = await UntilAsync(
            server,
            async () =>
                (string?)(await server.QueryAsync(
                    $"{{ job(id: \"{missing}\") {{ currentRun {{ unreachableReason }} }} }}"))
                    ["job"]!["currentRun"]!["unreachableReason"],
            it => it?.Contains("env:XUANWU_TEST_NOT_SET", StringComparison.Ordinal) is true,
            "the missing secret is named");
        Assert.Contains("set the variable or the file", reason, StringComparison.Ordinal);
        await server.QueryAsync($"mutation {{ cancelJob(input: {{ jobId: \"{missing}\" }}) {{ errors {{ code }} }} }}");

        foreach (var part in new[] { secret, "s3cr3t-0f-the-w4rehouse" })
        {
            foreach (
                var table in await _database.ColumnAsync<string>("select format('%I.%I', schemaname, tablename) "
                    + "from pg_tables where schemaname = 'xuanwu'"))
            {
                Assert.Equal(
                    0L,
                    await _database.ScalarAsync<long>($"select count(*) from {table} row where row::text like "
                        + $"'%{part.Replace("'", "''", StringComparison.Ordinal)}%'"));
            }

            foreach (var kind in
                new[] { "pods", "deployments", "configmaps", "services", "ingresses", "secrets", "events" })
            {
                Assert.DoesNotContain(
                    _sandbox.Objects(kind), one => one.ToJsonString().Contains(part, StringComparison.Ordinal));
            }

            Assert.DoesNotContain(part, server.Output, StringComparison.Ordinal);
            var everything = await server.QueryAsync(
                "{ events(first: 100) { nodes { data } } runs(first: 100) { nodes { rootCause reason } } catalogs "
                + "{ nodes { secrets { key value } properties { value } } } }");
            Assert.DoesNotContain(part, everything.ToJsonString(), StringComparison.Ordinal);
        }

        async Task<JsonNode> DoAsync(string mutation, string input)
        {
            var document = $"mutation {{ {mutation}(input: {input}) {{ errors {{ code message }} }} }}";
            var payload = (await server.QueryAsync(document))[mutation]!;
            Assert.True(payload["errors"] is null, payload.ToJsonString());
            return payload;
        }

        Task RegisterAsync(string name, string type, string reference) => DoAsync(
            "registerCatalog",
            $$"""{ name: "{{name}}", type: "{{type}}", secrets: [{ key: "password", value: "{{reference}}" }] }""");

        async Task<Guid> StartAsync(string catalog)
        {
            var created = await server.QueryAsync(
                "mutation ($name: String!) { "
                + "createJob(input: { project: \"secret\", name: $name, kind: SQL }) { job { id } } }",
                new { name = catalog });
            var job = (Guid)created["createJob"]!["job"]!["id"]!;
            var text = sql.Replace("{0}", catalog, StringComparison.Ordinal);
            await DoAsync("saveDraft", $$"""{ jobId: "{{job}}", catalogs: ["{{catalog}}"], sql: "{{text}}" }""");
            await DoAsync("publishVersion", $$"""{ jobId: "{{job}}" }""");
            await DoAsync("startJob", $$"""{ jobId: "{{job}}" }""");
            return job;
        }
    }

    private ServerProcess NewServer(string postgres) =>
        new(postgres, Path.Combine(_folder, "kubeconfig"), _sandbox.IngressPort);

    private async Task<Guid> RunIdAsync(Guid job) =>
        await _database.ScalarAsync<Guid>($"select id from xuanwu.mt_doc_run where data ->> 'JobId' = '{job}'");

    private async Task<string?> FlinkStateAsync(Guid job)
    {
        var run = await RunIdAsync(job);
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(
            HttpMethod.Get, $"http://127.0.0.1:{_sandbox.IngressPort}/v1/jobs/{run:N}");
        request.Headers.Host = $"{RunNames.ClusterId(run)}.flink.localhost";
        using var answer = await http.SendAsync(request);
        return (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["state"];
    }

    private static async Task<(HttpStatusCode Status, JsonNode Body)> ReadyzAsync(ServerProcess server)
    {
        using var answer = await server.Http.GetAsync("readyz");
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    private Task<(int Code, string Said)> RunAsync(string name, string value) =>
        ServerProcessCalls.RunToEndAsync(_database.ConnectionString, name, value);

    private static async Task<T> UntilAsync<T>(
        ServerProcess server, Func<Task<T>> ask, Func<T, bool> isRight, string what)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            var answer = await ask();
            if (isRight(answer)) return answer;
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException(
                    $"After {Limit.TotalSeconds:0} s it is still not so that {what}: {answer}\n"
                    + $"{server.Output[^Math.Min(4000, server.Output.Length)..]}");
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
