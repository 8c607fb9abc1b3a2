using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Process;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>What the REST API tells of jobs, their vertices and their plan.</summary>
internal static class JobViews
{
    private static readonly string[] TaskStates =
    [
        "created", "scheduled", "deploying", "running", "finished", "canceling", "canceled", "failed", "reconciling",
        "initializing",
    ];

    public static JsonObject Ids(Dispatcher dispatcher) => new()
    {
        ["jobs"] = new JsonArray([.. dispatcher.Jobs.Values.Select(job =>
            (JsonNode)new JsonObject { ["id"] = job.Graph.JobId, ["status"] = job.Status.ToString() })]),
    };

    public static JsonObject Overview(Dispatcher dispatcher) => new()
    {
        ["jobs"] = new JsonArray([.. dispatcher.Jobs.Values.Select(job =>
        {
            var tasks = new JsonObject { ["total"] = TaskCount(job) };
            foreach (var (state, count) in Tasks(job, TaskCount(job))) tasks[state] = count;
            var item = new JsonObject
            {
                ["jid"] = job.Graph.JobId,
                ["name"] = job.Graph.Name,
                ["state"] = job.Status.ToString(),
                ["start-time"] = job.StartTime,
                ["end-time"] = job.EndTime,
                ["duration"] = Duration(job),
                ["last-modification"] = job.Entered(job.Status),
                ["tasks"] = tasks,
            };
            if (job.Version.AtLeast(1, 20)) item["job-type"] = "STREAMING";
            return (JsonNode)item;
        })]),
    };

    public static JsonObject Details(FlinkJob job)
    {
        var timestamps = new JsonObject();
        foreach (var status in Enum.GetValues<JobStatus>()) timestamps[status.ToString()] = job.Entered(status);
        var counts = new JsonObject();
        foreach (var (state, count) in Tasks(job, job.Graph.Vertices.Count)) counts[state.ToUpperInvariant()] = count;
        var details = new JsonObject
        {
            ["jid"] = job.Graph.JobId,
            ["name"] = job.Graph.Name,
            ["isStoppable"] = false,
            ["state"] = job.Status.ToString(),
            ["start-time"] = job.StartTime,
            ["end-time"] = job.EndTime,
            ["duration"] = Duration(job),
            ["maxParallelism"] = -1,
            ["now"] = job.Now,
            ["timestamps"] = timestamps,
            ["vertices"] = new JsonArray([.. job.Graph.Vertices.Select(vertex => (JsonNode)Vertex(job, vertex))]),
            ["status-counts"] = counts,
            ["plan"] = Plan(job),
        };
        if (job.Version.AtLeast(1, 20)) details["job-type"] = "STREAMING";
        return details;
    }

    public static JsonObject Plan(FlinkJob job) => new()
    {
        ["jid"] = job.Graph.JobId,
        ["name"] = job.Graph.Name,
        ["type"] = "STREAMING",
        ["nodes"] = new JsonArray([.. job.Graph.Vertices.Select(vertex => (JsonNode)new JsonObject
        {
            ["id"] = vertex.Id,
            ["parallelism"] = vertex.Parallelism,
            ["operator"] = "",
            ["operator_strategy"] = "",
            ["description"] = vertex.Name,
            ["inputs"] = new JsonArray([.. vertex.Inputs.Select((id, number) => (JsonNode)new JsonObject
            {
                ["num"] = number, ["id"] = id, ["ship_strategy"] = "FORWARD", ["exchange"] = "pipelined_bounded",
            })]),
            ["optimizer_properties"] = new JsonObject(),
        })]),
    };

    public static JsonObject Config(FlinkJob job)
    {
        var user = new JsonObject();
        foreach (var (key, value) in job.Graph.Settings.Values) user[key] = value;
        var execution = new JsonObject
        {
            ["restart-strategy"] = "Cluster level default restart strategy",
            ["job-parallelism"] = job.Graph.Slots,
            ["object-reuse-mode"] = false,
            ["user-config"] = user,
        };
        if (!job.Version.AtLeast(2, 0)) execution["execution-mode"] = "PIPELINED";
        return new JsonObject
        {
            ["jid"] = job.Graph.JobId,
            ["name"] = job.Graph.Name,
            ["execution-config"] = execution
        };
    }

    public static JsonObject Requirements(FlinkJob job)
    {
        var requirements = new JsonObject();
        foreach (var vertex in job.Graph.Vertices)
        {
            requirements[vertex.Id] = new JsonObject
            {
                ["parallelism"] = new JsonObject { ["lowerBound"] = 1, ["upperBound"] = vertex.Parallelism },
            };
        }

        return requirements;
    }

    public static JsonObject VertexDetails(FlinkJob job, JobVertex vertex)
    {
        var host = job.Allocation.FirstOrDefault().TaskManager;
        return new JsonObject
        {
            ["id"] = vertex.Id,
            ["name"] = vertex.Name,
            ["parallelism"] = vertex.Parallelism,
            ["maxParallelism"] = JobVertex.MaxParallelism,
            ["now"] = job.Now,
            ["subtasks"] = new JsonArray([.. Enumerable.Range(0, vertex.Parallelism).Select(subtask =>
            {
                var item = new JsonObject
                {
                    ["subtask"] = subtask, ["status"] = TaskState(job).ToUpperInvariant(), ["attempt"] = job.Restarts,
                };
                if (!job.Version.AtLeast(2, 0)) item["host"] = host?.Host ?? "(unassigned)";
                if (job.Version.AtLeast(1, 19))
                {
                    item["endpoint"] = host is null ? "(unassigned)" : $"{host.Host}:{host.DataPort}";
                }
                item["start-time"] = Started(job);
                item["end-time"] = job.EndTime;
                item["duration"] = TaskDuration(job);
                item["taskmanager-id"] = host?.ResourceId ?? "(unassigned)";
                item["metrics"] = Metrics.OfVertex(job, vertex);
                return (JsonNode)item;
            })]),
            ["aggregated"] = new JsonObject(),
        };
    }

    private static JsonObject Vertex(FlinkJob job, JobVertex vertex)
    {
        var tasks = new JsonObject();
        foreach (var (state, count) in Tasks(job, vertex.Parallelism)) tasks[state.ToUpperInvariant()] = count;
        var item = new JsonObject { ["id"] = vertex.Id };
        if (job.Version.AtLeast(1, 20)) item["slotSharingGroupId"] = job.Graph.Vertices[0].Id;
        item["name"] = vertex.Name;
        item["maxParallelism"] = JobVertex.MaxParallelism;
        item["parallelism"] = vertex.Parallelism;
        item["status"] = TaskState(job).ToUpperInvariant();
        item["start-time"] = Started(job);
        item["end-time"] = job.EndTime;
        item["duration"] = TaskDuration(job);
        item["tasks"] = tasks;
        item["metrics"] = Metrics.OfVertex(job, vertex);
        return item;
    }

    private static int TaskCount(FlinkJob job) => job.Graph.Vertices.Sum(vertex => vertex.Parallelism);

    private static IEnumerable<(string State, int Count)> Tasks(FlinkJob job, int total)
    {
        var state = TaskState(job);
        return TaskStates.Select(each => (each, each == state ? total : 0));
    }

    /// <summary>The state that all tasks of the job are in: they change together.</summary>
    private static string TaskState(FlinkJob job) => job.Status switch
    {
        JobStatus.INITIALIZING => "created",
        JobStatus.CREATED => "scheduled",
        JobStatus.RESTARTING => "canceled",
        JobStatus.RUNNING => "running",
        JobStatus.CANCELLING or JobStatus.FAILING => "canceling",
        JobStatus.FINISHED => "finished",
        JobStatus.FAILED => "failed",
        JobStatus.CANCELED => "canceled",
        _ => "reconciling",
    };

    private static long Duration(FlinkJob job) => (job.EndTime < 0 ? job.Now : job.EndTime) - job.StartTime;

    private static long Started(FlinkJob job) => job.Entered(JobStatus.RUNNING) is > 0 and var at ? at : -1;

    private static long TaskDuration(FlinkJob job) =>
        Started(job) is > 0 and var at ? (job.EndTime < 0 ? job.Now : job.EndTime) - at : -1;
}
