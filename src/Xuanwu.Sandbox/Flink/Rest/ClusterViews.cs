using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Process;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>What the REST API tells of the cluster: overview, configuration, TaskManagers, jars, logs.</summary>
internal static class ClusterViews
{
    private const string Commit = "5a6b00d";

    public static JsonObject Overview(JobManagerProcess leader, Dispatcher dispatcher)
    {
        var taskManagers = dispatcher.Cluster.TaskManagers;
        int Count(Func<JobStatus, bool> which) => dispatcher.Jobs.Values.Count(job => which(job.Status));
        var overview = new JsonObject { ["taskmanagers"] = taskManagers.Count };
        if (leader.Version.AtLeast(1, 17)) overview["taskmanagers-blocked"] = 0;
        overview["slots-total"] = taskManagers.Sum(each => each.Slots);
        overview["slots-available"] = taskManagers.Sum(dispatcher.FreeSlots);
        if (leader.Version.AtLeast(1, 17)) overview["slots-free-and-blocked"] = 0;
        overview["jobs-running"] = Count(status => !status.IsGloballyTerminal());
        overview["jobs-finished"] = Count(status => status == JobStatus.FINISHED);
        overview["jobs-cancelled"] = Count(status => status == JobStatus.CANCELED);
        overview["jobs-failed"] = Count(status => status == JobStatus.FAILED);
        overview["flink-version"] = leader.Version.ToString();
        overview["flink-commit"] = Commit;
        return overview;
    }

    public static JsonObject Config(JobManagerProcess process) => new()
    {
        ["refresh-interval"] = (long)(process.Settings.Duration("web.refresh-interval") ?? TimeSpan.FromSeconds(3))
            .TotalMilliseconds,
        ["timezone-name"] = "Coordinated Universal Time",
        ["timezone-offset"] = 0,
        ["flink-version"] = process.Version.ToString(),
        ["flink-revision"] = Commit + " @ sandbox",
        ["features"] = new JsonObject
        {
            ["web-submit"] = process.Settings.Flag(true, "web.submit.enable"),
            ["web-cancel"] = process.Settings.Flag(true, "web.cancel.enable"),
            ["web-rescale"] = process.Settings.Flag(true, "web.rescale.enable"),
            ["web-history"] = false,
        },
    };

    public static JsonArray Settings(JobManagerProcess process) => new([.. process.Settings.Values
        .OrderBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair =>
            (JsonNode)new JsonObject { ["key"] = pair.Key, ["value"] = Hidden(pair.Key) ? "******" : pair.Value })]);

    public static JsonObject Logs(FlinkConsole console, long now) => new()
    {
        ["logs"] = new JsonArray(new JsonObject
        {
            ["name"] = "flink.log",
            ["size"] = Encoding.UTF8.GetByteCount(console.Text),
            ["mtime"] = now,
        }),
    };

    public static JsonObject Jars(JobManagerProcess process) => new()
    {
        ["address"] =
            string.Create(CultureInfo.InvariantCulture, $"http://{process.Container.Address}:{process.RestPort}"),
        ["files"] = new JsonArray([.. process.Jars.All.Select(jar => (JsonNode)new JsonObject
        {
            ["id"] = jar.Id, ["name"] = jar.Name, ["uploaded"] = jar.UploadedAt, ["entry"] = new JsonArray(),
        })]),
    };

    public static JsonObject TaskManagers(Dispatcher dispatcher) => new()
    {
        ["taskmanagers"] =
            new JsonArray([.. dispatcher.Cluster.TaskManagers.Select(each => (JsonNode)TaskManager(each, dispatcher))]),
    };

    public static JsonObject TaskManagerDetails(TaskManagerProcess taskManager, Dispatcher dispatcher)
    {
        var details = TaskManager(taskManager, dispatcher);
        details["allocatedSlots"] = new JsonArray([.. dispatcher.Jobs.Values.SelectMany(job => job.Allocation
            .Where(each => each.TaskManager == taskManager)
            .SelectMany(each => Enumerable.Repeat(job.Graph.JobId, each.Slots))
            .Select(
                jobId => (JsonNode)new JsonObject { ["jobId"] = jobId, ["resource"] = Resource(taskManager, 1) }))]);
        var metrics = new JsonObject
        {
            ["heapUsed"] = taskManager.ProcessSize / 5,
            ["heapCommitted"] = taskManager.ProcessSize / 3,
            ["heapMax"] = taskManager.ProcessSize / 3,
            ["nonHeapUsed"] = 90L << 20,
            ["nonHeapCommitted"] = 96L << 20,
            ["nonHeapMax"] = 744L << 20,
            ["directCount"] = 120,
            ["directUsed"] = 4L << 20,
            ["directMax"] = 4L << 20,
            ["mappedCount"] = 0,
            ["mappedUsed"] = 0,
            ["mappedMax"] = 0,
            ["nettyShuffleMemorySegmentsAvailable"] = 4000,
            ["nettyShuffleMemorySegmentsUsed"] = 96,
            ["nettyShuffleMemorySegmentsTotal"] = 4096,
            ["garbageCollectors"] = new JsonArray(),
        };
        if (!dispatcher.Process.Version.AtLeast(2, 0))
        {
            metrics["memorySegmentsAvailable"] = 4000;
            metrics["memorySegmentsTotal"] = 4096;
        }

        details["metrics"] = metrics;
        return details;
    }

    /// <summary>The web UI's place: what a person sees who follows a job's link.</summary>
    public static string Page(JobManagerProcess process) =>
        $"""
        <!doctype html>
        <html><head><meta charset="utf-8"><title>Flink {process.Version} (sandbox)</title></head>
        <body style="font-family:sans-serif;max-width:60em;margin:3em auto">
        <h1>Flink {process.Version}, sandbox</h1>
        <p>This is a stand-in for the JobManager of cluster <b>{WebUtility.HtmlEncode(process.Cluster.Id)}</b> in namespace
        <b>{WebUtility.HtmlEncode(process.Cluster.Namespace)}</b>. It speaks Flink's REST API and processes no records.</p>
        <ul><li><a href="overview">overview</a></li><li><a href="jobs/overview">jobs</a></li>
        <li><a href="taskmanagers">TaskManagers</a></li><li><a href="jobmanager/config">configuration</a></li>
        <li><a href="jobmanager/log">log</a></li></ul></body></html>

        """;

    private static JsonObject TaskManager(TaskManagerProcess taskManager, Dispatcher dispatcher)
    {
        var free = dispatcher.FreeSlots(taskManager);
        return new JsonObject
        {
            ["id"] = taskManager.ResourceId,
            ["path"] = string.Create(CultureInfo.InvariantCulture,
                $"{dispatcher.Process.Version.RpcScheme}://flink@{taskManager.Address}:{taskManager.RpcPort}")
                + "/user/rpc/taskmanager_0",
            ["dataPort"] = taskManager.DataPort,
            ["jmxPort"] = -1,
            ["timeSinceLastHeartbeat"] = dispatcher.Cluster.World.Agenda.Now - 2_000,
            ["slotsNumber"] = taskManager.Slots,
            ["freeSlots"] = free,
            ["totalResource"] = Resource(taskManager, taskManager.Slots),
            ["freeResource"] = Resource(taskManager, free),
            ["hardware"] = new JsonObject
            {
                ["cpuCores"] = taskManager.Slots,
                ["physicalMemory"] = taskManager.ProcessSize,
                ["freeMemory"] = taskManager.ProcessSize / 3,
                ["managedMemory"] = taskManager.ProcessSize * 2 / 5,
            },
            ["memoryConfiguration"] = new JsonObject
            {
                ["frameworkHeap"] = 128L << 20,
                ["taskHeap"] = taskManager.ProcessSize / 5,
                ["frameworkOffHeap"] = 128L << 20,
                ["taskOffHeap"] = 0,
                ["networkMemory"] = taskManager.ProcessSize / 10,
                ["managedMemory"] = taskManager.ProcessSize * 2 / 5,
                ["jvmMetaspace"] = 256L << 20,
                ["jvmOverhead"] = taskManager.ProcessSize / 10,
                ["totalFlinkMemory"] = taskManager.ProcessSize * 3 / 4,
                ["totalProcessMemory"] = taskManager.ProcessSize,
            },
        };
    }

    private static JsonObject Resource(TaskManagerProcess taskManager, int slots) => new()
    {
        ["cpuCores"] = (double)slots,
        ["taskHeapMemory"] = (taskManager.ProcessSize / 5 >> 20) * slots / taskManager.Slots,
        ["taskOffHeapMemory"] = 0,
        ["managedMemory"] = (taskManager.ProcessSize * 2 / 5 >> 20) * slots / taskManager.Slots,
        ["networkMemory"] = (taskManager.ProcessSize / 10 >> 20) * slots / taskManager.Slots,
        ["extendedResources"] = new JsonObject(),
    };

    // GlobalConfiguration.isSensitive
    private static bool Hidden(string key) => (string[])
        ["password", "secret", "fs.azure.account.key", "apikey", "api-key", "auth-params", "service-key", "token",
            "basic-auth",
            "jaas.config", "http-headers"] is var parts
        && Array.Exists(parts, part => key.Contains(part, StringComparison.OrdinalIgnoreCase));
}
