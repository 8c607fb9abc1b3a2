namespace Xuanwu.Sandbox.Flink.Jobs;

/// <summary>A job's checkpoints and savepoints: taking them, and starting from them.</summary>
internal sealed partial class FlinkJob
{
    private const long KeepPointerMs = 60_000;

    private readonly List<SnapshotOperation> pending = [];
    private readonly Queue<Snapshot> retained = new();
    private Snapshot? latestSnapshot;
    private Snapshot? startedFrom;
    private string? claimed;
    private long pointerKeptAt;

    public IEnumerable<SnapshotOperation> Pending => pending;

    private Dictionary<string, string> Operators =>
        Graph.Vertices.ToDictionary(vertex => vertex.Id, vertex => vertex.Name);

    /// <summary>Brings the periodic checkpoints up to now. Called before anything about them is told.</summary>
    public void Refresh()
    {
        Checkpoints.Advance(Now);
        if (latestSnapshot is not { } latest || Now - pointerKeptAt < KeepPointerMs) return;
        pointerKeptAt = Now;
        dispatcher.KeepLatestCheckpoint(this, latest);
    }

    /// <summary>Begins a savepoint or a manual checkpoint; its outcome comes into the operation.</summary>
    public void Trigger(SnapshotOperation operation)
    {
        if (Status != JobStatus.RUNNING)
        {
            operation.Fail(CheckpointException(
                "Checkpoint triggering task " + Graph.Vertices[0].Name + " (1/" + Graph.Vertices[0].Parallelism
                + ") of job " + Graph.JobId + " is not being executed at the moment. Aborting checkpoint.",
                "Not all required tasks are currently running."), Now);
            return;
        }

        pending.Add(operation);
        var delay = Settings.Duration(operation.IsSavepoint ? "sandbox.savepoint.delay" : "sandbox.checkpoint.delay");
        After(delay ?? 4 * Moment, () => Complete(operation));
    }

    private void Complete(SnapshotOperation operation)
    {
        Refresh();
        pending.Remove(operation);
        var failure = operation.IsSavepoint ? Settings.Find("sandbox.savepoint.fails") : null;
        if (!operation.IsSavepoint && Checkpointing.Fails) failure = "true";
        if (failure is not null and not "false")
        {
            var cause = failure == "true"
                ? "java.io.IOException: Could not open output stream for state backend"
                : failure;
            Checkpoints.Fail(operation.Type, operation.TriggeredAt, Now - operation.TriggeredAt, "Asynchronous task "
                + "checkpoint failed.");
            operation.Fail(CheckpointException(
                "Asynchronous task checkpoint failed.", "Asynchronous task checkpoint failed.",
                JavaThrowable.Parse(cause)), Now);
            return;
        }

        var path = operation.IsSavepoint
            ? $"{operation.Directory!.TrimEnd('/')}/savepoint-{Graph.JobId[..6]}-{Guid.NewGuid().ToString("N")[..12]}"
            : Checkpointing.PathOf(Graph.JobId, Checkpoints.NextId);
        var entry = Checkpoints.Complete(operation.Type, operation.TriggeredAt, Now - operation.TriggeredAt, path);
        switch (operation.Then)
        {
            case AfterSnapshot.Continue:
                operation.Succeed(path, entry.Id, Now);
                break;
            case AfterSnapshot.Cancel:
                operation.Succeed(path, entry.Id, Now);
                Cancel();
                break;
            case AfterSnapshot.Stop when Settings.Find("sandbox.stop.fails") is { } cause and not "false":
                operation.Fail(JavaThrowable.InJobManager(
                    "org.apache.flink.runtime.scheduler.stopwithsavepoint.StopWithSavepointStoppingException",
                    $"A savepoint has been created at: {path}, but the corresponding job {Graph.JobId} failed during "
                        + "stopping. The "
                    + "savepoint is consistent, but might have uncommitted transactions. If you want to commit the "
                    + "transaction please "
                    + "restart a job from this savepoint."), Now);
                Fail(JavaThrowable.InTask(
                    cause == "true" ? "java.io.IOException: Could not commit the transaction" : cause));
                break;
            default:
                LeaveRunning("The job has stopped.");
                operation.Succeed(path, entry.Id, Now);
                End(JobStatus.FINISHED);
                break;
        }
    }

    private void CheckpointCompleted(CheckpointEntry entry)
    {
        var snapshots = dispatcher.Cluster.World.Snapshots;
        var snapshot = new Snapshot(entry.Path!, entry.Id, Version, Graph.JobId, Operators, entry.IsSavepoint);
        snapshots.Put(snapshot);
        if (entry.IsSavepoint) return;

        latestSnapshot = snapshot;
        retained.Enqueue(snapshot);
        var keep = Settings.Number(1, "execution.checkpointing.num-retained", "state.checkpoints.num-retained");
        while (retained.Count > Math.Max(1, keep)) snapshots.Delete(retained.Dequeue().Path);
        if (claimed is null) return;

        // CLAIM: the restored snapshot belongs to the job, which drops it as soon as a newer one stands in for it.
        snapshots.Delete(claimed);
        claimed = null;
    }

    private void DiscardCheckpoints()
    {
        Checkpoints.StopClock();
        var keep = Status switch
        {
            JobStatus.CANCELED => Checkpointing.Retention == "RETAIN_ON_CANCELLATION",
            JobStatus.FAILED => Checkpointing.Retention is "RETAIN_ON_CANCELLATION" or "DELETE_ON_CANCELLATION",
            _ => false,
        };
        if (keep) return;
        foreach (var snapshot in retained) dispatcher.Cluster.World.Snapshots.Delete(snapshot.Path);
        retained.Clear();
    }

    private void FailPending(string why)
    {
        foreach (var operation in pending)
        {
            Checkpoints.Fail(operation.Type, operation.TriggeredAt, Now - operation.TriggeredAt, "Checkpoint "
                + "Coordinator is suspending.");
            operation.Fail(CheckpointException("Checkpoint Coordinator is suspending.", why), Now);
        }

        pending.Clear();
    }

    private void RestoreAtStart(Snapshot? recovered)
    {
        if (recovered is not null)
        {
            retained.Enqueue(recovered);
            latestSnapshot = recovered;
            Begin(recovered);
            return;
        }

        if (Graph.Restore is not { } restore) return;
        Begin(Restorable(restore));
        if (restore.Claim) claimed = restore.Path;
    }

    private void RestoreAtRestart()
    {
        if ((latestSnapshot ?? startedFrom) is { } snapshot) Begin(snapshot);
    }

    private void Begin(Snapshot snapshot)
    {
        startedFrom = snapshot;
        Checkpoints.Restore(new RestoredCheckpoint(snapshot.Id, Now, snapshot.IsSavepoint, snapshot.Path));
        dispatcher.Process.Console.Line("org.apache.flink.runtime.checkpoint.CheckpointCoordinator",
            $"Restoring job {Graph.JobId} from {(snapshot.IsSavepoint ? "Savepoint" : "Checkpoint")} {snapshot.Id} @ "
            + $"{Now} for {snapshot.JobId} located at {snapshot.Path}.");
    }

    private Snapshot Restorable(RestoreSettings restore)
    {
        if (dispatcher.Cluster.World.Snapshots.Find(restore.Path) is not { } snapshot)
        {
            var scheme = restore.Path.IndexOf("://", StringComparison.Ordinal) is var end and > 0
                ? restore.Path[..end]
                : "file";
            var missing = new JavaThrowable(
                "java.io.FileNotFoundException",
                $"Cannot find checkpoint or savepoint file/directory '{restore.Path}' on file system '{scheme}'.",
                null,
                "org.apache.flink.runtime.state.filesystem."
                + "AbstractFsCheckpointStorageAccess.resolveCheckpointPointer(AbstractFsCheckpointStorageAccess.java:275)",
                "org.apache.flink.runtime.checkpoint."
                + "CheckpointCoordinator.restoreSavepoint(CheckpointCoordinator.java:1894)");
            throw new FlinkFailure(new JavaThrowable("java.lang.RuntimeException", missing.Headline, missing));
        }

        if (snapshot.Version.Major != Version.Major)
        {
            // State of 1.x is not compatible with 2.x (release notes 2.0); the serializers of SQL's row data are where
            // it shows.
            throw new FlinkFailure(new JavaThrowable(
                "org.apache.flink.util.FlinkException",
                $"Could not restore the state of {restore.Path}, written by Flink {snapshot.Version}.",
                new JavaThrowable(
                    "org.apache.flink.util.StateMigrationException",
                    "The new state serializer (org.apache.flink.table.runtime.typeutils.RowDataSerializer) must not "
                        + "be incompatible "
                    + "with the old state serializer (org.apache.flink.table.runtime.typeutils.RowDataSerializer).",
                    null,
                    "org.apache.flink.runtime.state.heap."
                    + "HeapKeyedStateBackend.tryRegisterStateTable(HeapKeyedStateBackend.java:264)")));
        }

        var operators = Operators;
        foreach (var (id, _) in snapshot.Operators)
        {
            if (operators.ContainsKey(id) || restore.AllowNonRestoredState) continue;
            throw new FlinkFailure(new JavaThrowable(
                "java.lang.IllegalStateException",
                $"Failed to rollback to checkpoint/savepoint {restore.Path}. Cannot map checkpoint/savepoint state "
                    + $"for operator {id} to "
                + "the new program, because the operator is not available in the new program. If you want to allow to "
                + "skip this, you "
                + "can set the --allowNonRestoredState option on the CLI.",
                null,
                "org.apache.flink.runtime.checkpoint.Checkpoints.throwNonRestoredStateException(Checkpoints.java:240)",
                "org.apache.flink.runtime.checkpoint.Checkpoints.loadAndValidateCheckpoint(Checkpoints.java:205)"));
        }

        return snapshot;
    }

    private static JavaThrowable CheckpointException(string message, string reason, JavaThrowable? cause = null) =>
        JavaThrowable.InJobManager(
            "java.util.concurrent.CompletionException",
            "org.apache.flink.runtime.checkpoint.CheckpointException: " + message,
            new JavaThrowable("org.apache.flink.runtime.checkpoint.CheckpointException",
                message == reason ? message : $"{message} Failure reason: {reason}", cause));
}
