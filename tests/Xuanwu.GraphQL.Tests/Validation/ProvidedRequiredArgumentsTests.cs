namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class ProvidedRequiredArgumentsTests
{
    private const string Rule = "ProvidedRequiredArguments";

    [Theory]
    [InlineData(
        "{ complicatedArgs { nonNullFieldWithDefault multipleReqs(req1: 1, req2: 2) } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "Argument \"ComplicatedArgs.multipleReqs(req2:)\" of type \"Int!\" is required, but it was not "
            + "provided. [1:21]",
            "Argument \"@skip(if:)\" of type \"Boolean!\" is required, but it was not provided. [1:56]",
        ],
        Pets.Errors(
            Rule,
            "{ complicatedArgs { multipleReqs(req1: 1) } dog { name @skip } }"));
}
