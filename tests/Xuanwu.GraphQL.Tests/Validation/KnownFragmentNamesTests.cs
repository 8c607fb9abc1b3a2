namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class KnownFragmentNamesTests
{
    private const string Rule = "KnownFragmentNames";

    [Theory]
    [InlineData(
        "{ dog { ...A } } fragment A on Dog { name }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Unknown fragment \"A\". [1:12]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { ...A } }"));
}
