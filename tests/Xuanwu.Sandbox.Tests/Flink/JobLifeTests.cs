using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Flink;

public sealed class JobLifeTests : IAsyncLifetime
{
    private readonly FlinkHost host = FlinkHost.Open();
    private FlinkPod jobManager = null!;
    private FlinkPod taskManager = null!;
    private FlinkPod gateway = null!;

    public Task InitializeAsync()
    {
        jobManager = host.Start(FlinkHost.Plain(
            "jobmanager", "-Dstate.checkpoints.dir=s3://flink/checkpoints",
            "-Dstate.savepoints.dir=s3://flink/savepoints"));
        taskManager = host.Start(FlinkHost.Plain("taskmanager", "-D", "taskmanager.numberOfTaskSlots=2"));
        gateway =
            host.Start([FlinkHost.Sql, "start-foreground", "-Drest.address=localhost", .. FlinkHost.Plain("")[1..]],
                jobManager.Address);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task A_submitted_job_goes_through_initializing_to_running_on_the_slots_of_the_taskmanager()
    {
        var jobId = await StartAsync(("parallelism.default", "2"), ("pipeline.name", "ad clicks: v1"));

        var job = await jobManager.GetAsync("/v1/jobs/" + jobId);
        Assert.Equal("RUNNING", (string?)job["state"]);
        Assert.Equal("ad clicks: v1", (string?)job["name"]);
        Assert.Equal(-1, (long)job["end-time"]!);
        Assert.True((long)job["timestamps"]!["INITIALIZING"]! < (long)job["timestamps"]!["RUNNING"]!);
        Assert.Equal(["Source: clicks[1]", "shown[2]: Writer"],
            job["vertices"]!.AsArray().Select(vertex => (string)vertex!["name"]!));
        Assert.Equal(2, (int)job["vertices"]![0]!["tasks"]!["RUNNING"]!);

        var overview = await jobManager.GetAsync("/overview");
        Assert.Equal(0, (int)overview["slots-available"]!);
        Assert.Equal(2, (int)overview["slots-total"]!);
        Assert.Equal(1, (int)overview["jobs-running"]!);
        Assert.Equal("1.20.1", (string?)overview["flink-version"]);

        var jobs = (await jobManager.GetAsync("/jobs/overview"))["jobs"]!;
        Assert.Equal(4, (int)jobs[0]!["tasks"]!["running"]!);
        Assert.Equal(4, (int)jobs[0]!["tasks"]!["total"]!);
        Assert.Contains("sandbox", jobManager.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancelled_job_ends_as_canceled_and_a_finished_one_cannot_be_cancelled()
    {
        var jobId = await StartAsync();
        Assert.Equal(202, (await jobManager.SendAsync("PATCH", $"/v1/jobs/{jobId}?mode=cancel")).Status);
        Assert.Equal("CANCELLING", await jobManager.StatusOf(jobId));
        host.Advance(1);
        Assert.Equal("CANCELED", await jobManager.StatusOf(jobId));
        Assert.Equal(202, (await jobManager.SendAsync("PATCH", $"/v1/jobs/{jobId}?mode=cancel")).Status);

        var bounded = await StartAsync(("sandbox.job.bounded", "5 s"));
        Assert.Equal("RUNNING", await jobManager.StatusOf(bounded));
        host.Advance(5);
        Assert.Equal("FINISHED", await jobManager.StatusOf(bounded));
        var (status, body) = await jobManager.SendAsync("PATCH", $"/v1/jobs/{bounded}?mode=cancel");
        Assert.Equal(409, status);
        Assert.Contains("another terminal state (FINISHED)", (string?)body["errors"]![0], StringComparison.Ordinal);
        Assert.Equal(404, (await jobManager.SendAsync("PATCH", $"/v1/jobs/{new string('a', 32)}?mode=cancel")).Status);
        Assert.Equal(400, (await jobManager.SendAsync("GET", "/v1/jobs/not-a-job")).Status);
    }

    [Fact]
    public async Task A_job_whose_sources_end_finishes_by_itself()
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        var jobId =
            await session.StartJobAsync(source: "'connector'='datagen', 'number-of-rows'='20', 'rows-per-second'='10'");
        host.Advance(1);
        Assert.Equal("RUNNING", await jobManager.StatusOf(jobId));
        host.Advance(2);
        Assert.Equal("FINISHED", await jobManager.StatusOf(jobId));
        var result = await jobManager.GetAsync($"/jobs/{jobId}/execution-result");
        Assert.Equal("SUCCEEDED", (string?)result["job-execution-result"]!["application-status"]);
    }

    [Fact]
    public async Task A_job_that_dies_without_a_restart_strategy_fails_with_its_root_cause_last_in_the_stack_trace()
    {
        var jobId = await StartAsync(
            ("sandbox.job.fails-after", "3 s"),
            ("sandbox.job.failure", "java.sql.SQLException: Connection to db:3306 refused"));
        host.Advance(4);
        Assert.Equal("FAILED", await jobManager.StatusOf(jobId));

        var exceptions = await jobManager.GetAsync($"/jobs/{jobId}/exceptions?maxExceptions=5");
        var entry = exceptions["exceptionHistory"]!["entries"]![0]!;
        Assert.Equal("org.apache.flink.runtime.JobException", (string?)entry["exceptionName"]);
        var stack = (string)entry["stacktrace"]!;
        Assert.Contains("Recovery is suppressed by NoRestartBackoffTimeStrategy", stack, StringComparison.Ordinal);
        Assert.Equal("Caused by: java.sql.SQLException: Connection to db:3306 refused",
            stack.Split('\n').Last(line => line.StartsWith("Caused by:", StringComparison.Ordinal)));
        Assert.StartsWith("shown[2]: Writer (1/1)", (string?)entry["taskName"], StringComparison.Ordinal);
        Assert.Equal(stack, (string?)exceptions["root-exception"]);
    }

    [Fact]
    public async Task A_fixed_delay_strategy_restarts_as_often_as_it_says_and_then_gives_up()
    {
        var jobId = await StartAsync(
            ("restart-strategy.type", "fixed-delay"), ("restart-strategy.fixed-delay.attempts", "2"),
            ("restart-strategy.fixed-delay.delay", "10 s"), ("sandbox.job.fails-after", "3 s"));
        host.Advance(4);
        Assert.Equal("RESTARTING", await jobManager.StatusOf(jobId));
        host.Advance(10);
        Assert.Equal("RUNNING", await jobManager.StatusOf(jobId));
        host.Advance(20);
        Assert.Equal("FAILED", await jobManager.StatusOf(jobId));
        var exceptions = await jobManager.GetAsync($"/jobs/{jobId}/exceptions");
        Assert.Equal(3, exceptions["exceptionHistory"]!["entries"]!.AsArray().Count);
        var restarts = await jobManager.GetAsync($"/jobs/{jobId}/metrics?get=numRestarts");
        Assert.Equal("2", (string?)restarts[0]!["value"]);
    }

    [Fact]
    public async Task Without_slots_a_job_waits_scheduled_until_the_slot_request_times_out()
    {
        var jobId = await StartAsync(("parallelism.default", "5"), ("slot.request.timeout", "30 s"));
        Assert.Equal("CREATED", await jobManager.StatusOf(jobId));
        var job = await jobManager.GetAsync("/jobs/" + jobId);
        Assert.Equal("SCHEDULED", (string?)job["vertices"]![0]!["status"]);
        host.Advance(31);
        Assert.Equal("FAILED", await jobManager.StatusOf(jobId));
        var exceptions = await jobManager.GetAsync($"/jobs/{jobId}/exceptions");
        Assert.Contains("NoResourceAvailableException: Could not acquire the minimum required resources.",
            (string?)exceptions["root-exception"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_lost_taskmanager_makes_its_job_restart_when_slots_are_back()
    {
        var jobId = await StartAsync(("execution.checkpointing.interval", "10 s"));
        host.Advance(25);
        await taskManager.KillAsync();
        host.Advance(3);
        Assert.Equal("RESTARTING", await jobManager.StatusOf(jobId));
        Assert.Equal(0, (int)(await jobManager.GetAsync("/overview"))["taskmanagers"]!);

        host.Start(FlinkHost.Plain("taskmanager"));
        host.Advance(1);
        Assert.Equal("RUNNING", await jobManager.StatusOf(jobId));
        var checkpoints = await jobManager.GetAsync($"/jobs/{jobId}/checkpoints");
        Assert.Equal(2, (long)checkpoints["latest"]!["restored"]!["id"]!);
        var exceptions = await jobManager.GetAsync($"/jobs/{jobId}/exceptions");
        Assert.Contains("is no longer reachable", (string?)exceptions["root-exception"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_submission_under_one_job_id_is_refused()
    {
        var id = new string('c', 32);
        Assert.Equal(id, await StartAsync(("$internal.pipeline.job-id", id)));
        var session = await GatewayClient.OpenAsync(host, gateway, new() { ["$internal.pipeline.job-id"] = id });
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        var stack = await session.FailAsync("INSERT INTO shown VALUES (1)");
        Assert.Contains(
            "DuplicateJobSubmissionException: Job has already been submitted.", stack, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_job_can_be_told_to_be_refused_at_submission()
    {
        var session = await GatewayClient.OpenAsync(
            host, gateway, new() { ["sandbox.job.fails-on-submit"] = "java.lang.OutOfMemoryError: Metaspace" });
        await session.OkAsync("CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        var stack = await session.FailAsync("INSERT INTO shown VALUES (1)");
        Assert.Contains("Caused by: java.lang.OutOfMemoryError: Metaspace", stack, StringComparison.Ordinal);
        Assert.Empty((await jobManager.GetAsync("/jobs"))["jobs"]!.AsArray());
    }

    [Fact]
    public async Task Metrics_move_with_time_and_are_texts_or_aggregates()
    {
        var jobId = await StartAsync(("parallelism.default", "2"));
        host.Advance(10);
        var vertices = (await jobManager.GetAsync("/jobs/" + jobId))["vertices"]!;
        var path = $"/jobs/{jobId}/vertices/{vertices[1]!["id"]}";
        Assert.Contains((await jobManager.GetAsync(path + "/metrics")).AsArray(), metric =>
            (string?)metric!["id"] == "1.numRecordsIn");

        var before = await RecordsAsync(path);
        host.Advance(10);
        var after = await RecordsAsync(path);
        Assert.True(before > 0 && after > 1.9 * before, $"{before} then {after}");

        var sums = await jobManager.GetAsync(path + "/subtasks/metrics?get=busyTimeMsPerSecond&agg=max,sum");
        Assert.True((double)sums[0]!["sum"]! >= (double)sums[0]!["max"]!);
        Assert.Null(sums[0]!["avg"]);
        var pressure = await jobManager.GetAsync(path + "/backpressure");
        Assert.Equal(2, pressure["subtasks"]!.AsArray().Count);
        var heap = await jobManager.GetAsync("/taskmanagers/metrics?get=Status.JVM.Memory.Heap.Used");
        Assert.True((double)heap[0]!["avg"]! > 0);
    }

    [Fact]
    public async Task A_jar_runs_under_the_callers_job_id_and_twice_is_refused()
    {
        var upload = await jobManager.UploadAsync("app.jar");
        var jar = ((string)upload["filename"]!).Split('/')[^1];
        Assert.Equal(jar, (string?)(await jobManager.GetAsync("/jars"))["files"]![0]!["id"]);
        var id = Guid.NewGuid().ToString("N");
        JsonObject Body() => new()
        {
            ["jobId"] = id,
            ["entryClass"] = "com.example.RiskRules",
            ["parallelism"] = 1,
            ["flinkConfiguration"] = new JsonObject { ["execution.checkpointing.interval"] = "10s" },
        };
        var (status, answer) = await jobManager.SendAsync("POST", $"/v1/jars/{jar}/run", Body());
        Assert.Equal((200, id), (status, (string)answer["jobid"]!));
        host.Advance(1);
        Assert.Equal("RiskRules", (string?)(await jobManager.GetAsync("/jobs/" + id))["name"]);

        var (again, refused) = await jobManager.SendAsync("POST", $"/v1/jars/{jar}/run", Body());
        Assert.Equal(500, again);
        Assert.Contains("DuplicateJobSubmissionException", (string?)refused["errors"]![1], StringComparison.Ordinal);
        var wrong = await jobManager.SendAsync("POST", $"/v1/jars/{jar}/run", new JsonObject { ["job-id"] = id });
        Assert.Equal(400, wrong.Status);
        Assert.Equal(400, (await jobManager.SendAsync("POST", "/v1/jars/none.jar/run", Body())).Status);
        Assert.Contains("Only Jar files are allowed.", (await jobManager.UploadAsync("app.txt")).ToJsonString(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_cluster_tells_its_settings_taskmanagers_logs_and_hides_secrets()
    {
        var jobId = await StartAsync();
        var managers = (await jobManager.GetAsync("/taskmanagers"))["taskmanagers"]!;
        Assert.Equal(2, (int)managers[0]!["slotsNumber"]!);
        Assert.Equal(1, (int)managers[0]!["freeSlots"]!);
        var detail = await jobManager.GetAsync("/taskmanagers/" + (string)managers[0]!["id"]!);
        Assert.Equal(jobId, (string?)detail["allocatedSlots"]![0]!["jobId"]);
        Assert.Contains("memorySegmentsTotal", detail["metrics"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal(404, (await jobManager.SendAsync("GET", "/taskmanagers/nobody")).Status);

        var settings = (await jobManager.GetAsync("/jobmanager/config")).AsArray();
        Assert.Contains(settings, pair => (string?)pair!["key"] == "state.savepoints.dir");
        var log = (string)(await jobManager.GetAsync("/jobmanager/logs"))["logs"]![0]!["name"]!;
        Assert.Contains(jobId, await jobManager.TextAsync("/jobmanager/logs/" + log), StringComparison.Ordinal);
        Assert.Contains("sandbox", await jobManager.TextAsync("/"), StringComparison.Ordinal);
        var config = await jobManager.GetAsync($"/jobs/{jobId}/config");
        Assert.Equal("PIPELINED", (string?)config["execution-config"]!["execution-mode"]);
        Assert.Equal(2, (await jobManager.GetAsync($"/jobs/{jobId}/plan"))["plan"]!["nodes"]!.AsArray().Count);
        Assert.Equal(404, (await jobManager.SendAsync("GET", "/no/such/path")).Status);
        Assert.Equal(404, (await jobManager.SendAsync("GET", "/v2/overview")).Status);
    }

    [Fact]
    public async Task A_jobmanager_without_ha_forgets_its_jobs_and_cluster_deletion_ends_it()
    {
        await StartAsync();
        Assert.Equal(143, await jobManager.KillAsync());
        host.Advance(2);
        var next = host.Start(FlinkHost.Plain("jobmanager", "-Dsecret.password=hush"));
        host.Advance(2);
        Assert.Empty((await next.GetAsync("/jobs"))["jobs"]!.AsArray());
        Assert.Equal(1, (int)(await next.GetAsync("/overview"))["taskmanagers"]!);
        var settings = (await next.GetAsync("/jobmanager/config")).AsArray();
        Assert.Equal("******", (string?)settings.Single(pair => (string?)pair!["key"] == "secret.password")!["value"]);

        Assert.Equal(200, (await next.SendAsync("DELETE", "/cluster")).Status);
        host.Advance(1);
        Assert.Equal(0, await next.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    private async Task<string> StartAsync(params (string Key, string Value)[] settings)
    {
        var session = await GatewayClient.OpenAsync(host, gateway);
        var jobId = await session.StartJobAsync(settings.ToDictionary(pair => pair.Key, pair => pair.Value));
        host.Advance(0.01);
        return jobId;
    }

    private async Task<double> RecordsAsync(string path) =>
        double.Parse((string)(await jobManager.GetAsync(path + "/metrics?get=0.numRecordsIn"))[0]!["value"]!, null);
}
