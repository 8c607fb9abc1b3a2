namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class UniqueDirectivesPerLocationTests
{
    private const string Rule = "UniqueDirectivesPerLocation";

    [Theory]
    [InlineData(
        "{ dog @rep(n: 1) @rep(n: 2) { name @once } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "The directive \"@once\" can only be used once at this location. [1:7 1:13]",
        ],
        Pets.Errors(
            Rule,
            "{ dog @once @once { name } }"));
}
