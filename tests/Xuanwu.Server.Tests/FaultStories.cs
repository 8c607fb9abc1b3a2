using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Xuanwu.Flink.Manifests;
using Xuanwu.Kubernetes;
using Xuanwu.Sandbox.Faults;

namespace Xuanwu.Server.Tests;

/// <summary>
/// The world misbehaves while a job runs. What does not answer says nothing about the job: its state stays, and what is
/// not known is shown beside it. Only what Flink or Kubernetes say for certain ends a run.
/// </summary>
public sealed class FaultStories(XuanwuFixture fixture) : IClassFixture<XuanwuFixture>, IDisposable
{
    private static readonly Pair[] RestartsSlowly =
    [
        new("restart-strategy.type", "fixed-delay"),
        new("restart-strategy.fixed-delay.attempts", "10"),
        new("restart-strategy.fixed-delay.delay", "3 s"),
    ];

    private readonly XuanwuHost _host = fixture.Host;

    public void Dispose() => _host.Sandbox.Faults.Clear();

    [Fact]
    public async Task A_run_whose_Flink_does_not_answer_keeps_its_state_and_says_since_when()
    {
        await Task.WhenAll(
            SilentAsync("html", FaultEffect.Html, 200),
            SilentAsync("not-found-page", FaultEffect.Html, 404),
            SilentAsync("unavailable", FaultEffect.Status, 503),
            SilentAsync("reset", FaultEffect.DropBefore, status: null),
            SilentAsync("cut", FaultEffect.DropMidway, status: null));
    }

    private async Task SilentAsync(string name, FaultEffect effect, int? status)
    {
        var (_, run) = await _host.RunningJobAsync($"silent-{name}");
        // What is shown follows what was seen by up to a second: the silence of its start is not the one meant here.
        await _host.RunUntilAsync(run, it => it["unreachableSince"] is null);
        var before = await _host.EventTypesAsync(run);
        var rule = _host.Sandbox.Faults.Add(new()
        {
            Scope = FaultScope.Ingress,
            Effect = effect,
            Status = status,
            Host = RunNames.ClusterId(run),
        });
        var seen = await _host.RunUntilAsync(run, it => it["unreachableSince"] is not null);
        Assert.Equal("RUNNING", (string?)seen["state"]);
        Assert.Equal("RUNNING", (string?)seen["job"]!["state"]);
        Assert.NotEmpty((string)seen["unreachableReason"]!);
        var since = (string?)seen["unreachableSince"];

        // Longer than what would count as absence, were silence absence; the instant stays the first one.
        var start = DateTimeOffset.UtcNow;
        await _host.UntilAsync(
            () => Task.FromResult(DateTimeOffset.UtcNow - start > TimeSpan.FromSeconds(5)), "time passes");
        seen = await _host.RunAsync(run);
        Assert.Equal((name, "RUNNING", since), (name, (string?)seen["state"], (string?)seen["unreachableSince"]));

        _host.Sandbox.Faults.Remove(rule.Id);
        seen = await _host.RunUntilAsync(run, it => it["unreachableSince"] is null);
        Assert.Null(seen["unreachableReason"]);
        Assert.Equal("RUNNING", (string?)seen["state"]);
        Assert.Equal(before, await _host.EventTypesAsync(run));
    }

    [Fact]
    public async Task Neither_Flink_nor_Kubernetes_answering_changes_nothing_and_is_shown()
    {
        var (_, run) = await _host.RunningJobAsync("silent-both");
        var before = await _host.EventTypesAsync(run);
        var ingress = _host.Sandbox.Faults.Add(
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.Html, Host = RunNames.ClusterId(run) });
        var api = _host.Sandbox.Faults.Add(new() { Scope = FaultScope.Api, Effect = FaultEffect.Status, Status = 503 });
        var seen = await _host.RunUntilAsync(
            run, it => ((string?)it["unreachableReason"])?.Contains("503", StringComparison.Ordinal) is true);
        Assert.Equal("RUNNING", (string?)seen["state"]);
        Assert.Contains("not JSON", (string)seen["unreachableReason"]!, StringComparison.Ordinal);

        _host.Sandbox.Faults.Remove(ingress.Id);
        _host.Sandbox.Faults.Remove(api.Id);
        await _host.RunUntilAsync(run, it => it["unreachableSince"] is null);
        Assert.Equal(before, await _host.EventTypesAsync(run));
    }

    [Fact]
    public async Task A_start_while_Kubernetes_does_not_answer_waits_says_why_and_goes_on()
    {
        var job = await _host.PublishedJobAsync("start-refused");
        var rule = _host.Sandbox.Faults.Add(
            new() { Scope = FaultScope.Api, Effect = FaultEffect.Status, Status = 503 });
        var run = await _host.StartAsync(job);
        var seen = await _host.RunUntilAsync(run, it => it["unreachableReason"] is not null);
        Assert.Equal("ACCEPTED", (string?)seen["state"]);
        Assert.Contains("503", (string)seen["unreachableReason"]!, StringComparison.Ordinal);
        _host.Sandbox.Faults.Remove(rule.Id);
        await _host.RunUntilAsync(run, it => (string?)it["state"] == "RUNNING" && it["unreachableSince"] is null);
        Assert.Equal(["run_requested", "run_deployed", "run_submitted"], (await _host.EventTypesAsync(run))[..3]);
    }

    [Fact]
    public async Task When_the_leading_JobManager_crashes_the_standby_goes_on_with_the_same_job()
    {
        var (_, run) = await _host.RunningJobAsync("leader");
        var clusterId = RunNames.ClusterId(run);
        await _host.Sandbox.WaitForPodsAsync(
            pods => pods.Count(pod => pod.Ready) == 2, "flink", RunNames.JobManagerSelector(clusterId));
        var jobId = (string?)(await _host.RunAsync(run))["flinkJobId"];
        var leader = Leader(clusterId);
        Assert.NotNull(leader);
        _host.Sandbox.Faults.Do(new() { Action = "crash", Pod = leader, Container = "jobmanager" });
        await _host.UntilAsync(
            () => Task.FromResult(Leader(clusterId) is { } next && next != leader), "the standby leads");
        var taken = DateTimeOffset.UtcNow;
        var seen = await _host.RunUntilAsync(run, it => (string?)it["flinkState"] == "RUNNING"
            && DateTimeOffset.Parse((string)it["observedAt"]!, CultureInfo.InvariantCulture) > taken
            && it["unreachableSince"] is null);
        Assert.Equal(("RUNNING", jobId), ((string?)seen["state"], (string?)seen["flinkJobId"]));
        Assert.DoesNotContain("run_ended", await _host.EventTypesAsync(run));
        Assert.All(
            (await _host.EventsAsync(run)).Where(it => (string?)it["type"] == "run_observed").SkipWhile(
                it => (string?)it["data"]!["State"] != "Running"),
            it => Assert.Equal("Running", (string?)it["data"]!["State"]));
    }

    [Fact]
    public async Task A_lost_TaskManager_makes_Flink_restart_the_job_and_the_run_goes_on()
    {
        var (_, run) = await _host.RunningJobAsync("task-manager", RestartsSlowly);
        var selector = $"app.kubernetes.io/instance={RunNames.ClusterId(run)},app.kubernetes.io/component=taskmanager";
        Assert.NotEmpty(_host.Sandbox.Faults.Do(new() { Action = "crash", Namespace = "flink", Selector = selector }));
        var seen = await _host.RunUntilAsync(run, it => (string?)it["flinkState"] == "RESTARTING");
        Assert.Equal("RUNNING", (string?)seen["state"]);
        await _host.RunUntilAsync(run, it => (string?)it["flinkState"] == "RUNNING");
        var restarts = await _host.UntilAsync(
            "query ($id: UUID!) { run(id: $id) { timeline { restarts stretches { state flinkState } } } }",
            new { id = run },
            data => (int?)data["run"]!["timeline"]?["restarts"] == 1);
        Assert.Contains("RESTARTING", restarts.ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cluster_deleted_behind_our_back_ends_the_run_only_after_several_looks()
    {
        var (job, run) = await _host.RunningJobAsync("deleted");
        var deleted = DateTimeOffset.UtcNow;
        await DeleteRootAsync(run, Propagation.Background);
        var seen = await _host.RunUntilAsync(run, it => (string?)it["state"] == "FAILED");
        Assert.Equal("The run's cluster was deleted, and not by Xuanwu.", (string?)seen["reason"]);
        Assert.True(DateTimeOffset.UtcNow - deleted >= TimeSpan.FromSeconds(4), "It was concluded too fast.");
        seen = await _host.RunUntilAsync(run, it => (bool)it["released"]!);
        Assert.True((bool)seen["highAvailabilityKept"]!);
        Assert.NotEmpty(_host.HighAvailabilityOf(run));
        Assert.Equal("FAILED", (string?)seen["job"]!["state"]);

        var again = await _host.StartAsync(job);
        await _host.RunUntilAsync(again, it => (string?)it["state"] == "RUNNING");
    }

    [Fact]
    public async Task A_cluster_deleted_before_the_job_was_submitted_ends_the_run_too()
    {
        var job = await _host.PublishedJobAsync("deleted-early");
        var rule = _host.Sandbox.Faults.Add(new() { Scope = FaultScope.Ingress, Effect = FaultEffect.Html });
        var run = await _host.StartAsync(job);
        await _host.UntilAsync(
            async () => (await _host.EventTypesAsync(run)).Contains("run_deployed"), "it is deployed");
        await DeleteRootAsync(run, Propagation.Background);
        var seen = await _host.RunUntilAsync(run, it => (string?)it["state"] == "FAILED");
        Assert.Equal("The run's cluster was deleted, and not by Xuanwu.", (string?)seen["reason"]);
        _host.Sandbox.Faults.Remove(rule.Id);
    }

    [Fact]
    public async Task SQL_that_Flink_refuses_fails_with_Flinks_words_and_leaves_nothing()
    {
        var job = await _host.NewJobAsync("refused");
        await _host.DoAsync(
            "saveDraft",
            new
            {
                jobId = job,
                sql = "CREATE TABLE b (x INT) WITH ('connector' = 'blackhole');\nINSERT INTO b "
                + "SELECT x FROM nowhere;"
            });
        await _host.DoAsync("publishVersion", new { jobId = job });
        var run = await _host.StartAsync(job);
        var seen = await _host.RunUntilAsync(run, it => (string?)it["state"] == "FAILED" && (bool)it["released"]!);
        Assert.Contains("nowhere", (string)seen["rootCause"]!, StringComparison.Ordinal);
        Assert.DoesNotContain("\tat ", (string)seen["rootCause"]!, StringComparison.Ordinal);
        await _host.UntilAsync(() => Task.FromResult(_host.ObjectsOf(run).Count == 0), "nothing is left");
    }

    [Fact]
    public async Task A_restore_from_a_path_that_is_not_there_fails_with_Flinks_words()
    {
        var job = await _host.PublishedJobAsync("no-such-path");
        var started = await _host.DoAsync(
            "startJob",
            new { jobId = job, from = "PATH", path = "file:///flink/savepoints/gone" },
            "run { id restoredFrom { path } }");
        var run = (Guid)started["run"]!["id"]!;
        Assert.Equal("file:///flink/savepoints/gone", (string?)started["run"]!["restoredFrom"]!["path"]);
        var seen = await _host.RunUntilAsync(run, it => (string?)it["state"] == "FAILED");
        Assert.Contains(
            "Cannot find checkpoint or savepoint file/directory 'file:///flink/savepoints/gone'",
            (string)seen["rootCause"]!,
            StringComparison.Ordinal);
        Assert.NotEmpty((string)seen["reason"]!);
    }

    [Fact]
    public async Task A_failed_job_keeps_its_high_availability_data_and_a_canceled_one_does_not()
    {
        var failing = await _host.PublishedJobAsync(
            "ha-kept", new("sandbox.job.fails-after", "500 ms"), new("restart-strategy.type", "none"));
        var failed = await _host.StartAsync(failing);
        var (canceling, canceled) = await _host.RunningJobAsync("ha-gone");
        Assert.NotEmpty(_host.HighAvailabilityOf(canceled));
        await _host.DoAsync("cancelJob", new { jobId = canceling });
        await _host.RunUntilAsync(canceled, it => (bool)it["released"]!);
        Assert.Empty(_host.HighAvailabilityOf(canceled));
        var seen = await _host.RunUntilAsync(failed, it => (bool)it["released"]!);
        Assert.Equal(("FAILED", true), ((string?)seen["state"], (bool)seen["highAvailabilityKept"]!));
        Assert.NotEmpty(_host.HighAvailabilityOf(failed));
        await _host.UntilAsync(() => Task.FromResult(_host.ObjectsOf(failed).Count == 0), "its own objects are gone");
    }

    [Fact]
    public async Task A_job_that_is_refused_when_it_starts_fails_and_says_why()
    {
        var job = await _host.PublishedJobAsync(
            "on-submit", new Pair("sandbox.job.fails-on-submit", "java.lang.IllegalStateException: no quota left"));
        var run = await _host.StartAsync(job);
        var seen = await _host.RunUntilAsync(run, it => (string?)it["state"] == "FAILED");
        Assert.Contains("no quota left", (string)seen["rootCause"]!, StringComparison.Ordinal);
    }

    private async Task DeleteRootAsync(Guid run, Propagation propagation)
    {
        using var kubernetes = new KubernetesClient(KubernetesConnection.FromKubeconfigText(_host.Sandbox.Kubeconfig));
        await kubernetes.DeleteAsync(
            Kind.ConfigMap, "flink", RunNames.Root(RunNames.ClusterId(run)), propagation, default);
    }

    // The leader writes its pod's address into the high-availability ConfigMaps; while it changes there are two of
    // them.
    private string? Leader(string clusterId)
    {
        var selector = RunNames.HighAvailabilitySelector(clusterId);
        var written = string.Concat(_host.Sandbox.Objects("configmaps", "flink", selector)
            .Select(map => (map["data"] as JsonObject)?.ToJsonString()));
        var named = _host.Sandbox.Pods("flink", RunNames.JobManagerSelector(clusterId))
            .Where(pod => pod.Address is not null)
            .Where(pod => Regex.IsMatch(written, $@"(?<!\d){Regex.Escape(pod.Address!)}(?!\d)"))
            .ToList();
        return named.Count == 1 ? named[0].Name : null;
    }
}
