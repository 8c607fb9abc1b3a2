namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class UniqueOperationNamesTests
{
    private const string Rule = "UniqueOperationNames";

    [Theory]
    [InlineData(
        "query A { dog { name } } query B { dog { name } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "There can be only one operation named \"A\". [1:7 1:32]",
        ],
        Pets.Errors(
            Rule,
            "query A { dog { name } } query A { dog { name } }"));
}
