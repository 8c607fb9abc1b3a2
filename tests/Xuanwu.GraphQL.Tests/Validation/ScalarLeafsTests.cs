namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class ScalarLeafsTests
{
    private const string Rule = "ScalarLeafs";

    [Theory]
    [InlineData(
        "{ dog { name } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Field \"name\" must not have a selection since type \"String\" has no subfields. [1:14]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { name { length } } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Field \"dogs\" of type \"[Dog!]!\" must have a selection of subfields. Did you mean \"dogs { "
            + "... }\"? [1:3]",
        ],
        Pets.Errors(
            Rule,
            "{ dogs }"));
}
