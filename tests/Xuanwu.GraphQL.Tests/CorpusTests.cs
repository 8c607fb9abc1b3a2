using System.Text.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.GraphQL.Tests;

// Every case on which both releases of graphql-js agree; where they differ, what release 16 says.
public sealed class CorpusTests
{
    public static TheoryData<string> Ids =>
    [
        .. Corpus.Cases.Where(it => !it.TryGetProperty("subscribe", out _))
            .Select(it => it.GetProperty("id").GetString()!),
    ];

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task The_outcome_is_that_of_graphql_js(string id)
    {
        var it = Corpus.Cases.Single(known => known.GetProperty("id").GetString() == id);
        var expected = it.TryGetProperty("expect16", out var older) ? older : it.GetProperty("expect");

        var answer = await Corpus.AskAsync(Corpus.Request(it));

        if (it.TryGetProperty("schemaSdl", out _))
        {
            Assert.Equal(expected.GetProperty("phase").GetString() != "ok", answer.ContainsKey("schemaErrors"));
            return;
        }

        var errors = answer["errors"]?.AsArray() ?? [];
        Assert.Equal(expected.GetProperty("errorCount").GetInt32(), errors.Count);
        AssertLocations(expected, errors);
        if (expected.TryGetProperty("rules", out var rules)) AssertRules(rules, errors);
        if (it.TryGetProperty("validateOnly", out var only) && only.GetBoolean()) return;
        var isRefused = expected.GetProperty("phase").GetString() is "parse" or "validate" or "request";
        Assert.Equal(isRefused, !answer.ContainsKey("data"));
        if (!expected.TryGetProperty("data", out var data)) return;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(data.GetRawText()), answer["data"]), answer.ToJsonString());
    }

    public static TheoryData<string> Subscriptions =>
    [
        .. Corpus.Cases.Where(it => it.TryGetProperty("subscribe", out _))
            .Select(it => it.GetProperty("id").GetString()!),
    ];

    [Theory]
    [MemberData(nameof(Subscriptions))]
    public async Task Subscriptions_give_the_events_of_graphql_js(string id)
    {
        var it = Corpus.Cases.Single(known => known.GetProperty("id").GetString() == id);
        var expected = it.GetProperty("expect");

        var answer = await Corpus.AskAsync(Corpus.Request(it));

        var wanted = expected.TryGetProperty("events", out var events) ? events.EnumerateArray().ToArray() : [expected];
        var found = answer["events"]?.AsArray() ?? [answer.DeepClone()];
        Assert.Equal(wanted.Length, found.Count);
        foreach (var (want, response) in wanted.Zip(found.Select(response => response!.AsObject())))
        {
            Assert.Equal(want.TryGetProperty("data", out var data), response.ContainsKey("data"));
            if (data.ValueKind == JsonValueKind.Object)
            {
                Assert.True(JsonNode.DeepEquals(JsonNode.Parse(data.GetRawText()), response["data"]), id);
            }

            Assert.Equal(want.TryGetProperty("errors", out var errors), response.ContainsKey("errors"));
            if (errors.ValueKind == JsonValueKind.Array) AssertPlaces(errors, response["errors"]!.AsArray());
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

    private static void AssertLocations(JsonElement expected, JsonArray found)
    {
        if (!expected.TryGetProperty("errors", out var errors)) return;
        var wanted = errors.EnumerateArray()
            .SelectMany(it => it.TryGetProperty("locations", out var at) ? at.EnumerateArray().ToArray() : [])
            .Select(at => $"{at.GetProperty("line")}:{at.GetProperty("column")}");
        var given = found.SelectMany(it => it!["locations"]?.AsArray() ?? [])
            .Select(at => $"{at!["line"]}:{at["column"]}");
        Assert.Equal(wanted.Order(StringComparer.Ordinal), given.Order(StringComparer.Ordinal));
    }

    private static void AssertRules(JsonElement rules, JsonArray errors)
    {
        var found = errors.Select(it => it!["extensions"]?["rule"]?.GetValue<string>()).ToList();
        foreach (var rule in rules.EnumerateObject())
        {
            Assert.Equal(rule.Value.GetInt32(), found.Count(it => it == rule.Name));
        }
    }
}
