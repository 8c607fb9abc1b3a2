using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Npm;

/// <summary>
/// A test that needs node and packages of npm: skipped unless XUANWU_NPM names a folder whose node_modules has them
/// (npm install graphql).
/// </summary>
public sealed class NpmFactAttribute : FactAttribute
{
    public NpmFactAttribute(params string[] packages)
    {
        var folder = Environment.GetEnvironmentVariable("XUANWU_NPM");
        var missing = packages.Where(
            it => folder is null || !File.Exists(Path.Combine(folder, "node_modules", it, "package.json"))).ToList();
        if (missing.Count > 0)
        {
            Skip = $"needs npm's {string.Join(", ", missing)}: set XUANWU_NPM to a folder where they are installed";
        }
    }
}

// graphql-js reads our introspection and our SDL as one and the same schema.
public sealed class NpmTests
{
    [NpmFact("graphql")]
    public Task The_sample_schema_is_read_as_it_is_written() => AssertReadAsync(Sample.Schema);

    [NpmFact("graphql")]
    public Task The_schemas_of_the_corpus_are_read_as_they_are_written() => Task.WhenAll(
        new[] { "pets", "exec" }.Select(
            it => AssertReadAsync(SdlSchema.Build(Corpus.Sdl(it), new SdlResolvers { Resolve = _ => null }))));

    [NpmFact("graphql")]
    public Task Whatever_a_schema_may_have_is_read_as_it_is_written() => AssertReadAsync(SdlSchema.Build(
        """"
        "The whole." schema { query: Root mutation: Change }
        """ A block with "quotes" and \ signs.
          Indented. """
        directive @tag(name: String! = "a\"b\n", deep: In = {x: [1, 2], e: B}) repeatable on OBJECT | FIELD_DEFINITION
        type Root implements I & J @tag(name: "t") { id: ID! j(a: [[Int!]]! = [[1], []], "An input." b: In): U @deprecated(reason: "no \"more\"") }
        interface J { id: ID! }
        interface I implements J { id: ID! }
        union U = Root | Change
        type Change { done(at: When = "now", f: Float = -1.5e10, n: Int = null): Boolean @deprecated }
        scalar When @specifiedBy(url: "https://example.org/when?a=b")
        enum E { A B @deprecated(reason: "gone") }
        input In { x: [Int] = [3] e: E = A o: One old: Int @deprecated }
        input One @oneOf { a: Int b: String }
        """",
        new SdlResolvers { Resolve = _ => null }));

    [NpmFact("@urql/core", "@apollo/client", "graphql")]
    public async Task Urql_and_Apollo_Client_ask_over_http()
    {
        var engine = new GraphQLEngine(Sample.Schema);
        await using var app = WebApplication.CreateSlimBuilder().Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Map("/graphql", http => AnswerAsync(engine, http));
        await app.StartAsync();

        var read = await NodeAsync("clients.mjs", new JsonObject { ["url"] = app.Urls.First() + "/graphql" });

        string[] names = ["plan-0", "plan-1"];
        foreach (var client in (string[])["urql", "get", "apollo"])
        {
            Assert.Equal(names, read[client]!.AsArray().Select(it => (string?)it));
        }

        const string Refusal = "Cannot query field \"nope\" on type \"Query\". Did you mean \"now\"?";
        Assert.Equal((Refusal, Refusal), ((string?)read["refused"], (string?)read["fault"]));
    }

    private static async Task AnswerAsync(GraphQLEngine engine, HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        var call = new HttpCall(
            http.Request.Method, http.Request.ContentType, http.Request.Headers.Accept, body.ToArray(),
            http.Request.QueryString.Value);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var result = await GraphQLHttp.HandleAsync(engine, call, new RequestContext(), output, http.RequestAborted);
        http.Response.StatusCode = result.Status;
        http.Response.ContentType = result.ContentType;
        await http.Response.Body.WriteAsync(output.WrittenMemory);
    }

    private static async Task AssertReadAsync(Schema schema)
    {
        var query = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Execution", "introspection.graphql"));
        var answer = JsonNode.Parse(await new GraphQLEngine(schema).AskAsync(query))!;
        Assert.Null(answer["errors"]);
        var input = new JsonObject { ["introspection"] = answer["data"]!.DeepClone(), ["sdl"] = SchemaPrinter.Print(schema) };

        var read = await NodeAsync("schema.cjs", input);

        Assert.Empty(read["faults"]!.AsArray());
        Assert.Equal((string?)read["text"], (string?)read["client"]);
    }

    private static async Task<JsonNode> NodeAsync(string script, JsonObject input)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, input.ToJsonString());
            var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "Npm", script), file])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            using var node = Process.Start(start)!;
            var errors = node.StandardError.ReadToEndAsync();
            var text = await node.StandardOutput.ReadToEndAsync();
            await node.WaitForExitAsync();
            Assert.True(node.ExitCode == 0, await errors);
            return JsonNode.Parse(text)!;
        }
        finally
        {
            File.Delete(file);
        }
    }
}
