using System.Globalization;
using Xuanwu.Sandbox.Flink.Rest;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink.Process;

/// <summary>The TaskManager: brings its slots to the cluster and takes them away when it ends.</summary>
internal sealed class TaskManagerProgram(FlinkWorld world, FlinkVersion version, IReadOnlyList<string> arguments)
    : IContainerProgram
{
    // A dead connection is noticed sooner than heartbeat.timeout, which is 50 s.
    private static readonly TimeSpan NoticeTime = TimeSpan.FromMilliseconds(500);

    public async Task<int> RunAsync(IContainer container, CancellationToken stop)
    {
        var settings = FlinkSettings.Read(container, arguments, version);
        var console = new FlinkConsole(container, world);
        console.Started("TaskManager", version);
        var id = FlinkCluster.HighlyAvailableId(settings);
        var address = settings.Find("jobmanager.rpc.address");
        if (id is null && address is null)
        {
            console.Error("org.apache.flink.runtime.taskexecutor.TaskManagerRunner", "Terminating TaskManagerRunner "
                + "with exit code 1.",
                new JavaThrowable("org.apache.flink.configuration.IllegalConfigurationException",
                    "The required configuration option Key: 'jobmanager.rpc.address' is not specified"));
            return 1;
        }

        var cluster = world.Cluster(container.Namespace, id ?? "at:" + address!.Split('.')[0]);
        var process = new TaskManagerProcess(container, settings, console);
        if (settings.Number(0, "taskmanager.rpc.port") is > 0 and var port) container.Open(port);

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stopping = stop.Register(ended.SetResult);
        cluster.Register(process);
        console.Line("org.apache.flink.runtime.taskexecutor.TaskExecutor", string.Create(CultureInfo.InvariantCulture,
            $"Successful registration at resource manager of {cluster.Id} with {process.Slots} task slots."));
        await ended.Task;

        world.Agenda.In(NoticeTime, () => cluster.Unregister(process));
        return 143;
    }
}

/// <summary>A registered TaskManager, as the JobManager knows it.</summary>
internal sealed class TaskManagerProcess(IContainer container, FlinkSettings settings, FlinkConsole console)
{
    public string ResourceId { get; } = settings.Find("taskmanager.resource-id")
        ?? string.Create(
            CultureInfo.InvariantCulture,
            $"{container.Address}:{settings.Number(6122, "taskmanager.rpc.port")}-{container.PodName.Split('-')[^1]}");

    public string Host { get; } = container.PodName;

    public string Address { get; } = container.Address.ToString();

    public int RpcPort { get; } = settings.Number(6122, "taskmanager.rpc.port");

    public int DataPort { get; } = settings.Number(36121, "taskmanager.data.port");

    public int Slots { get; } = Math.Max(1, settings.Number(1, "taskmanager.numberOfTaskSlots"));

    public long ProcessSize { get; } =
        settings.Bytes(1728L << 20, "taskmanager.memory.process.size", "taskmanager.memory.flink.size");

    public FlinkConsole Console => console;
}
