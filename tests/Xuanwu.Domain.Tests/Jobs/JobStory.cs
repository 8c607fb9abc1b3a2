using System.Collections.Immutable;
using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;

namespace Xuanwu.Domain.Tests.Jobs;

/// <summary>A job named clicks in the project ads, and the words that its stories are told in.</summary>
public static class JobStory
{
    public static readonly Aggregate<Job, JobEvent> TheJob = new(Job.Absent, Job.Evolve, (job, command) =>
        command switch
    {
        CreateJob it => Job.Decide(job, it),
        SaveDraft it => Job.Decide(job, it),
        PublishVersion it => Job.Decide(job, it),
        RollBackJob it => Job.Decide(job, it),
        StartJob it => Job.Decide(job, Offering("1.19", "1.20", "2.0"), it),
        FollowRun it => Job.Decide(job, it),
        KeepSavepoint it => Job.Decide(job, it),
        ArchiveJob it => Job.Decide(job, it),
        _ => throw new ArgumentException($"{command} is no command of a job."),
    });

    public static readonly Guid Laptop = Cluster.IdOf("laptop");

    public static readonly IReadOnlyDictionary<string, string> NoLabels =
        ImmutableSortedDictionary<string, string>.Empty;

    public static readonly JobCreated Created = new("ads", "clicks", JobKind.Sql, "li", NoLabels);

    public static Story<Job, JobEvent> Given(params JobEvent[] past) => TheJob.Given(past);

    public static Cluster Offering(params string[] versions) => Cluster.Absent with
    {
        Spec = new(
            "https://127.0.0.1:6443",
            "in-cluster",
            "flink",
            "http://{run}.localhost",
            "s3://b/ha",
            "s3://b/checkpoints",
            "s3://b/savepoints"),
        Offered = versions.ToImmutableSortedDictionary(version => version, version => $"flink:{version}"),
    };

    public static JobSpec Sql(string sql = "INSERT INTO t SELECT 1", string flink = "1.20") => new(
        sql, Jar: null, flink, Parallelism: 2, Resources.Default, ImmutableSortedDictionary<string, string>.Empty, []);

    public static JobSpec Jar(string uri = "local:///opt/flink/usrlib/job.jar") =>
        Sql() with { Sql = null, Jar = new(uri, "com.example.Job", []) };

    public static JobDraftSaved Drafted(JobSpec spec) => new(spec);

    public static JobVersionPublished Published(int number, JobSpec spec, string note = "", int? restoredFrom = null) =>
        new(number, spec, spec.Hash(), note, restoredFrom);

    public static Guid RunId(int number) => new(number, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]);

    public static StartJob Start(
        int run,
        int? version = null,
        RestoreFrom from = RestoreFrom.None,
        string? path = null,
        bool dropState = false,
        bool force = false) =>
        new(RunId(run), version, Laptop, from, path, dropState, force);

    public static JobStartRequested Started(int run, int attempt, int version, RestorePoint? from = null) =>
        new(RunId(run), attempt, version, Laptop, from ?? RestorePoint.None);

    public static Savepoint Savepoint(string path, int attempt = 1, int minute = 0, string flink = "1.20") =>
        new(path, flink, attempt, new DateTimeOffset(2026, 1, 2, 3, minute, 0, TimeSpan.Zero));
}
