using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using Xuanwu.Sandbox;
using Xuanwu.Sandbox.Faults;
using Xuanwu.Testing;

namespace Xuanwu.Server.Tests;

/// <summary>Servers that are killed at any moment, on a cluster that misbehaves: nothing acknowledged is lost, doubled
/// or stuck.</summary>
public sealed class CrashStories : IAsyncLifetime
{
    private const int Jobs = 50;
    private const int Clients = 8;
    private const int Kills = 20;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("xuanwu-crash-").FullName;
    private TestDatabase _database = null!;
    private SandboxCluster _sandbox = null!;

    public async Task InitializeAsync()
    {
        _database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        _sandbox = await SandboxCluster.StartAsync(
            new SandboxOptions { PodStartDelay = TimeSpan.FromMilliseconds(50), Seed = 7 });
        await _sandbox.WriteKubeconfigAsync(Path.Combine(_folder, "kubeconfig"));
    }

    public async Task DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Fifty_jobs_by_eight_clients_survive_twenty_kills_on_a_cluster_that_misbehaves()
    {
        await using var server = NewServer();
        server.Start();
        await server.ReadyAsync();
        Misbehave();

        using var over = new CancellationTokenSource();
        var killer = KillAsync(server, over.Token);
        var acknowledged =
            await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => ClientAsync(server, client)));
        await over.CancelAsync();
        var kills = await killer;
        while (kills++ < Kills)
        {
            await server.KillAsync();
            server.Start();
            await server.ReadyAsync();
        }

        _sandbox.Faults.Clear();
        await SettledAsync(server);
        await CheckAsync(server, [.. acknowledged.SelectMany(each => each)]);
    }

    [Fact]
    public async Task When_one_of_two_servers_dies_the_other_has_its_work_within_ten_seconds()
    {
        await using var one = NewServer();
        await using var other = NewServer();
        one.Start();
        await one.ReadyAsync();
        other.Start();
        await other.ReadyAsync();
        var jobs = new List<Guid>();
        for (var number = 0; number < 10; number++) jobs.Add(await StartJobAsync(one, $"shared-{number}"));
        foreach (var job in jobs)
        {
            await UntilAsync(async () => await StateAsync(other, job) == "RUNNING", $"job {job} runs", server: other);
        }

        await one.KillAsync();
        var killed = DateTimeOffset.UtcNow;
        foreach (var job in jobs) await other.QueryAsync(Cancel, new { job, id = (string?)null });
        foreach (var job in jobs)
        {
            await UntilAsync(
                async () => await StateAsync(other, job) == "CANCELED", $"job {job} is canceled", server: other);
        }

        var held = await ScalarAsync("select count(*) from xuanwu.leases where name like 'projection/%' and holder "
            + "not in (select id from xuanwu.nodes where expires_at > now())");
        Assert.True(DateTimeOffset.UtcNow - killed < TimeSpan.FromSeconds(
            10), $"It took {(DateTimeOffset.UtcNow - killed).TotalSeconds:0.0} s.");
        Assert.Equal(0, held);
    }

    private const string Create =
        """
        mutation ($name: String!, $id: String) {
          createJob(input: { project: "crash", name: $name, kind: SQL, commandId: $id }) {
            job { id }
            errors { code message }
          }
        }
        """;

    private const string Draft =
        """
        mutation ($job: UUID!, $sql: String!, $id: String) {
          saveDraft(input: { jobId: $job, sql: $sql, commandId: $id }) { errors { code message } }
        }
        """;

    private const string Publish =
        """
        mutation ($job: UUID!, $id: String) {
          publishVersion(input: { jobId: $job, commandId: $id }) { errors { code message } }
        }
        """;

    private const string Start =
        """
        mutation ($job: UUID!, $id: String) {
          startJob(input: { jobId: $job, commandId: $id }) { errors { code message } }
        }
        """;

    private const string Stop =
        """
        mutation ($job: UUID!, $id: String) {
          stopJob(input: { jobId: $job, commandId: $id }) { errors { code message } }
        }
        """;

    private const string Cancel =
        """
        mutation ($job: UUID!, $id: String) {
          cancelJob(input: { jobId: $job, commandId: $id }) { errors { code message } }
        }
        """;

    private const string Sql =
        "CREATE TABLE a (x INT) WITH ('connector' = 'datagen'); CREATE TABLE b (x INT) WITH ('connector' = "
            + "'blackhole'); INSERT INTO b SELECT x FROM a;";

    private sealed record Acknowledged(Guid Job, string CommandId, string EventType);

    private ServerProcess NewServer() =>
        new(_database.ConnectionString, Path.Combine(_folder, "kubeconfig"), _sandbox.IngressPort);

    private void Misbehave()
    {
        FaultRule[] rules =
        [
            new()
            {
                Scope = FaultScope.Api,
                Effect = FaultEffect.Status,
                Status = 429,
                RetryAfterSeconds = 1,
                Probability = 0.03,
            },
            new() { Scope = FaultScope.Api, Effect = FaultEffect.Status, Status = 500, Probability = 0.03 },
            new() { Scope = FaultScope.Api, Effect = FaultEffect.DropAfter, Probability = 0.03 },
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.Html, Probability = 0.05 },
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.Html, Status = 404, Probability = 0.03 },
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.DropAfter, Probability = 0.05 },
            new() { Scope = FaultScope.PodProxy, Effect = FaultEffect.DropAfter, Probability = 0.05 },
            new() { Scope = FaultScope.PodProxy, Effect = FaultEffect.Latency, Probability = 0.2 },
        ];
        foreach (var rule in rules) _sandbox.Faults.Add(rule);
    }

    // Waits a random part of two seconds of real time between kills: the moment must have nothing to do with what the
    // server does.
    private async Task<int> KillAsync(ServerProcess server, CancellationToken over)
    {
        var random = new Random(11);
        var kills = 0;
        while (kills < Kills && !over.IsCancellationRequested)
        {
            using var pause = new PeriodicTimer(TimeSpan.FromMilliseconds(random.Next(200, 2000)));
            await pause.WaitForNextTickAsync(CancellationToken.None);
            await server.KillAsync();
            kills++;
            _sandbox.Faults.Do(new FaultAction { Action = "dropWatches" });
            server.Start();
            await server.ReadyAsync();
        }

        return kills;
    }

    private static async Task<List<Acknowledged>> ClientAsync(ServerProcess server, int client)
    {
        var acknowledged = new List<Acknowledged>();
        for (var number = client; number < Jobs; number += Clients)
        {
            var name = $"job-{number}";
            var created = await SendAsync(server, Create, new { name, id = $"create-{number}" });
            var job = (Guid)created["createJob"]!["job"]!["id"]!;
            acknowledged.Add(new(job, $"create-{number}", "job_created"));
            await DoAsync(Draft, "draft", "job_draft_saved", new { job, sql = Sql, id = $"draft-{number}" });
            await DoAsync(Publish, "publish", "job_version_published", new { job, id = $"publish-{number}" });
            await DoAsync(Start, "start", "job_start_requested", new { job, id = $"start-{number}" });
            if (number % 2 == 0) continue;
            await UntilAsync(async () => await StateAsync(server, job) == "RUNNING", $"{name} runs", server);
            if (number % 4 == 1) await DoAsync(Stop, "stop", "run_stop_requested", new { job, id = $"stop-{number}" });
            else await DoAsync(Cancel, "cancel", "run_cancel_requested", new { job, id = $"cancel-{number}" });

            async Task DoAsync(string mutation, string verb, string eventType, object variables)
            {
                var answer = await SendAsync(server, mutation, variables);
                Assert.True(answer.AsObject().Single().Value!["errors"] is null, answer.ToJsonString());
                acknowledged.Add(new(job, $"{verb}-{number}", eventType));
            }
        }

        return acknowledged;
    }

    // The same command id until there is an answer, as a client with a bad line does.
    private static async Task<JsonNode> SendAsync(ServerProcess server, string mutation, object variables)
    {
        JsonNode? answer = null;
        await UntilAsync(
            async () =>
            {
                answer = await server.QueryAsync(mutation, variables);
                return true;
            },
            "the server answers",
            server);
        return answer!;
    }

    private static async Task<Guid> StartJobAsync(ServerProcess server, string name)
    {
        var job =
            (Guid)(await SendAsync(server, Create, new { name, id = (string?)null }))["createJob"]!["job"]!["id"]!;
        await SendAsync(server, Draft, new { job, sql = Sql, id = (string?)null });
        await SendAsync(server, Publish, new { job, id = (string?)null });
        await SendAsync(server, Start, new { job, id = (string?)null });
        return job;
    }

    private static async Task<string?> StateAsync(ServerProcess server, Guid job) =>
        (string?)(
            await server.QueryAsync("query ($job: UUID!) { job(id: $job) { state } }", new { job }))["job"]!["state"];

    private async Task SettledAsync(ServerProcess server) => await UntilAsync(
        async () =>
            await ScalarAsync("select count(*) from xuanwu.mt_doc_run where (data ->> 'CancelRequested')::boolean and "
                + "not (data ->> 'Released')::boolean") == 0
            && await ScalarAsync("select count(*) from xuanwu.mt_doc_run where (data ->> 'Stopping')::boolean and not "
                + "(data ->> 'Released')::boolean") == 0
            && await ScalarAsync("select count(*) from xuanwu.mt_doc_run where data ->> 'State' = 'Accepted'") == 0
            && await ScalarAsync("select (select max(seq_id) from xuanwu.mt_events) - (select last_seq_id from "
                + "xuanwu.mt_event_progression where name = 'run_timeline:All')") == 0,
        "everything asked for is done",
        server);

    private async Task CheckAsync(ServerProcess server, IReadOnlyList<Acknowledged> acknowledged)
    {
        foreach (var (job, commandId, eventType) in acknowledged)
        {
            Assert.Equal(
                1,
                await ScalarAsync($"select count(*) from xuanwu.mt_events where headers ->> 'commandId' = "
                    + $"'{commandId}' and type = '{eventType}'"));
        }

        Assert.Equal(Jobs, await ScalarAsync("select count(*) from xuanwu.mt_doc_run"));
        for (var number = 0; number < Jobs; number++)
        {
            var job = (await server.QueryAsync(
                """
                query ($name: String!) {
                  jobByName(project: "crash", name: $name) { state runs { nodes { id savepoints { path } } } }
                }
                """,
                new { name = $"job-{number}" }))["jobByName"]!;
            Assert.Equal(number % 2 == 0 ? "RUNNING" : "CANCELED", (string?)job["state"]);
            var run = Assert.Single(job["runs"]!["nodes"]!.AsArray())!;
            if (number % 4 == 1) Assert.NotEmpty(run["savepoints"]!.AsArray());
        }

        // One set of objects per live run, none for ended ones.
        foreach (var plural in new[] { "deployments", "services", "ingresses", "roles", "rolebindings" })
        {
            var expected = plural == "deployments" ? Jobs : Jobs / 2;
            await UntilAsync(
                () => Task.FromResult(_sandbox.Objects(plural, "flink").Count == expected),
                string.Create(CultureInfo.InvariantCulture, $"there are {expected} {plural}"),
                server);
        }

        // Every live run has its one message, nothing waits for an ended run, nothing was given up.
        Assert.Equal(Jobs / 2, await ScalarAsync("select count(*) from xuanwu.messages"));
        Assert.Equal(
            Jobs / 2, await ScalarAsync("select count(distinct key) from xuanwu.messages where type = 'poll_run'"));
        Assert.Equal(0, await ScalarAsync("select count(*) from xuanwu.dead_letters"));

        // No gap in any stream, no event that a projection has not seen.
        Assert.Equal(
            0,
            await ScalarAsync("select count(*) from xuanwu.mt_streams s where s.version <> (select count(*) from "
                + "xuanwu.mt_events e where e.stream_id = s.id)"));
        Assert.Equal(0, await ScalarAsync(
            """
            select count(*) from xuanwu.mt_doc_run r
            left join xuanwu.mt_doc_run_timeline t on t.id = r.id
            where t.id is null or t.mt_version <> r.mt_version
            """));
    }

    private async Task<long> ScalarAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(_database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return Convert.ToInt64(
            await command.ExecuteScalarAsync() is var value and not DBNull ? value : -1L, CultureInfo.InvariantCulture);
    }

    private static async Task UntilAsync(Func<Task<bool>> isSo, string what, ServerProcess server)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            try
            {
                if (await isSo()) return;
            }
            catch (Exception broken) when (broken is HttpRequestException or TaskCanceledException or IOException)
            {
                // the server is just being killed, or is starting
            }

            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"After {Limit.TotalSeconds:0} s it is still not so that "
                    + $"{what}.\n{server.Output[^Math.Min(4000, server.Output.Length)..]}");
            }

            await timer.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}
