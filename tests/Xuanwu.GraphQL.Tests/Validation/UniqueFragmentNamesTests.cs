namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class UniqueFragmentNamesTests
{
    private const string Rule = "UniqueFragmentNames";

    [Theory]
    [InlineData(
        "{ dog { ...A ...B } } fragment A on Dog { name } fragment B on Dog { name }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "There can be only one fragment named \"A\". [1:27 1:54]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { ...A } } fragment A on Dog { name } fragment A on Dog { name }"));
}
