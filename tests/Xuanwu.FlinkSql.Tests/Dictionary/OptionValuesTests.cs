using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.FlinkSql.Tests.Dictionary;

public sealed class OptionValuesTests
{
    [Theory]
    [InlineData(OptionType.Duration, "10 min", true)]
    [InlineData(OptionType.Duration, "500", true)]
    [InlineData(OptionType.Duration, "1h", true)]
    [InlineData(OptionType.Duration, "PT5M", true)]
    [InlineData(OptionType.Duration, "Pony", false)]
    [InlineData(OptionType.Duration, "P2147483647Y", false)]
    [InlineData(OptionType.Duration, "ten minutes", false)]
    [InlineData(OptionType.Duration, "10 fortnights", false)]
    [InlineData(OptionType.Memory, "64 mb", true)]
    [InlineData(OptionType.Memory, "1G", true)]
    [InlineData(OptionType.Memory, "big", false)]
    [InlineData(OptionType.Integer, "12", true)]
    [InlineData(OptionType.Integer, "12.5", false)]
    [InlineData(OptionType.Integer, "3000000000", false)]
    [InlineData(OptionType.Long, "3000000000", true)]
    [InlineData(OptionType.Double, "0.25", true)]
    [InlineData(OptionType.Boolean, "TRUE", true)]
    [InlineData(OptionType.Boolean, "yes", false)]
    [InlineData(OptionType.Boolean, "${switch}", true)]
    [InlineData(OptionType.String, "anything", true)]
    public void A_text_is_judged_as_Flink_reads_it(OptionType type, string value, bool fine) =>
        Assert.Equal(fine, OptionValues.Expected(new OptionEntry("k", type), value) is null);

    [Fact]
    public void Listed_values_are_taken_in_any_case_and_others_only_where_the_list_is_open()
    {
        var closed = new OptionEntry("k", OptionType.Enum) { Values = ["none", "exactly-once"] };
        Assert.Null(OptionValues.Expected(closed, "EXACTLY-ONCE"));
        Assert.Equal("one of 'none', 'exactly-once'", OptionValues.Expected(closed, "exactly_once"));
        Assert.Null(OptionValues.Expected(closed with { ValuesAreOpen = true }, "com.example.Own"));
    }

    [Fact]
    public void Two_spellings_of_one_value_are_the_same()
    {
        Assert.True(OptionValues.AreSame(OptionType.Duration, "60 s", "1min"));
        Assert.True(OptionValues.AreSame(OptionType.Memory, "1 gb", "1024m"));
        Assert.False(OptionValues.AreSame(OptionType.Duration, "60 s", "61 s"));
        Assert.False(OptionValues.AreSame(OptionType.String, "a", "A"));
    }
}
