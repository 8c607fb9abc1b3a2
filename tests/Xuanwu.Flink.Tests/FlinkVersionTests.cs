namespace Xuanwu.Flink.Tests;

public sealed class FlinkVersionTests
{
    [Fact]
    public void Versions_are_compared_by_number_and_not_by_text()
    {
        Assert.True(FlinkVersion.Parse("1.20") > FlinkVersion.Parse("1.19"));
        Assert.True(FlinkVersion.Parse("1.20") < FlinkVersion.Parse("2.0"));
        Assert.Equal("1.20", FlinkVersion.Parse("1.20").ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.5")]
    [InlineData("1.20.1")]
    [InlineData("3.0")]
    [InlineData("latest")]
    [InlineData("1.-20")]
    public void An_unknown_version_is_a_sentence_with_the_known_ones(string text)
    {
        Assert.False(FlinkVersion.TryParse(text, out _, out var wrong));
        Assert.Contains("1.16, 1.17, 1.18, 1.19, 1.20, 2.0, 2.1, 2.2", wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1.19", "1.20", null)]
    [InlineData("1.20", "1.20", null)]
    [InlineData("1.20", "2.0", "not compatible")]
    [InlineData("2.0", "1.20", "not compatible")]
    [InlineData("1.20", "1.19", "newer")]
    public void State_goes_to_the_same_and_later_versions_of_its_line(string from, string to, string? why)
    {
        var reason = StateCompatibility.Check(FlinkVersion.Parse(from), FlinkVersion.Parse(to));

        if (why is null) Assert.Null(reason);
        else Assert.Contains(why, reason, StringComparison.Ordinal);
    }
}
