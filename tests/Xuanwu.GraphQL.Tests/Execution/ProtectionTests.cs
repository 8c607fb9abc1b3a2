using System.Buffers;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Execution;

// Every limit refuses what is beyond it with a code of its own, quickly, and lets through what is within.
public sealed class ProtectionTests
{
    private static readonly Schema Schema = SdlSchema.Build(
        """
        type Query { a: Int self: Query items(first: Int = 3, last: Int): [Item!] page(first: Int): Page plain: [Item] }
        type Page { nodes: [Item!] edges: [Edge] totalCount: Int }
        type Edge { node: Item }
        type Item { b: Int page(first: Int): Page }
        """,
        new SdlResolvers { Resolve = call => call.Field.Name == "a" ? 1 : null });

    private static readonly EngineOptions Small = new()
    {
        Parser = new ParserLimits { MaxBytes = 2_000, MaxTokens = 300, MaxDepth = 50 },
        MaxFields = 30,
        MaxFieldDepth = 10,
        MaxNesting = 15,
        MaxAliases = 5,
        MaxRootFields = 8,
        MaxDirectives = 3,
        MaxIntrospectionLists = 1,
        MaxCost = 100,
    };

    public static TheoryData<string, string, bool> Documents => new()
    {
        { "{ a } #" + new string('x', 1_980), ErrorCodes.DocumentTooLarge, true },
        { "{ a } #" + new string('x', 2_000), ErrorCodes.DocumentTooLarge, false },
        { "{ " + Repeat("a ", 290) + "}", ErrorCodes.TooManyFields, false },
        { "{ " + Repeat("a ", 300) + "}", ErrorCodes.DocumentTooLarge, false },
        { Nested(10), ErrorCodes.DocumentTooLarge, true },
        { Nested(11), ErrorCodes.DocumentTooLarge, false },
        { "{ " + Repeat("... { ", 14) + "a" + Repeat(" }", 14) + " }", ErrorCodes.DocumentTooLarge, true },
        { "{ " + Repeat("... { ", 15) + "a" + Repeat(" }", 15) + " }", ErrorCodes.DocumentTooLarge, false },
        { "{ self { " + Repeat("a ", 30) + "} }", ErrorCodes.TooManyFields, false },
        { "{ a x: a y: a z: a v: a w: a }", ErrorCodes.TooManyFields, true },
        { "{ ...F } fragment F on Query { x: a y: a z: a v: a w: a u: a }", ErrorCodes.TooManyFields, false },
        { "{ " + Repeat("a ", 8) + "}", ErrorCodes.TooManyFields, true },
        { "{ " + Repeat("a ", 9) + "}", ErrorCodes.TooManyFields, false },
        { "{ a @skip(if: false) @skip(if: false) @skip(if: false) @skip(if: false) }", ErrorCodes.TooManyFields, false },
        { "{ __type(name: \"Query\") { name } }", ErrorCodes.Validation, true },
        { "{ __type(name: \"Query\") { fields { name } } }", ErrorCodes.Validation, false },
        { "{ items(first: 99) { b } }", ErrorCodes.TooCostly, true },
        { "{ items(first: 100) { b } }", ErrorCodes.TooCostly, false },
        { "{ items(last: 100) { b } }", ErrorCodes.TooCostly, true },
        { "{ page(first: 9) { nodes { page(first: 8) { nodes { b } } } } }", ErrorCodes.TooCostly, true },
        { "{ page(first: 9) { nodes { page(first: 9) { nodes { b } } } } }", ErrorCodes.TooCostly, false },
        { "{ plain { page { nodes { b } } } }", ErrorCodes.TooCostly, false },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public async Task A_document_beyond_a_limit_is_refused(string document, string code, bool isWithin)
    {
        var answer = JsonNode.Parse(await new GraphQLEngine(Schema, Small).AskAsync(document))!;

        var found = (string?)answer["errors"]?[0]?["extensions"]?["code"];
        Assert.Equal(isWithin ? null : code, found);
    }

    [Theory]
    [InlineData("", "{ self ")]
    [InlineData("{", " ... { ")]
    [InlineData("{ items(first: ", "[")]
    [InlineData("{ items(first: ", "{ x: ")]
    [InlineData("query ($x: ", "[")]
    [InlineData("query ($x: Int = ", "[")]
    public async Task A_hundred_thousand_levels_are_an_error(string start, string level)
    {
        var answer = JsonNode.Parse(
            await new GraphQLEngine(Schema).AskAsync(start + Repeat(level, 100_000)))!;

        Assert.Null(answer["data"]);
        Assert.Equal(ErrorCodes.DocumentTooLarge, (string?)answer["errors"]![0]!["extensions"]!["code"]);
    }

    [Fact]
    public async Task Long_chains_of_fragments_are_an_error_and_fast()
    {
        var document = new StringBuilder("{ ...F0 }");
        for (var i = 0; i < 6_000; i++) document.Append($" fragment F{i} on Query {{ ...F{i + 1} }}");
        document.Append(" fragment F6000 on Query { a }");
        var watch = Stopwatch.StartNew();

        var answer = JsonNode.Parse(await new GraphQLEngine(Schema).AskAsync(document.ToString()))!;

        Assert.Equal(ErrorCodes.DocumentTooLarge, (string?)answer["errors"]![0]!["extensions"]!["code"]);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
    }

    [Theory]
    [InlineData("""{"n": 3}""", 1 + (3 * 1))]
    [InlineData("""{"n": 0}""", 1)]
    [InlineData("{}", 1 + (10 * 1))]
    public async Task The_cost_follows_the_variables_and_is_told_when_asked_for(string variables, int cost)
    {
        var output = new ArrayBufferWriter<byte>();
        var request = new GraphQLRequest("query ($n: Int) { items(first: $n) { b } }")
        {
            Variables = JsonElement.Parse(variables),
            ReportCost = true,
        };

        await new GraphQLEngine(Schema).ExecuteAsync(request, new RequestContext(), output);

        var told = JsonNode.Parse(output.WrittenSpan)!["extensions"]!["cost"]!;
        Assert.Equal((cost, 100_000), ((int)told["fields"]!, (int)told["limit"]!));
    }

    [Fact]
    public async Task Full_introspection_costs_nothing()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Execution", "introspection.graphql"));

        var answer = JsonNode.Parse(
            await new GraphQLEngine(Schema, new EngineOptions { MaxCost = 1 }).AskAsync(text))!;

        Assert.Null(answer["errors"]);
    }

    [Fact]
    public async Task More_operations_than_the_limit_are_refused_until_one_has_ended()
    {
        var gate = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        var schema = SdlSchema.Build("type Query { a: Int }", new SdlResolvers { Resolve = _ => gate.Task });
        var engine = new GraphQLEngine(schema, new EngineOptions { MaxConcurrentRequests = 2 });
        var first = engine.AskAsync("{ a }");
        var second = engine.AskAsync("{ a }");

        Assert.Contains(ErrorCodes.Busy, await engine.AskAsync("{ a }"), StringComparison.Ordinal);

        gate.SetResult(1);
        await Task.WhenAll(first, second);
        Assert.Equal("""{"data":{"a":1}}""", await engine.AskAsync("{ a }"));
    }

    private static string Nested(int levels) =>
        "{ " + Repeat("self { ", levels - 1) + "a" + Repeat(" }", levels - 1) + " }";

    private static string Repeat(string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
