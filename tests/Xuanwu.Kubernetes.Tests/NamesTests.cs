namespace Xuanwu.Kubernetes.Tests;

public sealed class NamesTests
{
    [Theory]
    [InlineData("a")]
    [InlineData("flink-jobmanager-1")]
    [InlineData("1a")]
    public void Good_labels_are_accepted(string name) => Assert.Null(Names.WrongWithLabel(name));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("Job", "'J'")]
    [InlineData("a_b", "'_'")]
    [InlineData("a.b", "'.'")]
    [InlineData("-a", "begins with '-'")]
    [InlineData("a-", "ends with '-'")]
    [InlineData("作业", "'作'")]
    [InlineData("a\n", "in it")]
    public void Bad_labels_are_explained(string name, string why) =>
        Assert.Contains(why, Names.WrongWithLabel(name));

    [Fact]
    public void Labels_have_63_characters_and_subdomains_253()
    {
        Assert.Null(Names.WrongWithLabel(new('a', 63)));
        Assert.Contains("64", Names.WrongWithLabel(new('a', 64)));
        Assert.Null(Names.WrongWithSubdomain(new('a', 253)));
        Assert.Contains("254", Names.WrongWithSubdomain(new('a', 254)));
    }

    [Theory]
    [InlineData("a.b-c.d", null)]
    [InlineData("a..b", "empty part")]
    [InlineData(".a", "empty part")]
    [InlineData("a.", "empty part")]
    [InlineData("a.-b", "begins with '-'")]
    [InlineData("a/b", "'/'")]
    public void Subdomains_are_labels_between_dots(string name, string? why) =>
        Check(why, Names.WrongWithSubdomain(name));

    [Theory]
    [InlineData("a1", null)]
    [InlineData("1a", "begin it with a letter")]
    [InlineData("a.b", "'.'")]
    public void Services_begin_with_a_letter(string name, string? why) => Check(why, Names.WrongWithServiceName(name));

    [Theory]
    [InlineData("system:Admin", null)]
    [InlineData("..", "may not be")]
    [InlineData("a/b", "'/'")]
    [InlineData("a%2fb", "'%'")]
    public void Roles_may_have_any_path_segment(string name, string? why) =>
        Check(why, Names.WrongWithPathSegment(name));

    [Theory]
    [InlineData("", null)]
    [InlineData("v1.20_a-B", null)]
    [InlineData("-a", "begin and end")]
    [InlineData("a b", "' '")]
    public void Label_values_are_checked(string value, string? why) => Check(why, Names.WrongWithLabelValue(value));

    [Theory]
    [InlineData("app", null)]
    [InlineData("xuanwu.io/run", null)]
    [InlineData("xuanwu.io/", "nothing after")]
    [InlineData("/run", "prefix")]
    [InlineData("Xuanwu.io/run", "prefix")]
    [InlineData("a/b/c", "'/'")]
    public void Label_keys_are_checked(string key, string? why) => Check(why, Names.WrongWithLabelKey(key));

    [Fact]
    public void Each_kind_has_its_own_rule()
    {
        Assert.Null(Kind.ConfigMap.WrongWithName("flink.config"));
        Assert.NotNull(Kind.Namespace.WrongWithName("flink.config"));
        Assert.NotNull(Kind.Service.WrongWithName("1st"));
        Assert.Null(Kind.RoleBinding.WrongWithName("system:Flink"));
    }

    private static void Check(string? expected, string? actual)
    {
        if (expected is null) Assert.Null(actual);
        else Assert.Contains(expected, actual);
    }
}
