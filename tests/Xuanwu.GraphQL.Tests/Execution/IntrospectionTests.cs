using System.Text.Json.Nodes;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Tests.Execution;

public sealed class IntrospectionTests
{
    [Fact]
    public async Task A_type_tells_its_fields_arguments_and_descriptions()
    {
        var answer = JsonNode.Parse(await Sample.Schema.AskAsync("""
            {
              __type(name: "Plan") {
                kind name description
                fields { name description args { name defaultValue type { kind ofType { name } } } type { kind name ofType { name kind } } }
              }
            }
            """))!["data"]!["__type"]!;

        Assert.Equal("A plan as people see it.", (string?)answer["description"]);
        var steps = answer["fields"]!.AsArray().Single(it => (string?)it!["name"] == "steps")!;
        Assert.Equal(
            """[{"name":"first","defaultValue":"3","type":{"kind":"NON_NULL","ofType":{"name":"Int"}}}]""",
            steps["args"]!.ToJsonString());
        var id = answer["fields"]!.AsArray()[0]!;
        Assert.Equal("""{"kind":"NON_NULL","name":null,"ofType":{"name":"ID","kind":"SCALAR"}}""", id["type"]!.ToJsonString());
        Assert.Equal("Never changes.", (string?)id["description"]);
    }

    [Fact]
    public async Task What_is_deprecated_is_told_on_demand() => Assert.Equal(
        """{"data":{"a":{"enumValues":[{"name":"NOT_STARTED"},{"name":"FINISHED_OK"}]},"b":{"enumValues":[{"name":"NOT_STARTED","isDeprecated":false,"deprecationReason":null},{"name":"FINISHED_OK","isDeprecated":false,"deprecationReason":null},{"name":"DONE","isDeprecated":true,"deprecationReason":"use FINISHED_OK"}]}}}""",
        await Sample.Schema.AskAsync("""
            {
              a: __type(name: "PlanState") { enumValues { name } }
              b: __type(name: "PlanState") { enumValues(includeDeprecated: true) { name isDeprecated deprecationReason } }
            }
            """));

    [Fact]
    public async Task Interfaces_scalars_and_one_of_inputs_are_told() => Assert.Equal(
        """{"data":{"e":{"possibleTypes":[{"name":"NameTakenError"},{"name":"NotFound"}]},"n":{"interfaces":[{"name":"Error"}]},"k":{"isOneOf":true},"d":{"specifiedByURL":"https://scalars.graphql.org/chillicream/date-time.html"},"none":null}}""",
        await Sample.Schema.AskAsync("""
            {
              e: __type(name: "Error") { possibleTypes { name } }
              n: __type(name: "NotFound") { interfaces { name } }
              k: __type(name: "PlanKeyInput") { isOneOf }
              d: __type(name: "DateTime") { specifiedByURL }
              none: __type(name: "Nope") { name }
            }
            """));

    [Fact]
    public async Task Every_directive_tells_its_locations() => Assert.Contains(
        """{"name":"specifiedBy","isRepeatable":false,"locations":["SCALAR"],"args":[{"name":"url"}]}""",
        await Sample.Schema.AskAsync("{ __schema { directives { name isRepeatable locations args { name } } } }"),
        StringComparison.Ordinal);

    [Fact]
    public async Task It_can_be_switched_off()
    {
        var engine = new GraphQLEngine(Sample.Schema, new EngineOptions { Introspection = false });

        Assert.Contains("not allowed", await engine.AskAsync("{ __schema { description } }"), StringComparison.Ordinal);
        Assert.Equal("""{"data":{"__typename":"Query"}}""", await engine.AskAsync("{ __typename }"));
    }
}
