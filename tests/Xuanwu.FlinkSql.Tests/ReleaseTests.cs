namespace Xuanwu.FlinkSql.Tests;

public sealed class ReleaseTests
{
    [Fact]
    public void Releases_are_ordered_by_their_numbers_and_not_by_their_letters()
    {
        Assert.True(Release.Parse("1.9") < Release.Parse("1.10"));
        Assert.True(Release.Parse("1.20.4") < Release.Parse("2.0"));
        Assert.Equal(Release.Parse("2.0"), Release.Parse("2.0.0"));
        Assert.Equal("1.20", Release.Parse("1.20.4-SNAPSHOT").ToMinor().ToString());
        Assert.False(Release.TryParse("soon", out _));
        Assert.False(Release.TryParse("", out _));
    }

    [Fact]
    public void The_end_of_a_range_holds_all_its_patches()
    {
        Assert.True(ReleaseRange.TryParse("3.0-3.1", out var range));
        Assert.True(range.Contains(Release.Parse("3.1.7")));
        Assert.False(range.Contains(Release.Parse("3.2.0")));
        Assert.True(ReleaseRange.TryParse("1.2.8-1.2.x", out var open));
        Assert.True(open.Contains(Release.Parse("1.2.40")));
        Assert.True(ReleaseRange.TryParse("2.0-2.x", out var line));
        Assert.True(line.Contains(Release.Parse("2.2")));
    }

    [Fact]
    public void A_target_knows_what_may_be_there()
    {
        var target = SqlTarget.Of("1.20");
        Assert.True(target.Has("kafka"));
        Assert.False(target.Has("hbase-1.4"));
        Assert.False(target.Has("rabbitmq"));
        Assert.Null(target.Has("no-such-connector"));
        Assert.Equal("3.3.0 to 3.4.0", target.ReleasesOf("kafka").ToString());

        var image = target with { Connectors = new Dictionary<string, Release?> { ["jdbc"] = Release.Parse("3.3.0") } };
        Assert.False(image.Has("kafka"));
        Assert.True(image.Has("datagen"));
        Assert.True(image.Has("jdbc"));
        Assert.Equal("3.3.0", image.ReleasesOf("jdbc").ToString());
    }
}
