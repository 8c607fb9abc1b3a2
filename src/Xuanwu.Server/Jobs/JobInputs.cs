using Xuanwu.Domain.Jobs;
using Xuanwu.Server.GraphQL;

namespace Xuanwu.Server.Jobs;

/// <param name="Project">The project that the job belongs to.</param>
/// <param name="Name">The job's name, unique in its project.</param>
/// <param name="Kind">SQL or JAR.</param>
/// <param name="Owner">Who answers for the job; the caller when left out.</param>
/// <param name="Labels">Labels of your choice.</param>
/// <param name="CommandId">Makes a repeat of this command harmless.</param>
public sealed record CreateJobInput(
    string Project, string Name, JobKind Kind, string? Owner, IReadOnlyList<KeyValue>? Labels, string? CommandId);

public sealed record JarInput(string Uri, string EntryClass, IReadOnlyList<string>? Arguments);

public sealed record JobManagerInput(double? Cpu, int? MemoryMiB, int? Replicas);

public sealed record TaskManagerInput(double? Cpu, int? MemoryMiB, int? Slots);

public sealed record ResourcesInput(JobManagerInput? JobManager, TaskManagerInput? TaskManager);

/// <summary>What is left out stays as the draft has it; in a first draft it takes its default.</summary>
public sealed record SaveDraftInput(
    Guid JobId,
    string? Sql,
    JarInput? Jar,
    string? FlinkVersion,
    int? Parallelism,
    ResourcesInput? Resources,
    IReadOnlyList<KeyValue>? Parameters,
    IReadOnlyList<string>? Catalogs,
    string? CommandId)
{
    public const string DefaultFlinkVersion = "1.20";

    public (JobSpec Draft, Domain.Rejection? Wrong) Over(JobSpec? draft)
    {
        var (parameters, wrong) = KeyValue.Read(Parameters, "parameters");
        var resources = draft?.Resources ?? Domain.Jobs.Resources.Default;
        return (
            new JobSpec(
                Sql ?? draft?.Sql,
                Jar is null ? draft?.Jar : new JarProgram(Jar.Uri, Jar.EntryClass, Jar.Arguments ?? []),
                FlinkVersion ?? draft?.FlinkVersion ?? DefaultFlinkVersion,
                Parallelism ?? draft?.Parallelism ?? 1,
                new(
                    new(
                        Resources?.JobManager?.Cpu ?? resources.JobManager.Cpu,
                        Resources?.JobManager?.MemoryMiB ?? resources.JobManager.MemoryMiB,
                        Resources?.JobManager?.Replicas ?? resources.JobManager.Replicas),
                    new(
                        Resources?.TaskManager?.Cpu ?? resources.TaskManager.Cpu,
                        Resources?.TaskManager?.MemoryMiB ?? resources.TaskManager.MemoryMiB,
                        Resources?.TaskManager?.Slots ?? resources.TaskManager.Slots)),
                Parameters is null && draft is not null ? draft.Parameters : parameters,
                Catalogs ?? draft?.Catalogs ?? []),
            wrong);
    }
}

public sealed record PublishVersionInput(Guid JobId, string? Note, string? CommandId);

/// <param name="JobId">The job.</param>
/// <param name="ToVersion">The version whose content is published anew.</param>
/// <param name="Note">Why.</param>
/// <param name="CommandId">Makes a repeat of this command harmless.</param>
public sealed record RollBackJobInput(Guid JobId, int ToVersion, string? Note, string? CommandId);

/// <param name="JobId">The job.</param>
/// <param name="Version">The version to run; the latest when left out.</param>
/// <param name="ClusterId">The cluster to run on; may be left out where there is only one.</param>
/// <param name="From">Where the state comes from. An empty start is NONE.</param>
/// <param name="Path">The savepoint or checkpoint, when from is PATH.</param>
/// <param name="AllowNonRestoredState">Let state go that no operator of this version claims.</param>
/// <param name="Force">Insist on a restore that crosses Flink 1.x and 2.x.</param>
/// <param name="CommandId">Makes a repeat of this command harmless.</param>
public sealed record StartJobInput(
    Guid JobId,
    int? Version,
    Guid? ClusterId,
    RestoreFrom From = RestoreFrom.None,
    string? Path = null,
    bool AllowNonRestoredState = false,
    bool Force = false,
    string? CommandId = null);

/// <param name="JobId">The job.</param>
/// <param name="WithSavepoint">Take a savepoint first; false is the same as cancelJob.</param>
/// <param name="Drain">Let all windows and timers fire before the savepoint: the job can then not be continued from
/// it.</param>
/// <param name="CommandId">Makes a repeat of this command harmless.</param>
public sealed record StopJobInput(Guid JobId, bool WithSavepoint = true, bool Drain = false, string? CommandId = null);

public sealed record CancelJobInput(Guid JobId, string? CommandId);

public sealed record TriggerSavepointInput(Guid JobId, string? CommandId);

public sealed record ArchiveJobInput(Guid JobId, string? CommandId);
