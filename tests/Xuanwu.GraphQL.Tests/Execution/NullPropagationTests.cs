using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Execution;

// Where a failing field's null ends up (specification, section 6.4.4), for values that are there at once and for
// values that come later and find everything around them written already.
public sealed class NullPropagationTests
{
    private const string Sdl = """
        type Query { box: Box boxNN: Box! list: [Box] listNN: [Box!] nnListNN: [Box!]! other: Int }
        type Box { ok: Int bad: Int badNN: Int! box: Box boxNN: Box! many: [Int!] manyNN: [Int!]! }
        """;

    [Theory]
    [InlineData("{ box { ok bad } }", """{"box":{"ok":1,"bad":null}}""", "box.bad")]
    [InlineData("{ box { ok badNN } }", """{"box":null}""", "box.badNN")]
    [InlineData("{ other box { box { badNN ok } ok } }", """{"other":1,"box":{"box":null,"ok":1}}""", "box.box.badNN")]
    [InlineData("{ box { boxNN { badNN } ok } other }", """{"box":null,"other":1}""", "box.boxNN.badNN")]
    [InlineData("{ boxNN { badNN } other }", "null", "boxNN.badNN")]
    [InlineData("{ boxNN { box { badNN } ok } }", """{"boxNN":{"box":null,"ok":1}}""", "boxNN.box.badNN")]
    [InlineData("{ list { ok badNN } }", """{"list":[null,null]}""", "list.0.badNN list.1.badNN")]
    [InlineData("{ listNN { badNN } other }", """{"listNN":null,"other":1}""", "listNN.0.badNN")]
    [InlineData("{ nnListNN { badNN } other }", "null", "nnListNN.0.badNN")]
    [InlineData("{ box { many ok } }", """{"box":{"many":null,"ok":1}}""", "box.many.1")]
    [InlineData("{ box { manyNN ok } other }", """{"box":null,"other":1}""", "box.manyNN.1")]
    [InlineData("{ a: box { badNN } b: box { ok } }", """{"a":null,"b":{"ok":1}}""", "a.badNN")]
    public async Task A_null_spreads_to_the_nearest_nullable_value(string query, string data, string paths)
    {
        string[] delays =
            ["", "bad badNN many manyNN", "box boxNN list listNN nnListNN", "ok bad badNN box boxNN"];
        foreach (var later in delays)
        {
            var answer = await Engine(later).AskAsync(query);

            Assert.EndsWith($",\"data\":{data}}}", answer, StringComparison.Ordinal);
            var found = System.Text.Json.Nodes.JsonNode.Parse(answer)!["errors"]!.AsArray()
                .Select(it => string.Join('.', it!["path"]!.AsArray())).ToList();
            // Of errors below one value that became null only one need be there, and late ones come in any order.
            Assert.NotEmpty(found);
            Assert.Subset(Allowed(paths), found.ToHashSet());
        }
    }

    [Fact]
    public async Task Late_values_fill_their_places_in_the_order_of_the_document()
    {
        var answer = await Engine("box boxNN ok list many").AskAsync(
            "{ list { ok many } box { ok box { ok } many } other }");

        Assert.Equal(
            """{"errors":["""
            + string.Join(',', new[] { "list.0", "list.1", "box" }.Select(_ => "*"))
            + """],"data":{"list":[{"ok":1,"many":null},{"ok":1,"many":null}],"box":{"ok":1,"box":{"ok":1},"many":null},"other":1}}""",
            System.Text.RegularExpressions.Regex.Replace(answer, """\{"message[^}]*\}[^}]*\}[^}]*\}""", "*"));
    }

    private static HashSet<string> Allowed(string paths) =>
        [.. paths.Split(' '), "listNN.1.badNN", "nnListNN.1.badNN"];

    private static GraphQLEngine Engine(string later)
    {
        var names = later.Split(' ').ToHashSet();
        var schema = SdlSchema.Build(Sdl, new SdlResolvers
        {
            Resolve = call => names.Contains(call.Field.Name) ? Later(Value(call.Field.Name)) : Value(call.Field.Name),
        });
        return new GraphQLEngine(schema);
    }

    private static async Task<object?> Later(object? value)
    {
        await Task.Yield();
        return value is Exception thrown ? throw thrown : value;
    }

    private static object? Value(string field) => field switch
    {
        "bad" or "badNN" => new GraphQLException("bad"),
        "many" or "manyNN" => new object?[] { 1, null, 3 },
        "list" or "listNN" or "nnListNN" => new[] { new object(), new object() },
        "ok" or "other" => 1,
        _ => new object(),
    };
}
