namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class UniqueVariableNamesTests
{
    private const string Rule = "UniqueVariableNames";

    [Theory]
    [InlineData(
        "query A($x: Int) { dog { name } } query B($x: Int) { dog { name } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "There can be only one variable named \"$x\". [1:9 1:18]",
        ],
        Pets.Errors(
            Rule,
            "query ($x: Int, $x: String) { dog { name } }"));
}
