using System.Collections.Immutable;
using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain.Jobs;

public sealed record JobVersion(int Number, JobSpec Spec, string Hash);

// What is true now: only what a decision needs. What people look at is JobView.
public sealed record Job(
    bool Exists,
    string Project,
    string Name,
    JobKind Kind,
    JobSpec? Draft,
    ImmutableList<JobVersion> Versions,
    int Attempt,
    Guid? RunId,
    RunState? RunState,
    Savepoint? LatestSavepoint,
    ImmutableDictionary<string, string> SavepointVersions,
    bool Archived)
{
    private const int MaxLabels = 64;

    public static readonly Job Absent = new(
        Exists: false,
        Project: "",
        Name: "",
        JobKind.Sql,
        Draft: null,
        [],
        Attempt: 0,
        RunId: null,
        RunState: null,
        LatestSavepoint: null,
        ImmutableDictionary<string, string>.Empty,
        Archived: false);

    /// <summary>The stream of the job that has this name: names are unique in a project.</summary>
    public static Guid IdOf(string project, string name) => Names.StreamId("job", project, name);

    public bool IsLive => RunState is Runs.RunState.Accepted or Runs.RunState.Running;

    public static Job Evolve(Job job, JobEvent happened) => happened switch
    {
        JobCreated it => job with { Exists = true, Project = it.Project, Name = it.Name, Kind = it.Kind },
        JobDraftSaved it => job with { Draft = it.Draft },
        JobVersionPublished it => job with
        {
            Versions = job.Versions.Add(new(it.Number, it.Spec, it.Hash)),
            Draft = it.RestoredFrom is null ? job.Draft : it.Spec,
        },
        JobStartRequested it => job with { Attempt = it.Attempt, RunId = it.RunId, RunState = Runs.RunState.Accepted },
        JobRunObserved it => job.RunId == it.RunId ? job with { RunState = it.State } : job,
        JobSavepointTaken it => job with
        {
            LatestSavepoint = it.Savepoint.IsLaterThan(job.LatestSavepoint) ? it.Savepoint : job.LatestSavepoint,
            SavepointVersions = job.SavepointVersions.SetItem(it.Savepoint.Path, it.Savepoint.FlinkVersion),
        },
        JobArchived => job with { Archived = true },
        _ => throw new UnknownEvent(happened),
    };

    public static Decision<JobEvent> Decide(Job job, CreateJob command)
    {
        if (Names.Check("project", command.Project, "project") is { } badProject) return badProject;
        if (Names.Check("job", command.Name, "name") is { } badName) return badName;
        if (Texts.CheckLine("OWNER_INVALID", "owner", command.Owner, "owner") is { } badOwner) return badOwner;
        if (CheckLabels(command.Labels) is { } badLabel) return badLabel;
        if (job.Exists)
        {
            var archived = job.Archived ? " (archived)" : "";
            return Reject(
                "JOB_NAME_TAKEN",
                $"Project {command.Project} already has a job{archived} named {command.Name}; choose another name.",
                "name");
        }

        return new JobCreated(command.Project, command.Name, command.Kind, command.Owner, command.Labels);
    }

    public static Decision<JobEvent> Decide(Job job, SaveDraft command)
    {
        if (Unchangeable(job) is { } refused) return refused;
        if (JobSpecRules.Check(job.Kind, command.Draft) is { } wrong) return wrong;
        if (job.Draft?.Hash() == command.Draft.Hash()) return Nothing;
        return new JobDraftSaved(command.Draft);
    }

    public static Decision<JobEvent> Decide(Job job, PublishVersion command)
    {
        if (Unchangeable(job) is { } refused) return refused;
        if (CheckNote(command.Note) is { } badNote) return badNote;
        if (job.Draft is null) return Reject("JOB_HAS_NO_DRAFT", "Save a draft before publishing a version.");
        return Publish(job, job.Draft, command.Note, restoredFrom: null);
    }

    public static Decision<JobEvent> Decide(Job job, RollBackJob command)
    {
        if (Unchangeable(job) is { } refused) return refused;
        if (CheckNote(command.Note) is { } badNote) return badNote;
        if (Find(job, command.ToVersion) is not { } version) return NoSuchVersion(job, command.ToVersion);
        return Publish(job, version.Spec, command.Note, restoredFrom: version.Number);
    }

    public static Decision<JobEvent> Decide(Job job, Cluster cluster, StartJob command)
    {
        if (Unchangeable(job) is { } refused) return refused;
        if (job.RunId == command.RunId) return Nothing;
        if (job.IsLive)
        {
            return Reject(
                "JOB_IS_RUNNING", "The job has a run that has not ended; stop it before starting the job again.");
        }

        if (job.Versions.IsEmpty) return Reject("JOB_HAS_NO_VERSION", "Publish a version before starting the job.");
        var number = command.Version ?? job.Versions[^1].Number;
        if (Find(job, number) is not { } version) return NoSuchVersion(job, number);
        if (!cluster.Exists)
        {
            return Reject("CLUSTER_UNKNOWN", "There is no such cluster; see the query clusters.", "clusterId");
        }

        if (!cluster.Offered.ContainsKey(version.Spec.FlinkVersion))
        {
            return Reject(
                "FLINK_VERSION_NOT_OFFERED",
                $"The cluster does not offer Flink {version.Spec.FlinkVersion}; it offers {cluster.OfferedText}.",
                "clusterId");
        }

        var (from, wrong) = RestoreDecision.Of(job, version.Spec.FlinkVersion, command);
        if (wrong is not null) return wrong;
        return new JobStartRequested(command.RunId, job.Attempt + 1, number, command.ClusterId, from);
    }

    public static Decision<JobEvent> Decide(Job job, FollowRun command)
    {
        if (job.RunId != command.RunId || job.RunState == command.State) return Nothing;
        return new JobRunObserved(command.RunId, command.State);
    }

    public static Decision<JobEvent> Decide(Job job, KeepSavepoint command)
    {
        if (!job.Exists || job.SavepointVersions.ContainsKey(command.Savepoint.Path)) return Nothing;
        return new JobSavepointTaken(command.RunId, command.Savepoint);
    }

    public static Decision<JobEvent> Decide(Job job, ArchiveJob _)
    {
        if (!job.Exists) return Unknown();
        if (job.Archived) return Nothing;
        if (job.IsLive)
        {
            return Reject("JOB_IS_RUNNING", "The job has a run that has not ended; stop it before archiving the job.");
        }

        return new JobArchived();
    }

    private static Rejection? CheckNote(string note) => Texts.Check("NOTE_INVALID", "note", note, "note");

    private static Rejection? CheckLabels(IReadOnlyDictionary<string, string> labels)
    {
        if (labels.Count > MaxLabels)
        {
            return Reject(
                "LABEL_INVALID", $"The job has {labels.Count} labels; at most {MaxLabels} are kept.", "labels");
        }

        foreach (var (key, value) in labels)
        {
            var wrong = Texts.CheckLine("LABEL_INVALID", "key of a label", key, "labels")
                ?? Texts.Check("LABEL_INVALID", $"label {key}", value, "labels", Texts.ShortText);
            if (wrong is not null) return wrong;
        }

        return null;
    }

    private static Decision<JobEvent> Publish(Job job, JobSpec spec, string note, int? restoredFrom)
    {
        var hash = spec.Hash();
        if (!job.Versions.IsEmpty && job.Versions[^1].Hash == hash) return Nothing;
        return new JobVersionPublished(job.Versions.Count + 1, spec, hash, note, restoredFrom);
    }

    private static JobVersion? Find(Job job, int number) =>
        number >= 1 && number <= job.Versions.Count ? job.Versions[number - 1] : null;

    private static Rejection NoSuchVersion(Job job, int number) => Reject(
        "JOB_VERSION_UNKNOWN",
        job.Versions.IsEmpty
            ? $"The job has no version {number}: none is published yet."
            : $"The job has no version {number}; it has 1 to {job.Versions.Count}.",
        "version");

    private static Rejection? Unchangeable(Job job)
    {
        if (!job.Exists) return Unknown();
        return job.Archived ? Reject("JOB_IS_ARCHIVED", "The job is archived; create a new one.") : null;
    }

    private static Rejection Unknown() => Reject("JOB_UNKNOWN", "There is no job with this id.", "jobId");
}
