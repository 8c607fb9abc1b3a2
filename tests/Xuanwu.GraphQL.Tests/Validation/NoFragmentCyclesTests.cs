namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class NoFragmentCyclesTests
{
    private const string Rule = "NoFragmentCycles";

    [Theory]
    [InlineData(
        "{ dog { ...A ...A } } fragment A on Dog { ...B ...B } fragment B on Dog { name }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Cannot spread fragment \"A\" within itself. [1:38]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { ...A } } fragment A on Dog { ...A }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Cannot spread fragment \"A\" within itself via \"B\", \"C\". [1:47 1:76 1:103]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { ...A } } fragment A on Dog { mother { ...B } } fragment B on Dog { ...C } fragment C on "
            + "Dog { ...A }"));
}
