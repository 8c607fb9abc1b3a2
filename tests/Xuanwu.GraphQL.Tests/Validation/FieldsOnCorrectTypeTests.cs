namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class FieldsOnCorrectTypeTests
{
    private const string Rule = "FieldsOnCorrectType";

    [Theory]
    [InlineData(
        "{ dog { __typename name } __schema { queryType { name } } }")]
    [InlineData(
        "{ dog { name } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Cannot query field \"barkVolum\" on type \"Dog\". Did you mean \"barkVolume\"? [1:9]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { barkVolum } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Cannot query field \"nickname\" on type \"Pet\". Did you mean to use an inline fragment on "
            + "\"Dog\" or \"Cat\"? [1:9]",
        ],
        Pets.Errors(
            Rule,
            "{ pet { nickname } }"));

    [Fact]
    public void Case_3_says_what_and_where() => Assert.Equal(
        [
            "Cannot query field \"__schema\" on type \"Mutation\". [1:12]",
        ],
        Pets.Errors(
            Rule,
            "mutation { __schema { queryType { name } } }"));
}
