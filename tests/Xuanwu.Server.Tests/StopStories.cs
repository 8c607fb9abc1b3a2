using Xuanwu.Flink.Manifests;
using Xuanwu.Sandbox.Faults;

namespace Xuanwu.Server.Tests;

/// <summary>Savepoints and stops that go wrong on the way, and jobs that are jars.</summary>
public sealed class StopStories(XuanwuFixture fixture) : IClassFixture<XuanwuFixture>, IDisposable
{
    private readonly XuanwuHost _host = fixture.Host;

    public void Dispose() => _host.Sandbox.Faults.Clear();

    [Fact]
    public async Task A_savepoint_that_fails_leaves_the_job_running_and_says_so()
    {
        var (job, run) = await _host.RunningJobAsync(
            "savepoint-fails", new Pair("sandbox.savepoint.fails", "java.io.IOException: disk full"));
        await _host.DoAsync("triggerSavepoint", new { jobId = job });
        var seen = await _host.RunUntilAsync(run, it => it["lastSavepointFailure"] is not null);
        Assert.Contains("disk full", (string)seen["lastSavepointFailure"]!, StringComparison.Ordinal);
        Assert.Equal("RUNNING", (string?)seen["state"]);
        Assert.Empty(seen["pendingSavepoints"]!.AsArray());

        await _host.DoAsync("stopJob", new { jobId = job });
        seen = await _host.RunUntilAsync(
            run, it => !(bool)it["stopping"]! && it["pendingSavepoints"]!.AsArray().Count == 0);
        Assert.Equal("RUNNING", (string?)seen["state"]);
        Assert.Empty(seen["savepoints"]!.AsArray());

        await _host.DoAsync("cancelJob", new { jobId = job });
        await _host.RunUntilAsync(run, it => (string?)it["state"] == "CANCELED");
    }

    [Theory]
    [InlineData("lost-after", FaultEffect.DropAfter)]
    [InlineData("lost-before", FaultEffect.DropBefore)]
    [InlineData("lost-midway", FaultEffect.DropMidway)]
    [InlineData("page", FaultEffect.Html)]
    public async Task A_stop_whose_answer_is_lost_ends_with_exactly_one_savepoint(string name, FaultEffect effect)
    {
        var (job, run) = await _host.RunningJobAsync($"stop-{name}");
        _host.Sandbox.Faults.Add(new()
        {
            Scope = FaultScope.Ingress,
            Effect = effect,
            Path = "/stop$",
            Host = RunNames.ClusterId(run),
            Count = 1,
        });
        await _host.DoAsync("stopJob", new { jobId = job });
        var seen = await _host.RunUntilAsync(run, it => (string?)it["state"] == "CANCELED" && (bool)it["released"]!);
        Assert.Single(seen["savepoints"]!.AsArray());
        var types = await _host.EventTypesAsync(run);
        Assert.Single(types, type => type == "run_stop_requested");
        Assert.Single(types, type => type == "run_savepoint_taken");
        Assert.DoesNotContain("run_savepoint_failed", types);
    }

    [Fact]
    public async Task Stopping_twice_is_one_stop()
    {
        var (job, run) = await _host.RunningJobAsync("stop-twice", new Pair("sandbox.savepoint.delay", "2 s"));
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _host.DoAsync("stopJob", new { jobId = job })));
        var seen = await _host.RunUntilAsync(run, it => (string?)it["state"] == "CANCELED");
        Assert.Single(seen["savepoints"]!.AsArray());
        Assert.Single(await _host.EventTypesAsync(run), type => type == "run_stop_requested");
    }

    [Fact]
    public async Task A_savepoint_made_by_a_stop_that_then_fails_is_kept()
    {
        var (job, run) = await _host.RunningJobAsync(
            "stop-fails", new("sandbox.stop.fails", "java.io.IOException: commit refused"),
            new("restart-strategy.type", "none"));
        await _host.DoAsync("stopJob", new { jobId = job });
        var seen = await _host.RunUntilAsync(
            run, it => (string?)it["state"] == "FAILED" && it["savepoints"]!.AsArray().Count == 1);
        Assert.Contains("commit refused", (string)seen["rootCause"]!, StringComparison.Ordinal);
        var latest = await _host.QueryAsync(
            "query ($id: UUID!) { job(id: $id) { latestSavepoint { path } } }", new { id = job });
        Assert.Equal((string?)seen["savepoints"]![0]!["path"], (string?)latest["job"]!["latestSavepoint"]!["path"]);
        Assert.Contains(
            "latest",
            (await _host.DoAsync("startJob", new { jobId = job, from = "LATEST_SAVEPOINT" }, "run { id } job { "
                + "latestSavepoint { path } }")).ToJsonString(),
            StringComparison.Ordinal);
        await _host.DoAsync("cancelJob", new { jobId = job });
    }

    [Fact]
    public async Task A_job_that_dies_before_its_stop_is_done_is_failed_and_not_stopped()
    {
        var (job, run) = await _host.RunningJobAsync(
            "stop-dies",
            new("sandbox.savepoint.delay", "60 s"),
            new("sandbox.job.fails-after", "4 s"),
            new("sandbox.job.failure", "java.lang.OutOfMemoryError: Java heap space"),
            new("restart-strategy.type", "none"));
        await _host.DoAsync("stopJob", new { jobId = job });
        var seen = await _host.RunUntilAsync(
            run, it => (string?)it["state"] == "FAILED" && it["lastSavepointFailure"] is not null);
        Assert.Contains("Java heap space", (string)seen["rootCause"]!, StringComparison.Ordinal);
        Assert.Empty(seen["savepoints"]!.AsArray());
        Assert.Empty(seen["pendingSavepoints"]!.AsArray());
        Assert.False((bool)seen["stopping"]!);
    }

    [Fact]
    public async Task A_cancel_overtakes_a_stop_that_takes_long()
    {
        var (job, run) = await _host.RunningJobAsync("stop-overtaken", new Pair("sandbox.savepoint.delay", "60 s"));
        await _host.DoAsync("stopJob", new { jobId = job });
        await _host.DoAsync("cancelJob", new { jobId = job });
        var seen = await _host.RunUntilAsync(run, it => (string?)it["state"] == "CANCELED" && (bool)it["released"]!);
        Assert.Empty(seen["savepoints"]!.AsArray());
        Assert.Empty(_host.ObjectsOf(run));
    }

    [Fact]
    public async Task A_job_that_is_canceled_before_it_runs_leaves_nothing()
    {
        var job = await _host.PublishedJobAsync("cancel-early");
        var run = await _host.StartAsync(job);
        await _host.DoAsync("stopJob", new { jobId = job });
        var seen = await _host.RunUntilAsync(run, it => (bool)it["released"]!);
        Assert.Equal("CANCELED", (string?)seen["state"]);
        await _host.UntilAsync(() => Task.FromResult(_host.ObjectsOf(run).Count == 0), "nothing is left");
        Assert.Empty(_host.HighAvailabilityOf(run));
    }

    [Fact]
    public async Task A_cancel_works_while_Flink_is_silent_for_good()
    {
        var (job, run) = await _host.RunningJobAsync("cancel-silent");
        _host.Sandbox.Faults.Add(
            new() { Scope = FaultScope.Ingress, Effect = FaultEffect.Html, Host = RunNames.ClusterId(run) });
        await _host.DoAsync("cancelJob", new { jobId = job });
        var seen = await _host.RunUntilAsync(run, it => (bool)it["released"]!);
        Assert.Equal("CANCELED", (string?)seen["state"]);
        Assert.Null(seen["unreachableSince"]);
        await _host.UntilAsync(() => Task.FromResult(_host.ObjectsOf(run).Count == 0), "nothing is left");
    }

    [Fact]
    public async Task A_jar_runs_is_stopped_and_goes_on_from_its_savepoint()
    {
        var job = await _host.NewJobAsync("jar", kind: "JAR");
        var arguments = new[] { "--topic", "it's a click" };
        var jar = new { uri = "local:///opt/flink/usrlib/ads.jar", entryClass = "com.example.Clicks", arguments };
        await _host.DoAsync("saveDraft", new { jobId = job, jar, parallelism = 3 });
        await _host.DoAsync("publishVersion", new { jobId = job });
        var first = await _host.StartAsync(job);
        var seen = await _host.RunUntilAsync(first, it => (string?)it["state"] == "RUNNING");
        Assert.True((bool)seen["submitted"]!);
        await _host.DoAsync("stopJob", new { jobId = job });
        seen = await _host.RunUntilAsync(first, it => (string?)it["state"] == "CANCELED" && (bool)it["released"]!);
        var path = (string?)Assert.Single(seen["savepoints"]!.AsArray())!["path"];
        Assert.Empty(_host.ObjectsOf(first));

        var started = await _host.DoAsync("startJob", new { jobId = job, from = "LATEST_SAVEPOINT" }, "run { id }");
        var second = (Guid)started["run"]!["id"]!;
        seen = await _host.RunUntilAsync(second, it => (string?)it["state"] == "RUNNING");
        Assert.Equal(path, (string?)seen["restoredFrom"]!["path"]);
        Assert.NotEqual((string?)(await _host.RunAsync(first))["flinkJobId"], (string?)seen["flinkJobId"]);
        await _host.DoAsync("cancelJob", new { jobId = job });
        await _host.RunUntilAsync(second, it => (string?)it["state"] == "CANCELED");
    }
}
