using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Process;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>
/// Savepoints, manual checkpoints and disposals: asynchronous operations that are triggered, then asked for by trigger
/// id. COMPLETED says that the operation is over, not that it was a success. The savepoints body is kebab-case, the
/// stop body camelCase.
/// </summary>
internal static class SnapshotCalls
{
    public static RestReply Savepoint(RestCall call, Dispatcher dispatcher, FlinkJob job)
    {
        call.Accepts("SavepointTriggerRequestBody", "target-directory", "cancel-job", "formatType", "triggerId");
        return Trigger(call, dispatcher, job, "target-directory", "SAVEPOINT",
            call.Flag("cancel-job") ? AfterSnapshot.Cancel : AfterSnapshot.Continue);
    }

    public static RestReply Stop(RestCall call, Dispatcher dispatcher, FlinkJob job)
    {
        call.Accepts("StopWithSavepointRequestBody", "targetDirectory", "drain", "formatType", "triggerId");
        return Trigger(call, dispatcher, job, "targetDirectory", "SYNC_SAVEPOINT", AfterSnapshot.Stop);
    }

    public static RestReply Checkpoint(RestCall call, Dispatcher dispatcher, FlinkJob job)
    {
        call.Accepts("CheckpointTriggerRequestBody", "checkpointType", "triggerId");
        return Begin(call, dispatcher, job, new SnapshotOperation("CHECKPOINT", null, AfterSnapshot.Continue, job.Now));
    }

    public static RestReply? Status(Dispatcher dispatcher, string jobId, string kind, string trigger)
    {
        if (dispatcher.Operation(jobId, trigger) is not { } operation)
        {
            var what = kind == "savepoints" ? "savepoint" : "checkpoint";
            return RestReply.Error(404, $"There is no {what} operation with triggerId={trigger} for job {jobId}.");
        }

        return RestReply.Ok(Outcome(operation, operation.IsSavepoint
            ? new JsonObject { ["location"] = operation.Location }
            : new JsonObject { ["checkpointId"] = operation.CheckpointId }));
    }

    public static RestReply Dispose(RestCall call, Dispatcher dispatcher)
    {
        call.Accepts("SavepointDisposalRequest", "savepoint-path");
        var path = call.Text("savepoint-path")
            ?? throw new RestFailure(400, "Field savepoint-path must not be omitted or be null.");
        var now = dispatcher.Cluster.World.Agenda.Now;
        var operation = new SnapshotOperation("DISPOSAL", null, AfterSnapshot.Continue, now);
        if (dispatcher.Cluster.World.Snapshots.Delete(path)) operation.Succeed(null, null, now);
        else
        {
            operation.Fail(JavaThrowable.InJobManager(
                "java.util.concurrent.CompletionException",
                $"org.apache.flink.util.FlinkException: Could not dispose savepoint {path}.",
                new JavaThrowable("java.io.FileNotFoundException",
                    $"Cannot find checkpoint or savepoint file/directory '{path}' on file system "
                        + $"'{path.Split(':')[0]}'.")), now);
        }

        var trigger = Guid.NewGuid().ToString("N");
        dispatcher.Remember("", trigger, operation);
        return RestReply.Accepted(new JsonObject { ["request-id"] = trigger });
    }

    public static RestReply Disposal(Dispatcher dispatcher, string trigger) =>
        dispatcher.Operation("", trigger) is { } operation
            ? RestReply.Ok(Outcome(operation, []))
            : RestReply.Error(404, $"Could not find savepoint disposal operation with triggerId={trigger}.");

    private static RestReply Trigger(
        RestCall call, Dispatcher dispatcher, FlinkJob job, string field, string type, AfterSnapshot then)
    {
        var directory = call.Text(field) ?? job.Checkpointing.SavepointDirectory;
        if (directory is not null)
        {
            return Begin(call, dispatcher, job, new SnapshotOperation(type, directory, then, job.Now));
        }

        var key = job.Version.AtLeast(1, 20) ? "execution.checkpointing.savepoint-dir" : "state.savepoints.dir";
        return RestReply.Error(400, $"Config key [{key}] is not set. Property [{field}] must be provided.");
    }

    // A repeated trigger id is answered by what it started the first time, which makes a retry harmless.
    private static RestReply Begin(RestCall call, Dispatcher dispatcher, FlinkJob job, SnapshotOperation operation)
    {
        var trigger = call.Text("triggerId") ?? Guid.NewGuid().ToString("N");
        if (!JobGraph.IsJobId(trigger)) throw new RestFailure(400, "Bad request received.");
        if (dispatcher.Operation(job.Graph.JobId, trigger) is null)
        {
            dispatcher.Remember(job.Graph.JobId, trigger, operation);
            if (job.Status.IsGloballyTerminal())
            {
                operation.Fail(JavaThrowable.InJobManager(
                    "org.apache.flink.runtime.messages.FlinkJobNotFoundException",
                    $"Could not find Flink job ({job.Graph.JobId})"), job.Now);
            }
            else job.Trigger(operation);
        }

        return RestReply.Accepted(new JsonObject { ["request-id"] = trigger });
    }

    private static JsonObject Outcome(SnapshotOperation operation, JsonObject success)
    {
        var outcome = new JsonObject
        {
            ["status"] = new JsonObject { ["id"] = operation.CompletedAt is null ? "IN_PROGRESS" : "COMPLETED" },
        };
        if (operation.CompletedAt is null) outcome["operation"] = null;
        else outcome["operation"] = operation.Failure is { } failure
            ? new JsonObject { ["failure-cause"] = FailureViews.Cause(failure) }
            : success;
        return outcome;
    }
}
