namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class VariablesInAllowedPositionTests
{
    private const string Rule = "VariablesInAllowedPosition";

    [Theory]
    [InlineData(
        "query ($a: Int!, $b: [String!]!, $c: Int = 1) { complicatedArgs { intArgField(intArg: $a) "
        + "stringListArgField(stringListArg: $b) nonNullIntArgField(nonNullIntArg: $c) } }")]
    [InlineData(
        "query ($a: Int) { complicatedArgs { nonNullFieldWithDefault(arg: $a) } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Variable \"$a\" of type \"Int\" used in position expecting type \"Int!\". [1:8 1:71]",
        ],
        Pets.Errors(
            Rule,
            "query ($a: Int) { complicatedArgs { nonNullIntArgField(nonNullIntArg: $a) } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Variable \"$a\" of type \"[Int]\" used in position expecting type \"Int\". [1:8 1:59]",
        ],
        Pets.Errors(
            Rule,
            "query ($a: [Int]) { complicatedArgs { intArgField(intArg: $a) } }"));

    [Fact]
    public void Case_3_says_what_and_where() => Assert.Equal(
        [
            "Variable \"$a\" is of type \"String\" but must be non-nullable to be used for OneOf Input "
            + "Object \"OneOfInput\". [1:8 1:78]",
        ],
        Pets.Errors(
            Rule,
            "query ($a: String) { complicatedArgs { oneOfArgField(oneOfArg: {stringField: $a}) } }"));
}
