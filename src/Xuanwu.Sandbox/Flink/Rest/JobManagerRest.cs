using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Process;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>
/// The JobManager's REST API (docs/static/generated/rest_v1_dispatcher.yml): which path is answered by what. A standby
/// passes every call to the leader but those on its own jars, settings and logs.
/// </summary>
internal sealed class JobManagerRest(JobManagerProcess process)
{
    private const string NoLeader =
        "Service temporarily unavailable due to an ongoing leader election. Please refresh.";

    public RestReply Answer(RestCall call)
    {
        if (call.ApiVersion is > 1)
        {
            return RestReply.Error(404, $"Not found: /v{call.ApiVersion}/{string.Join('/', call.Path)}");
        }
        if (Local(call) is { } local) return local;

        var cluster = process.Cluster;
        lock (cluster.Gate)
        {
            if (cluster.Leader is not { Dispatcher: { } dispatcher } leader)
            {
                // Until 1.15 a backend that is not ready was an internal error (FLINK-25269).
                return RestReply.Error(process.Version.AtLeast(1, 16) ? 503 : 500, NoLeader);
            }

            leader.RenewLease();
            return Leading(call, leader, dispatcher)
                ?? RestReply.Error(404, $"Not found: /{string.Join('/', call.Path)}");
        }
    }

    private RestReply? Local(RestCall call) => (call.Method, call.Path) switch
    {
        ("GET" or "HEAD", []) => new RestReply(200, null, ClusterViews.Page(process), "text/html; charset=UTF-8"),
        ("GET", ["config"]) => RestReply.Ok(ClusterViews.Config(process)),
        ("GET", ["jobmanager", "config"]) => RestReply.Ok(ClusterViews.Settings(process)),
        ("GET", ["jobmanager", "logs"]) =>
            RestReply.Ok(ClusterViews.Logs(process.Console, process.Cluster.World.Agenda.Now)),
        ("GET", ["jobmanager", "log"] or ["jobmanager", "logs", _]) => Text(process.Console.Text),
        ("GET", ["jobmanager", "stdout"]) => Text(""),
        ("GET", ["jobmanager", "metrics"]) => RestReply.Ok(Metrics.Select(call, Metrics.OfJobManager(process))),
        ("GET", ["jars"]) => RestReply.Ok(ClusterViews.Jars(process)),
        ("POST", ["jars", "upload"]) => Upload(call),
        ("DELETE", ["jars", var id]) => process.Jars.Remove(id)
            ? RestReply.Ok(new JsonObject())
            : RestReply.Error(400, $"File {id} does not exist in the directory of uploaded jars."),
        _ => null,
    };

    private RestReply? Leading(RestCall call, JobManagerProcess leader, Dispatcher dispatcher) =>
        (call.Method, call.Path) switch
        {
            ("GET", ["overview"]) => RestReply.Ok(ClusterViews.Overview(leader, dispatcher)),
            ("GET", ["jobs"]) => RestReply.Ok(JobViews.Ids(dispatcher)),
            ("GET", ["jobs", "overview"]) => RestReply.Ok(JobViews.Overview(dispatcher)),
            ("GET", ["jobs", "metrics"]) => RestReply.Ok(Metrics.Aggregate(call, [.. dispatcher.Jobs.Values
            .Where(job => call.Query1("jobs") is not { } ids || ids.Split(',').Contains(job.Graph.JobId))
                .Select(Metrics.OfJob)])),
            ("GET", ["taskmanagers"]) => RestReply.Ok(ClusterViews.TaskManagers(dispatcher)),
            ("GET", ["taskmanagers", "metrics"]) => RestReply.Ok(Metrics.Aggregate(
                call, [.. dispatcher.Cluster.TaskManagers.Select(each => Metrics.OfTaskManager(each, leader))])),
            ("GET", ["taskmanagers", var id, .. var rest]) =>
                OfTaskManager(call, leader, dispatcher, Uri.UnescapeDataString(id), rest),
            ("POST", ["jars", var id, "run"]) => JarRun.Answer(call, process, dispatcher, id),
            ("POST", ["savepoint-disposal"]) => SnapshotCalls.Dispose(call, dispatcher),
            ("GET", ["savepoint-disposal", var trigger]) => SnapshotCalls.Disposal(dispatcher, trigger),
            ("DELETE", ["cluster"]) => Shutdown(leader),
            (_, ["jobs", var id, .. var rest]) => OfJob(call, dispatcher, id, rest),
            _ => null,
        };

    private static RestReply? OfJob(RestCall call, Dispatcher dispatcher, string id, string[] rest)
    {
        if (!JobGraph.IsJobId(id))
        {
            throw new RestFailure(400, $"Cannot resolve path parameter (jobid) from value \"{id}\".");
        }
        id = id.ToLowerInvariant();

        // The outcome of an operation outlives its job.
        if (call.Method == "GET" && rest is ["savepoints" or "checkpoints", var trigger] && trigger.Length == 32
            && SnapshotCalls.Status(dispatcher, id, rest[0], trigger) is { } status)
        {
            return status;
        }

        var job = dispatcher.Find(id) ?? throw NotFound(id, rest);
        job.Refresh();
        return (call.Method, rest) switch
        {
            ("GET", []) => RestReply.Ok(JobViews.Details(job)),
            ("GET", ["status"]) => RestReply.Ok(new JsonObject { ["status"] = job.Status.ToString() }),
            ("GET", ["exceptions"]) => RestReply.Ok(FailureViews.Exceptions(job, call)),
            ("GET", ["config"]) => RestReply.Ok(JobViews.Config(job)),
            ("GET", ["plan"]) => RestReply.Ok(new JsonObject { ["plan"] = JobViews.Plan(job) }),
            ("GET", ["execution-result"]) => RestReply.Ok(FailureViews.ExecutionResult(job)),
            ("GET", ["accumulators"]) => RestReply.Ok(new JsonObject
            {
                ["job-accumulators"] = new JsonArray(),
                ["user-task-accumulators"] = new JsonArray(),
                ["serialized-user-task-accumulators"] = new JsonObject(),
            }),
            ("GET", ["metrics"]) => RestReply.Ok(Metrics.Select(call, Metrics.OfJob(job))),
            ("GET", ["checkpoints"]) => RestReply.Ok(CheckpointViews.All(job)),
            ("GET", ["checkpoints", "config"]) => RestReply.Ok(CheckpointViews.Config(job)),
            ("GET", ["checkpoints", "details", var number]) => CheckpointViews.Details(job, number),
            ("POST", ["checkpoints"]) when job.Version.AtLeast(1, 17) =>
                SnapshotCalls.Checkpoint(call, dispatcher, job),
            ("POST", ["savepoints"]) => SnapshotCalls.Savepoint(call, dispatcher, job),
            ("POST", ["stop"]) => SnapshotCalls.Stop(call, dispatcher, job),
            ("PATCH", []) => Cancel(call, job),
            ("GET", ["resource-requirements"]) when job.Version.AtLeast(1, 18) =>
                RestReply.Ok(JobViews.Requirements(job)),
            ("GET", ["vertices", var vertex, .. var below]) => OfVertex(call, job, vertex, below),
            _ => null,
        };
    }

    private static RestReply? OfVertex(RestCall call, FlinkJob job, string id, string[] rest)
    {
        var vertex = job.Graph.Vertices.FirstOrDefault(each => each.Id == id)
            ?? throw new RestFailure(404, $"org.apache.flink.runtime.rest.NotFoundException: JobVertex {id} not found");
        return rest switch
        {
            [] => RestReply.Ok(JobViews.VertexDetails(job, vertex)),
            ["metrics"] => RestReply.Ok(Metrics.Select(call, Metrics.OfSubtasks(job, vertex))),
            ["subtasks", "metrics"] => RestReply.Ok(Metrics.Aggregate(
                call, [.. Enumerable.Range(0, vertex.Parallelism)
                    .Select(subtask => Metrics.OfSubtask(job, vertex, subtask))])),
            ["backpressure"] => RestReply.Ok(Metrics.Backpressure(job, vertex)),
            ["watermarks"] => RestReply.Ok(new JsonArray()),
            _ => null,
        };
    }

    private static RestReply? OfTaskManager(
        RestCall call, JobManagerProcess leader, Dispatcher dispatcher, string id, string[] rest)
    {
        var found = dispatcher.Cluster.TaskManagers.Find(each => each.ResourceId == id)
            ?? throw new RestFailure(404, $"Could not find TaskExecutor with id {id}.");
        return rest switch
        {
            [] => RestReply.Ok(ClusterViews.TaskManagerDetails(found, dispatcher)),
            ["metrics"] => RestReply.Ok(Metrics.Select(call, Metrics.OfTaskManager(found, leader))),
            ["logs"] => RestReply.Ok(ClusterViews.Logs(found.Console, leader.Cluster.World.Agenda.Now)),
            ["log"] or ["logs", _] => Text(found.Console.Text),
            ["stdout"] => Text(""), // A container's standard output goes to the pod's log alone.
            _ => null,
        };
    }

    private RestReply Upload(RestCall call)
    {
        if (call.File is not { } file) return RestReply.Error(400, "Exactly 1 file must be sent, received 0.");
        if (!file.Name.EndsWith(".jar", StringComparison.Ordinal))
        {
            return RestReply.Error(400, "Only Jar files are allowed.");
        }
        var jar = process.Jars.Add(Path.GetFileName(file.Name), file.Size, process.Cluster.World.Agenda.Now);
        return RestReply.Ok(
            new JsonObject { ["filename"] = $"/tmp/flink-web-upload/{jar.Id}", ["status"] = "success" });
    }

    private static RestReply Cancel(RestCall call, FlinkJob job)
    {
        if (call.Query1("mode") is { } mode and not "cancel")
        {
            return RestReply.Error(mode == "stop" ? 308 : 400, mode == "stop"
                ? "The termination mode \"stop\" has been removed. For an ungraceful shutdown, please use \"cancel\" "
                    + "instead. "
                    + "For a graceful shutdown, please use \"jobs/:jobId/stop\" instead."
                : $"Cannot resolve query parameter (mode) from value \"{mode}\".");
        }

        if (job.Status.IsGloballyTerminal())
        {
            // 404 until 1.14, 409 since (FLINK-24275); a cancelled job may be cancelled again.
            if (job.Status == JobStatus.CANCELED) return RestReply.Accepted(new JsonObject());
            return job.Version.AtLeast(1, 15)
                ? RestReply.Error(
                    409, "Job cancellation failed because the job has already reached another terminal state "
                    + $"({job.Status}).")
                : RestReply.Error(404, "Job could not be found.");
        }

        job.Cancel();
        return RestReply.Accepted(new JsonObject());
    }

    private static RestReply Shutdown(JobManagerProcess leader)
    {
        foreach (var job in leader.Dispatcher!.Jobs.Values.ToList())
        {
            if (!job.Status.IsGloballyTerminal()) job.Suspend();
        }

        leader.Cluster.World.Agenda.In(TimeSpan.FromMilliseconds(100), () => leader.Exit(0));
        return RestReply.Ok(new JsonObject());
    }

    private static RestFailure NotFound(string id, string[] rest) => new(404, rest is ["status" or "execution-result"]
        ? $"org.apache.flink.runtime.messages.FlinkJobNotFoundException: Could not find Flink job ({id})"
        : $"org.apache.flink.runtime.rest.NotFoundException: Job {id} not found");

    private static RestReply Text(string text) => new(200, null, text, "text/plain; charset=UTF-8");
}
