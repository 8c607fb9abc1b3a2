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

    [Fact]
    public async Task Subscriptions_give_the_events_of_graphql_js()
    {
        var cases = Corpus.Cases.Where(it => it.TryGetProperty("subscribe", out _)).ToList();
        Assert.Equal(4, cases.Count);
        foreach (var it in cases)
        {
            var schema = Corpus.All.GetProperty("schemas").GetProperty(it.GetProperty("schema").GetString()!);
            var engine = Corpus.Engine(schema.GetProperty("sdl").GetString()!, schema.GetProperty("root"));
            var expected = it.GetProperty("expect");

            var found = await engine.FollowAsync(
                it.GetProperty("document").GetString()!,
                it.TryGetProperty("variables", out var variables) ? variables.GetRawText() : null);

            var wanted = expected.TryGetProperty("events", out var events) ? events.EnumerateArray().ToArray() : [expected];
            Assert.Equal(wanted.Length, found.Count);
            foreach (var (want, text) in wanted.Zip(found))
            {
                var response = JsonNode.Parse(text)!.AsObject();
                Assert.Equal(want.TryGetProperty("data", out var data), response.ContainsKey("data"));
                if (data.ValueKind == JsonValueKind.Object)
                {
                    Assert.True(JsonNode.DeepEquals(JsonNode.Parse(data.GetRawText()), response["data"]), text);
                }

                Assert.Equal(want.TryGetProperty("errors", out var errors), response.ContainsKey("errors"));
                if (errors.ValueKind == JsonValueKind.Array) AssertPlaces(errors, response["errors"]!.AsArray());
            }
        }
    }

    private static void AssertPlaces(JsonElement wanted, JsonArray found)
    {
        Assert.Equal(wanted.GetArrayLength(), found.Count);
        foreach (var (want, it) in wanted.EnumerateArray().Zip(found))
        {
            foreach (var place in (string[])["locations", "path"])
            {
                var wantedPlace = want.TryGetProperty(place, out var at) ? JsonNode.Parse(at.GetRawText()) : null;
                Assert.True(JsonNode.DeepEquals(wantedPlace, it![place]), it.ToJsonString());
            }
        }
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
