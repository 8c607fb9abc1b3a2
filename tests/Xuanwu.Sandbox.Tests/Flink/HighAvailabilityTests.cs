using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Flink;

public sealed class HighAvailabilityTests : IAsyncLifetime
{
    private const string ClusterMap = "ads-cluster-config-map";

    private readonly FlinkHost host = FlinkHost.Open();
    private FlinkPod leader = null!;
    private FlinkPod standby = null!;
    private FlinkPod gateway = null!;

    public Task InitializeAsync()
    {
        leader = StartJobManager();
        standby = StartJobManager();
        gateway = host.Start(FlinkHost.Ha("sql-gateway"));
        host.Start(FlinkHost.Ha("taskmanager", "-Dtaskmanager.numberOfTaskSlots=4"));
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task The_leader_is_in_the_configmap_and_a_standby_answers_for_it()
    {
        var jobId = await StartAsync();
        var data = host.ConfigMaps.FindConfigMap(ClusterMap)!.Value.Data;
        Assert.EndsWith(
            $",http://{leader.Address}:8081", data["org.apache.flink.k8s.leader.restserver"], StringComparison.Ordinal);
        Assert.Contains("pekko.tcp://flink@", data["org.apache.flink.k8s.leader.dispatcher"], StringComparison.Ordinal);
        Assert.NotNull(JsonNode.Parse(data["control-plane.alpha.kubernetes.io.leader"])!["renewTime"]);
        Assert.Contains("jobGraph-" + jobId, data.Keys);
        Assert.Equal(
            [ClusterMap, $"ads-{jobId}-config-map"], host.ConfigMaps.Names.OrderBy(name => name != ClusterMap));

        Assert.Equal("RUNNING", await standby.StatusOf(jobId));
        await leader.UploadAsync("app.jar");
        Assert.Empty((await standby.GetAsync("/jars"))["files"]!.AsArray());
    }

    [Fact]
    public async Task A_standby_takes_over_with_the_jobs_and_their_checkpoints()
    {
        var jobId = await StartAsync(("execution.checkpointing.interval", "10 s"));
        host.Advance(45);
        await leader.KillAsync();

        var (status, body) = await standby.SendAsync("GET", "/jobs/overview");
        Assert.Equal(503, status);
        Assert.Equal("Service temporarily unavailable due to an ongoing leader election. Please refresh.",
            (string?)body["errors"]![0]);

        host.Advance(1);
        Assert.Equal("INITIALIZING", await standby.StatusOf(jobId));
        host.Advance(1);
        Assert.Equal("RUNNING", await standby.StatusOf(jobId));
        var checkpoints = await standby.GetAsync($"/jobs/{jobId}/checkpoints");
        Assert.Equal(4, (long)checkpoints["latest"]!["restored"]!["id"]!);
        host.Advance(11);
        checkpoints = await standby.GetAsync($"/jobs/{jobId}/checkpoints");
        Assert.Equal(5, (long)checkpoints["latest"]!["completed"]!["id"]!);
        Assert.Contains("granted leadership", standby.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_leader_that_is_killed_before_it_wrote_its_checkpoint_loses_none()
    {
        var jobId = await StartAsync(("execution.checkpointing.interval", "10 s"));
        host.Advance(45);
        await leader.KillAsync(grace: false);
        host.Advance(3);
        var checkpoints = await standby.GetAsync($"/jobs/{jobId}/checkpoints");
        Assert.Equal(4, (long)checkpoints["latest"]!["restored"]!["id"]!);
    }

    [Fact]
    public async Task A_sandbox_started_again_on_its_directory_recovers_the_jobs_that_its_configmaps_know()
    {
        var directory = Path.Combine(Path.GetTempPath(), "flink-" + Guid.NewGuid().ToString("N"));
        string jobId, savepoint;
        ConfigMaps kept;
        await using (var first = FlinkHost.Open(directory))
        {
            kept = first.ConfigMaps;
            var jobManager = first.Start(FlinkHost.Ha("jobmanager"));
            first.Start(FlinkHost.Ha("taskmanager"));
            var session = await GatewayClient.OpenAsync(first, first.Start(FlinkHost.Ha("sql-gateway")));
            jobId = await session.StartJobAsync(new() { ["execution.checkpointing.interval"] = "10 s" });
            first.Advance(25);
            await jobManager.SendAsync(
                "POST", $"/jobs/{jobId}/savepoints", new JsonObject { ["target-directory"] = "s3://x" });
            first.Advance(1);
            var checkpoints = await jobManager.GetAsync($"/jobs/{jobId}/checkpoints");
            savepoint = (string)checkpoints["latest"]!["savepoint"]!["external_path"]!;
        }

        await using (var second = FlinkHost.Open(directory, kept))
        {
            var jobManager = second.Start(FlinkHost.Ha("jobmanager"));
            second.Start(FlinkHost.Ha("taskmanager", "-Dtaskmanager.numberOfTaskSlots=2"));
            second.Advance(2);
            Assert.Equal("RUNNING", await jobManager.StatusOf(jobId));
            var checkpoints = await jobManager.GetAsync($"/jobs/{jobId}/checkpoints");
            Assert.Equal(2, (long)checkpoints["latest"]!["restored"]!["id"]!);
            var session = await GatewayClient.OpenAsync(second, second.Start(FlinkHost.Ha("sql-gateway")));
            var next = await session.StartJobAsync(new() { ["execution.savepoint.path"] = savepoint });
            second.Advance(1);
            Assert.Equal("RUNNING", await jobManager.StatusOf(next));
        }

        await using (var forgetful = FlinkHost.Open(null, kept))
        {
            var jobManager = forgetful.Start(FlinkHost.Ha("jobmanager"));
            Assert.Equal(2, await jobManager.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
            Assert.Contains("Could not retrieve submitted JobGraph", jobManager.Log, StringComparison.Ordinal);
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task Before_1_16_an_election_is_an_internal_error()
    {
        host.Version = "1.15.4";
        var first = host.Start(["jobmanager", .. FlinkHost.Ha("")[1..], "-Dkubernetes.cluster-id=older"]);
        var second = host.Start(["jobmanager", .. FlinkHost.Ha("")[1..], "-Dkubernetes.cluster-id=older"]);
        await first.KillAsync();
        Assert.Equal(500, (await second.SendAsync("GET", "/jobs/overview")).Status);
    }

    [Fact]
    public async Task A_cluster_deployed_again_finds_its_job_while_the_configmaps_are_there_and_is_empty_without_them()
    {
        var jobId = await StartAsync();
        await standby.KillAsync();
        await leader.KillAsync();
        host.Advance(10);
        var again = StartJobManager();
        host.Advance(2);
        Assert.Equal("RUNNING", await again.StatusOf(jobId));

        await again.KillAsync();
        foreach (var name in host.ConfigMaps.Names) host.ConfigMaps.DeleteConfigMap(name);
        host.Advance(10);
        var empty = StartJobManager();
        host.Advance(2);
        Assert.Empty((await empty.GetAsync("/jobs"))["jobs"]!.AsArray());
    }

    [Fact]
    public async Task An_ended_job_leaves_the_configmaps_and_its_result_goes_with_the_process()
    {
        var jobId = await StartAsync(("sandbox.job.bounded", "5 s"));
        host.Advance(6);
        Assert.Equal("FINISHED", await leader.StatusOf(jobId));
        Assert.Equal([ClusterMap], host.ConfigMaps.Names);
        Assert.DoesNotContain("jobGraph-" + jobId, host.ConfigMaps.FindConfigMap(ClusterMap)!.Value.Data.Keys);
        await leader.KillAsync();
        host.Advance(2);
        Assert.Equal(404, (await standby.SendAsync("GET", $"/jobs/{jobId}/status")).Status);
    }

    [Fact]
    public async Task A_job_result_store_that_keeps_results_shows_them_after_a_takeover()
    {
        string[] store =
            ["-Djob-result-store.storage-path=s3://flink/results", "-Djob-result-store.delete-on-commit=false"];
        string[] id = ["-Dkubernetes.cluster-id=kept"];
        var first = host.Start([.. FlinkHost.Ha("jobmanager"), .. id, .. store]);
        var second = host.Start([.. FlinkHost.Ha("jobmanager"), .. id, .. store]);
        host.Start([.. FlinkHost.Ha("taskmanager"), .. id]);
        gateway = host.Start([.. FlinkHost.Ha("sql-gateway"), .. id]);
        var jobId =
            await StartAsync(("sandbox.job.bounded", "5 s"), ("$internal.pipeline.job-id", new string('e', 32)));
        host.Advance(6);
        await first.KillAsync();
        host.Advance(2);
        Assert.Equal("FINISHED", await second.StatusOf(jobId));
        var session = await GatewayClient.OpenAsync(host, gateway, new() { ["$internal.pipeline.job-id"] = jobId });
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        Assert.Contains("Job has already been submitted", await session.FailAsync("INSERT INTO shown VALUES (1)"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_the_role_or_the_namespace_a_jobmanager_says_why_and_exits()
    {
        host.ConfigMaps.Forbidden = true;
        var refused = host.Start([.. FlinkHost.Ha("jobmanager"), "-Dkubernetes.cluster-id=other"]);
        Assert.Equal(1, await refused.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("Forbidden!", refused.Log, StringComparison.Ordinal);
        host.ConfigMaps.Forbidden = false;

        var elsewhere = host.Start(
            ["jobmanager", "-Dhigh-availability.type=kubernetes", "-Dhigh-availability.storageDir=s3://flink/ha",
            "-Dkubernetes.cluster-id=lost"]);
        Assert.Equal(1, await elsewhere.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("namespaces/default/configmaps", elsewhere.Log, StringComparison.Ordinal);

        var unnamed = host.Start(["jobmanager", "-Dhigh-availability.type=kubernetes"]);
        Assert.Equal(1, await unnamed.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task A_leader_whose_configmap_is_deleted_under_it_exits_and_the_next_makes_a_new_one()
    {
        host.ConfigMaps.DeleteConfigMap(ClusterMap);
        host.Advance(0.1);
        Assert.Equal(2, await leader.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("is deleted externally", leader.Log, StringComparison.Ordinal);
        host.Advance(2);
        Assert.Equal([ClusterMap], host.ConfigMaps.Names);
        Assert.Equal(200, (await standby.SendAsync("GET", "/overview")).Status);
    }

    [Fact]
    public async Task An_insert_during_an_election_waits_for_the_next_leader()
    {
        await leader.KillAsync();
        var session = await GatewayClient.OpenAsync(host, gateway);
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        var operation = await session.SubmitAsync("INSERT INTO shown VALUES (1)");
        Assert.Equal("RUNNING", await session.StatusAsync(operation));
        host.Advance(2);
        Assert.Equal("FINISHED", await session.StatusAsync(operation));
        Assert.Single((await standby.GetAsync("/jobs"))["jobs"]!.AsArray());
    }

    [Fact]
    public async Task The_lease_is_renewed_when_the_leader_is_asked_something()
    {
        string Renewed() => (string)JsonNode.Parse(
            host.ConfigMaps.FindConfigMap(ClusterMap)!.Value.Data["control-plane.alpha.kubernetes.io.leader"])![
                "renewTime"]!;
        var before = Renewed();
        host.Advance(60);
        await standby.GetAsync("/overview");
        Assert.True(string.CompareOrdinal(Renewed(), before) > 0);
    }

    private FlinkPod StartJobManager() =>
        host.Start(FlinkHost.Ha("jobmanager", "-Dexecution.checkpointing.dir=s3://flink/checkpoints"));

    private async Task<string> StartAsync(params (string Key, string Value)[] settings)
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        var jobId = await session.StartJobAsync(settings.ToDictionary(pair => pair.Key, pair => pair.Value));
        host.Advance(0.01);
        return jobId;
    }
}
