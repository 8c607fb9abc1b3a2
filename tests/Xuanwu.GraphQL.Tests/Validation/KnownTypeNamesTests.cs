namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class KnownTypeNamesTests
{
    private const string Rule = "KnownTypeNames";

    [Theory]
    [InlineData(
        "query ($a: Int, $b: [ComplexInput!]) { dog { ... on Pet { name } } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Unknown type \"Nope\". [1:13]",
            "Unknown type \"Dag\". Did you mean \"Dog\" or \"Cat\"? [1:36]",
        ],
        Pets.Errors(
            Rule,
            "query ($a: [Nope]!) { dog { ... on Dag { name } } }"));
}
