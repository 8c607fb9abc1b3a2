namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class MaxIntrospectionDepthTests
{
    private const string Rule = "MaxIntrospectionDepth";

    [Theory]
    [InlineData(
        "{ __schema { types { fields { type { ofType { name } } } } } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Maximum introspection depth exceeded [1:3]",
        ],
        Pets.Errors(
            Rule,
            "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Maximum introspection depth exceeded [1:3]",
        ],
        Pets.Errors(
            Rule,
            "{ __schema { ...A } } fragment A on __Schema { types { ...B } } fragment B on __Type { fields { "
            + "type { fields { type { fields { name } } } } } }"));
}
