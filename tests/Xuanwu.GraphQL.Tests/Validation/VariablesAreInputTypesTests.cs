namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class VariablesAreInputTypesTests
{
    private const string Rule = "VariablesAreInputTypes";

    [Theory]
    [InlineData(
        "query ($a: [ComplexInput], $b: FurColor!) { dog { name } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Variable \"$a\" cannot be non-input type \"[[Dog!]]\". [1:12]",
        ],
        Pets.Errors(
            Rule,
            "query ($a: [[Dog!]]) { dog { name } }"));
}
