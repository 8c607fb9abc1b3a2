using System.Globalization;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Process;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>
/// Metrics that look like a job's at work. They are functions of the time that it has run: rates swing slowly around a
/// mean that a vertex keeps for life, totals are what the mean amounts to. Nothing is measured and nothing is stored.
/// </summary>
internal static class Metrics
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>Names alone without ?get=, else the values asked for, as texts.</summary>
    public static JsonArray Select(RestCall call, IReadOnlyDictionary<string, double> metrics)
    {
        if (call.Query1("get") is not { } get)
        {
            return new JsonArray([.. metrics.Keys.Select(name => (JsonNode)new JsonObject { ["id"] = name })]);
        }

        return new JsonArray([.. get.Split(',').Where(metrics.ContainsKey).Select(name =>
            (JsonNode)new JsonObject { ["id"] = name, ["value"] = metrics[name].ToString("0.###", Invariant) })]);
    }

    /// <summary>The metrics of many things as one: min, max, avg and sum, or what ?agg= names of them.</summary>
    public static JsonArray Aggregate(RestCall call, IReadOnlyList<IReadOnlyDictionary<string, double>> metrics)
    {
        if (call.Query1("get") is not { } get)
        {
            return new JsonArray([.. metrics.SelectMany(each => each.Keys).Distinct()
                .Select(name => (JsonNode)new JsonObject { ["id"] = name })]);
        }

        var kinds = (call.Query1("agg") ?? "min,max,avg,sum").Split(',');
        var answer = new JsonArray();
        foreach (var name in get.Split(','))
        {
            var values = metrics.Where(each => each.ContainsKey(name)).Select(each => each[name]).ToList();
            if (values.Count == 0) continue;
            var item = new JsonObject { ["id"] = name };
            foreach (var kind in kinds)
            {
                item[kind] = kind switch
                {
                    "min" => values.Min(),
                    "max" => values.Max(),
                    "avg" => values.Average(),
                    "sum" => values.Sum(),
                    _ => throw new RestFailure(400, $"Cannot resolve query parameter (agg) from value \"{kind}\"."),
                };
            }

            answer.Add((JsonNode)item);
        }

        return answer;
    }

    public static Dictionary<string, double> OfJob(FlinkJob job)
    {
        var last = job.Checkpoints.LatestCompleted;
        return new Dictionary<string, double>
        {
            ["uptime"] = job.Status == JobStatus.RUNNING ? job.Now - job.Entered(JobStatus.RUNNING) : 0,
            ["runningTime"] = job.RanMs,
            ["downtime"] = job.Status == JobStatus.RESTARTING ? job.Now - job.Entered(JobStatus.RESTARTING) : 0,
            ["numRestarts"] = job.Restarts,
            ["fullRestarts"] = job.Restarts,
            ["totalNumberOfCheckpoints"] = job.Checkpoints.Completed + job.Checkpoints.Failed,
            ["numberOfCompletedCheckpoints"] = job.Checkpoints.Completed,
            ["numberOfFailedCheckpoints"] = job.Checkpoints.Failed,
            ["numberOfInProgressCheckpoints"] = job.Pending.Count(),
            ["lastCheckpointDuration"] = last?.DurationMs ?? -1,
            ["lastCheckpointSize"] = last?.Size ?? -1,
            ["lastCheckpointFullSize"] = last?.Size ?? -1,
        };
    }

    public static Dictionary<string, double> OfSubtask(FlinkJob job, JobVertex vertex, int subtask)
    {
        var runs = job.Status == JobStatus.RUNNING;
        var swing = Swing(job, vertex.Id, subtask);
        var rate = runs ? Mean(vertex) * swing : 0;
        var total = Mean(vertex) * job.RanMs / 1000;
        var busy = runs ? 250 + 200 * (swing - 0.8) : 0;
        var back = runs ? 40 * Math.Abs(swing - 1) : 0;
        var metrics = new Dictionary<string, double>
        {
            ["numRecordsInPerSecond"] = vertex.IsSource ? 0 : rate,
            ["numRecordsOutPerSecond"] = rate,
            ["numRecordsIn"] = vertex.IsSource ? 0 : Math.Floor(total),
            ["numRecordsOut"] = Math.Floor(total),
            ["numBytesInPerSecond"] = vertex.IsSource ? 0 : rate * 180,
            ["numBytesOutPerSecond"] = rate * 180,
            ["numBytesIn"] = vertex.IsSource ? 0 : Math.Floor(total * 180),
            ["numBytesOut"] = Math.Floor(total * 180),
            ["busyTimeMsPerSecond"] = busy,
            ["backPressuredTimeMsPerSecond"] = back,
            ["idleTimeMsPerSecond"] = runs ? 1000 - busy - back : 0,
            ["currentInputWatermark"] = job.Now - 5_000,
        };
        if (vertex.IsSource)
        {
            metrics["pendingRecords"] = runs ? Math.Floor(300 * swing) : 0;
            metrics["currentFetchEventTimeLag"] = runs ? Math.Floor(800 * swing) : 0;
        }

        return metrics;
    }

    /// <summary>The metrics of all subtasks, each name with its subtask's number before it.</summary>
    public static Dictionary<string, double> OfSubtasks(FlinkJob job, JobVertex vertex) =>
        Enumerable.Range(0, vertex.Parallelism)
            .SelectMany(
                subtask => OfSubtask(job, vertex, subtask).Select(pair => (Key: $"{subtask}.{pair.Key}", pair.Value)))
            .ToDictionary(pair => pair.Key, pair => pair.Value);

    /// <summary>The totals that job details give for a vertex.</summary>
    public static JsonObject OfVertex(FlinkJob job, JobVertex vertex)
    {
        var records = (long)(Mean(vertex) * vertex.Parallelism * job.RanMs / 1000);
        return new JsonObject
        {
            ["read-bytes"] = vertex.IsSource ? 0 : records * 180,
            ["read-bytes-complete"] = true,
            ["write-bytes"] = records * 180,
            ["write-bytes-complete"] = true,
            ["read-records"] = vertex.IsSource ? 0 : records,
            ["read-records-complete"] = true,
            ["write-records"] = records,
            ["write-records-complete"] = true,
            ["accumulated-backpressured-time"] = job.RanMs / 100,
            ["accumulated-idle-time"] = job.RanMs * 7 / 10,
            ["accumulated-busy-time"] = (double)(job.RanMs * 29 / 100),
        };
    }

    public static JsonObject Backpressure(FlinkJob job, JobVertex vertex) => new()
    {
        ["status"] = "ok",
        ["backpressureLevel"] = "ok",
        ["end-timestamp"] = job.Now,
        ["subtasks"] = new JsonArray([.. Enumerable.Range(0, vertex.Parallelism).Select(subtask =>
        {
            var metrics = OfSubtask(job, vertex, subtask);
            return (JsonNode)new JsonObject
            {
                ["subtask"] = subtask,
                ["backpressureLevel"] = "ok",
                ["ratio"] = Math.Round(metrics["backPressuredTimeMsPerSecond"] / 1000, 3),
                ["idleRatio"] = Math.Round(metrics["idleTimeMsPerSecond"] / 1000, 3),
                ["busyRatio"] = Math.Round(metrics["busyTimeMsPerSecond"] / 1000, 3),
            };
        })]),
    };

    public static Dictionary<string, double> OfTaskManager(TaskManagerProcess taskManager, JobManagerProcess leader) =>
        Jvm(taskManager.ProcessSize / 3, leader.Cluster.World.Agenda.Now, taskManager.ResourceId);

    public static Dictionary<string, double> OfJobManager(JobManagerProcess process)
    {
        var size =
            process.Settings.Bytes(1600L << 20, "jobmanager.memory.process.size", "jobmanager.memory.flink.size");
        var metrics = Jvm(size / 2, process.Cluster.World.Agenda.Now, process.Run);
        lock (process.Cluster.Gate)
        {
            metrics["numRegisteredTaskManagers"] = process.Cluster.TaskManagers.Count;
            metrics["taskSlotsTotal"] = process.Cluster.TaskManagers.Sum(each => each.Slots);
            metrics["taskSlotsAvailable"] = process.Dispatcher is { } own
                ? process.Cluster.TaskManagers.Sum(own.FreeSlots)
                : 0;
            metrics["numRunningJobs"] = process.Dispatcher?.Jobs.Values.Count(job => job.Status == JobStatus.RUNNING)
                ?? 0;
        }

        return metrics;
    }

    // A saw tooth of 40 s: the heap fills and is collected.
    private static Dictionary<string, double> Jvm(long heap, long now, string seed)
    {
        var share = 0.3 + 0.5 * ((now + Hash(seed)) % 40_000 / 40_000.0);
        return new Dictionary<string, double>
        {
            ["Status.JVM.Memory.Heap.Used"] = Math.Floor(heap * share),
            ["Status.JVM.Memory.Heap.Committed"] = heap,
            ["Status.JVM.Memory.Heap.Max"] = heap,
            ["Status.JVM.Memory.Metaspace.Used"] = 90L << 20,
            ["Status.JVM.CPU.Load"] = Math.Round(0.05 + share / 10, 4),
            ["Status.JVM.Threads.Count"] = 60,
            ["Status.JVM.GarbageCollector.All.Count"] = Math.Floor(now % 86_400_000 / 40_000.0),
            ["Status.JVM.GarbageCollector.All.Time"] = Math.Floor(now % 86_400_000 / 4_000.0),
        };
    }

    // Records a second of one subtask: 200 to 2,200, the same for a vertex's whole life.
    private static double Mean(JobVertex vertex) => 200 + Hash(vertex.Id) % 2000;

    private static double Swing(FlinkJob job, string vertex, int subtask) =>
        1 + 0.2 * Math.Sin((job.Now + Hash(vertex) + subtask * 7_000) / 30_000.0 * Math.PI);

    private static int Hash(string text)
    {
        var hash = 17;
        foreach (var letter in text) hash = unchecked(hash * 31 + letter) & 0xFFFFFF;
        return hash;
    }
}
