using System.Globalization;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Rest;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink.Process;

/// <summary>
/// The JobManager: <c>jobmanager</c> for a session cluster, <c>standalone-job</c> for one application.
/// </summary>
internal sealed class JobManagerProgram(
    FlinkWorld world, FlinkVersion version, IReadOnlyList<string> arguments, bool isApplication) : IContainerProgram
{
    public async Task<int> RunAsync(IContainer container, CancellationToken stop)
    {
        var settings = FlinkSettings.Read(container, arguments, version);
        var console = new FlinkConsole(container, world);
        console.Started(
            isApplication ? "StandaloneApplicationClusterEntryPoint" : "StandaloneSessionClusterEntrypoint", version);
        if (Refusal(settings) is { } refusal)
        {
            console.Error("org.apache.flink.runtime.entrypoint.ClusterEntrypoint",
                "Could not start cluster entrypoint.", refusal);
            return 1;
        }

        var application = isApplication ? ApplicationArguments.Parse(arguments) : null;
        using var process = new JobManagerProcess(world, version, settings, container, console, application);
        await using var stopping = stop.Register(() =>
        {
            console.Line("org.apache.flink.runtime.entrypoint.ClusterEntrypoint",
                "RECEIVED SIGNAL 15: SIGTERM. Shutting down as requested.");
            process.Exit(143);
        });
        process.Start();
        return await process.Exited;
    }

    private static JavaThrowable? Refusal(FlinkSettings settings)
    {
        const string type = "org.apache.flink.configuration.IllegalConfigurationException";
        var wantsHa = settings.Find("high-availability.type", "high-availability", "recovery.mode") is { } ha
            && !ha.Equals("none", StringComparison.OrdinalIgnoreCase);
        if (!wantsHa) return null;
        if (FlinkCluster.HighlyAvailableId(settings) is null)
        {
            return new JavaThrowable(
                type, "The sandbox knows high-availability.type kubernetes alone, and kubernetes.cluster-id must be "
                    + "set.");
        }

        return settings.Find("high-availability.storageDir", "high-availability.zookeeper.storageDir") is null
            ? new JavaThrowable(
                type, "Configuration is missing the mandatory parameter: Key: 'high-availability.storageDir' , "
                    + "default: null")
            : null;
    }
}

/// <summary>A running JobManager. It leads its cluster (then it has a <see cref="Dispatcher"/>) or stands by.</summary>
internal sealed class JobManagerProcess : IDisposable
{
    private readonly TaskCompletionSource<int> exit = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly HighAvailability? highAvailability;
    private readonly ApplicationArguments? application;

    public JobManagerProcess(
        FlinkWorld world, FlinkVersion version, FlinkSettings settings, IContainer container, FlinkConsole console,
        ApplicationArguments? application)
    {
        Version = version;
        Settings = settings;
        Container = container;
        Console = console;
        this.application = application;
        RestPort = settings.Number(8081, "rest.bind-port", "rest.port");
        RpcPort = settings.Number(6123, "jobmanager.rpc.port");
        var address = settings.Find("jobmanager.rpc.address");
        var id = FlinkCluster.HighlyAvailableId(settings);
        Cluster = world.Cluster(container.Namespace, id ?? "at:" + (address ?? container.PodName).Split('.')[0]);
        if (id is null && Cluster.HasProcess)
        {
            // Without HA a second JobManager is a cluster of its own, which no TaskManager finds.
            Cluster = world.Cluster(container.Namespace, $"at:{container.PodName}/{Run}");
        }

        if (id is null) return;
        highAvailability = new HighAvailability(
            container.Objects, world, id, settings.Find("high-availability.storageDir")!.TrimEnd('/'), version);
    }

    public FlinkVersion Version { get; }

    public FlinkSettings Settings { get; }

    public IContainer Container { get; }

    public FlinkConsole Console { get; }

    public FlinkCluster Cluster { get; }

    public int RestPort { get; }

    public int RpcPort { get; }

    /// <summary>Tells this process from others in the same pod.</summary>
    public string Run { get; } = Guid.NewGuid().ToString("N");

    /// <summary>Null on a standby.</summary>
    public Dispatcher? Dispatcher { get; private set; }

    public JarStore Jars { get; } = new();

    public Task<int> Exited => exit.Task;

    public void Start()
    {
        Cluster.World.Listening(this);
        Container.Open(RpcPort);
        Container.Listen(RestPort, RestServer.Serve(new JobManagerRest(this).Answer));
        Console.Line(
            "org.apache.flink.runtime.dispatcher.DispatcherRestEndpoint", string.Create(CultureInfo.InvariantCulture,
            $"Rest endpoint listening at {Container.Address}:{RestPort}"));
        Cluster.Join(this);
    }

    /// <summary>Whether a Service of this name leads here, as far as the settings tell.</summary>
    public bool AnswersTo(string host)
    {
        var rpc = Settings.Find("jobmanager.rpc.address")?.Split('.')[0];
        var rest = Settings.Find("rest.address")?.Split('.')[0];
        var id = Settings.Find("kubernetes.cluster-id");
        return host == Container.PodName || host == rpc || host == rest
            || (id is not null && (host == id || host == id + "-rest"));
    }

    public void Exit(int code, string? message = null, JavaThrowable? throwable = null)
    {
        if (throwable is not null)
        {
            Console.Error("org.apache.flink.runtime.entrypoint.ClusterEntrypoint", message!, throwable);
        }
        exit.TrySetResult(code);
    }

    /// <summary>
    /// Becomes the leader; a process that is not allowed to says why and ends. Called under the cluster's gate.
    /// </summary>
    public bool TryLead()
    {
        if (exit.Task.IsCompleted) return false;
        if (highAvailability is not null && !MayUseConfigMaps())
        {
            var space = Settings.Find("kubernetes.namespace") ?? "default";
            Exit(1, "Could not start cluster entrypoint StandaloneSessionClusterEntrypoint.", new JavaThrowable(
                "org.apache.flink.runtime.entrypoint.ClusterEntrypointException",
                "Failed to initialize the cluster entrypoint.",
                new JavaThrowable(
                    "org.apache.flink.kubernetes.shaded.io.fabric8.kubernetes.client.KubernetesClientException",
                    "Failure executing: POST at: "
                        + $"https://kubernetes.default.svc/api/v1/namespaces/{space}/configmaps. Message: "
                    + $"Forbidden! User of pod {Container.PodName} doesn't have permission: configmaps "
                    + $"\"{highAvailability.ConfigMap}\" "
                    + $"in the namespace \"{space}\".")));
            return false;
        }

        Dispatcher = new Dispatcher(this, Cluster, highAvailability);
        if (highAvailability is not null) Container.Objects.ConfigMapChanged += ConfigMapChanged;
        Console.Line("org.apache.flink.runtime.leaderelection.DefaultLeaderElectionService",
            $"{Container.PodName} was granted leadership of {Cluster.Id}");
        if (application is not null) Cluster.World.Agenda.In(TimeSpan.Zero, SubmitApplication);
        return true;
    }

    /// <summary>An application's process ends with its job, unless it is told to stay to be asked.</summary>
    public void JobEnded(FlinkJob job)
    {
        if (application is null || !Settings.Flag(true, "execution.shutdown-on-application-finish")) return;
        var code = job.Status == JobStatus.FAILED ? 1443 & 0xFF : 0;
        Cluster.World.Agenda.In(TimeSpan.FromSeconds(1), () => Exit(code));
    }

    /// <summary>
    /// Checks the leader's ConfigMap and renews its lease; called when the process is asked something.
    /// </summary>
    public void RenewLease()
    {
        lock (Cluster.Gate)
        {
            if (highAvailability is null || Dispatcher is null || highAvailability.StillThere(Cluster.World.Agenda.Now))
            {
                return;
            }
        }

        Exit(2, "Fatal error occurred in the cluster entrypoint.", new JavaThrowable(
            "org.apache.flink.runtime.leaderelection.LeaderElectionException",
            $"ConfigMap {highAvailability.ConfigMap} is deleted externally"));
    }

    public void Dispose()
    {
        if (highAvailability is not null) Container.Objects.ConfigMapChanged -= ConfigMapChanged;
        Cluster.World.Closed(this);
        Cluster.Leave(this);
    }

    private bool MayUseConfigMaps() =>
        (Settings.Find("kubernetes.namespace") ?? "default") == Container.Namespace
        && highAvailability!.TryLead(Container.Address.ToString(), RpcPort, RestPort, Cluster.World.Agenda.Now);

    // The event may come from within a write of ours, so the look at the ConfigMap is taken later.
    private void ConfigMapChanged(string name)
    {
        if (Dispatcher is null || name != highAvailability!.ConfigMap) return;
        Cluster.World.Agenda.In(TimeSpan.Zero, () =>
        {
            if (!exit.Task.IsCompleted) RenewLease();
        });
    }

    private void SubmitApplication()
    {
        lock (Cluster.Gate)
        {
            if (Dispatcher is null || exit.Task.IsCompleted) return;
            try
            {
                var graph = application!.Graph(Settings, Version, Container.Files);
                if (!Dispatcher.Jobs.ContainsKey(graph.JobId)) Dispatcher.Submit(graph);
            }
            catch (FlinkFailure failure)
            {
                Exit(1, "Application failed unexpectedly.", failure.Throwable);
            }
        }
    }
}
