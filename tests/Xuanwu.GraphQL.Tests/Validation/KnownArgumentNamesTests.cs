namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class KnownArgumentNamesTests
{
    private const string Rule = "KnownArgumentNames";

    [Theory]
    [InlineData(
        "{ dog { isAtLocation(x: 1, y: 2) name @include(if: true) } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Unknown argument \"z\" on field \"Dog.isAtLocation\". Did you mean \"x\" or \"y\"? [1:22]",
            "Unknown argument \"iff\" on directive \"@skip\". Did you mean \"if\"? [1:39]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { isAtLocation(z: 1) name @skip(iff: true) } }"));
}
