using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Tests.Runs.RunStory;

namespace Xuanwu.Domain.Tests.Runs;

public sealed class RunTests
{
    [Fact]
    public void A_run_is_requested_once()
    {
        Given().When(new RequestRun(Requested)).Then(Requested)
            .When(new RequestRun(Requested with { Attempt = 4 })).ThenNothing();
    }

    [Fact]
    public void A_run_goes_from_asked_for_to_running()
    {
        Given(Requested)
            .When(new MarkRunDeployed()).Then(new RunDeployed())
            .When(new MarkRunSubmitted()).Then(new RunSubmitted())
            .When(Seen(RunState.Accepted, "CREATED")).Then(new RunObserved(RunState.Accepted, "CREATED"))
            .When(Seen(RunState.Running, "RUNNING")).Then(new RunObserved(RunState.Running, "RUNNING"));
    }

    [Fact]
    public void Marks_are_set_once()
    {
        Given(Running).When(new MarkRunDeployed()).ThenNothing();
        Given(Running).When(new MarkRunSubmitted()).ThenNothing();
    }

    [Fact]
    public void A_run_that_Flink_knows_was_submitted_even_if_that_answer_was_lost()
    {
        Given(Requested, new RunDeployed()).When(Seen(RunState.Running, "RUNNING"))
            .Then(new RunSubmitted(), new RunObserved(RunState.Running, "RUNNING"));
    }

    [Fact]
    public void Seeing_the_same_again_changes_nothing_and_Flinks_own_state_is_kept_beside_ours()
    {
        Given(Running).When(Seen(RunState.Running, "RUNNING")).ThenNothing();
        Given(Running).When(Seen(RunState.Running, "RESTARTING")).Then(new RunObserved(RunState.Running, "RESTARTING"));
    }

    [Fact]
    public void A_run_that_a_new_leader_initialises_is_still_running() =>
        Given(Running).When(Seen(RunState.Accepted, "INITIALIZING"))
            .Then(new RunObserved(RunState.Running, "INITIALIZING"));

    [Fact]
    public void A_bounded_job_ends_finished() => Given(Running).When(Seen(RunState.Finished, "FINISHED"))
        .Then(Ended(RunState.Finished, "FINISHED", "The job reached its end."));

    [Fact]
    public void A_job_that_dies_ends_failed_with_the_root_cause()
    {
        const string cause = "java.io.IOException: broker is gone\n\tat org.example.Source.read";
        Given(Running).When(Seen(RunState.Failed, "FAILED", cause))
            .Then(Ended(RunState.Failed, "FAILED", "java.io.IOException: broker is gone", cause));
        Given(Running).When(Seen(RunState.Failed, "FAILED"))
            .Then(Ended(RunState.Failed, "FAILED", "Flink reports that the job failed."));
    }

    [Fact]
    public void A_job_cancelled_in_Flinks_own_UI_ends_canceled() =>
        Given(Running).When(Seen(RunState.Canceled, "CANCELED"))
        .Then(Ended(RunState.Canceled, "CANCELED", "Stopped by a user."));

    [Fact]
    public void A_stop_with_savepoint_ends_canceled_although_Flink_says_finished()
    {
        var taken = new Savepoint("s3://sp/9", "1.20", Attempt: 3, Noon);
        Given(Running).When(Stop(drain: true)).Then(new RunStopRequested("t1", Noon, Drain: true))
            .When(new SettleSavepoint("t1", "s3://sp/9", Failure: null)).Then(new RunSavepointTaken("t1", taken))
            .When(Seen(RunState.Finished, "FINISHED")).Then(Ended(RunState.Canceled, "FINISHED", "Stopped by a user."));
    }

    [Fact]
    public void The_savepoint_of_a_stop_is_kept_also_when_the_end_was_seen_first()
    {
        Given([.. Running, StopAsked()])
            .When(Seen(RunState.Finished, "FINISHED")).Then(Ended(RunState.Canceled, "FINISHED", "Stopped by a user."))
            .When(new SettleSavepoint("t1", "s3://sp/9", Failure: null))
            .Then(new RunSavepointTaken("t1", new Savepoint("s3://sp/9", "1.20", Attempt: 3, Noon)));
    }

    [Fact]
    public void A_stop_whose_savepoint_fails_leaves_the_run_running()
    {
        var running = Given([.. Running, StopAsked()])
            .When(new SettleSavepoint("t1", Path: null, "disk full")).Then(new RunSavepointFailed("t1", "disk full"));
        running.When(Seen(RunState.Running, "RUNNING")).ThenNothing();
        running.When(Stop("t2")).Then(StopAsked("t2"));
        running.When(Seen(RunState.Finished, "FINISHED"))
            .Then(Ended(RunState.Finished, "FINISHED", "The job reached its end."));
    }

    [Fact]
    public void A_savepoint_that_fails_during_a_stop_does_not_take_the_stop_back()
    {
        Given([.. Running, new RunSavepointRequested("t0", Noon), StopAsked()])
            .When(new SettleSavepoint("t0", Path: null, Failure: null))
            .Then(new RunSavepointFailed("t0", "Flink gave no reason."))
            .When(Stop("t2")).ThenNothing();
    }

    [Fact]
    public void A_stop_without_savepoint_and_a_stop_before_there_is_state_are_cancels()
    {
        Given(Running).When(Stop(withSavepoint: false)).Then(new RunCancelRequested());
        Given(Requested).When(Stop()).Then(new RunCancelRequested());
    }

    [Fact]
    public void A_cancelled_run_ends_canceled()
    {
        Given(Running).When(new RequestCancel()).Then(new RunCancelRequested())
            .When(Seen(RunState.Canceled, "CANCELED")).Then(Ended(RunState.Canceled, "CANCELED", "Stopped by a user."));
    }

    [Fact]
    public void A_run_that_is_being_stopped_can_still_be_cancelled() =>
        Given([.. Running, StopAsked()]).When(new RequestCancel()).Then(new RunCancelRequested());

    [Fact]
    public void What_is_being_stopped_is_not_stopped_again()
    {
        Given([.. Running, StopAsked()]).When(Stop("t2")).ThenNothing();
        Given([.. Running, new RunCancelRequested()]).When(Stop("t2")).ThenNothing();
        Given([.. Running, new RunCancelRequested()]).When(new RequestCancel()).ThenNothing();
    }

    [Fact]
    public void What_has_ended_is_not_stopped()
    {
        var over = Given([.. Running, Ended(RunState.Failed, "FAILED", "gone")]);
        over.When(Stop()).ThenNothing();
        over.When(new RequestCancel()).ThenNothing();
        over.When(new EndRun(RunState.Failed, "again", RootCause: null)).ThenNothing();
        over.When(new MarkRunDeployed()).ThenNothing();
        over.When(new MarkRunSubmitted()).ThenNothing();
    }

    [Fact]
    public void Savepoints_are_asked_for_and_taken()
    {
        Given(Running).When(new RequestSavepoint("t1", Noon)).Then(new RunSavepointRequested("t1", Noon))
            .When(new SettleSavepoint("t1", "s3://sp/1", Failure: null))
            .Then(new RunSavepointTaken("t1", new Savepoint("s3://sp/1", "1.20", Attempt: 3, Noon)))
            .When(new SettleSavepoint("t1", "s3://sp/1", Failure: null)).ThenNothing();
    }

    [Fact]
    public void A_savepoint_that_is_being_taken_is_not_asked_for_again()
    {
        var asked = Given([.. Running, new RunSavepointRequested("t1", Noon)]);
        asked.When(new RequestSavepoint("t1", Noon)).ThenNothing();
        asked.When(Stop("t1")).ThenRejected("TRIGGER_ID_TAKEN", "triggerId");
    }

    [Fact]
    public void Only_a_run_that_runs_and_goes_on_has_a_savepoint_to_take()
    {
        var save = new RequestSavepoint("t9", Noon);
        Given(Requested).When(save).ThenRejected("RUN_NOT_RUNNING");
        Given([.. Running, StopAsked()]).When(save).ThenRejected("RUN_NOT_RUNNING");
        Given([.. Running, new RunCancelRequested()]).When(save).ThenRejected("RUN_NOT_RUNNING");
        Given([.. Running, Ended(RunState.Finished, "FINISHED", "over")]).When(save).ThenRejected("RUN_NOT_RUNNING");
    }

    [Fact]
    public void An_end_that_Flink_does_not_report_is_recorded_with_its_reason()
    {
        Given(Requested).When(new EndRun(RunState.Failed, "Flink refuses the SQL.", "SqlParserException: …"))
            .Then(Ended(RunState.Failed, flink: null, "Flink refuses the SQL.", "SqlParserException: …"));
    }

    [Theory]
    [InlineData(RunState.Failed)]
    [InlineData(RunState.Finished)]
    public void A_run_that_is_seen_running_after_its_end_is_revived(RunState end)
    {
        Given([.. Running, Ended(end, flink: null, "The cluster is gone.")])
            .When(Seen(RunState.Running, "RUNNING")).Then(new RunObserved(RunState.Running, "RUNNING"))
            .When(Seen(RunState.Finished, "FINISHED"))
            .Then(Ended(RunState.Finished, "FINISHED", "The job reached its end."));
    }

    [Fact]
    public void A_users_end_is_final() =>
        Given([.. Running, Ended(RunState.Canceled, "CANCELED", "Stopped by a user.")])
        .When(Seen(RunState.Running, "RUNNING")).ThenNothing();

    [Fact]
    public void A_late_answer_from_before_the_end_says_nothing()
    {
        var over = Given([.. Running, Ended(RunState.Finished, "FINISHED", "The job reached its end.")]);
        over.When(Seen(RunState.Accepted, "CREATED")).ThenNothing();
        over.When(Seen(RunState.Failed, "FAILED")).ThenNothing();
        over.When(Seen(RunState.Finished, "FINISHED")).ThenNothing();
    }

    [Theory]
    [InlineData(RunState.Failed, true)]
    [InlineData(RunState.Finished, false)]
    [InlineData(RunState.Canceled, false)]
    public void A_run_is_released_once_and_only_a_failure_keeps_its_high_availability_data(RunState end, bool kept)
    {
        Given([.. Running, Ended(end, flink: null, "over")])
            .When(new MarkRunReleased()).Then(new RunReleased(kept))
            .When(new MarkRunReleased()).ThenNothing();
    }

    [Fact]
    public void What_runs_is_not_released() => Given(Running).When(new MarkRunReleased()).ThenNothing();

    [Fact]
    public void A_released_run_is_left_alone() =>
        Given([.. Running, Ended(RunState.Failed, "FAILED", "gone"), new RunReleased(true)])
        .When(Seen(RunState.Running, "RUNNING")).ThenNothing();

    public static TheoryData<object> ByUsers => [new RequestSavepoint("t1", Noon), Stop(), new RequestCancel()];

    [Theory]
    [MemberData(nameof(ByUsers))]
    public void What_users_ask_of_a_run_that_does_not_exist_is_refused(object command) =>
        Given().When(command).ThenRejected("RUN_UNKNOWN", "runId");

    public static TheoryData<object> ByHandlers =>
    [
        new MarkRunDeployed(),
        new MarkRunSubmitted(),
        Seen(RunState.Failed, "FAILED"),
        new EndRun(RunState.Failed, "gone", RootCause: null),
        new SettleSavepoint("t1", "s3://sp/1", Failure: null),
        new MarkRunReleased(),
    ];

    [Theory]
    [MemberData(nameof(ByHandlers))]
    public void What_handlers_say_of_a_run_that_does_not_exist_changes_nothing(object command) =>
        Given().When(command).ThenNothing();

    private sealed record RunPainted : RunEvent;

    [Fact]
    public void An_event_of_a_later_release_is_an_error() =>
        Assert.Throws<UnknownEvent>(() => Given(Requested, new RunPainted()));
}
