namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class ExecutableDefinitionsTests
{
    private const string Rule = "ExecutableDefinitions";

    [Theory]
    [InlineData(
        "{ dog { name } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Each_error_says_what_and_where() => Assert.Equal(
        [
            "The \"Cow\" definition is not executable. [1:18]",
            "The \"Dog\" definition is not executable. [1:44]",
        ],
        Pets.Errors(
            Rule,
            "{ dog { name } } type Cow { name: String } extend type Dog { color: String }"));
}
