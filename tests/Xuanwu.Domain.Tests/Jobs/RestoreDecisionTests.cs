using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Tests.Jobs.JobStory;

namespace Xuanwu.Domain.Tests.Jobs;

public sealed class RestoreDecisionTests
{
    private static readonly Job Fresh = Job.Absent;

    private static readonly Job Experienced = TheJob.Fold(Job.Absent,
    [
        Created,
        new JobSavepointTaken(RunId(1), Savepoint("s3://sp/old", minute: 1, flink: "1.19")),
        new JobSavepointTaken(RunId(2), Savepoint("s3://sp/new", minute: 2, flink: "2.0")),
    ]);

    [Fact]
    public void An_empty_start_is_empty_whatever_there_is() =>
        Taken(RestorePoint.None, RestoreDecision.Of(Experienced, "2.0", Start(1, from: RestoreFrom.None)));

    [Fact]
    public void The_latest_savepoint_is_taken_when_it_is_asked_for() => Taken(
        new RestorePoint("s3://sp/new", "2.0"),
        RestoreDecision.Of(Experienced, "2.1", Start(1, from: RestoreFrom.LatestSavepoint)));

    [Fact]
    public void An_empty_start_never_stands_in_for_a_savepoint() =>
        Refused("NO_SAVEPOINT", RestoreDecision.Of(Fresh, "2.0", Start(1, from: RestoreFrom.LatestSavepoint)));

    [Fact]
    public void Dropping_state_in_silence_is_recorded() => Taken(
        new RestorePoint("s3://sp/new", "2.0", AllowNonRestoredState: true),
        RestoreDecision.Of(Experienced, "2.0", Start(1, from: RestoreFrom.LatestSavepoint, dropState: true)));

    [Theory]
    [InlineData("1.20", "s3://sp/new")]
    [InlineData("2.0", "s3://sp/old")]
    public void State_does_not_cross_Flink_1_and_2_unless_the_user_insists(string flink, string path)
    {
        var start = Start(1, from: RestoreFrom.Path, path: path);
        Refused("STATE_INCOMPATIBLE", RestoreDecision.Of(Experienced, flink, start));
        var (from, wrong) = RestoreDecision.Of(Experienced, flink, start with { Force = true });
        Assert.Null(wrong);
        Assert.Equal(path, from.Path);
    }

    [Fact]
    public void An_older_Flink_does_not_read_what_a_newer_one_wrote_unless_the_user_insists()
    {
        var start = Start(1, from: RestoreFrom.Path, path: "s3://sp/old");
        Refused("STATE_INCOMPATIBLE", RestoreDecision.Of(Experienced, "1.18", start));
        Taken(new RestorePoint("s3://sp/old", "1.19"), RestoreDecision.Of(Experienced, "1.20", start));
        Taken(
            new RestorePoint("s3://sp/old", "1.19"),
            RestoreDecision.Of(Experienced, "1.18", start with { Force = true }));
    }

    [Fact]
    public void The_latest_savepoint_does_not_cross_either()
    {
        var start = Start(1, from: RestoreFrom.LatestSavepoint);
        Refused("STATE_INCOMPATIBLE", RestoreDecision.Of(Experienced, "1.20", start));
        Taken(
            new RestorePoint("s3://sp/new", "2.0"),
            RestoreDecision.Of(Experienced, "1.20", start with { Force = true }));
    }

    [Fact]
    public void A_path_of_ours_is_taken_with_the_version_that_wrote_it() => Taken(
        new RestorePoint("s3://sp/old", "1.19"),
        RestoreDecision.Of(Experienced, "1.20", Start(1, from: RestoreFrom.Path, path: "s3://sp/old")));

    [Fact]
    public void A_path_that_nobody_knows_is_left_to_Flink() => Taken(
        new RestorePoint("s3://elsewhere/chk-7"),
        RestoreDecision.Of(Experienced, "1.20", Start(1, from: RestoreFrom.Path, path: "s3://elsewhere/chk-7")));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void A_path_must_be_given_where_one_is_asked_for(string? path) =>
        Refused(
            "RESTORE_PATH_MISSING",
            RestoreDecision.Of(Experienced, "2.0", Start(1, from: RestoreFrom.Path, path: path)));

    [Theory]
    [InlineData(RestoreFrom.None)]
    [InlineData(RestoreFrom.LatestSavepoint)]
    public void A_path_that_would_not_be_used_is_refused(RestoreFrom from) =>
        Refused(
            "RESTORE_PATH_UNUSED",
            RestoreDecision.Of(Experienced, "2.0", Start(1, from: from, path: "s3://sp/old")));

    private static void Taken(RestorePoint expected, (RestorePoint From, Rejection? Wrong) answer) =>
        Assert.Equal((expected, null), answer);

    private static void Refused(string code, (RestorePoint From, Rejection? Wrong) answer)
    {
        Assert.Equal((code, "from"), (answer.Wrong?.Code, answer.Wrong?.Path));
        Assert.Equal(RestorePoint.None, answer.From);
    }
}
