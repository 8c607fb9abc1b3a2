using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Tests.Jobs.JobStory;

namespace Xuanwu.Domain.Tests.Jobs;

public sealed class StartJobTests
{
    private static readonly JobSpec V1 = Sql("SELECT 1", flink: "1.19");
    private static readonly JobSpec V2 = Sql("SELECT 2", flink: "1.20");
    private static readonly JobEvent[] Ready = [Created, Drafted(V1), Published(1, V1), Drafted(V2), Published(2, V2)];

    [Fact]
    public void A_start_takes_the_latest_version_unless_one_is_named()
    {
        Given(Ready).When(Start(run: 1)).Then(Started(1, attempt: 1, version: 2));
        Given(Ready).When(Start(run: 1, version: 1)).Then(Started(1, attempt: 1, version: 1));
    }

    [Fact]
    public void Attempts_are_counted_over_all_runs()
    {
        Given([.. Ready, Started(1, 1, 2), new JobRunObserved(RunId(1), RunState.Failed)])
            .When(Start(run: 2)).Then(Started(2, attempt: 2, version: 2));
    }

    [Fact]
    public void Asking_for_the_same_run_again_changes_nothing()
    {
        var started = Given(Ready).When(Start(run: 1)).Then(Started(1, 1, 2));
        started.When(Start(run: 1)).ThenNothing();
        started.When(new FollowRun(RunId(1), RunState.Finished)).Then(new JobRunObserved(RunId(1), RunState.Finished))
            .When(Start(run: 1)).ThenNothing();
    }

    [Theory]
    [InlineData(RunState.Accepted, false)]
    [InlineData(RunState.Running, false)]
    [InlineData(RunState.Failed, true)]
    [InlineData(RunState.Canceled, true)]
    [InlineData(RunState.Finished, true)]
    public void A_job_has_one_live_run(RunState state, bool startable)
    {
        var outcome = Given([.. Ready, Started(1, 1, 2), new JobRunObserved(RunId(1), state)]).When(Start(run: 2));
        if (startable) outcome.Then(Started(2, attempt: 2, version: 2));
        else outcome.ThenRejected("JOB_IS_RUNNING");
    }

    [Fact]
    public void A_run_that_came_back_counts_as_live()
    {
        Given([
                .. Ready, Started(1, 1, 2),
                new JobRunObserved(RunId(1), RunState.Failed), new JobRunObserved(RunId(1), RunState.Running)])
            .When(Start(run: 2)).ThenRejected("JOB_IS_RUNNING");
    }

    [Fact]
    public void A_start_needs_a_version_that_exists()
    {
        Given(Created, Drafted(V1)).When(Start(run: 1)).ThenRejected("JOB_HAS_NO_VERSION");
        Given(Ready).When(Start(run: 1, version: 3)).ThenRejected("JOB_VERSION_UNKNOWN", "version");
    }

    [Fact]
    public void A_start_needs_a_cluster_that_offers_the_versions_Flink()
    {
        Given(Ready).WhenDeciding(job => Job.Decide(job, Cluster.Absent, Start(run: 1)))
            .ThenRejected("CLUSTER_UNKNOWN", "clusterId");
        var why = Given(Ready).WhenDeciding(job => Job.Decide(job, Offering("1.18", "1.19"), Start(run: 1)))
            .ThenRejected("FLINK_VERSION_NOT_OFFERED", "clusterId");
        Assert.Contains("1.18, 1.19", why.Message, StringComparison.Ordinal);
        why = Given(Ready).WhenDeciding(job => Job.Decide(job, Offering(), Start(run: 1)))
            .ThenRejected("FLINK_VERSION_NOT_OFFERED", "clusterId");
        Assert.Contains("none", why.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_restore_refuses_the_start() =>
        Given(Ready).When(Start(run: 1, from: RestoreFrom.LatestSavepoint)).ThenRejected("NO_SAVEPOINT", "from");
}
