namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class ValuesOfCorrectTypeTests
{
    private const string Rule = "ValuesOfCorrectType";

    [Theory]
    [InlineData(
        "{ complicatedArgs { intArgField(intArg: -2147483648) stringListArgField(stringListArg: \"one\") "
        + "floatArgField(floatArg: 1) idArgField(idArg: 12) enumArgField(enumArg: TAN) anyArgField(a: {x: "
        + "[1]}) } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void Case_1_says_what_and_where() => Assert.Equal(
        [
            "Int cannot represent non 32-bit signed integer value: 2147483648 [1:41]",
        ],
        Pets.Errors(
            Rule,
            "{ complicatedArgs { intArgField(intArg: 2147483648) } }"));

    [Fact]
    public void Case_2_says_what_and_where() => Assert.Equal(
        [
            "Value \"TANN\" does not exist in \"FurColor\" enum. Did you mean \"TAN\"? [1:43]",
        ],
        Pets.Errors(
            Rule,
            "{ complicatedArgs { enumArgField(enumArg: TANN) } }"));

    [Fact]
    public void Case_3_says_what_and_where() => Assert.Equal(
        [
            "Expected value of type \"String!\", found null. [1:75]",
            "String cannot represent a non string value: 1 [1:81]",
        ],
        Pets.Errors(
            Rule,
            "{ complicatedArgs { stringListNonNullArgField(stringListNonNullArg: [\"a\", null, 1]) } }"));

    [Fact]
    public void Case_4_says_what_and_where() => Assert.Equal(
        [
            "Field \"intFeld\" is not defined by type \"ComplexInput\". Did you mean \"intField\"? [1:50]",
            "Field \"ComplexInput.requiredField\" of required type \"Boolean!\" was not provided. [1:49]",
        ],
        Pets.Errors(
            Rule,
            "{ complicatedArgs { complexArgField(complexArg: {intFeld: 1}) } }"));

    [Fact]
    public void Case_5_says_what_and_where() => Assert.Equal(
        [
            "Int cannot represent non 32-bit signed integer value: \"x\" [1:18]",
            "OneOf Input Object \"OneOfInput\" must specify exactly one key. [1:91]",
        ],
        Pets.Errors(
            Rule,
            "query ($a: Int = \"x\") { complicatedArgs { intArgField(intArg: $a) oneOfArgField(oneOfArg: {}) } }"));
}
