using Xuanwu.Domain;
using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using Xuanwu.Server.Commands;
using Xuanwu.Server.GraphQL;
using Xuanwu.Server.Http;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Jobs;

public sealed record CreateJobPayload(JobView? Job, IReadOnlyList<Error>? Errors);

public sealed record SaveDraftPayload(JobView? Job, IReadOnlyList<Error>? Errors);

public sealed record PublishVersionPayload(JobView? Job, JobVersionView? Version, IReadOnlyList<Error>? Errors);

public sealed record RollBackJobPayload(JobView? Job, JobVersionView? Version, IReadOnlyList<Error>? Errors);

public sealed record StartJobPayload(JobView? Job, RunView? Run, IReadOnlyList<Error>? Errors);

public sealed record StopJobPayload(JobView? Job, RunView? Run, IReadOnlyList<Error>? Errors);

public sealed record CancelJobPayload(JobView? Job, RunView? Run, IReadOnlyList<Error>? Errors);

public sealed record TriggerSavepointPayload(JobView? Job, RunView? Run, IReadOnlyList<Error>? Errors);

public sealed record ArchiveJobPayload(JobView? Job, IReadOnlyList<Error>? Errors);

/// <summary>Commands for jobs. A mutation's answer already shows its effect: the views are written with the
/// events.</summary>
public static class JobMutations
{
    /// <summary>Creates a job in a project.</summary>
    public static async Task<CreateJobPayload> CreateJob(
        CreateJobInput input, Caller caller, CommandRunner commands, EventStore.EventStore store, CancellationToken ct)
    {
        var id = Job.IdOf(input.Project, input.Name);
        var (labels, wrong) = KeyValue.Read(input.Labels, "labels");
        var command = new CreateJob(input.Project, input.Name, input.Kind, input.Owner ?? caller.User, labels);
        var result = await commands.RunAsync(
            caller.By<CreateJob>(input.CommandId),
            caller.Key<CreateJob>(input.CommandId, id),
            async scope => wrong ?? await scope.DecideAsync(Aggregates.Job, id, job => Job.Decide(job, command)),
            ct);
        return result.Rejection is null
            ? new(await store.FindViewAsync<JobView>(id, ct), Errors: null)
            : new(Job: null, Error.Of(result.Rejection));
    }

    /// <summary>Saves the draft of the next version. What is left out stays as it is.</summary>
    public static async Task<SaveDraftPayload> SaveDraft(
        SaveDraftInput input, Caller caller, CommandRunner commands, EventStore.EventStore store, CancellationToken ct)
    {
        var result = await commands.RunAsync(
            caller.By<SaveDraft>(input.CommandId),
            caller.Key<SaveDraft>(input.CommandId, input.JobId),
            async scope =>
            {
                var (draft, wrong) = input.Over((await scope.LoadAsync(Aggregates.Job, input.JobId)).Draft);
                return wrong ?? await scope.DecideAsync(
                    Aggregates.Job, input.JobId, job => Job.Decide(job, new SaveDraft(draft)));
            },
            ct);
        return new(await store.FindViewAsync<JobView>(input.JobId, ct), Error.Of(result.Rejection));
    }

    /// <summary>Publishes the draft as the next version. Publishing what is published already changes
    /// nothing.</summary>
    public static async Task<PublishVersionPayload> PublishVersion(
        PublishVersionInput input,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        CancellationToken ct)
    {
        var result = await commands.RunAsync(
            caller.By<PublishVersion>(input.CommandId),
            caller.Key<PublishVersion>(input.CommandId, input.JobId),
            async scope =>
            {
                var draft = (await scope.LoadAsync(Aggregates.Job, input.JobId)).Draft;
                var wrong = draft is null ? null : await PublishRules.CheckAsync(draft, store, ct);
                return wrong ?? await scope.DecideAsync(
                    Aggregates.Job, input.JobId, job => Job.Decide(job, new PublishVersion(input.Note ?? "")));
            },
            ct);
        var job = await store.FindViewAsync<JobView>(input.JobId, ct);
        return new(job, result.Rejection is null ? job?.Versions[^1] : null, Error.Of(result.Rejection));
    }

    /// <summary>Publishes the content of an earlier version as the next one.</summary>
    public static async Task<RollBackJobPayload> RollBackJob(
        RollBackJobInput input,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        CancellationToken ct)
    {
        var command = new RollBackJob(input.ToVersion, input.Note ?? $"Rolled back to version {input.ToVersion}.");
        var result = await commands.RunAsync(
            caller.By<RollBackJob>(input.CommandId),
            caller.Key<RollBackJob>(input.CommandId, input.JobId),
            scope => scope.DecideAsync(Aggregates.Job, input.JobId, job => Job.Decide(job, command)),
            ct);
        var job = await store.FindViewAsync<JobView>(input.JobId, ct);
        return new(job, result.Rejection is null ? job?.Versions[^1] : null, Error.Of(result.Rejection));
    }

    /// <summary>Starts a version of the job as a new run.</summary>
    public static async Task<StartJobPayload> StartJob(
        StartJobInput input,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        Clusters.ClusterList clusters,
        CancellationToken ct)
    {
        var key = caller.Key<StartJob>(input.CommandId, input.JobId);
        var runId = key is null ? Guid.CreateVersion7() : Names.StreamId("run", key);
        var (clusterId, ambiguous) = input.ClusterId is { } given ? (given, null) : await clusters.OnlyAsync(ct);
        var command = new StartJob(
            runId, input.Version, clusterId, input.From, input.Path, input.AllowNonRestoredState, input.Force);
        var result = await commands.RunAsync(
            caller.By<StartJob>(input.CommandId),
            key,
            async scope => ambiguous ?? await StartAsync(scope, input.JobId, command),
            ct);
        var job = await store.FindViewAsync<JobView>(input.JobId, ct);
        var run = result.Rejection is null ? await store.FindViewAsync<RunView>(runId, ct) : null;
        return new(job, run, Error.Of(result.Rejection));
    }

    /// <summary>Stops the job's run with a savepoint.</summary>
    public static async Task<StopJobPayload> StopJob(
        StopJobInput input,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        TimeProvider clock,
        CancellationToken ct)
    {
        var command = new RequestStop(input.WithSavepoint, input.Drain, TriggerId(), clock.GetUtcNow());
        var (job, run, errors) =
            await ChangeRunAsync(input.JobId, command, "StopJob", input.CommandId, caller, commands, store, ct);
        return new(job, run, errors);
    }

    /// <summary>Cancels the job's run, without a savepoint.</summary>
    public static async Task<CancelJobPayload> CancelJob(
        CancelJobInput input, Caller caller, CommandRunner commands, EventStore.EventStore store, CancellationToken ct)
    {
        var (job, run, errors) = await ChangeRunAsync(
            input.JobId, new RequestCancel(), "CancelJob", input.CommandId, caller, commands, store, ct);
        return new(job, run, errors);
    }

    /// <summary>Takes a savepoint of the job's run, which goes on.</summary>
    public static async Task<TriggerSavepointPayload> TriggerSavepoint(
        TriggerSavepointInput input,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        TimeProvider clock,
        CancellationToken ct)
    {
        var (job, run, errors) = await ChangeRunAsync(
            input.JobId, new RequestSavepoint(
                TriggerId(), clock.GetUtcNow()), "TriggerSavepoint", input.CommandId, caller, commands, store, ct);
        return new(job, run, errors);
    }

    /// <summary>Puts the job away. Its history stays, and its name stays taken.</summary>
    public static async Task<ArchiveJobPayload> ArchiveJob(
        ArchiveJobInput input, Caller caller, CommandRunner commands, EventStore.EventStore store, CancellationToken ct)
    {
        var result = await commands.RunAsync(
            caller.By<ArchiveJob>(input.CommandId),
            caller.Key<ArchiveJob>(input.CommandId, input.JobId),
            scope => scope.DecideAsync(Aggregates.Job, input.JobId, job => Job.Decide(job, new ArchiveJob())),
            ct);
        return new(await store.FindViewAsync<JobView>(input.JobId, ct), Error.Of(result.Rejection));
    }

    private static async ValueTask<Rejection?> StartAsync(CommandScope scope, Guid jobId, StartJob command)
    {
        var cluster = await scope.LoadAsync(Aggregates.Cluster, command.ClusterId);
        if (await scope.DecideAsync(Aggregates.Job, jobId, job => Job.Decide(job, cluster, command)) is { } refused)
        {
            return refused;
        }

        var started = scope.Decided(jobId).OfType<JobStartRequested>().Single();
        var job = await scope.LoadAsync(Aggregates.Job, jobId);
        var spec = job.Versions[started.Version - 1].Spec;
        return await scope.ChangeAsync(new(command.RunId, new RequestRun(new RunRequested(
            jobId,
            job.Project,
            job.Name,
            started.Version,
            command.ClusterId,
            started.Attempt,
            spec.FlinkVersion,
            cluster.Offered[spec.FlinkVersion],
            FlinkJobId: command.RunId.ToString("N"),
            started.From))));
    }

    private static async Task<(JobView? Job, RunView? Run, IReadOnlyList<Error>? Errors)> ChangeRunAsync<TCommand>(
        Guid jobId,
        TCommand command,
        string name,
        string? commandId,
        Caller caller,
        CommandRunner commands,
        EventStore.EventStore store,
        CancellationToken ct)
        where TCommand : notnull
    {
        Guid? runId = null;
        var result = await commands.RunAsync(
            new(caller.User, commandId, name, caller.CorrelationId),
            caller.Key<TCommand>(commandId, jobId),
            async scope =>
            {
                var job = await scope.LoadAsync(Aggregates.Job, jobId);
                if (!job.Exists) return Decisions.Reject("JOB_UNKNOWN", "There is no job with this id.", "jobId");
                if (job.RunId is null)
                {
                    return Decisions.Reject("JOB_NOT_STARTED", "The job was never started.", "jobId");
                }

                runId = job.RunId;
                return await scope.ChangeAsync(new(job.RunId.Value, command));
            },
            ct);
        var view = await store.FindViewAsync<JobView>(jobId, ct);
        runId ??= view?.CurrentRunId;
        var run = runId is { } id ? await store.FindViewAsync<RunView>(id, ct) : null;
        return (view, run, Error.Of(result.Rejection));
    }

    private static string TriggerId() => Guid.NewGuid().ToString("N");
}
