using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Execution;

// Responses in parts, as the specification's proposal for incremental delivery writes them.
public sealed class IncrementalTests
{
    private static readonly Schema Schema = SdlSchema.Build(
        """
        directive @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT
        type Query { hero: Hero heroes: [Hero!] }
        type Hero { id: Int! name: String slow: String bad: String! fail: String friend: Hero }
        """,
        new SdlResolvers
        {
            Resolve = call => call.Field.Name switch
            {
                "hero" or "friend" => 1,
                "heroes" => new[] { 1, 2 },
                "id" => call.Source,
                "name" => "Luke",
                "slow" => Late(),
                "fail" => new GraphQLException("failed"),
                _ => null,
            },
        });

    private static readonly GraphQLEngine Engine = new(Schema, new EngineOptions { Incremental = true });

    [Theory]
    [InlineData("{ hero { id } }", """{"data":{"hero":{"id":1}}}""")]
    [InlineData("{ hero { id ... @defer(if: false) { name } } }", """{"data":{"hero":{"id":1,"name":"Luke"}}}""")]
    [InlineData(
        "{ hero { id ... @defer(label: \"x\") { name } } }",
        """{"data":{"hero":{"id":1}},"pending":[{"id":"0","path":["hero"],"label":"x"}],"hasNext":true}""",
        """{"incremental":[{"id":"0","data":{"name":"Luke"}}],"completed":[{"id":"0"}],"hasNext":false}""")]
    [InlineData(
        "{ ...F @defer } fragment F on Query { hero { slow } }",
        """{"data":{},"pending":[{"id":"0","path":[]}],"hasNext":true}""",
        """{"incremental":[{"id":"0","data":{"hero":{"slow":"late"}}}],"completed":[{"id":"0"}],"hasNext":false}""")]
    // one for each object of a list
    [InlineData(
        "{ heroes { id ... @defer { name } } }",
        """{"data":{"heroes":[{"id":1},{"id":2}]},"pending":[{"id":"0","path":["heroes",0]},{"id":"1","path":["heroes",1]}],"hasNext":true}""",
        """{"incremental":[{"id":"0","data":{"name":"Luke"}}],"completed":[{"id":"0"}],"hasNext":true}""",
        """{"incremental":[{"id":"1","data":{"name":"Luke"}}],"completed":[{"id":"1"}],"hasNext":false}""")]
    // one inside another
    [InlineData(
        "{ hero { ... @defer { name friend { ... @defer { id } } } } }",
        """{"data":{"hero":{}},"pending":[{"id":"0","path":["hero"]}],"hasNext":true}""",
        """{"incremental":[{"id":"0","data":{"name":"Luke","friend":{}}}],"completed":[{"id":"0"}],"pending":[{"id":"1","path":["hero","friend"]}],"hasNext":true}""",
        """{"incremental":[{"id":"1","data":{"id":1}}],"completed":[{"id":"1"}],"hasNext":false}""")]
    // nothing is sent twice
    [InlineData("{ hero { id ... @defer { id } } }", """{"data":{"hero":{"id":1}}}""")]
    [InlineData(
        "{ hero { id ... @defer { id name } ... @defer { name slow } } }",
        """{"data":{"hero":{"id":1}},"pending":[{"id":"0","path":["hero"]},{"id":"1","path":["hero"]}],"hasNext":true}""",
        """{"incremental":[{"id":"0","data":{"name":"Luke"}}],"completed":[{"id":"0"}],"hasNext":true}""",
        """{"incremental":[{"id":"1","data":{"slow":"late"}}],"completed":[{"id":"1"}],"hasNext":false}""")]
    [InlineData(
        "{ hero { friend { id } ... @defer { friend { name } } } }",
        """{"data":{"hero":{"friend":{"id":1,"name":"Luke"}}}}""")]
    // errors stay in the part they belong to
    [InlineData(
        "{ hero { ... @defer { name fail } } }",
        """{"data":{"hero":{}},"pending":[{"id":"0","path":["hero"]}],"hasNext":true}""",
        """{"incremental":[{"id":"0","errors":[{"message":"failed","locations":[{"line":1,"column":28}],"path":["hero","fail"]}],"data":{"name":"Luke","fail":null}}],"completed":[{"id":"0"}],"hasNext":false}""")]
    [InlineData(
        "{ hero { ... @defer { bad } } }",
        """{"data":{"hero":{}},"pending":[{"id":"0","path":["hero"]}],"hasNext":true}""",
        """{"completed":[{"id":"0","errors":[{"message":"Cannot return null for non-nullable field Hero.bad.","locations":[{"line":1,"column":23}],"path":["hero","bad"],"extensions":{"code":"EXEC_NON_NULL_VIOLATION"}}]}],"hasNext":false}""")]
    // what a null took with it is not announced
    [InlineData(
        "{ hero { bad friend { ... @defer { name } } } }",
        """{"errors":[{"message":"Cannot return null for non-nullable field Hero.bad.","locations":[{"line":1,"column":10}],"path":["hero","bad"],"extensions":{"code":"EXEC_NON_NULL_VIOLATION"}}],"data":{"hero":null}}""")]
    public async Task A_response_comes_in_parts(string document, params string[] parts) =>
        Assert.Equal(parts, await PartsAsync(Engine, document));

    [Theory]
    [InlineData("""{"d":true}""", 2)]
    [InlineData("""{"d":false}""", 1)]
    public async Task A_variable_decides(string variables, int parts) => Assert.Equal(
        parts, (await PartsAsync(Engine, "query ($d: Boolean!) { hero { id ... @defer(if: $d) { name } } }", variables)).Count);

    [Fact]
    public async Task Without_the_option_all_comes_at_once() => Assert.Equal(
        ["""{"data":{"hero":{"id":1,"name":"Luke"}}}"""],
        await PartsAsync(new GraphQLEngine(Schema), "{ hero { id ... @defer { name } } }"));

    [Fact]
    public async Task Parts_that_are_late_fail_together()
    {
        var never = new TaskCompletionSource<object?>();
        var schema = SdlSchema.Build(
            "directive @defer on INLINE_FRAGMENT type Query { a: Int late: Int }",
            new SdlResolvers { Resolve = call => call.Field.Name == "a" ? 1 : never.Task });
        var engine = new GraphQLEngine(
            schema, new EngineOptions { Incremental = true, Timeout = TimeSpan.FromMilliseconds(50) });

        var parts = await PartsAsync(engine, "{ a ... @defer { late } }");

        Assert.Equal(2, parts.Count);
        Assert.StartsWith("{\"completed\":[{\"id\":\"0\",\"errors\":[", parts[1], StringComparison.Ordinal);
        Assert.EndsWith("\"hasNext\":false}", parts[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Loaders_work_in_every_part()
    {
        var batches = new List<int>();
        var loader = new Loader<int, object>((batch, _) =>
        {
            batches.Add(batch.Keys.Count);
            foreach (var key in batch.Keys) batch.Set(key, key * 10);
            return Task.CompletedTask;
        });
        var schema = SdlSchema.Build(
            "directive @defer on INLINE_FRAGMENT type Query { a: [Item] b: [Item] } type Item { ten: Int }",
            new SdlResolvers
            {
                Resolve = call => call.Field.Name == "ten"
                    ? loader.LoadAsync(call.Request, (int)call.Source) : new[] { 1, 2, 3 },
            });

        var parts = await PartsAsync(
            new GraphQLEngine(schema, new EngineOptions { Incremental = true }),
            "{ a { ten } ... @defer { b { ten } } }");

        Assert.Contains("""{"a":[{"ten":10},{"ten":20},{"ten":30}]}""", parts[0], StringComparison.Ordinal);
        Assert.Contains("""{"b":[{"ten":10},{"ten":20},{"ten":30}]}""", parts[1], StringComparison.Ordinal);
        Assert.Equal([3, 3], batches);
    }

    [Fact]
    public async Task Over_http_the_parts_are_those_of_a_multipart_response()
    {
        var call = new HttpCall(
            "POST", "application/json", "multipart/mixed;q=0.9, application/json",
            """{"query":"{ hero { ... @defer { name } } }"}"""u8.ToArray(), null);
        await using var response = await GraphQLMultipart.OpenAsync(Engine, call, new RequestContext());
        using var output = new MemoryStream();

        await response!.SendAsync(output, CancellationToken.None);

        const string Head = "\r\n---\r\nContent-Type: application/json; charset=utf-8\r\n\r\n";
        Assert.Equal(
            Head + """{"data":{"hero":{}},"pending":[{"id":"0","path":["hero"]}],"hasNext":true}"""
                + Head + """{"incremental":[{"id":"0","data":{"name":"Luke"}}],"completed":[{"id":"0"}],"hasNext":false}"""
                + "\r\n-----\r\n",
            Encoding.UTF8.GetString(output.ToArray()));
        Assert.Null(await GraphQLMultipart.OpenAsync(Engine, call with { Accept = "application/json" }, new RequestContext()));
    }

    private static async Task<object?> Late()
    {
        await Task.Yield();
        return "late";
    }

    private static async Task<List<string>> PartsAsync(GraphQLEngine engine, string document, string? variables = null)
    {
        var request = new GraphQLRequest(document)
        {
            AcceptsParts = true,
            Variables = variables is null ? default : JsonElement.Parse(variables),
        };
        await using var stream = await engine.SubscribeAsync(request, new RequestContext());
        var parts = new List<string>();
        while (await stream.NextTextAsync() is { } part) parts.Add(part);
        return parts;
    }
}
