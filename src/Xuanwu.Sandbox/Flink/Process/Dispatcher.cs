using Xuanwu.Sandbox.Flink.Jobs;

namespace Xuanwu.Sandbox.Flink.Process;

/// <summary>The leading JobManager's dispatcher: its jobs, the slots they hold, and the operations under way.</summary>
internal sealed class Dispatcher(JobManagerProcess process, FlinkCluster cluster, HighAvailability? highAvailability)
{
    private const string Logger = "org.apache.flink.runtime.dispatcher.StandaloneDispatcher";

    private readonly Dictionary<(string JobId, string TriggerId), SnapshotOperation> operations = [];

    public JobManagerProcess Process { get; } = process;

    public FlinkCluster Cluster { get; } = cluster;

    /// <summary>Running and ended jobs, in the order of their coming.</summary>
    public OrderedDictionary<string, FlinkJob> Jobs { get; } = [];

    /// <summary>Where checkpoints of jobs without a checkpoint directory lie.</summary>
    public string CheckpointsWithoutDirectory =>
        highAvailability?.StorageDirectory
            ?? $"jobmanager://{Cluster.Namespace}/{Process.Container.PodName}/{Process.Run}";

    private long Now => Cluster.World.Agenda.Now;

    private string? ResultDirectory =>
        highAvailability is null ? null : Process.Settings.Find("job-result-store.storage-path")?.TrimEnd('/');

    private TimeSpan KeepOperations =>
        Process.Settings.Duration("rest.async.store-duration") ?? TimeSpan.FromMinutes(5);

    /// <exception cref="FlinkFailure">The job is refused.</exception>
    public FlinkJob Submit(JobGraph graph)
    {
        if (Jobs.ContainsKey(graph.JobId))
        {
            throw new FlinkFailure(
                "org.apache.flink.runtime.client.DuplicateJobSubmissionException", "Job has already been submitted.");
        }

        if (graph.Settings.Find("sandbox.job.fails-on-submit") is { } failure and not "false")
        {
            var cause = failure == "true"
                ? "java.lang.IllegalStateException: told to by sandbox.job.fails-on-submit"
                : failure;
            throw new FlinkFailure(JavaThrowable.InJobManager(
                "org.apache.flink.runtime.client.JobSubmissionException", "Failed to submit job.",
                JavaThrowable.Parse(cause)));
        }

        if (highAvailability?.TryAddJob(graph, Process.Container.Address.ToString(), Process.RpcPort) == false)
        {
            throw new FlinkFailure(JavaThrowable.InJobManager(
                "org.apache.flink.runtime.client.JobSubmissionException", "Failed to submit job.",
                new JavaThrowable("org.apache.flink.kubernetes.kubeclient.resources.KubernetesException",
                    $"Could not write ConfigMap {highAvailability.JobConfigMap(graph.JobId)}: the service account "
                        + "must not.")));
        }

        Process.Console.Line(Logger, $"Received JobGraph submission '{graph.Name}' ({graph.JobId}).");
        return Begin(graph, null, 1);
    }

    /// <summary>
    /// Takes up the jobs that the HA ConfigMaps know, and the ended ones that a job result store has kept.
    /// </summary>
    public void Recover()
    {
        if (highAvailability is null) return;
        foreach (var result in Cluster.World.JobResults.Values)
        {
            if (result.Directory != ResultDirectory || result.ClusterId != Cluster.Id) continue;
            Jobs[result.Graph.JobId] = FlinkJob.Ended(result, this);
        }

        try
        {
            foreach (var (graph, latest, nextId) in highAvailability.ReadJobs())
            {
                Process.Console.Line(Logger, $"Recovered JobGraph(jobId: {graph.JobId}).");
                highAvailability.TryAddJob(graph, Process.Container.Address.ToString(), Process.RpcPort);
                Begin(graph, latest, nextId);
            }
        }
        catch (FlinkFailure failure)
        {
            Process.Exit(2, "Fatal error occurred in the cluster entrypoint.", failure.Throwable);
        }
    }

    public void Suspend()
    {
        foreach (var job in Jobs.Values)
        {
            if (!job.Status.IsGloballyTerminal()) job.Suspend();
        }
    }

    public FlinkJob? Find(string jobId) => Jobs.GetValueOrDefault(jobId);

    public SnapshotOperation? Operation(string jobId, string triggerId)
    {
        var found = operations.GetValueOrDefault((jobId, triggerId));
        if (found?.CompletedAt is { } ended && Now - ended > KeepOperations.TotalMilliseconds)
        {
            operations.Remove((jobId, triggerId));
        }
        else if (found is not null) return found;
        return null;
    }

    public void Remember(string jobId, string triggerId, SnapshotOperation operation)
    {
        foreach (var (key, old) in operations)
        {
            if (old.CompletedAt is { } ended && Now - ended > KeepOperations.TotalMilliseconds) operations.Remove(key);
        }

        operations[(jobId, triggerId)] = operation;
    }

    public void KeepLatestCheckpoint(FlinkJob job, Snapshot latest)
    {
        if (highAvailability is null) return;
        if (!highAvailability.TryPutCheckpoint(job.Graph.JobId, job.Checkpoints.NextId, latest)
            && !Process.Exited.IsCompleted)
        {
            Process.Console.Warning("org.apache.flink.runtime.checkpoint.CheckpointCoordinator",
                $"Could not complete the pending checkpoint {latest.Id}: ConfigMap "
                + $"{highAvailability.JobConfigMap(job.Graph.JobId)} does not exist.");
        }
    }

    public void Ended(FlinkJob job)
    {
        Process.Console.Line(Logger,
            $"Job {job.Graph.JobId} reached terminal state {job.Status}.\n{job.EndedBy?.StackTrace}".TrimEnd());
        highAvailability?.RemoveJob(job.Graph.JobId);
        if (ResultDirectory is { } directory && !Process.Settings.Flag(true, "job-result-store.delete-on-commit"))
        {
            Cluster.World.JobResults.Put(
                $"{directory}/{Cluster.Id}/{job.Graph.JobId}",
                new JobResult(directory, Cluster.Id, job.Graph, job.Status, job.StartTime, job.EndTime, job.EndedBy));
        }

        Process.JobEnded(job);
        SlotsChanged();
    }

    public void SlotsChanged()
    {
        foreach (var job in Jobs.Values.ToList()) job.SlotsChanged();
    }

    public void TaskManagerLost(TaskManagerProcess lost)
    {
        Process.Console.Warning("org.apache.flink.runtime.resourcemanager.StandaloneResourceManager",
            $"Closing TaskExecutor connection {lost.ResourceId} because: The TaskExecutor is no longer reachable.");
        foreach (var job in Jobs.Values.ToList()) job.TaskManagerLost(lost);
    }

    public int FreeSlots(TaskManagerProcess taskManager) =>
        taskManager.Slots - Jobs.Values.Sum(
            job => job.Allocation.Where(each => each.TaskManager == taskManager).Sum(each => each.Slots));

    /// <summary>Takes slots where there are any; takes none when there are too few.</summary>
    public bool TryAllocate(int slots, List<(TaskManagerProcess, int)> allocation)
    {
        var offers = Cluster.TaskManagers.Select(taskManager => (taskManager, Free: FreeSlots(taskManager))).ToList();
        if (offers.Sum(offer => offer.Free) < slots) return false;
        foreach (var (taskManager, free) in offers)
        {
            var taken = Math.Min(free, slots);
            if (taken > 0) allocation.Add((taskManager, taken));
            slots -= taken;
        }

        return true;
    }

    private FlinkJob Begin(JobGraph graph, Snapshot? latest, long nextId)
    {
        var job = new FlinkJob(graph, this, nextId);
        Jobs[graph.JobId] = job;
        job.Start(latest);
        return job;
    }
}
