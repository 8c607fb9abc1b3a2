namespace Xuanwu.GraphQL.Tests.Execution;

// Arguments and variables as C# parameters and records.
public sealed class InputTests
{
    [Theory]
    [InlineData("""{"name":"x"}""", """{"name":"x","note":"unset","state":"NOT_STARTED","priority":0}""")]
    [InlineData("""{"name":"x","note":null}""", """{"name":"x","note":null,"state":"NOT_STARTED","priority":0}""")]
    [InlineData("""{"name":"x","note":"n","state":"FINISHED_OK"}""", """{"name":"x","note":"n","state":"FINISHED_OK","priority":0}""")]
    [InlineData("""{"name":"x","parts":[{"weight":2},{"weight":3,"inner":{"weight":4}}]}""", """{"name":"x","note":"unset","state":"NOT_STARTED","priority":9}""")]
    [InlineData("""{"name":"x","parts":{"weight":5}}""", """{"name":"x","note":"unset","state":"NOT_STARTED","priority":5}""")]
    public async Task A_record_is_made_from_a_variable(string input, string plan) => Assert.Equal(
        """{"data":{"createPlan":{"plan":""" + plan + "}}}",
        await Sample.Schema.AskAsync(
            "mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { name note state priority } } }",
            $$"""{"input":{{input}}}"""));

    [Fact]
    public async Task A_record_is_made_from_a_literal_with_variables_inside() => Assert.Equal(
        """{"data":{"createPlan":{"plan":{"name":"y","note":"unset","priority":7}}}}""",
        await Sample.Schema.AskAsync(
            """
            mutation ($name: String!, $note: String, $weight: Int!) {
              createPlan(input: { name: $name, note: $note, parts: [{ weight: $weight }] }) { plan { name note priority } }
            }
            """,
            """{"name":"y","weight":7}"""));

    [Fact]
    public async Task Faults_of_variables_name_the_place() => Assert.Equal(
        """{"errors":[{"message":"Variable \"$input\" got invalid value at \"input.state\"; Value \"NOT_STARTD\" does not exist in \"PlanState\" enum. Did you mean \"NOT_STARTED\"?","locations":[{"line":1,"column":11}],"extensions":{"code":"HC0018"}},"""
        + """{"message":"Variable \"$input\" got invalid value at \"input.parts[1].weight\"; Int cannot represent non 32-bit signed integer value: \"heavy\"","locations":[{"line":1,"column":11}],"extensions":{"code":"HC0018"}},"""
        + """{"message":"Variable \"$input\" got invalid value; Field \"CreatePlanInput.name\" of required type \"String!\" was not provided.","locations":[{"line":1,"column":11}],"extensions":{"code":"HC0018"}}]}""",
        await Sample.Schema.AskAsync(
            "mutation ($input: CreatePlanInput!) { createPlan(input: $input) { plan { name } } }",
            """{"input":{"state":"NOT_STARTD","parts":[{"weight":1},{"weight":"heavy"}]}}"""));

    [Theory]
    [InlineData("{ add(left: 1) }", null, """{"data":{"add":3}}""")]
    [InlineData("query ($r: Int) { add(left: 1, right: $r) }", null, """{"data":{"add":3}}""")]
    [InlineData("query ($r: Int!) { add(left: 1, right: $r) }", """{"r":40}""", """{"data":{"add":41}}""")]
    [InlineData("{ planByKey(key: { name: \"plan-2\" }) { priority } }", null, """{"data":{"planByKey":{"priority":2}}}""")]
    [InlineData("query ($k: PlanKeyInput!) { planByKey(key: $k) { priority } }", """{"k":{"id":"00000003-0000-0000-0102-030405060708"}}""", """{"data":{"planByKey":{"priority":3}}}""")]
    [InlineData("{ plan(id: \"00000004-0000-0000-0102-030405060708\") { priority } }", null, """{"data":{"plan":{"priority":4}}}""")]
    [InlineData("{ plans(where: { name: { contains: \"-1\" } }, order: { name: DESC }, first: 2) { totalCount nodes { name } } }", null, """{"data":{"plans":{"totalCount":11,"nodes":[{"name":"plan-19"},{"name":"plan-18"}]}}}""")]
    public async Task Arguments_reach_the_method(string query, string? variables, string answer) =>
        Assert.Equal(answer, await Sample.Schema.AskAsync(query, variables));

    [Fact]
    public async Task A_null_for_an_argument_that_excludes_it_fails_the_field() => Assert.Equal(
        """{"errors":[{"message":"Argument \"right\" of non-null type \"Int!\" must not be null.","locations":[{"line":1,"column":39}],"path":["add"]}],"data":null}""",
        await Sample.Schema.AskAsync("query ($r: Int) { add(left: 1, right: $r) }", """{"r":null}"""));

    [Theory]
    [InlineData("first: 51", "HC0051")]
    [InlineData("last: -1", "HC0079")]
    public async Task Pages_beyond_the_limits_have_a_code(string page, string code) => Assert.Contains(
        $"\"code\":\"{code}\"",
        await Sample.Schema.AskAsync($"{{ plans({page}) {{ totalCount }} }}"),
        StringComparison.Ordinal);
}
