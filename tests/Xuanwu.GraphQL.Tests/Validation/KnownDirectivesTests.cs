namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class KnownDirectivesTests
{
    private const string Rule = "KnownDirectives";

    [Theory]
    [InlineData(
        "query ($v: Boolean! @onVariableDefinition) @onQuery { dog @include(if: $v) { name @onField } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Directive \"@include\" may not be used on QUERY. [1:7]",
            "Unknown directive \"@nope\". [1:32]",
            "Directive \"@onQuery\" may not be used on FIELD. [1:45]",
        ],
        Pets.Errors(
            Rule,
            "query @include(if: true) { dog @nope { name @onQuery } }"));
}
