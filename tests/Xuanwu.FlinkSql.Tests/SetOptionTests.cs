namespace Xuanwu.FlinkSql.Tests;

public sealed class SetOptionTests
{
    [Theory]
    [InlineData("SET 'a.b' = 'c d'", "a.b", "c d")]
    [InlineData("set 'a'='it''s = x'", "a", "it's = x")]
    [InlineData("SET a.b = c", "a.b", "c")]
    [InlineData("SET a.b='c'", "a.b", "c")]
    [InlineData("SET a =", "a", "")]
    [InlineData("SET\n  'a'\n  =\n  ''", "a", "")]
    public void Both_ways_of_writing_it_are_read(string text, string key, string value)
    {
        Assert.True(SetOption.TryParse(SplitScript.Split(text).Statements[0], out var option, out _));
        Assert.Equal(new SetOption(key, value), option);
    }

    [Fact]
    public void Rendering_and_reading_give_the_same()
    {
        var option = new SetOption("it's", "a = 'b';");

        Assert.True(SetOption.TryParse(SplitScript.Split(option.Render() + ";").Statements[0], out var read, out _));
        Assert.Equal(option, read);
    }

    [Fact]
    public void A_bare_set_sets_nothing()
    {
        Assert.True(SetOption.TryParse(SplitScript.Split("SET;").Statements[0], out var option, out _));
        Assert.Null(option);
    }

    [Theory]
    [InlineData("SET 'a' 'b'")]
    [InlineData("SET = 'b'")]
    [InlineData("SET 'a' = 'b' 'c'")]
    public void What_is_neither_is_refused(string text)
    {
        Assert.False(SetOption.TryParse(SplitScript.Split(text).Statements[0], out _, out var error));
        Assert.Equal("SQL_SET_INVALID", error!.Code);
    }
}
