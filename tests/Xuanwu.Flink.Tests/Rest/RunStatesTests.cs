using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Rest;

namespace Xuanwu.Flink.Tests.Rest;

public sealed class RunStatesTests
{
    [Theory]
    [InlineData("INITIALIZING", RunState.Accepted)]
    [InlineData("CREATED", RunState.Accepted)]
    [InlineData("RUNNING", RunState.Running)]
    [InlineData("RESTARTING", RunState.Running)]
    [InlineData("RECONCILING", RunState.Running)]
    [InlineData("FAILING", RunState.Running)]
    [InlineData("CANCELLING", RunState.Running)]
    [InlineData("SUSPENDED", RunState.Running)]
    [InlineData("FAILED", RunState.Failed)]
    [InlineData("CANCELED", RunState.Canceled)]
    [InlineData("FINISHED", RunState.Finished)]
    public void Only_three_states_of_flink_end_a_run(string name, RunState state)
    {
        Assert.True(RunStates.TryParse(name, out var raw));
        Assert.Equal(name, raw.Name());
        Assert.Equal(state, RunStates.Map(raw, stoppedByUser: false));
    }

    [Fact]
    public void A_job_that_finishes_after_our_stop_was_canceled() =>
        Assert.Equal(RunState.Canceled, RunStates.Map(FlinkState.Finished, stoppedByUser: true));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("3")]
    [InlineData("DREAMING")]
    [InlineData("RUNNING, FAILED")]
    public void A_word_that_is_no_state_is_none(string? word) => Assert.False(RunStates.TryParse(word, out _));
}
