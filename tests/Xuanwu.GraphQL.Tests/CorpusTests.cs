using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests;

// Every case on which both releases of graphql-js agree, or with what release 16 says.
public sealed class CorpusTests
{
    public static TheoryData<string> Ids =>
    [
        .. Corpus.Cases.Where(it => !it.TryGetProperty("subscribe", out _) && it.GetProperty("firm").GetBoolean())
            .Select(it => it.GetProperty("id").GetString()!),
    ];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task The_outcome_is_that_of_graphql_js(string id)
    {
        var it = Corpus.Cases.Single(known => known.GetProperty("id").GetString() == id);
        var expected = it.TryGetProperty("expect16", out var older) ? older : it.GetProperty("expect");
        if (it.TryGetProperty("schemaSdl", out var sdl))
        {
            var refused = Record.Exception(
                () => SdlSchema.Build(sdl.GetString()!, new SdlResolvers { Resolve = _ => null }));
            Assert.Equal(expected.GetProperty("phase").GetString() == "ok", refused is null);
            return;
        }

        var schema = Corpus.All.GetProperty("schemas").GetProperty(it.GetProperty("schema").GetString()!);
        JsonElement? root = it.TryGetProperty("root", out var own) ? own
            : schema.TryGetProperty("root", out var shared) ? shared : null;
        var engine = Corpus.Engine(schema.GetProperty("sdl").GetString()!, root);
        var document = it.GetProperty("document").GetString()!;
        var errorCount = expected.GetProperty("errorCount").GetInt32();
        if (it.TryGetProperty("validateOnly", out var only) && only.GetBoolean())
        {
            var errors = engine.Validate(System.Text.Encoding.UTF8.GetBytes(document));
            Assert.Equal(errorCount, errors.Count);
            if (expected.TryGetProperty("rules", out var rules)) AssertRules(rules, errors);
            AssertLocations(
                expected, errors.SelectMany(error => error.Locations.Select(at => $"{at.Line}:{at.Column}")));
            return;
        }

        var answer = JsonNode.Parse(await engine.AskAsync(
            document,
            it.TryGetProperty("variables", out var variables) ? variables.GetRawText() : null,
            it.TryGetProperty("operationName", out var name) ? name.GetString() : null))!;
        var isRefused = expected.GetProperty("phase").GetString() is "parse" or "validate" or "request";
        Assert.Equal(errorCount, answer["errors"]?.AsArray().Count ?? 0);
        Assert.Equal(isRefused, !answer.AsObject().ContainsKey("data"));
        AssertLocations(expected, (answer["errors"]?.AsArray() ?? []).SelectMany(
            error => (error!["locations"]?.AsArray() ?? []).Select(at => $"{at!["line"]}:{at["column"]}")));
        if (!expected.TryGetProperty("data", out var data)) return;
        Assert.True(
            JsonNode.DeepEquals(JsonNode.Parse(data.GetRawText()), answer["data"]), answer.ToJsonString());
    }

    private static void AssertLocations(JsonElement expected, IEnumerable<string> found)
    {
        if (!expected.TryGetProperty("errors", out var errors)) return;
        var wanted = errors.EnumerateArray()
            .SelectMany(it => it.TryGetProperty("locations", out var at) ? at.EnumerateArray().ToArray() : [])
            .Select(at => $"{at.GetProperty("line")}:{at.GetProperty("column")}");
        Assert.Equal(wanted.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    private static void AssertRules(JsonElement rules, IReadOnlyList<GraphQLError> errors)
    {
        foreach (var rule in rules.EnumerateObject())
        {
            Assert.Equal(rule.Value.GetInt32(), errors.Count(it => it.Rule == rule.Name));
        }
    }
}
