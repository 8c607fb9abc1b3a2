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
}
