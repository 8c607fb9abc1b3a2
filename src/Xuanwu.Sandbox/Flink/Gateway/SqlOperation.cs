using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Process;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>
/// A statement under way: INITIALIZED → PENDING → RUNNING → FINISHED, ERROR, CANCELED or TIMEOUT. An INSERT runs until
/// the cluster has taken the job and the job has left INITIALIZING, which is what Flink's client waits for; a cluster
/// without a leader is tried again.
/// </summary>
internal sealed class SqlOperation(string handle, FlinkWorld world, IContainer container)
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(100);

    private readonly Lock gate = new();

    public string Handle { get; } = handle;

    public string Status { get; private set; } = "RUNNING";

    public SqlResult? Result { get; private set; }

    public JavaThrowable? Failure { get; private set; }

    public bool IsOver => Status != "RUNNING";

    /// <summary>
    /// Runs the statement, as far as it needs nothing of the cluster; the rest follows on the agenda.
    /// </summary>
    public void Run(
        string sql, SqlSession session, IReadOnlyDictionary<string, string> executionConfig, TimeSpan? timeout)
    {
        if (timeout is { } limit && limit > TimeSpan.Zero) world.Agenda.In(limit, () => End("TIMEOUT"));
        Guarded(() =>
        {
            SqlOutcome outcome;
            lock (session.Gate) outcome = SqlExecutor.Execute(SqlParser.Parse(sql), session, executionConfig);
            var deadline = world.Agenda.Now + 60_000;
            switch (outcome)
            {
                case ResultAtOnce atOnce:
                    Finish(atOnce.Result);
                    break;
                case SubmitJob submit:
                    Submit(submit.Graph, deadline);
                    break;
                case AskCluster ask:
                    Ask(ask, deadline);
                    break;
            }
        });
    }

    /// <summary>Ends the operation; a job that it has submitted goes on.</summary>
    public void End(string status)
    {
        lock (gate)
        {
            if (!IsOver) Status = status;
        }
    }

    private void Submit(JobGraph graph, long deadline)
    {
        if (IsOver) return;
        try
        {
            if (OnLeader(graph.Settings, dispatcher => dispatcher.Submit(graph)) is null)
            {
                if (world.Agenda.Now >= deadline) throw Unreachable(graph.Settings);
                Later(() => Submit(graph, deadline));
                return;
            }
        }
        catch (FlinkFailure failure)
        {
            throw ClientFailure(graph, failure.Throwable);
        }

        Await(graph);
    }

    private void Await(JobGraph graph)
    {
        if (IsOver) return;
        var job = OnLeader(graph.Settings, dispatcher => dispatcher.Find(graph.JobId));
        if (job is { Status: not JobStatus.INITIALIZING, EndedBy: { } failure } && job.Entered(JobStatus.CREATED) == 0)
        {
            throw ClientFailure(graph, new JavaThrowable(
                "java.lang.RuntimeException", "Error while waiting for job to be initialized", failure));
        }

        var wanted = graph.Settings.Flag(false, "table.dml-sync")
            ? job?.Status.IsGloballyTerminal() == true
            : job is { Status: not JobStatus.INITIALIZING };
        if (wanted) Finish(SqlResult.OfJob(graph.JobId));
        else Later(() => Await(graph));
    }

    private void Ask(AskCluster ask, long deadline)
    {
        if (IsOver) return;
        var answer = OnLeader(ask.Settings, dispatcher => ask.Statement switch
        {
            ShowStatement =>
                SqlResult.Table(["job id", "job name", "status", "start time"], dispatcher.Jobs.Values.Select(job =>
                new string?[]
                {
                    job.Graph.JobId, job.Graph.Name, job.Status.ToString(),
                    DateTimeOffset.FromUnixTimeMilliseconds(job.StartTime)
                        .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null),
                })),
            DescribeJob describe when dispatcher.Find(describe.JobId) is { } job => SqlResult.Table(
                ["job id", "job name", "status", "start time"],
                [[job.Graph.JobId, job.Graph.Name, job.Status.ToString(),
                    DateTimeOffset.FromUnixTimeMilliseconds(job.StartTime)
                        .ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", null)]]),
            StopJob stop when dispatcher.Find(stop.JobId) is { } job => Stop(stop, job, dispatcher),
            DescribeJob { JobId: var id } => throw NoJob(id),
            StopJob { JobId: var id } => throw NoJob(id),
            _ => SqlResult.Ok,
        });
        if (answer is null && world.Agenda.Now >= deadline) throw Unreachable(ask.Settings);
        if (answer is null) Later(() => Ask(ask, deadline));
        else if (answer.Kind != Waiting) Finish(answer);
    }

    private const string Waiting = "WAITING";

    private SqlResult Stop(StopJob stop, FlinkJob job, Dispatcher dispatcher)
    {
        if (!stop.WithSavepoint)
        {
            if (job.Status.IsGloballyTerminal()) throw NoJob(stop.JobId);
            job.Cancel();
            return SqlResult.Ok;
        }

        var directory = job.Checkpointing.SavepointDirectory ?? throw new FlinkFailure(
            "org.apache.flink.table.gateway.service.utils.SqlExecutionException",
            $"Could not stop job {stop.JobId} in session: no savepoint directory is set.");
        var operation = new SnapshotOperation("SYNC_SAVEPOINT", directory, AfterSnapshot.Stop, job.Now);
        operation.Completed += ended =>
        {
            if (ended.Failure is { } failure) Fail(failure);
            else Finish(SqlResult.Texts("savepoint path", [ended.Location!]));
        };
        dispatcher.Remember(stop.JobId, Guid.NewGuid().ToString("N"), operation);
        job.Trigger(operation);
        return SqlResult.Ok with { Kind = Waiting };
    }

    private T? OnLeader<T>(FlinkSettings settings, Func<Dispatcher, T?> call)
        where T : class
    {
        if (world.Reach(container.Namespace, container.Address, settings) is not { } cluster) return null;
        lock (cluster.Gate)
        {
            return cluster.Leader?.Dispatcher is { } dispatcher ? call(dispatcher) : null;
        }
    }

    private void Later(Action action) => world.Agenda.In(Again, () => Guarded(action));

    private void Guarded(Action action)
    {
        try
        {
            action();
        }
        catch (FlinkFailure failure)
        {
            Fail(failure.Throwable);
        }
    }

    private void Finish(SqlResult result)
    {
        lock (gate)
        {
            if (IsOver) return;
            Result = result;
            Status = "FINISHED";
        }
    }

    private void Fail(JavaThrowable failure)
    {
        lock (gate)
        {
            if (IsOver) return;
            Failure = new JavaThrowable(
                "org.apache.flink.table.gateway.service.utils.SqlExecutionException",
                $"Failed to execute the operation {Handle}.", failure,
                "org.apache.flink.table.gateway.service.operation."
                + "OperationManager$Operation.processThrowable(OperationManager.java:414)",
                "org.apache.flink.table.gateway.service.operation."
                + "OperationManager$Operation.lambda$run$0(OperationManager.java:268)",
                "java.base/java.util.concurrent.ThreadPoolExecutor.runWorker(Unknown Source)");
            Status = "ERROR";
        }
    }

    private static FlinkFailure ClientFailure(JobGraph graph, JavaThrowable cause) => new(new JavaThrowable(
        "org.apache.flink.table.api.TableException", "Failed to execute sql",
        new JavaThrowable("org.apache.flink.util.FlinkException", $"Failed to execute job '{graph.Name}'.", cause,
            "org.apache.flink.streaming.api.environment."
            + "StreamExecutionEnvironment.executeAsync(StreamExecutionEnvironment.java:2455)"),
        "org.apache.flink.table.api.internal.TableEnvironmentImpl.executeInternal(TableEnvironmentImpl.java:1101)"));

    private static FlinkFailure Unreachable(FlinkSettings settings)
    {
        var address = settings.Find("rest.address", "jobmanager.rpc.address") ?? "localhost";
        return new FlinkFailure(new JavaThrowable(
            "org.apache.flink.util.concurrent.FutureUtils$RetryException",
            "Could not complete the operation. Number of retries has been exhausted.",
            new JavaThrowable(
                "java.net.ConnectException", $"Connection refused: {address}:{settings.Number(8081, "rest.port")}")));
    }

    private static FlinkFailure NoJob(string id) => new(
        "org.apache.flink.runtime.messages.FlinkJobNotFoundException", $"Could not find Flink job ({id})");
}
