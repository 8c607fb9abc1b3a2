namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class NoUndefinedVariablesTests
{
    private const string Rule = "NoUndefinedVariables";

    [Theory]
    [InlineData(
        "query ($a: Boolean!) { dog { ...F } } fragment F on Dog { name @skip(if: $a) }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Variable \"$a\" is not defined by operation \"Q\". [1:61 1:1]",
        ],
        Pets.Errors(
            Rule,
            "query Q { dog { ...F } } fragment F on Dog { name @skip(if: $a) }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Variable \"$a\" is not defined. [1:23 1:1]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { name(surname: $a) } }"));
}
