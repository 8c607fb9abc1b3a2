using FsCheck;
using FsCheck.Fluent;

namespace Xuanwu.Domain.Tests;

public sealed class NamesTests
{
    [Theory]
    [InlineData("clicks")]
    [InlineData("ad-click_windows.v2")]
    [InlineData("弹幕热度")]
    [InlineData("7")]
    public void Names_are_letters_and_digits_with_marks_between(string name) =>
        Assert.Null(Names.Check("job", name, "name"));

    [Theory]
    [InlineData("", "0 characters")]
    [InlineData("a b", "' ' at position 2")]
    [InlineData("-a", "'-' at position 1")]
    [InlineData("a.", "'.' at position 2")]
    [InlineData("a\nb", "U+000A at position 2")]
    [InlineData("a\0", "U+0000 at position 2")]
    [InlineData("a😀", "U+D83D at position 2")]
    [InlineData("e\u0301", "at position 2")]
    [InlineData("a/b", "'/' at position 2")]
    public void A_wrong_name_is_told_where_it_is_wrong(string name, string says)
    {
        var why = Names.Check("job", name, "input.name");
        Assert.Equal(("JOB_NAME_INVALID", "input.name"), (why?.Code, why?.Path));
        Assert.Contains(says, why!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_has_at_most_63_characters()
    {
        Assert.Null(Names.Check("job", new string('a', 63), "name"));
        Assert.Contains("64", Names.Check("job", new string('a', 64), "name")!.Message, StringComparison.Ordinal);
    }

    // Computed with hashlib and uuid of Python: streams are found by these for ever.
    [Theory]
    [InlineData("781a82dd-10ec-8eaa-988a-0531b6d08bec", "job", "ads", "clicks")]
    [InlineData("316fb3b1-339d-8901-a8b0-2ccc78d1998a", "cluster", "laptop")]
    [InlineData("8a488a4a-dd5f-8cb6-9100-85e9453d641f", "catalog", "仓库")]
    public void The_stream_of_a_name_stays_what_it_is(string id, string aggregate, params string[] parts) =>
        Assert.Equal(Guid.Parse(id), Names.StreamId(aggregate, parts));

    [Fact]
    public void Different_names_have_different_streams()
    {
        // Parts that could run into each other, if nothing stood between them.
        var part = Gen.Elements("a", "b", ".", "-", "_").ListOf().Select(string.Concat)
            .Where(it => Names.Check("job", it, "name") is null);
        var pairs = from project in part from name in part select (Project: project, Name: name);
        var two = from one in pairs from other in pairs select (One: one, Other: other);
        Prop.ForAll(two.ToArbitrary(), it => it.One == it.Other == (Id(it.One) == Id(it.Other)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

        static Guid Id((string Project, string Name) job) => Names.StreamId("job", job.Project, job.Name);
    }

    [Fact]
    public void Whatever_is_given_as_a_name_is_answered() =>
        Prop.ForAll<string>(ArbMap.Default.ArbFor<string>().Filter(text => text is not null), text =>
                Names.Check("job", text, "name") is null == (text.Length is > 0 and <= Names.MaxLength
                    && text.All(c => char.IsLetterOrDigit(c) || c is '.' or '-' or '_')
                    && char.IsLetterOrDigit(text[0]) && char.IsLetterOrDigit(text[^1])))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
}
