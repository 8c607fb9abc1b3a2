namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class NoUnusedFragmentsTests
{
    private const string Rule = "NoUnusedFragments";

    [Theory]
    [InlineData(
        "{ dog { ...A } } fragment A on Dog { ...B } fragment B on Dog { name }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Fragment \"A\" is never used. [1:18]",
            "Fragment \"B\" is never used. [1:45]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { name } } fragment A on Dog { ...B } fragment B on Dog { name }"));
}
