namespace Xuanwu.GraphQL.Tests.Validation;

public sealed class KnownOperationTypesTests
{
    private const string Rule = "KnownOperationTypes";

    [Theory]
    [InlineData(
        "query { dog { name } }")]
    [InlineData(
        "mutation { setName(name: \"x\") { name } }")]
    public void What_the_rule_allows_passes(string document) => Assert.Empty(Pets.Errors(Rule, document));

    [Fact]
    public void A_kind_without_root_type_is_refused()
    {
        var schema = Xuanwu.GraphQL.Types.SdlSchema.Build(
            "type Query { a: Int }", new Xuanwu.GraphQL.Types.SdlResolvers { Resolve = _ => null });
        var engine = new Xuanwu.GraphQL.Execution.GraphQLEngine(schema);

        var error = Assert.Single(engine.Validate("mutation { a }"u8.ToArray()));

        Assert.Equal(Rule, error.Rule);
        Assert.Equal("The mutation operation is not supported by the schema.", error.Message);
    }
}
