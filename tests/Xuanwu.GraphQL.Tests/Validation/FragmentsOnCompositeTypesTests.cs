namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class FragmentsOnCompositeTypesTests
{
    private const string Rule = "FragmentsOnCompositeTypes";

    [Theory]
    [InlineData(
        "{ dog { ... on Pet { name } ... { name } } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Fragment cannot condition on non composite type \"Boolean\". [1:16]",
            "Fragment \"F\" cannot condition on non composite type \"FurColor\". [1:51]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { ... on Boolean { name } } } fragment F on FurColor { x }"));
}
