namespace Xuanwu.Sandbox.Tests.Flink;

public sealed class ApplicationModeTests : IAsyncLifetime
{
    private readonly FlinkHost host = FlinkHost.Open();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await host.DisposeAsync();

    [Fact]
    public async Task An_application_runs_its_job_under_the_given_id_and_ends_with_it_by_default()
    {
        var id = new string('d', 32);
        var jobManager = host.Start(
        [
            "standalone-job", "--host", "10.0.0.7", "-Djobmanager.rpc.address=app", "--job-classname",
            "com.example.Risk", "--job-id", id,
            "-Dsandbox.job.bounded=5 s", "--input", "kafka",
        ]);
        host.Start(["taskmanager", "-Djobmanager.rpc.address=app"]);
        host.Advance(1);
        var job = await jobManager.GetAsync("/jobs/" + id);
        Assert.Equal(("Risk", "RUNNING"), ((string)job["name"]!, (string)job["state"]!));
        host.Advance(10);
        Assert.Equal(0, await jobManager.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Told_to_stay_it_can_be_asked_for_the_end_of_the_job_with_the_zero_id()
    {
        var jobManager = host.Start(
        [
            "standalone-job", "-Djobmanager.rpc.address=app", "--job-classname", "com.example.Risk",
            "-Dexecution.shutdown-on-application-finish=false",
            "-Dsandbox.job.failure=java.lang.IllegalStateException: bad rule",
        ]);
        host.Start(["taskmanager", "-Djobmanager.rpc.address=app"]);
        host.Advance(60);
        Assert.Equal("FAILED", await jobManager.StatusOf(new string('0', 32)));
        Assert.False(jobManager.Ended.IsCompleted);
    }

    [Fact]
    public async Task What_follows_two_dashes_is_the_programs_and_a_kept_failure_outlives_the_process_and_the_sandbox()
    {
        var directory = Path.Combine(Path.GetTempPath(), "flink-" + Guid.NewGuid().ToString("N"));
        var id = new string('a', 32);
        string[] arguments =
        [
            "standalone-job", .. FlinkHost.Ha("")[1..], "--job-classname", "com.example.Risk", "--job-id", id,
            "-Dexecution.shutdown-on-application-finish=false", "-Djob-result-store.storage-path=s3://flink/results",
            "-Djob-result-store.delete-on-commit=false",
            "-Dsandbox.job.failure=java.lang.IllegalStateException: bad rule",
            "--", "--job-id", "not an id", "-Drest.port=1",
        ];
        ConfigMaps kept;
        await using (var first = FlinkHost.Open(directory))
        {
            kept = first.ConfigMaps;
            var jobManager = first.Start(arguments);
            first.Start(FlinkHost.Ha("taskmanager"));
            first.Advance(5);
            Assert.Equal("FAILED", await jobManager.StatusOf(id));
        }

        await using (var second = FlinkHost.Open(directory, kept))
        {
            var jobManager = second.Start(arguments);
            second.Advance(5);
            Assert.Equal("FAILED", await jobManager.StatusOf(id));
            var exceptions = await jobManager.GetAsync($"/jobs/{id}/exceptions");
            Assert.Contains("Caused by: java.lang.IllegalStateException: bad rule",
                (string?)exceptions["root-exception"], StringComparison.Ordinal);
            Assert.DoesNotContain("switched from state", jobManager.Log, StringComparison.Ordinal);
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_sql_script_runs_in_application_mode_from_2_0_on()
    {
        host.Version = "2.0.0";
        var files = new Dictionary<string, string>
        {
            ["/opt/job/job.sql"] =
                """
                CREATE TABLE clicks (id BIGINT) WITH ('connector'='kafka');
                CREATE TABLE shown (id BIGINT) WITH ('connector'='print');
                INSERT INTO shown SELECT id FROM clicks;
                """,
            ["/opt/flink/conf/config.yaml"] =
                """
                # nested and dotted keys
                jobmanager:
                  rpc:
                    address: app
                parallelism.default: "2"
                pipeline:
                  name: 'ad clicks: daily'
                  jars: [a.jar, b.jar]
                """,
        };
        string[] program = ["--job-classname", "org.apache.flink.table.runtime.application.SqlDriver", "--scriptUri"];
        var jobManager = host.Start(["standalone-job", .. program, "file:///opt/job/job.sql"], files: files);
        host.Start(["taskmanager", "-Dtaskmanager.numberOfTaskSlots=2"], files: files);
        host.Advance(1);
        var job = await jobManager.GetAsync("/jobs/" + new string('0', 32));
        Assert.Equal(("ad clicks: daily", "RUNNING"), ((string)job["name"]!, (string)job["state"]!));
        Assert.Equal(2, (int)job["vertices"]![0]!["parallelism"]!);

        var missing = host.Start(["standalone-job", "-Djobmanager.rpc.address=x", .. program, "file:///nothing.sql"]);
        host.Advance(1);
        Assert.Equal(1, await missing.Ended.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Contains("FileNotFoundException", missing.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_configuration_file_is_the_one_of_the_version_and_arguments_win()
    {
        var files = new Dictionary<string, string>
        {
            ["/opt/flink/conf/flink-conf.yaml"] =
                "rest.port: 8085\nexecution.checkpointing.interval: 10 s\nweb.refresh-interval: 5 s\n",
            ["/opt/flink/conf/config.yaml"] = "rest:\n  port: 8086\n",
        };
        host.Version = "1.19.1";
        var legacy = host.Start(["jobmanager", "-D", "web.refresh-interval=7 s"], files: files);
        Assert.Equal(7000, (long)(await legacy.GetAsync("/config", 8085))["refresh-interval"]!);

        host.Version = "2.0.0";
        var modern = host.Start(["jobmanager"], files: files);
        Assert.Equal(3000, (long)(await modern.GetAsync("/config", 8086))["refresh-interval"]!);
    }
}
