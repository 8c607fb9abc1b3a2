namespace Xuanwu.Sandbox.Flink.Process;

/// <summary>
/// The processes of one Flink cluster and who of them leads. Everything of a cluster happens under its <see
/// cref="Gate"/>.
/// </summary>
internal sealed class FlinkCluster(FlinkWorld world, string space, string id)
{
    /// <summary>From a leader's end to its successor's election.</summary>
    public static readonly TimeSpan ElectionTime = TimeSpan.FromSeconds(1);

    private readonly List<JobManagerProcess> jobManagers = [];
    private bool electing;

    public Lock Gate { get; } = new();

    public FlinkWorld World { get; } = world;

    public string Namespace { get; } = space;

    public string Id { get; } = id;

    public JobManagerProcess? Leader { get; private set; }

    /// <summary>The registered TaskManagers, in the order of their coming.</summary>
    public List<TaskManagerProcess> TaskManagers { get; } = [];

    public bool HasProcess => jobManagers.Count > 0;

    /// <summary>The cluster id when the settings ask for Kubernetes HA, else null.</summary>
    public static string? HighlyAvailableId(FlinkSettings settings)
    {
        var type = settings.Find("high-availability.type", "high-availability", "recovery.mode");
        var isKubernetes = "kubernetes".Equals(type, StringComparison.OrdinalIgnoreCase)
            || type?.EndsWith("KubernetesHaServicesFactory", StringComparison.Ordinal) == true;
        return isKubernetes ? settings.Find("kubernetes.cluster-id") : null;
    }

    public void Join(JobManagerProcess process)
    {
        lock (Gate)
        {
            jobManagers.Add(process);
            if (Leader is null && !electing) Elect();
        }
    }

    public void Leave(JobManagerProcess process)
    {
        lock (Gate)
        {
            jobManagers.Remove(process);
            if (Leader != process) return;

            Leader = null;
            process.Dispatcher?.Suspend();
            electing = true;
            World.Agenda.In(ElectionTime, () =>
            {
                lock (Gate)
                {
                    electing = false;
                    if (Leader is null) Elect();
                }
            });
        }
    }

    public void Register(TaskManagerProcess process)
    {
        lock (Gate)
        {
            TaskManagers.Add(process);
            Leader?.Dispatcher?.SlotsChanged();
        }
    }

    public void Unregister(TaskManagerProcess process)
    {
        lock (Gate)
        {
            if (TaskManagers.Remove(process)) Leader?.Dispatcher?.TaskManagerLost(process);
        }
    }

    private void Elect()
    {
        // A process that is refused its leadership ends; the next in line then is no better off, but says so too.
        foreach (var candidate in jobManagers.ToList())
        {
            if (!candidate.TryLead()) continue;
            Leader = candidate;
            candidate.Dispatcher!.Recover();
            return;
        }
    }
}
