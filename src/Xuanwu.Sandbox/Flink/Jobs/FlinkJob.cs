using Xuanwu.Sandbox.Flink.Process;

namespace Xuanwu.Sandbox.Flink.Jobs;

/// <summary>
/// A job on a JobManager. Every call comes under the gate of its cluster.
/// <code>
///   INITIALIZING ──► CREATED ──► RUNNING ──► FINISHED          (its sources end, or stop with savepoint)
///        │              │         │   │ ╲──► CANCELLING ──► CANCELED
///        ▼              ▼         ▼   └────► FAILING ──► FAILED
///      FAILED        CANCELED   RESTARTING ──► RUNNING         (when the restart strategy allows and slots are there)
/// </code>
/// A change that is to come later is put on the agenda with the epoch of the present state and dropped when the state
/// has changed by then; a job that just runs has nothing on the agenda. Parameters named sandbox.* tell a job how to
/// end, see README.md in the folder above.
/// </summary>
internal sealed partial class FlinkJob
{
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    private readonly Dispatcher dispatcher;
    private readonly RestartStrategy restarts;
    private readonly List<(TaskManagerProcess TaskManager, int Slots)> allocation = [];
    private readonly long[] entered = new long[Enum.GetValues<JobStatus>().Length];
    private int epoch;
    private bool waitsForSlots;
    private bool suspended;
    private long ranMs;

    public FlinkJob(JobGraph graph, Dispatcher dispatcher, long firstCheckpoint)
    {
        Graph = graph;
        this.dispatcher = dispatcher;
        Settings = dispatcher.Process.Settings.With(graph.Settings.Values);
        Version = dispatcher.Process.Version;
        Checkpointing = new JobCheckpointing(Settings, dispatcher.CheckpointsWithoutDirectory);
        Checkpoints = new CheckpointLog(graph.JobId, Checkpointing, firstCheckpoint, CheckpointCompleted);
        restarts = RestartStrategy.From(Settings, Version, Checkpointing.Interval is not null);
        StartTime = Now;
    }

    public JobGraph Graph { get; }

    /// <summary>A job that ended under an earlier JobManager: of its life no more is known than its result.</summary>
    public static FlinkJob Ended(JobResult result, Dispatcher dispatcher)
    {
        var job = new FlinkJob(result.Graph, dispatcher, 1)
        {
            StartTime = result.StartTime,
            EndTime = result.EndTime,
            Status = result.Status,
            EndedBy = result.EndedBy,
        };
        job.entered[(int)result.Status] = result.EndTime;
        if (result.EndedBy is { } cause) job.Failures.AddFirst(new JobFailure(result.EndTime, cause, null, null));
        return job;
    }

    /// <summary>The cluster's settings under the job's own.</summary>
    public FlinkSettings Settings { get; }

    public FlinkVersion Version { get; }

    public JobCheckpointing Checkpointing { get; }

    public CheckpointLog Checkpoints { get; }

    public JobStatus Status { get; private set; }

    public long StartTime { get; private init; }

    /// <summary>-1 while the job has not ended.</summary>
    public long EndTime { get; private set; } = -1;

    public int Restarts { get; private set; }

    /// <summary>Failures, the newest first.</summary>
    public LinkedList<JobFailure> Failures { get; } = new();

    /// <summary>What made the job end as FAILED.</summary>
    public JavaThrowable? EndedBy { get; private set; }

    public long Now => dispatcher.Cluster.World.Agenda.Now;

    public IEnumerable<(TaskManagerProcess TaskManager, int Slots)> Allocation => allocation;

    /// <summary>Milliseconds spent in RUNNING.</summary>
    public long RanMs => ranMs + (Status == JobStatus.RUNNING ? Now - Entered(JobStatus.RUNNING) : 0);

    /// <summary>When the job was last in a state; 0 when never.</summary>
    public long Entered(JobStatus status) => entered[(int)status];

    public void Start(Snapshot? recovered)
    {
        Enter(JobStatus.INITIALIZING);
        After(Settings.Duration("sandbox.job.start-delay") ?? 2 * Moment, () => Initialize(recovered));
    }

    public void Cancel()
    {
        switch (Status)
        {
            case JobStatus.RUNNING or JobStatus.RESTARTING:
                LeaveRunning("Job is cancelled.");
                Enter(JobStatus.CANCELLING);
                After(Moment, () => End(JobStatus.CANCELED));
                break;
            case JobStatus.INITIALIZING or JobStatus.CREATED:
                End(JobStatus.CANCELED);
                break;
            case JobStatus.FAILING or JobStatus.CANCELLING:
                break;
            default:
                throw new InvalidOperationException("An ended job is not cancelled.");
        }
    }

    /// <summary>The JobManager loses its leadership: the job is left as it is for the next one.</summary>
    public void Suspend()
    {
        Refresh();
        if (latestSnapshot is { } latest) dispatcher.KeepLatestCheckpoint(this, latest);
        suspended = true;
        FailPending("The job was suspended.");
    }

    public void SlotsChanged()
    {
        if (waitsForSlots) Schedule();
    }

    public void TaskManagerLost(TaskManagerProcess lost)
    {
        if (!allocation.Exists(each => each.TaskManager == lost)) return;
        Fail(new JavaThrowable(
            "org.apache.flink.runtime.jobmaster.JobMasterException",
            $"TaskManager with id {lost.ResourceId} is no longer reachable.",
            null,
            "org.apache.flink.runtime.jobmaster."
            + "JobMaster$TaskManagerHeartbeatListener.notifyTargetUnreachable(JobMaster.java:1447)"));
    }

    private void Initialize(Snapshot? recovered)
    {
        try
        {
            RestoreAtStart(recovered);
        }
        catch (FlinkFailure failure)
        {
            var throwable = JavaThrowable.InJobManager(
                "org.apache.flink.runtime.client.JobInitializationException", "Could not start the JobMaster.",
                new JavaThrowable(
                    "java.util.concurrent.CompletionException", failure.Throwable.Headline, failure.Throwable));
            EndedBy = throwable;
            Failures.AddFirst(new JobFailure(Now, throwable, null, null));
            End(JobStatus.FAILED);
            return;
        }

        Enter(JobStatus.CREATED);
        Schedule();
    }

    private void Schedule()
    {
        if (dispatcher.TryAllocate(Graph.Slots, allocation))
        {
            waitsForSlots = false;
            Run();
            return;
        }

        if (waitsForSlots) return;
        waitsForSlots = true;
        After(Settings.Duration("slot.request.timeout") ?? TimeSpan.FromMinutes(5), () =>
        {
            waitsForSlots = false;
            Fail(JavaThrowable.InJobManager(
                "java.util.concurrent.CompletionException",
                "org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException: "
                + "Could not acquire the minimum required resources.",
                new JavaThrowable(
                    "org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException",
                    "Could not acquire the minimum required resources.")));
        });
    }

    private void Run()
    {
        if (Restarts > 0) RestoreAtRestart();
        Enter(JobStatus.RUNNING);
        Checkpoints.StartClock(Now);
        if (Settings.Find("sandbox.job.failure", "sandbox.job.fails-after") is not null)
        {
            var cause = Settings.Find("sandbox.job.failure")
                ?? "java.lang.RuntimeException: told to fail by sandbox.job.fails-after";
            After(Settings.Duration("sandbox.job.fails-after") ?? TimeSpan.FromSeconds(1), () =>
                Fail(JavaThrowable.InTask(cause)));
        }

        if ((Settings.Duration("sandbox.job.bounded") ?? Graph.BoundedFor) is { } bounded)
        {
            After(bounded, () =>
            {
                LeaveRunning("The job has finished.");
                End(JobStatus.FINISHED);
            });
        }

        if (Checkpointing is { Fails: true, Interval: { } interval })
        {
            After(TimeSpan.FromMilliseconds((Checkpointing.Tolerable + 1) * interval + Checkpointing.Duration), () =>
                Fail(new JavaThrowable(
                    "org.apache.flink.util.FlinkRuntimeException",
                    "Exceeded checkpoint tolerable failure threshold. The latest "
                    + $"checkpoint failed due to {Checkpointing.FailureMessage} view the Checkpoint History tab or "
                    + "the Job Manager log "
                    + "to find out why continuous checkpoints failed.",
                    null,
                    "org.apache.flink.runtime.checkpoint."
                    + "CheckpointFailureManager.checkFailureAgainstCounter(CheckpointFailureManager.java:206)")));
        }
    }

    private void Fail(JavaThrowable throwable)
    {
        var taskManager = allocation.Count > 0 ? allocation[0].TaskManager : null;
        var vertex = Graph.Vertices[^1];
        var task = throwable.Frames.Any(frame => frame.Contains("taskmanager.Task", StringComparison.Ordinal))
            ? $"{vertex.Name} (1/{vertex.Parallelism}) - execution #{Restarts}"
            : null;
        LeaveRunning("The job has failed.");
        dispatcher.Process.Console.Warning(
            "org.apache.flink.runtime.executiongraph.ExecutionGraph",
            $"{task ?? Graph.Name} switched to FAILED: {throwable.Root.Headline}");
        if (restarts.Next(Now) is { } delay)
        {
            Remember(new JobFailure(Now, throwable, task, taskManager));
            Restarts++;
            Enter(JobStatus.RESTARTING);
            After(delay, Schedule);
            return;
        }

        EndedBy = new JavaThrowable(
            "org.apache.flink.runtime.JobException", $"Recovery is suppressed by {restarts}", throwable,
            "org.apache.flink.runtime.executiongraph.failover."
            + "ExecutionFailureHandler.handleFailure(ExecutionFailureHandler.java:219)",
            "org.apache.flink.runtime.scheduler.DefaultScheduler.handleTaskFailure(DefaultScheduler.java:287)");
        Remember(new JobFailure(Now, EndedBy, task, taskManager));
        Enter(JobStatus.FAILING);
        After(Moment, () => End(JobStatus.FAILED));
    }

    private void Remember(JobFailure failure)
    {
        Failures.AddFirst(failure);
        if (Failures.Count > Settings.Number(16, "web.exception-history-size")) Failures.RemoveLast();
    }

    private void LeaveRunning(string why)
    {
        Refresh();
        Checkpoints.StopClock();
        if (Status == JobStatus.RUNNING) ranMs += Now - Entered(JobStatus.RUNNING);
        waitsForSlots = false;
        allocation.Clear();
        FailPending(why);
    }

    private void End(JobStatus status)
    {
        EndTime = Now;
        Enter(status);
        FailPending("The job has ended.");
        DiscardCheckpoints();
        dispatcher.Ended(this);
    }

    private void Enter(JobStatus status)
    {
        epoch++;
        var from = epoch == 1 ? "(submitted)" : Status.ToString();
        Status = status;
        entered[(int)status] = Now;
        dispatcher.Process.Console.Line("org.apache.flink.runtime.executiongraph.ExecutionGraph",
            $"Job {Graph.Name} ({Graph.JobId}) switched from state {from} to {status}.");
    }

    private void After(TimeSpan delay, Action action)
    {
        var seen = epoch;
        dispatcher.Cluster.World.Agenda.In(delay, () =>
        {
            lock (dispatcher.Cluster.Gate)
            {
                if (epoch == seen && !suspended) action();
            }
        });
    }
}

/// <summary>What a job result store keeps of an ended job.</summary>
internal sealed record JobResult(
    string Directory, string ClusterId, JobGraph Graph, JobStatus Status, long StartTime, long EndTime,
    JavaThrowable? EndedBy);

/// <summary>A failure in a job's exception history.</summary>
internal sealed record JobFailure(long At, JavaThrowable Throwable, string? Task, TaskManagerProcess? TaskManager);
