namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class SingleFieldSubscriptionsTests
{
    private const string Rule = "SingleFieldSubscriptions";

    [Theory]
    [InlineData(
        "subscription { newHuman { name } }")]
    [InlineData(
        "subscription { ...F } fragment F on Subscription { other }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Subscription \"S\" must select only one top level field. [1:24]",
        ],
        Pets.Errors(
            Rule,
            "subscription S { other newHuman { name } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Anonymous Subscription must select only one top level field. [1:58]",
        ],
        Pets.Errors(
            Rule,
            "subscription { ...F } fragment F on Subscription { other a: other }"));

    [Fact]
    public void Case_3_says_what_and_where() => Assert.Equal(
        [
            "Anonymous Subscription must not select an introspection top level field. [1:16]",
        ],
        Pets.Errors(
            Rule,
            "subscription { __typename }"));

    [Fact]
    public void Case_4_says_what_and_where() => Assert.Equal(
        [
            "Anonymous Subscription must not use `@skip` or `@include` directives in the top level "
            + "selection. [1:22]",
        ],
        Pets.Errors(
            Rule,
            "subscription { other @skip(if: true) }"));
}
