namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class PossibleFragmentSpreadsTests
{
    private const string Rule = "PossibleFragmentSpreads";

    [Theory]
    [InlineData(
        "{ dog { ... on Pet { name } } pet { ... on Dog { name } } }")]
    [InlineData(
        "{ catOrDog { ... on Mammal { mother { __typename } } } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Fragment cannot be spread here as objects of type \"Dog\" can never be of type \"Cat\". [1:9]",
            "Fragment \"H\" cannot be spread here as objects of type \"Dog\" can never be of type \"Human\". [1:29]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { ... on Cat { name } ...H } } fragment H on Human { name }"));
}
