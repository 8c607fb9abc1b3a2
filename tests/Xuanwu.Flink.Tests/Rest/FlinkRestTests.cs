using Xuanwu.Flink.Rest;
using static Xuanwu.Flink.Tests.Rest.WireServer;

namespace Xuanwu.Flink.Tests.Rest;

/// <summary>What the client makes of each answer that a JobManager, or something in its place, can give.</summary>
public sealed class FlinkRestTests : IDisposable
{
    private const string JobId = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    private const string TriggerId = "00112233445566778899aabbccddeeff";
    private const string Election =
        """{"errors":["Service temporarily unavailable due to an ongoing leader election. Please refresh."]}""";

    private const string InternalError =
        """{"errors":["Internal server error.","<Exception on server side:\nx.Y: z\n\tat a(b)\n"]}""";

    private static readonly string Endless = new('x', 200_000);

    private static readonly FlinkRestOptions Options =
        new() { Timeout = TimeSpan.FromSeconds(2), MaxAnswerBytes = 100_000 };

    private readonly HttpClient http = FlinkHttp.Create();

    public void Dispose() => http.Dispose();

    [Fact]
    public async Task A_job_is_read_and_what_is_not_known_is_passed_over()
    {
        var probe = await JobAsync(Json(200, $$"""
            {"jid":"{{JobId}}","name":"clicks","state":"RUNNING","start-time":1700000000000,"end-time":-1,"duration":5,
             "news":{"a":[1]},
             "timestamps":{"CREATED":1700000000001,"RUNNING":1700000000002,"FAILED":0},"plan":{},
             "vertices":[{"id":"v1","name":"Source","parallelism":4,"status":"RUNNING"},{"id":"v2"}]}
            """));

        var job = Assert.IsType<Exists<FlinkJob>>(probe).Value;
        Assert.Equal((JobId, "clicks", FlinkState.Running), (job.Id, job.Name, job.State));
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1700000000000), job.StartTime);
        Assert.Null(job.EndTime);
        Assert.Equal(["CREATED", "RUNNING"], job.Timestamps.Keys.Order());
        Assert.Equal(
            [new FlinkVertex("v1", "Source", 4, "RUNNING"), new FlinkVertex("v2", null, null, null)], job.Vertices);
    }

    [Theory]
    [InlineData("org.apache.flink.runtime.rest.NotFoundException: Job 0f1e2d3c4b5a69788796a5b4c3d2e1f0 not found")]
    [InlineData(
        "org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job "
        + "(0f1e2d3c4b5a69788796a5b4c3d2e1f0)")]
    [InlineData("Job could not be found.")]
    public async Task A_job_is_absent_when_flink_itself_says_so(string said)
    {
        var probe = await JobAsync(Json(404, $$"""{"errors":["{{said}}"]}"""));

        Assert.Equal(said, Assert.IsType<Absent<FlinkJob>>(probe).Said);
    }

    public static TheoryData<string, string?> Unbelievable() => new()
    {
        { "an ingress without a backend", Answer(404, "text/html", "<html><h1>404 Not Found</h1></html>") },
        { "an ingress with JSON errors", Json(404, """{"message":"no Route matched with those values"}""") },
        { "an API gateway's errors", Json(404, """{"errors":[{"code":404,"message":"Job not found"}]}""") },
        { "errors without a word", Json(404, """{"errors":[]}""") },
        { "a path that is not served yet", Json(404, $$"""{"errors":["Not found: /v1/jobs/{{JobId}}"]}""") },
        { "not found, but what", Json(404, """{"errors":["Not found."]}""") },
        { "a leader election", Json(503, Election) },
        { "an internal error", Json(500, InternalError) },
        { "an internal error that says not found", Json(500, $$"""{"errors":["Job {{JobId}} not found"]}""") },
        { "a bad gateway", Answer(502, "text/html", "<html>502 Bad Gateway</html>") },
        { "a login page", Answer(200, "text/html", "<html>Please log in</html>") },
        { "a redirect to a login page", "HTTP/1.1 302 Found\r\nLocation: https://login.example.com/\r\n"
            + "Content-Length: 0\r\nConnection: close\r\n\r\n" },
        { "nothing at all", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" },
        { "half an answer", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n"
            + "Connection: close\r\n\r\n{\"jid\":\"" },
        { "truncated JSON", Json(200, $$"""{"jid":"{{JobId}}","state":"RUN""") },
        { "an array", Json(200, "[1]") },
        { "a text", Json(200, "\"RUNNING\"") },
        { "JSON of something else", Json(200, """{"status":"ok"}""") },
        { "another job", Json(200, """{"jid":"ffffffffffffffffffffffffffffffff","state":"FAILED"}""") },
        { "a state that nobody knows", Json(200, $$"""{"jid":"{{JobId}}","state":"DREAMING"}""") },
        { "a state of another type", Json(200, $$"""{"jid":"{{JobId}}","state":4}""") },
        { "an endless answer", Json(200, $$"""{"jid":"{{JobId}}","state":"RUNNING","name":"{{Endless}}"}""") },
        { "no HTTP", "SSH-2.0-OpenSSH_9.6\r\n" },
        { "silence", null },
    };

    [Theory]
    [MemberData(nameof(Unbelievable))]
    public async Task What_is_not_flinks_answer_about_the_job_is_unknown(string what, string? answer)
    {
        var probe = await JobAsync(answer);

        var unknown = Assert.IsType<Unknown<FlinkJob>>(probe);
        Assert.True(unknown.Reason.EndsWith('.') || unknown.Reason.Length > 10, what);
    }

    [Fact]
    public async Task A_port_where_nobody_listens_is_unknown()
    {
        Uri address;
        await using (var server = new WireServer(_ => null)) address = server.Address;

        Assert.IsType<Unknown<FlinkOverview>>(await new FlinkRest(http, address, Options).OverviewAsync(default));
    }

    [Fact]
    public async Task The_callers_own_cancellation_is_an_exception()
    {
        using var cancelled = new CancellationTokenSource();
        await using var server = new WireServer(_ =>
        {
            cancelled.Cancel();
            return null;
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new FlinkRest(http, server.Address, Options).JobAsync(JobId, cancelled.Token));
    }

    [Fact]
    public async Task Hosts_under_localhost_lead_to_this_machine()
    {
        await using var server = new WireServer(
            _ => Json(200, """{"taskmanagers":2,"slots-total":4,"flink-version":"1.20.1"}"""));
        var address = new UriBuilder(server.Address) { Host = "xw-0.flink.localhost" }.Uri;

        var overview = await new FlinkRest(http, address, Options).OverviewAsync(default);

        Assert.Equal(
            new FlinkOverview("1.20.1", 2, 4, 0, 0, 0, 0, 0), Assert.IsType<Exists<FlinkOverview>>(overview).Value);
    }

    [Fact]
    public async Task The_root_cause_of_the_latest_failure_is_found()
    {
        var trace = string.Join("\\n", [
            "java.lang.RuntimeException: outer",
            "\\tat a.B.c(B.java:1)",
            "Caused by: java.io.IOException: middle",
            "\\tat d(E.java:2)",
            "\\t... 3 more",
            "Caused by: org.apache.kafka.common.errors.TimeoutException: Timed out",
            "at second line",
            "\\tat f(G.java:4)",
            "\\t... 5 more",
        ]);
        await using var server = new WireServer(_ => Json(200, $$"""
            {"exceptionHistory":{"entries":[
              {"exceptionName":"java.lang.RuntimeException","timestamp":1700000000000,
               "taskName":"Source: clicks","taskManagerId":"tm-1","stacktrace":"{{trace}}"},
              {"exceptionName":"x.Y"}],"truncated":true},"root-exception":"old"}
            """));

        var probe = await new FlinkRest(http, server.Address, Options).ExceptionsAsync(JobId, default);

        var exceptions = Assert.IsType<Exists<FlinkExceptions>>(probe).Value;
        Assert.True(exceptions.Truncated);
        Assert.Equal(
            new RootCause("org.apache.kafka.common.errors.TimeoutException", "Timed out\nat second line"),
            exceptions.Latest);
        Assert.Equal(("Source: clicks", "tm-1"), (exceptions.Entries[0].TaskName, exceptions.Entries[0].TaskManagerId));
        Assert.Equal(new RootCause("x.Y", ""), exceptions.Entries[1].Root);
    }

    [Fact]
    public async Task Checkpoints_are_read_with_their_latest_of_each_kind()
    {
        await using var server = new WireServer(_ => Json(200, """
            {"counts":{"restored":1,"total":9,"in_progress":1,"completed":7,"failed":1},"latest":{
              "completed":{"id":8,"is_savepoint":false,"trigger_timestamp":1700000000000,"end_to_end_duration":120,
                "state_size":42,
                "external_path":"s3://c/chk-8","discarded":false},
              "savepoint":{"id":5,"is_savepoint":true,"trigger_timestamp":1600000000000,
                "external_path":"s3://s/savepoint-1"},
              "failed":{"id":4,"failure_message":"Checkpoint expired"},
              "restored":{"id":2,"restore_timestamp":1500000000000,"is_savepoint":true,
                "external_path":"s3://s/savepoint-0"}}}
            """));

        var probe = await new FlinkRest(http, server.Address, Options).CheckpointsAsync(JobId, default);

        var checkpoints = Assert.IsType<Exists<FlinkCheckpoints>>(probe).Value;
        Assert.Equal(new CheckpointCounts(9, 1, 7, 1, 1), checkpoints.Counts);
        var completed = checkpoints.LatestCompleted!;
        Assert.Equal((8, "s3://c/chk-8", 42), (completed.Id, completed.Path, completed.StateBytes));
        Assert.Equal(TimeSpan.FromMilliseconds(120), completed.Duration);
        Assert.Equal("s3://s/savepoint-1", checkpoints.LatestSavepoint!.Path);
        Assert.Equal("Checkpoint expired", checkpoints.LatestFailed!.FailureMessage);
        Assert.Equal("s3://s/savepoint-0", checkpoints.LatestRestored!.Path);
    }

    [Fact]
    public async Task A_completed_savepoint_operation_may_have_failed()
    {
        Assert.IsType<SavepointInProgress>(
            await SavepointAsync("""{"status":{"id":"IN_PROGRESS"},"operation":null}"""));
        Assert.Equal(
            new SavepointCompleted("s3://s/savepoint-1"),
            await SavepointAsync("""{"status":{"id":"COMPLETED"},"operation":{"location":"s3://s/savepoint-1"}}"""));
        var failed = Assert.IsType<SavepointFailed>(await SavepointAsync(
            """
            {"status":{"id":"COMPLETED"},"operation":{"failure-cause":
              {"class":"a.B","stack-trace":"a.B: x\n\tat c(D.java)\nCaused by: e.F: disk full\n"}}}
            """));
        Assert.Equal((new RootCause("e.F", "disk full"), null), (failed.Cause, failed.Path));
        const string stopping =
            "java.util.concurrent.CompletionException: org.apache.flink.runtime.scheduler.stopwithsavepoint."
            + "StopWithSavepointStoppingException: A savepoint has been created at: s3://s/savepoint-7, but the "
            + "corresponding job 0f1e2d3c4b5a69788796a5b4c3d2e1f0 didn't terminate successfully.";
        var stopped = Assert.IsType<SavepointFailed>(await SavepointAsync($$"""
            {"status":{"id":"COMPLETED"},
             "operation":{"failure-cause":{"stack-trace":"{{stopping}}\n\tat c(D.java)\n"} } }
            """));
        Assert.Equal("s3://s/savepoint-7", stopped.Path);
    }

    [Fact]
    public async Task A_forgotten_trigger_id_is_absent()
    {
        await using var server = new WireServer(_ =>
            Json(404, $$"""{"errors":["There is no savepoint operation with triggerId={{TriggerId}} for job x."]}"""));

        Assert.IsType<Absent<SavepointStatus>>(
            await new FlinkRest(http, server.Address, Options).SavepointAsync(JobId, TriggerId, default));
    }

    [Fact]
    public async Task Savepoints_are_asked_for_in_kebab_case_and_stops_in_camel_case()
    {
        await using var server = new WireServer(_ => Json(202, $$"""{"request-id":"{{TriggerId}}"}"""));
        var flink = new FlinkRest(http, server.Address, Options);

        Assert.Equal(
            new CommandAccepted(TriggerId), await flink.TriggerSavepointAsync(JobId, "s3://s", TriggerId, default));
        Assert.Equal(
            new CommandAccepted(TriggerId), await flink.StopAsync(JobId, "s3://s", drain: true, TriggerId, default));

        var (savepoint, stop) = (server.Requests.First(), server.Requests.Last());
        Assert.Equal(("POST", $"/v1/jobs/{JobId}/savepoints"), (savepoint.Method, savepoint.Path));
        Assert.Equal(
            $$"""{"target-directory":"s3://s","cancel-job":false,"triggerId":"{{TriggerId}}"}""", savepoint.Body);
        Assert.Equal(("POST", $"/v1/jobs/{JobId}/stop"), (stop.Method, stop.Path));
        Assert.Equal($$"""{"targetDirectory":"s3://s","drain":true,"triggerId":"{{TriggerId}}"}""", stop.Body);
    }

    [Fact]
    public async Task A_cancel_has_nothing_to_ask_for_afterwards()
    {
        await using var server = new WireServer(_ => Json(202, "{}"));

        Assert.Equal(
            new CommandAccepted(null), await new FlinkRest(http, server.Address, Options).CancelAsync(JobId, default));
        Assert.Equal(new WireRequest("PATCH", $"/v1/jobs/{JobId}?mode=cancel", ""), Assert.Single(server.Requests));
    }

    [Theory]
    [InlineData(409, """{"errors":["The job has reached another terminal state."]}""", typeof(JobHasEnded))]
    [InlineData(404, """{"errors":["Job could not be found."]}""", typeof(NoSuchJob))]
    [InlineData(400, """{"errors":["Config key [state.savepoints.dir] is not set."]}""", typeof(CommandRefused))]
    [InlineData(503, Election, typeof(CommandUnanswered))]
    [InlineData(500, InternalError, typeof(CommandUnanswered))]
    [InlineData(404, $$"""{"errors":["Not found: /v1/jobs/{{JobId}}/stop"]}""", typeof(CommandUnanswered))]
    [InlineData(404, "<html>", typeof(CommandUnanswered))]
    [InlineData(200, "<html>", typeof(CommandUnanswered))]
    [InlineData(403, """{"errors":["no"]}""", typeof(CommandUnanswered))]
    public async Task A_command_that_was_not_taken_says_why(int status, string body, Type reply)
    {
        await using var server = new WireServer(_ => Json(status, body));

        Assert.IsType(
            reply,
            await new FlinkRest(http, server.Address, Options).StopAsync(JobId, null, false, TriggerId, default));
    }

    [Theory]
    [InlineData("")]
    [InlineData("../../evil")]
    [InlineData("0f1e2d3c")]
    public async Task What_is_no_flink_id_never_gets_into_a_path(string id) =>
        await Assert.ThrowsAsync<ArgumentException>(
            () => new FlinkRest(http, new Uri("http://127.0.0.1:9/"), Options).JobAsync(id, default));

    private async Task<Probe<FlinkJob>> JobAsync(string? answer)
    {
        await using var server = new WireServer(_ => answer);
        return await new FlinkRest(http, server.Address, Options).JobAsync(JobId, default);
    }

    private async Task<SavepointStatus> SavepointAsync(string body)
    {
        await using var server = new WireServer(_ => Json(200, body));
        var probe = await new FlinkRest(http, server.Address, Options).SavepointAsync(JobId, TriggerId, default);
        return Assert.IsType<Exists<SavepointStatus>>(probe).Value;
    }
}
