namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class UniqueArgumentNamesTests
{
    private const string Rule = "UniqueArgumentNames";

    [Theory]
    [InlineData(
        "{ dog { isAtLocation(x: 1, y: 2) } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "There can be only one argument named \"x\". [1:22 1:28 1:34]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { isAtLocation(x: 1, x: 2, x: 3) } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "There can be only one argument named \"if\". [1:13 1:23]",
        ],
        Pets.Errors(
            Rule,
            "{ dog @skip(if: true, if: false) { name } }"));
}
