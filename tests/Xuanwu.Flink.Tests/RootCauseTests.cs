namespace Xuanwu.Flink.Tests;

public sealed class RootCauseTests
{
    [Theory]
    [InlineData("java.lang.RuntimeException: a\n\tat x.Y.z(Y.java:1)\nCaused by: b.C: d\n\t... 3 more\n", "b.C: d")]
    [InlineData(
        "Internal server error.\n<Exception on server side:\na.B: c\n\tat x(Y.java)\n\nEnd of exception on server "
        + "side>", "a.B: c")]
    [InlineData(
        "<Exception on server side:\na.B: c\n\tat x(Y.java)\nCaused by: d.E\n\t... 1 more\nEnd of exception on "
        + "server side>", "d.E")]
    [InlineData("Job could not be found.", "Job could not be found.")]
    [InlineData("Time: it is late", "Time: it is late")]
    [InlineData("a.B: two\nlines: of it\n\tat x(Y.java)", "a.B: two\nlines: of it")]
    [InlineData("\n\n", "")]
    [InlineData("", "")]
    public void The_last_cause_is_the_one_to_read(string trace, string cause) =>
        Assert.Equal(cause, RootCause.Of(trace).ToString());

    [Fact]
    public void An_endless_message_is_cut() =>
        Assert.InRange(RootCause.Of("a.B: " + new string('x', 1_000_000)).Message.Length, 100, 10_000);
}
