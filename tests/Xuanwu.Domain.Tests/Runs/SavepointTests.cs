using Xuanwu.Domain.Runs;

namespace Xuanwu.Domain.Tests.Runs;

public sealed class SavepointTests
{
    private static readonly Savepoint One = new("s3://sp/1", "1.20", Attempt: 2, RunStory.Noon);

    [Fact]
    public void Any_savepoint_is_later_than_none() => Assert.True(One.IsLaterThan(null));

    [Fact]
    public void Of_one_attempt_the_later_trigger_is_later()
    {
        Assert.True((One with { TriggeredAt = RunStory.Noon.AddSeconds(1) }).IsLaterThan(One));
        Assert.False(One.IsLaterThan(One with { TriggeredAt = RunStory.Noon.AddSeconds(1) }));
        Assert.False(One.IsLaterThan(One));
    }

    [Fact]
    public void The_later_attempt_is_later_whatever_the_clocks_say()
    {
        var later = One with { Attempt = 3, TriggeredAt = RunStory.Noon.AddHours(-1) };
        Assert.True(later.IsLaterThan(One));
        Assert.False(One.IsLaterThan(later));
    }
}
