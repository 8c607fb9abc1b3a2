using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Xuanwu.Domain;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using Xuanwu.EventStore;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.Server.Jobs;

/// <summary>A version of a job: what it says stays as it was published.</summary>
public sealed record JobVersionView(
    Guid JobId,
    int Number,
    string Hash,
    string FlinkVersion,
    string Note,
    string Author,
    DateTimeOffset PublishedAt,
    int? RestoredFrom);

/// <summary>A job: a program with its versions, and the run of one of them.</summary>
public sealed record JobView(
    Guid Id,
    string Project,
    string Name,
    JobKind Kind,
    string Owner,
    ImmutableSortedDictionary<string, string> Labels,
    RunState? State,
    Guid? CurrentRunId,
    int Attempt,
    JobSpec? Draft,
    [property: GraphQLIgnore] ImmutableList<JobVersionView> Versions,
    Savepoint? LatestSavepoint,
    bool Archived,
    DateTimeOffset CreatedAt,
    string CreatedBy,
    DateTimeOffset ChangedAt) : IPlaced
{
    public static readonly StreamView<JobView, JobEvent> Stored = new("job", Evolve);

    /// <inheritdoc/>
    [JsonIgnore, GraphQLIgnore]
    public ViewPlace Place { get; set; }

    public static JobView? Evolve(JobView? job, Recorded<JobEvent> recorded)
    {
        if (recorded.Event is JobCreated created) return Created(created, recorded);
        if (job is null)
        {
            throw new InvalidOperationException($"The job {recorded.StreamId} does not begin with JobCreated.");
        }

        job = job with { ChangedAt = recorded.At };
        return recorded.Event switch
        {
            JobDraftSaved it => job with { Draft = it.Draft },
            JobVersionPublished it => job with
            {
                Draft = it.RestoredFrom is null ? job.Draft : it.Spec,
                Versions = job.Versions.Add(new(
                    job.Id,
                    it.Number,
                    it.Hash,
                    it.Spec.FlinkVersion,
                    it.Note,
                    recorded.By,
                    recorded.At,
                    it.RestoredFrom)),

            },
            JobStartRequested it => job with
            {
                CurrentRunId = it.RunId,
                Attempt = it.Attempt,
                State = RunState.Accepted,
            },
            JobRunObserved it => job.CurrentRunId == it.RunId ? job with { State = it.State } : job,
            JobSavepointTaken it => it.Savepoint.IsLaterThan(job.LatestSavepoint)
                ? job with { LatestSavepoint = it.Savepoint } : job,
            JobArchived => job with { Archived = true },
            _ => throw new UnknownEvent(recorded.Event),
        };
    }

    private static JobView Created(JobCreated it, Recorded<JobEvent> recorded) => new(
        recorded.StreamId,
        it.Project,
        it.Name,
        it.Kind,
        it.Owner,
        it.Labels.ToImmutableSortedDictionary(),
        State: null,
        CurrentRunId: null,
        Attempt: 0,
        Draft: null,
        [],
        LatestSavepoint: null,
        Archived: false,
        recorded.At,
        recorded.By,
        recorded.At);
}
