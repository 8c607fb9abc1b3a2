namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class UniqueInputFieldNamesTests
{
    private const string Rule = "UniqueInputFieldNames";

    [Theory]
    [InlineData(
        "{ complicatedArgs { complexArgField(complexArg: {requiredField: true}) } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "There can be only one input field named \"requiredField\". [1:50 1:71]",
        ],
        Pets.Errors(
            Rule,
            "{ complicatedArgs { complexArgField(complexArg: {requiredField: true, requiredField: false}) } }"));
}
