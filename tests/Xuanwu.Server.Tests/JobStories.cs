using System.Text.Json.Nodes;
using Xuanwu.Flink.Manifests;
using Xuanwu.Kubernetes;

namespace Xuanwu.Server.Tests;

/// <summary>The main job, as a user does it: over HTTP, with nothing but the embedded default running.</summary>
[Collection(nameof(XuanwuCollection))]
public sealed class JobStories(XuanwuFixture fixture)
{
    private const string Sql =
        """
        CREATE TABLE clicks (
          user_id BIGINT, ad_id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
        ) WITH (
          'connector' = 'kafka', 'topic' = 'clicks', 'properties.bootstrap.servers' = 'kafka:9092', 'format' = 'json'
        );
        CREATE TABLE per_minute (ad_id BIGINT, clicks BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO per_minute SELECT ad_id, COUNT(*) FROM clicks GROUP BY ad_id;
        """;

    private static readonly Kind[] Kinds =
    [
        Kind.Deployment, Kind.Service, Kind.ConfigMap, Kind.ServiceAccount, Kind.Role, Kind.RoleBinding, Kind.Ingress,
    ];

    private readonly XuanwuHost _host = fixture.Host;

    [Fact]
    public async Task A_job_goes_from_draft_to_running_to_stopped_with_its_savepoint_kept()
    {
        var job = await CreateAsync("main");
        await DraftAsync(job, Sql, flinkVersion: "1.19");
        Assert.Equal(1, await PublishAsync(job));
        var run = await StartAsync(job);
        var seen = await RunUntilAsync(run, it => (string?)it["state"] == "RUNNING");
        Assert.Equal(32, ((string)seen["flinkJobId"]!).Length);
        Assert.Contains(".flink.localhost", (string)seen["uiAddress"]!, StringComparison.Ordinal);

        await _host.QueryAsync(
            "mutation ($id: UUID!) { stopJob(input: { jobId: $id }) { errors { code } } }", new { id = job });
        seen = await RunUntilAsync(run, it => (string?)it["state"] == "CANCELED" && (bool)it["released"]!);
        Assert.Equal("FINISHED", (string?)seen["flinkState"]);
        Assert.Single(seen["savepoints"]!.AsArray());
        Assert.Empty(await ObjectsOfAsync(run));
    }

    [Fact]
    public async Task A_bounded_job_finishes()
    {
        var job = await CreateAsync("bounded");
        await DraftAsync(job, Sql, parameters: [new("sandbox.job.bounded", "1 s")]);
        await PublishAsync(job);
        var run = await StartAsync(job);
        var seen = await RunUntilAsync(run, it => (string?)it["state"] == "FINISHED" && (bool)it["released"]!);
        Assert.Equal("The job reached its end.", (string?)seen["reason"]);
        Assert.Empty(await ObjectsOfAsync(run));
    }

    [Fact]
    public async Task A_job_that_dies_says_why()
    {
        var job = await CreateAsync("dies");
        await DraftAsync(
            job,
            Sql,
            parameters:
            [
                new("sandbox.job.fails-after", "1 s"),
                new("sandbox.job.failure", "java.lang.ArithmeticException: / by zero"),
                new("restart-strategy.type", "none"),
            ]);
        await PublishAsync(job);
        var run = await StartAsync(job);
        var seen = await RunUntilAsync(run, it => (string?)it["state"] == "FAILED");
        Assert.Contains(
            "java.lang.ArithmeticException: / by zero", (string)seen["rootCause"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_is_diffed_switched_restored_and_rolled_back()
    {
        var job = await CreateAsync("versions");
        await DraftAsync(job, Sql, flinkVersion: "1.19");
        await PublishAsync(job);
        await DraftAsync(job, Sql.Replace("COUNT(*)", "COUNT(DISTINCT user_id)", StringComparison.Ordinal));
        Assert.Equal(2, await PublishAsync(job));
        var diff = await _host.QueryAsync(
            """
            query ($id: UUID!) {
              job(id: $id) { diff(from: 1, to: 2) { unified fields { field } } }
            }
            """, new { id = job });
        Assert.Contains("+INSERT INTO per_minute SELECT ad_id, COUNT(DISTINCT user_id)", (
            string)diff["job"]!["diff"]!["unified"]!, StringComparison.Ordinal);

        var first = await StartAsync(job, version: 1);
        await RunUntilAsync(first, it => (string?)it["state"] == "RUNNING");
        await _host.QueryAsync(
            "mutation ($id: UUID!) { stopJob(input: { jobId: $id }) { errors { code } } }", new { id = job });
        await RunUntilAsync(first, it => (string?)it["state"] == "CANCELED");
        await DraftAsync(job, sql: null, flinkVersion: "1.20");
        Assert.Equal(3, await PublishAsync(job));
        var second = await StartAsync(job, from: "LATEST_SAVEPOINT");
        var seen = await RunUntilAsync(second, it => (string?)it["state"] == "RUNNING");
        Assert.Equal("1.20", (string?)seen["flinkVersion"]);
        Assert.NotNull((string?)seen["restoredFrom"]!["path"]);

        var rolled = await _host.QueryAsync(
            """
            mutation ($id: UUID!) {
              rollBackJob(input: { jobId: $id, toVersion: 1 }) { version { number restoredFrom } errors {
                code } }
            }
            """,
            new { id = job });
        Assert.Equal(4, (int)rolled["rollBackJob"]!["version"]!["number"]!);
        await CancelAsync(job);
        await RunUntilAsync(second, it => (string?)it["state"] == "CANCELED");

        await DraftAsync(job, sql: null, flinkVersion: "2.0");
        await PublishAsync(job);
        var refused = await TryStartAsync(job, from: "LATEST_SAVEPOINT");
        Assert.Equal("STATE_INCOMPATIBLE", (string?)refused["errors"]![0]!["code"]);
    }

    [Fact]
    public async Task A_canceled_job_leaves_nothing_behind()
    {
        var job = await CreateAsync("canceled");
        await DraftAsync(job, Sql);
        await PublishAsync(job);
        var run = await StartAsync(job);
        await RunUntilAsync(run, it => (string?)it["state"] == "RUNNING");
        await CancelAsync(job);
        var seen = await RunUntilAsync(run, it => (bool)it["released"]!);
        Assert.Equal("CANCELED", (string?)seen["state"]);
        Assert.False((bool)seen["highAvailabilityKept"]!);
        Assert.Empty(await ObjectsOfAsync(run));
    }

    [Fact]
    public async Task History_tells_who_did_what_and_the_job_can_be_seen_as_it_was()
    {
        var job = await CreateAsync("history", user: "alice");
        await DraftAsync(job, Sql);
        await PublishAsync(job);
        var history = (await _host.QueryAsync(
            """
            query ($id: UUID!) {
              job(id: $id) { history(first: 10) { totalCount nodes { type by command version at } } }
            }
            """, new { id = job }))
            ["job"]!["history"]!;
        Assert.Equal(3, (int)history["totalCount"]!);
        var nodes = history["nodes"]!.AsArray();
        Assert.Equal(
            ["job_created", "job_draft_saved", "job_version_published"], nodes.Select(node => (string)node!["type"]!));
        Assert.Equal("alice", (string?)nodes[0]!["by"]);
        Assert.Equal("CreateJob", (string?)nodes[0]!["command"]);
        var was = await _host.QueryAsync(
            """
            query ($id: UUID!, $at: DateTime!) {
              job(id: $id) { byVersion: asOf(version: 2) { currentVersion { number } draft { sql } } byTime:
                asOf(at: $at) { draft { sql } } }
            }
            """,
            new { id = job, at = (string)nodes[0]!["at"]! });
        Assert.Null(was["job"]!["byVersion"]!["currentVersion"]);
        Assert.Equal(Sql, (string?)was["job"]!["byVersion"]!["draft"]!["sql"]);
        Assert.Null(was["job"]!["byTime"]!["draft"]);
    }

    private sealed record Parameter(string key, string value);

    private async Task<Guid> CreateAsync(string name, string? user = null)
    {
        var created = await _host.QueryAsync(
            """
            mutation ($name: String!) {
              createJob(input: { project: "ads", name: $name, kind: SQL }) { job { id } errors { code message
                } }
            }
            """,
            new { name },
            user);
        Assert.True(created["createJob"]!["errors"] is null, created.ToJsonString());
        return (Guid)created["createJob"]!["job"]!["id"]!;
    }

    private async Task DraftAsync(Guid job, string? sql, string? flinkVersion = null, Parameter[]? parameters = null)
    {
        var saved = await _host.QueryAsync(
            "mutation ($input: SaveDraftInput!) { saveDraft(input: $input) { errors { code message path } } }",
            new { input = new { jobId = job, sql, flinkVersion, parameters } });
        Assert.True(saved["saveDraft"]!["errors"] is null, saved.ToJsonString());
    }

    private async Task<int> PublishAsync(Guid job)
    {
        var published = await _host.QueryAsync(
            """
            mutation ($id: UUID!) {
              publishVersion(input: { jobId: $id }) { version { number } errors { code message path } }
            }
            """, new { id = job });
        Assert.True(published["publishVersion"]!["errors"] is null, published.ToJsonString());
        return (int)published["publishVersion"]!["version"]!["number"]!;
    }

    private async Task<Guid> StartAsync(Guid job, int? version = null, string from = "NONE")
    {
        var started = await TryStartAsync(job, version, from);
        Assert.True(started["errors"] is null, started.ToJsonString());
        Assert.Equal("ACCEPTED", (string?)started["run"]!["state"]);
        return (Guid)started["run"]!["id"]!;
    }

    private async Task<JsonNode> TryStartAsync(Guid job, int? version = null, string from = "NONE") =>
        (await _host.QueryAsync(
        """
        mutation ($input: StartJobInput!) {
          startJob(input: $input) { run { id state } errors { code message path } }
        }
        """,
        new { input = new { jobId = job, version, from } }))["startJob"]!;

    private Task<JsonNode> CancelAsync(Guid job) =>
        _host.QueryAsync(
            "mutation ($id: UUID!) { cancelJob(input: { jobId: $id }) { errors { code } } }", new { id = job });

    private async Task<JsonNode> RunUntilAsync(Guid run, Func<JsonNode, bool> isRight) => (await _host.UntilAsync(
        """
        query ($id: UUID!) {
          run(id: $id) {
            state flinkState flinkVersion flinkJobId uiAddress reason rootCause released highAvailabilityKept
            savepoints { path flinkVersion } restoredFrom { path } observedAt unreachableSince unreachableReason
          }
        }
        """,
        new { id = run },
        data => isRight(data["run"]!)))["run"]!;

    private async Task<List<string>> ObjectsOfAsync(Guid run)
    {
        using var kubernetes = new KubernetesClient(KubernetesConnection.FromKubeconfigText(_host.Sandbox.Kubeconfig));
        var found = new List<string>();
        foreach (var kind in Kinds)
        {
            await foreach (var one in kubernetes.ListAsync(kind, "flink", labelSelector: null, default))
            {
                if (one.Name.StartsWith(RunNames.ClusterId(run), StringComparison.Ordinal))
                {
                    found.Add($"{kind.Name}/{one.Name}");
                }
            }
        }

        return found;
    }
}
