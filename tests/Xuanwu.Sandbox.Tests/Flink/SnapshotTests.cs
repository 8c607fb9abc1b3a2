using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Flink;

public sealed class SnapshotTests : IAsyncLifetime
{
    private const string Interval = "execution.checkpointing.interval";

    private readonly FlinkHost host = FlinkHost.Open();
    private FlinkPod jobManager = null!;
    private FlinkPod gateway = null!;

    public Task InitializeAsync()
    {
        StartCluster();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task Periodic_checkpoints_follow_from_the_interval_and_the_time_that_has_passed()
    {
        var jobId = await StartAsync((Interval, "10 s"));
        host.Advance(35);
        var checkpoints = await jobManager.GetAsync($"/v1/jobs/{jobId}/checkpoints");
        Assert.Equal(3, (long)checkpoints["counts"]!["completed"]!);
        var latest = checkpoints["latest"]!["completed"]!;
        Assert.Equal(3, (long)latest["id"]!);
        Assert.Equal($"s3://flink/checkpoints/{jobId}/chk-3", (string?)latest["external_path"]);
        Assert.Equal(("completed", "CHECKPOINT", false),
            ((string)latest["className"]!, (string)latest["checkpoint_type"]!, (bool)latest["is_savepoint"]!));
        Assert.True((bool)checkpoints["history"]![1]!["discarded"]!);
        Assert.True((long)checkpoints["summary"]!["state_size"]!["avg"]! > 0);
        Assert.Null(checkpoints["latest"]!["restored"]);

        host.Advance(10_000);
        checkpoints = await jobManager.GetAsync($"/v1/jobs/{jobId}/checkpoints");
        Assert.Equal(1003, (long)checkpoints["counts"]!["completed"]!);
        Assert.Equal(10, checkpoints["history"]!.AsArray().Count);
        Assert.Equal(1003, (long)checkpoints["history"]![0]!["id"]!);
        var details = await jobManager.GetAsync($"/v1/jobs/{jobId}/checkpoints/details/1003");
        Assert.Equal(1003, (long)details["id"]!);

        host.Advance(5.05);
        checkpoints = await jobManager.GetAsync($"/v1/jobs/{jobId}/checkpoints");
        Assert.Equal(1, (long)checkpoints["counts"]!["in_progress"]!);
        Assert.Equal("IN_PROGRESS", (string?)checkpoints["history"]![0]!["status"]);

        var config = await jobManager.GetAsync($"/v1/jobs/{jobId}/checkpoints/config");
        Assert.Equal((10_000L, "exactly_once"), ((long)config["interval"]!, (string)config["mode"]!));
        Assert.False((bool)config["externalization"]!["enabled"]!);
    }

    [Fact]
    public async Task A_savepoint_is_triggered_asked_for_and_restored_from()
    {
        var jobId = await StartAsync();
        var location = await SavepointAsync(jobId, new JsonObject { ["target-directory"] = "s3://elsewhere/sp" });
        Assert.StartsWith($"s3://elsewhere/sp/savepoint-{jobId[..6]}-", location, StringComparison.Ordinal);
        Assert.Equal("RUNNING", await jobManager.StatusOf(jobId));

        var restored = await StartAsync(("execution.state-recovery.path", location));
        var checkpoints = await jobManager.GetAsync($"/jobs/{restored}/checkpoints");
        Assert.Equal(location, (string?)checkpoints["latest"]!["restored"]!["external_path"]);
        Assert.True((bool)checkpoints["latest"]!["restored"]!["is_savepoint"]!);
        Assert.Equal(1, (long)checkpoints["counts"]!["restored"]!);
        Assert.Equal("RUNNING", await jobManager.StatusOf(restored));
    }

    [Fact]
    public async Task Stop_with_savepoint_finishes_the_job_and_keeps_the_savepoint_under_the_callers_trigger_id()
    {
        var jobId = await StartAsync((Interval, "10 s"));
        var trigger = Guid.NewGuid().ToString("N");
        var body =
            new JsonObject { ["targetDirectory"] = "s3://flink/stopped", ["drain"] = false, ["triggerId"] = trigger };
        var (status, answer) = await jobManager.SendAsync("POST", $"/v1/jobs/{jobId}/stop", body);
        Assert.Equal((202, trigger), (status, (string)answer["request-id"]!));
        Assert.Equal("IN_PROGRESS",
            (string?)(await jobManager.GetAsync($"/v1/jobs/{jobId}/savepoints/{trigger}"))["status"]!["id"]);
        host.Advance(1);

        var done = await jobManager.GetAsync($"/v1/jobs/{jobId}/savepoints/{trigger}");
        Assert.Equal("COMPLETED", (string?)done["status"]!["id"]);
        var location = (string)done["operation"]!["location"]!;
        Assert.Equal("FINISHED", await jobManager.StatusOf(jobId));
        var checkpoints = await jobManager.GetAsync($"/jobs/{jobId}/checkpoints");
        Assert.Equal((location, "SYNC_SAVEPOINT"), ((string)checkpoints["latest"]!["savepoint"]!["external_path"]!,
            (string)checkpoints["latest"]!["savepoint"]!["checkpoint_type"]!));

        Assert.Equal(202, (await jobManager.SendAsync("POST", $"/v1/jobs/{jobId}/stop", body.DeepClone())).Status);
        host.Advance(301);
        Assert.Equal(404, (await jobManager.SendAsync("GET", $"/v1/jobs/{jobId}/savepoints/{trigger}")).Status);
    }

    [Fact]
    public async Task The_savepoint_body_is_kebab_case_the_stop_body_camel_case_and_a_directory_must_be_known()
    {
        var jobId = await StartAsync();
        var camel = await jobManager.SendAsync(
            "POST", $"/jobs/{jobId}/savepoints", new JsonObject { ["targetDirectory"] = "s3://x" });
        var kebab = await jobManager.SendAsync(
            "POST", $"/jobs/{jobId}/stop", new JsonObject { ["target-directory"] = "s3://x" });
        Assert.Equal((400, 400), (camel.Status, kebab.Status));
        Assert.Contains("SavepointTriggerRequestBody", (string?)camel.Body["errors"]![0], StringComparison.Ordinal);

        var (status, body) = await jobManager.SendAsync("POST", $"/jobs/{jobId}/savepoints", new JsonObject());
        Assert.Equal(400, status);
        Assert.Equal("Config key [execution.checkpointing.savepoint-dir] is not set. Property [target-directory] must "
            + "be provided.",
            (string?)body["errors"]![0]);
    }

    [Fact]
    public async Task A_savepoint_that_fails_is_completed_with_a_failure_cause_and_the_job_goes_on()
    {
        var jobId = await StartAsync(("sandbox.savepoint.fails", "java.io.IOException: No space left on device"));
        var operation =
            await TriggerAsync($"/jobs/{jobId}/stop", jobId, new JsonObject { ["targetDirectory"] = "s3://x" });
        var cause = operation["operation"]!["failure-cause"]!;
        Assert.Contains("Caused by: java.io.IOException: No space left on device", (string?)cause["stack-trace"],
            StringComparison.Ordinal);
        Assert.NotNull(cause["class"]);
        Assert.NotNull(cause["serialized-throwable"]);
        Assert.Equal("RUNNING", await jobManager.StatusOf(jobId));
        var failed = (await jobManager.GetAsync($"/jobs/{jobId}/checkpoints"))["latest"]!["failed"]!;
        Assert.NotNull(failed["failure_message"]);
    }

    [Fact]
    public async Task A_job_that_dies_while_stopping_tells_where_its_savepoint_is()
    {
        var jobId = await StartAsync(("sandbox.stop.fails", "true"));
        var operation =
            await TriggerAsync($"/jobs/{jobId}/stop", jobId, new JsonObject { ["targetDirectory"] = "s3://x" });
        var cause = operation["operation"]!["failure-cause"]!;
        Assert.EndsWith("StopWithSavepointStoppingException", (string?)cause["class"], StringComparison.Ordinal);
        Assert.Contains("A savepoint has been created at: s3://x/savepoint-", (string?)cause["stack-trace"],
            StringComparison.Ordinal);
        Assert.Equal("FAILED", await jobManager.StatusOf(jobId));
    }

    [Fact]
    public async Task A_savepoint_of_a_job_without_running_tasks_fails()
    {
        var jobId = await StartAsync(("parallelism.default", "9"));
        var operation =
            await TriggerAsync($"/jobs/{jobId}/savepoints", jobId, new JsonObject { ["target-directory"] = "s3://x" });
        Assert.Contains("Not all required tasks are currently running.",
            (string?)operation["operation"]!["failure-cause"]!["stack-trace"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_savepoint_under_way_fails_when_its_job_is_cancelled()
    {
        var jobId = await StartAsync(("sandbox.savepoint.delay", "30 s"));
        var body = new JsonObject { ["target-directory"] = "s3://x" };
        var trigger = (string)(await jobManager.SendAsync("POST", $"/jobs/{jobId}/savepoints", body))
            .Body["request-id"]!;
        await jobManager.SendAsync("PATCH", $"/jobs/{jobId}?mode=cancel");
        var done = await jobManager.GetAsync($"/jobs/{jobId}/savepoints/{trigger}");
        Assert.Contains("Checkpoint Coordinator is suspending.",
            (string?)done["operation"]!["failure-cause"]!["stack-trace"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_restore_from_a_path_where_nothing_is_fails_the_job_in_its_initialization()
    {
        var id = Guid.NewGuid().ToString("N");
        var stack = await RefusedAsync(
            ("execution.state-recovery.path", "s3://flink/nowhere"), ("$internal.pipeline.job-id", id));
        Assert.Contains(
            "Caused by: java.io.FileNotFoundException: Cannot find checkpoint or savepoint file/directory "
                + "'s3://flink/nowhere' on file "
            + "system 's3'.", stack, StringComparison.Ordinal);
        Assert.Contains("JobInitializationException: Could not start the JobMaster.", stack, StringComparison.Ordinal);
        Assert.Equal("FAILED", await jobManager.StatusOf(id));
    }

    [Fact]
    public async Task A_plan_without_an_operator_of_the_snapshot_is_refused_unless_state_may_be_left()
    {
        var location = await SavepointAsync(await StartAsync(), new JsonObject { ["target-directory"] = "s3://x" });
        var session = await GatewayClient.OpenAsync(host, gateway, new() { ["execution.savepoint.path"] = location });
        await session.OkAsync("CREATE TABLE orders (id BIGINT) WITH ('connector'='kafka')");
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        var stack = await session.FailAsync("INSERT INTO shown SELECT id FROM orders");
        Assert.Contains("Cannot map checkpoint/savepoint state for operator", stack, StringComparison.Ordinal);

        await session.OkAsync("SET 'execution.savepoint.ignore-unclaimed-state' = 'true'");
        Assert.Equal(200, (await session.RunAsync("INSERT INTO shown SELECT id FROM orders")).Status);
    }

    [Fact]
    public async Task Only_the_restore_key_of_the_version_works_and_state_does_not_cross_to_2()
    {
        host.Version = "1.19.3";
        StartCluster("old");
        var first = await StartAsync();
        var location = await SavepointAsync(first, new JsonObject { ["target-directory"] = "s3://x" });
        var ignored = await StartAsync(("execution.state-recovery.path", location));
        Assert.Null((await jobManager.GetAsync($"/jobs/{ignored}/checkpoints"))["latest"]!["restored"]);
        var restored = await StartAsync(("execution.savepoint.path", location));
        Assert.NotNull((await jobManager.GetAsync($"/jobs/{restored}/checkpoints"))["latest"]!["restored"]);

        host.Version = "1.20.1";
        StartCluster("new");
        restored = await StartAsync(("execution.savepoint.path", location));
        Assert.NotNull((await jobManager.GetAsync($"/jobs/{restored}/checkpoints"))["latest"]!["restored"]);

        host.Version = "2.0.0";
        StartCluster("two");
        var stack = await RefusedAsync(("execution.state-recovery.path", location));
        Assert.Contains("StateMigrationException", stack, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Checkpoints_are_kept_after_the_end_only_as_the_retention_says()
    {
        foreach (var (retention, kept) in new[] { ("RETAIN_ON_CANCELLATION", true), ("DELETE_ON_CANCELLATION", false) })
        {
            var jobId = await StartAsync(
                (Interval, "10 s"), ("execution.checkpointing.externalized-checkpoint-retention", retention));
            host.Advance(12);
            var path = (string)(await jobManager.GetAsync($"/jobs/{jobId}/checkpoints"))["latest"]!["completed"]![
                "external_path"]!;
            await jobManager.SendAsync("PATCH", $"/jobs/{jobId}?mode=cancel");
            host.Advance(1);
            var session = await PreparedAsync(("execution.state-recovery.path", path));
            Assert.Equal(kept ? 200 : 500, (await session.RunAsync("INSERT INTO shown SELECT id FROM clicks")).Status);
        }
    }

    [Fact]
    public async Task A_claimed_savepoint_is_gone_once_a_checkpoint_stands_in_for_it()
    {
        var location = await SavepointAsync(await StartAsync(), new JsonObject { ["target-directory"] = "s3://x" });
        await StartAsync((Interval, "10 s"), ("execution.state-recovery.path", location),
            ("execution.state-recovery.claim-mode", "CLAIM"));
        host.Advance(5);
        await StartAsync(("execution.state-recovery.path", location));
        host.Advance(10);
        await jobManager.GetAsync("/jobs/overview");
        foreach (var job in (await jobManager.GetAsync("/jobs"))["jobs"]!.AsArray())
        {
            await jobManager.GetAsync($"/jobs/{job!["id"]}/checkpoints");
        }

        Assert.Contains("FileNotFoundException", await RefusedAsync(("execution.state-recovery.path", location)),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disposed_savepoint_is_gone_and_disposing_it_again_fails()
    {
        var location = await SavepointAsync(await StartAsync(), new JsonObject { ["target-directory"] = "s3://x" });
        foreach (var fails in new[] { false, true })
        {
            var (status, answer) = await jobManager.SendAsync(
                "POST", "/savepoint-disposal", new JsonObject { ["savepoint-path"] = location });
            Assert.Equal(202, status);
            var done = await jobManager.GetAsync("/savepoint-disposal/" + (string)answer["request-id"]!);
            Assert.Equal("COMPLETED", (string?)done["status"]!["id"]);
            Assert.Equal(fails, done["operation"]!["failure-cause"] is not null);
        }
    }

    [Fact]
    public async Task A_checkpoint_can_be_triggered_and_failing_ones_break_the_job_past_the_tolerable_number()
    {
        var jobId = await StartAsync();
        var (status, answer) = await jobManager.SendAsync(
            "POST", $"/jobs/{jobId}/checkpoints", new JsonObject { ["checkpointType"] = "FULL" });
        Assert.Equal(202, status);
        host.Advance(1);
        var done = await jobManager.GetAsync($"/jobs/{jobId}/checkpoints/{(string)answer["request-id"]!}");
        Assert.Equal(1, (long)done["operation"]!["checkpointId"]!);

        var failing = await StartAsync(
            (Interval, "10 s"), ("sandbox.checkpoint.fails", "true"), ("restart-strategy.type", "none"),
            ("execution.checkpointing.tolerable-failed-checkpoints", "2"));
        host.Advance(25);
        Assert.Equal("RUNNING", await jobManager.StatusOf(failing));
        Assert.Equal(2, (long)(await jobManager.GetAsync($"/jobs/{failing}/checkpoints"))["counts"]!["failed"]!);
        host.Advance(6);
        Assert.Equal("FAILED", await jobManager.StatusOf(failing));
        var exceptions = await jobManager.GetAsync($"/jobs/{failing}/exceptions");
        Assert.Contains("Exceeded checkpoint tolerable failure threshold.",
            exceptions["exceptionHistory"]!.ToJsonString(), StringComparison.Ordinal);
    }

    private void StartCluster(string name = "ads")
    {
        string[] Arguments(string process) =>
            [process, "-Djobmanager.rpc.address=" + name, "-Drest.address=" + name,
                "-Dsql-gateway.endpoint.rest.address=0.0.0.0"];
        jobManager = host.Start([.. Arguments("jobmanager"), "-Dstate.checkpoints.dir=s3://flink/checkpoints"]);
        host.Start([.. Arguments("taskmanager"), "-Dtaskmanager.numberOfTaskSlots=4"]);
        gateway = host.Start(Arguments("sql-gateway"));
    }

    private async Task<GatewayClient> PreparedAsync(params (string Key, string Value)[] settings)
    {
        var session =
            await GatewayClient.OpenAsync(host, gateway, settings.ToDictionary(pair => pair.Key, pair => pair.Value));
        await session.OkAsync("CREATE TABLE clicks (id BIGINT) WITH ('connector'='kafka')");
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        return session;
    }

    private async Task<string> StartAsync(params (string Key, string Value)[] settings)
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        var jobId = await session.StartJobAsync(settings.ToDictionary(pair => pair.Key, pair => pair.Value));
        host.Advance(0.01);
        return jobId;
    }

    private async Task<string> RefusedAsync(params (string Key, string Value)[] settings) =>
        await (await PreparedAsync(settings)).FailAsync("INSERT INTO shown SELECT id FROM clicks");

    private async Task<JsonNode> TriggerAsync(string path, string jobId, JsonObject body)
    {
        var (status, answer) = await jobManager.SendAsync("POST", path, body);
        Assert.Equal(202, status);
        host.Advance(1);
        var done = await jobManager.GetAsync($"/jobs/{jobId}/savepoints/{(string)answer["request-id"]!}");
        Assert.Equal("COMPLETED", (string?)done["status"]!["id"]);
        return done;
    }

    private async Task<string> SavepointAsync(string jobId, JsonObject body) =>
        (string)(await TriggerAsync($"/jobs/{jobId}/savepoints", jobId, body))["operation"]!["location"]!;
}
