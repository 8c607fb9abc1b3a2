namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class NoUnusedVariablesTests
{
    private const string Rule = "NoUnusedVariables";

    [Theory]
    [InlineData(
        "query ($a: Boolean!) { dog { ...F } } fragment F on Dog { name @skip(if: $a) }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Variable \"$a\" is never used in operation \"Q\". [1:9]",
        ],
        Pets.Errors(
            Rule,
            "query Q($a: Int) { dog { name } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Variable \"$a\" is never used. [1:8]",
        ],
        Pets.Errors(
            Rule,
            "query ($a: Int) { dog { name } }"));
}
