namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class LoneAnonymousOperationTests
{
    private const string Rule = "LoneAnonymousOperation";

    [Theory]
    [InlineData(
        "{ dog { name } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "This anonymous operation must be the only defined operation. [1:1]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { name } } query A { dog { name } }"));
}
