using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Tests.Jobs.JobStory;

namespace Xuanwu.Domain.Tests.Jobs;

public sealed class JobTests
{
    private static readonly CreateJob Create = new("ads", "clicks", JobKind.Sql, "li", NoLabels);
    private static readonly JobSpec V1 = Sql("SELECT 1");
    private static readonly JobSpec V2 = Sql("SELECT 2");

    [Fact]
    public void A_job_is_created_with_what_was_given()
    {
        var labels = new Dictionary<string, string> { ["team"] = "growth" };
        Given().When(Create with { Kind = JobKind.Jar, Labels = labels })
            .Then(new JobCreated("ads", "clicks", JobKind.Jar, "li", labels));
    }

    [Fact]
    public void A_name_is_taken_for_ever_even_by_an_archived_job()
    {
        Given(Created).When(Create).ThenRejected("JOB_NAME_TAKEN", "name");
        var why = Given(Created, new JobArchived()).When(Create).ThenRejected("JOB_NAME_TAKEN", "name");
        Assert.Contains("archived", why.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Project_and_name_must_be_names()
    {
        Given().When(Create with { Project = "a/b" }).ThenRejected("PROJECT_NAME_INVALID", "project");
        Given().When(Create with { Name = "" }).ThenRejected("JOB_NAME_INVALID", "name");
    }

    [Fact]
    public void A_draft_is_kept_and_replaced()
    {
        Given(Created).When(new SaveDraft(V1)).Then(Drafted(V1)).When(new SaveDraft(V2)).Then(Drafted(V2));
    }

    [Fact]
    public void Saving_the_same_draft_again_changes_nothing() =>
        Given(Created, Drafted(V1)).When(new SaveDraft(V1 with { })).ThenNothing();

    [Fact]
    public void A_draft_must_be_of_the_jobs_kind_and_within_its_rules()
    {
        Given(Created).When(new SaveDraft(Jar())).ThenRejected("SPEC_KIND_MISMATCH", "jar");
        Given(Created).When(new SaveDraft(V1 with { Parallelism = 0 }))
            .ThenRejected("PARALLELISM_INVALID", "parallelism");
    }

    [Fact]
    public void Versions_are_numbered_from_one()
    {
        Given(Created, Drafted(V1)).When(new PublishVersion("first")).Then(Published(1, V1, "first"))
            .When(new SaveDraft(V2)).Then(Drafted(V2))
            .When(new PublishVersion("second")).Then(Published(2, V2, "second"));
    }

    [Fact]
    public void Publishing_an_unchanged_draft_changes_nothing() =>
        Given(Created, Drafted(V1), Published(1, V1)).When(new PublishVersion("again")).ThenNothing();

    [Fact]
    public void A_version_needs_a_draft() =>
        Given(Created).When(new PublishVersion("")).ThenRejected("JOB_HAS_NO_DRAFT");

    [Fact]
    public void Rolling_back_publishes_the_old_content_under_a_new_number()
    {
        Given(Created, Drafted(V1), Published(1, V1), Drafted(V2), Published(2, V2))
            .When(new RollBackJob(1, "v2 drops clicks")).Then(Published(3, V1, "v2 drops clicks", restoredFrom: 1))
            .When(new PublishVersion("")).ThenNothing(); // the draft went back too
    }

    [Fact]
    public void Rolling_back_to_what_is_the_latest_changes_nothing() =>
        Given(Created, Drafted(V1), Published(1, V1)).When(new RollBackJob(1, "")).ThenNothing();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(-1)]
    public void Only_versions_that_exist_can_be_rolled_back_to(int version)
    {
        Given(Created, Drafted(V1), Published(1, V1)).When(new RollBackJob(version, ""))
            .ThenRejected("JOB_VERSION_UNKNOWN", "version");
        Given(Created).When(new RollBackJob(version, "")).ThenRejected("JOB_VERSION_UNKNOWN", "version");
    }

    [Fact]
    public void A_job_follows_its_current_run_and_no_other()
    {
        var started = Given(Created, Drafted(V1), Published(1, V1), Started(run: 7, attempt: 1, version: 1));
        started.When(new FollowRun(RunId(7), RunState.Running)).Then(new JobRunObserved(RunId(7), RunState.Running))
            .When(new FollowRun(RunId(7), RunState.Running)).ThenNothing();
        started.When(new FollowRun(RunId(8), RunState.Running)).ThenNothing();
        started.When(new FollowRun(RunId(7), RunState.Accepted)).ThenNothing();
    }

    [Fact]
    public void Every_savepoint_is_kept_once_and_the_latest_is_by_attempt_and_time()
    {
        var older = Savepoint("s3://sp/1", attempt: 1, minute: 59);
        var newer = Savepoint("s3://sp/2", attempt: 2, minute: 1);
        var kept = Given(Created, Drafted(V1), Published(1, V1))
            .When(new KeepSavepoint(RunId(2), newer)).Then(new JobSavepointTaken(RunId(2), newer))
            .When(new KeepSavepoint(RunId(1), older)).Then(new JobSavepointTaken(RunId(1), older));
        kept.When(new KeepSavepoint(RunId(1), older)).ThenNothing();
        kept.When(new KeepSavepoint(RunId(2), newer)).ThenNothing();
        kept.When(Start(run: 3, from: RestoreFrom.LatestSavepoint))
            .Then(Started(3, attempt: 1, version: 1, new RestorePoint("s3://sp/2", "1.20")));
    }

    [Fact]
    public void A_job_that_does_not_exist_keeps_no_savepoint() =>
        Given().When(new KeepSavepoint(RunId(1), Savepoint("s3://sp/1"))).ThenNothing();

    [Fact]
    public void Archiving_again_changes_nothing() =>
        Given(Created).When(new ArchiveJob()).Then(new JobArchived()).When(new ArchiveJob()).ThenNothing();

    [Theory]
    [InlineData(RunState.Accepted)]
    [InlineData(RunState.Running)]
    public void A_job_with_a_live_run_cannot_be_archived(RunState state)
    {
        Given(Created, Drafted(V1), Published(1, V1), Started(1, 1, 1), new JobRunObserved(RunId(1), state))
            .When(new ArchiveJob()).ThenRejected("JOB_IS_RUNNING");
    }

    public static TheoryData<object> Changes =>
        [new SaveDraft(V1), new PublishVersion(""), new RollBackJob(1, ""), Start(run: 1)];

    [Theory]
    [MemberData(nameof(Changes))]
    public void An_archived_job_is_not_changed(object command) =>
        Given(Created, Drafted(V1), Published(1, V1), new JobArchived()).When(command).ThenRejected("JOB_IS_ARCHIVED");

    [Theory]
    [MemberData(nameof(Changes))]
    public void A_job_that_does_not_exist_is_not_changed(object command)
    {
        Given().When(command).ThenRejected("JOB_UNKNOWN", "jobId");
        Given().When(new ArchiveJob()).ThenRejected("JOB_UNKNOWN", "jobId");
        Given().When(new FollowRun(RunId(1), RunState.Running)).ThenNothing();
    }

    private sealed record JobPainted : JobEvent;

    [Fact]
    public void An_event_of_a_later_release_is_an_error() =>
        Assert.Throws<UnknownEvent>(() => Given(Created, new JobPainted()));
}
