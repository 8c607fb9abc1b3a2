using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Xuanwu.Server.Tests;

/// <summary>
/// Whatever is sent in place of a request or a query that fits the schema is answered with a stable code and a
/// sentence, never with a stack trace, never with HTTP 500.
/// </summary>
[Collection(nameof(XuanwuCollection))]
public sealed class BadRequestStories(XuanwuFixture fixture)
{
    private static readonly Guid Nobody = Guid.Parse("00000000-0000-4000-8000-000000000001");
    private readonly XuanwuHost _host = fixture.Host;

    [Theory]
    [InlineData("{ job }")]
    [InlineData("{ job(id: 1) { id } }")]
    [InlineData("{ job(id: \"no-uuid\") { id } }")]
    [InlineData("{ jobs(frist: 1) { nodes { id } } }")]
    [InlineData("{ jbos { nodes { id } } }")]
    [InlineData("{ jobs(where: { nmae: { eq: \"x\" } }) { nodes { id } } }")]
    [InlineData("{ jobs(where: { draft: { eq: \"x\" } }) { nodes { id } } }")]
    [InlineData("{ jobs(where: { name: { regex: \"x\" } }) { nodes { id } } }")]
    [InlineData("{ jobs(order: [{ draft: ASC }]) { nodes { id } } }")]
    [InlineData("mutation { createJob(input: { project: \"p\", name: \"n\", kind: PYTHON }) { job { id } } }")]
    [InlineData("mutation { createJob(input: { project: \"p\", kind: SQL }) { job { id } } }")]
    [InlineData("mutation { createJob { job { id } } }")]
    [InlineData("mutation { saveDraft(input: { jobId: null }) { job { id } } }")]
    [InlineData("{ job(id: \"")]
    [InlineData("")]
    public async Task A_document_that_does_not_fit_the_schema_is_refused_with_its_place(string document)
    {
        var answer = await _host.SendAsync(document);
        var error = answer["errors"]![0]!;
        Assert.False(string.IsNullOrEmpty((string?)error["extensions"]!["code"]), answer.ToJsonString());
        Assert.Null(answer["data"]);
    }

    [Theory]
    [InlineData("UUID!", "not-a-uuid")]
    [InlineData("UUID!", 7)]
    [InlineData("UUID!", null)]
    public async Task A_variable_that_does_not_fit_is_refused(string type, object? id)
    {
        var answer = await _host.SendAsync($"query ($id: {type}) {{ job(id: $id) {{ id }} }}", new { id });
        Assert.Equal("HC0018", Code(answer));
    }

    [Fact]
    public async Task Unknown_ids_are_null_in_queries()
    {
        var data = await _host.QueryAsync(
            "query ($id: UUID!) { job(id: $id) { id } run(id: $id) { id } cluster(id: $id) { id } "
            + "jobByName(project: \"no\", name: \"no\") { id } }",
            new { id = Nobody });
        foreach (var (_, value) in data.AsObject()) Assert.Null(value);
    }

    [Fact]
    public async Task Half_a_surrogate_pair_is_refused_wherever_it_comes()
    {
        foreach (var body in new[]
        {
            """
            {"query":"mutation ($n: String!) { createJob(input: {project: \"p\", name: $n, kind: SQL}) {job {id}} }",
             "variables":{"n":"a\ud800b"}}
            """,
            """{"query":"mutation { createJob(input: {project: \"p\", name: \"\\ud800\", kind: SQL}) {job {id}} }"}""",
            """{"query":"{ jobs(where: { name: { eq: \"a\\udc00\" } }) { nodes { id } } }"}""",
            """
            {"query":"query ($n: String!) { jobByName(project: $n, name: $n) { id } }","variables":{"n":"\udfff"}}
            """,
            """
            {"query":"query ($w: JobFilterInput) { jobs(where: $w) { nodes { id } } }",
             "variables":{"w":{"name":{"in":["\ud83d"]}}}}
            """,
        })
        {
            var (status, answer) = await PostAsync(body);
            Assert.InRange((int)status, 200, 499);
            Assert.False(string.IsNullOrEmpty(Code(answer)), answer.ToJsonString());
        }
    }

    [Fact]
    public async Task A_user_header_that_is_no_name_is_refused()
    {
        foreach (var user in new[] { new string('u', 101), "a\tb" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "graphql");
            request.Content = Json("""{"query":"{ __typename }"}""");
            request.Headers.TryAddWithoutValidation("X-Xuanwu-User", user);
            using var answer = await _host.Http.SendAsync(request);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Equal("USER_INVALID", Code(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!));
        }
    }

    [Theory]
    [InlineData("", "application/json", 400)]
    [InlineData("{", "application/json", 400)]
    [InlineData("null", "application/json", 400)]
    [InlineData("7", "application/json", 400)]
    [InlineData("[]", "application/json", 400)]
    [InlineData("{}", "application/json", 400)]
    [InlineData("""{"query":7}""", "application/json", 400)]
    [InlineData("""{"query":"{ __typename }","variables":[]}""", "application/json", 400)]
    [InlineData("""{"query":"{ __typename }"} trailing""", "application/json", 400)]
    [InlineData("""{"query":"{ __typename }"}""", "text/plain", 415)]
    [InlineData("""{"query":"{ __typename }"}""", "application/x-www-form-urlencoded", 415)]
    [InlineData("""{"query":"{ __typename }"}""", null, 415)]
    public async Task A_body_that_is_no_request_gets_a_status_and_an_error(string body, string? contentType, int status)
    {
        var (seen, answer) = await PostAsync(body, contentType);
        Assert.Equal(status, (int)seen);
        Assert.False(string.IsNullOrEmpty(Code(answer)), answer.ToJsonString());
    }

    [Theory]
    [InlineData("PUT", 405)]
    [InlineData("DELETE", 405)]
    [InlineData("PATCH", 405)]
    public async Task Other_methods_are_refused(string method, int status)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), "graphql");
        request.Content = Json("""{"query":"{ __typename }"}""");
        using var answer = await _host.Http.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("METHOD_NOT_ALLOWED", Code(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!));
    }

    [Fact]
    public async Task A_mutation_by_GET_is_refused()
    {
        using var answer = await _host.Http.GetAsync(
            "graphql?query=" + Uri.EscapeDataString(
                "mutation { createJob(input: { project: \"p\", name: \"get\", kind: SQL }) { job { id } } }"));
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Null((await _host.QueryAsync("{ jobByName(project: \"p\", name: \"get\") { id } }"))["jobByName"]);
    }

    [Theory]
    [InlineData("first: 1000", "HC0051")]
    [InlineData("first: -1", "HC0079")]
    [InlineData("last: 101", "HC0051")]
    [InlineData("after: \"nonsense\"", "CURSOR_INVALID")]
    [InlineData("after: \"\"", "CURSOR_INVALID")]
    [InlineData("before: \"!!!\"", "CURSOR_INVALID")]
    public async Task Pages_and_cursors_that_cannot_be_are_refused(string arguments, string code)
    {
        var job = await _host.NewJobAsync($"bad-page-{Guid.NewGuid():N}");
        foreach (var list in new[] { "jobs", "runs", "clusters", "catalogs", "events" })
        {
            Assert.Equal(
                code, Code(await _host.SendAsync($"{{ {list}({arguments}) {{ pageInfo {{ hasNextPage }} }} }}")));
        }

        foreach (var list in new[] { "versions", "runs", "history" })
        {
            var document = $"query ($id: UUID!) "
                + $"{{ job(id: $id) {{ {list}({arguments}) {{ pageInfo {{ hasNextPage }} }} }} }}";
            Assert.Equal(code, Code(await _host.SendAsync(document, new { id = job })));
        }
    }

    [Fact]
    public async Task Cursors_of_another_list_of_another_order_and_forged_ones_are_refused()
    {
        await _host.NewJobAsync("bad-cursor");
        var data = await _host.QueryAsync(
            "{ jobs(first: 1) { pageInfo { endCursor } } clusters(first: 1) { pageInfo { endCursor } } "
            + "events(first: 1) { pageInfo { endCursor } } }");
        var ofJobs = (string)data["jobs"]!["pageInfo"]!["endCursor"]!;
        var ofClusters = (string)data["clusters"]!["pageInfo"]!["endCursor"]!;
        var ofEvents = (string)data["events"]!["pageInfo"]!["endCursor"]!;
        await RefusedAsync("jobs", ofClusters);
        await RefusedAsync("jobs", ofEvents);
        await RefusedAsync("events", ofJobs);
        await RefusedAsync("catalogs", ofClusters);
        await RefusedAsync("jobs", ofJobs, "order: [{ name: ASC }]");
        foreach (var forged in Forgeries(ofEvents)) await RefusedAsync("events", forged);
        foreach (var forged in Forgeries(ofJobs)) await RefusedAsync("jobs", forged);

        async Task RefusedAsync(string list, string cursor, string? order = null)
        {
            var arguments = order is null ? "after: $c" : $"after: $c, {order}";
            var document = $"query ($c: String!) {{ {list}({arguments}) {{ pageInfo {{ hasNextPage }} }} }}";
            Assert.Equal("CURSOR_INVALID", Code(await _host.SendAsync(document, new { c = cursor })));
        }
    }

    [Theory]
    [InlineData("jobs(where: { name: { eq: \"a\\u0000\" } })")]
    [InlineData("jobs(where: { name: { contains: \"a\\u0000\" } })")]
    [InlineData("jobs(where: { owner: { in: [\"a\\u0000\"] } })")]
    [InlineData("events(where: { type: { startsWith: \"\\u0000\" } })")]
    public async Task A_filter_for_a_text_that_cannot_exist_finds_nothing_or_says_so(string list)
    {
        var answer = await _host.SendAsync($"{{ {list} {{ totalCount }} }}");
        Assert.Equal("FILTER_INVALID", Code(answer));
    }

    [Theory]
    [InlineData("jobs(where: { createdAt: { gt: \"0001-01-01T00:00:00Z\", lt: \"9999-12-31T23:59:59Z\" } })")]
    [InlineData("jobs(where: { name: { contains: \"%_\\\\\" } })")]
    [InlineData("jobs(where: { state: { in: [] } })")]
    [InlineData("jobs(where: { state: { in: null } })")]
    [InlineData("jobs(where: { state: { eq: null } })")]
    [InlineData("jobs(where: { or: [] })")]
    [InlineData("jobs(where: { and: [{ or: [{ name: { eq: \"x\" } }, { not_a_field: null }] }] })")]
    [InlineData("events(where: { sequence: { gt: 9223372036854775807 } })")]
    [InlineData("runs(where: { attempt: { in: [1, null, 3] } })")]
    public async Task Filters_at_the_edge_are_answered(string list)
    {
        var answer = await _host.SendAsync($"{{ {list} {{ totalCount nodes {{ __typename }} }} }}");
        if (list.Contains("not_a_field", StringComparison.Ordinal)) Assert.False(string.IsNullOrEmpty(Code(answer)));
        else Assert.True(answer["errors"] is null, answer.ToJsonString());
    }

    [Fact]
    public async Task A_filter_with_too_many_conditions_is_refused()
    {
        var or = new JsonArray(
            [.. Enumerable.Range(0, 70_000).Select(_ => JsonNode.Parse("""{"name":{"eq":"x"}}"""))]);
        var answer = await _host.SendAsync(
            "query ($w: JobFilterInput) { jobs(where: $w) { totalCount } }",
            new { w = new JsonObject { ["or"] = or } });
        Assert.Equal("FILTER_INVALID", Code(answer));
    }

    [Fact]
    public async Task A_document_of_a_hundred_thousand_levels_is_refused()
    {
        var deep = string.Concat(Enumerable.Repeat("{job", 100_000)) + string.Concat(Enumerable.Repeat('}', 100_000));
        Assert.Equal("DOCUMENT_TOO_LARGE", Code(await _host.SendAsync(deep)));
        var brackets = new string('[', 100_000) + new string(']', 100_000);
        var list = $"{{ jobs(where: {{name: {{in: {brackets}}}}}) {{ totalCount }} }}";
        Assert.Equal("DOCUMENT_TOO_LARGE", Code(await _host.SendAsync(list)));
        var (status, answer) = await PostAsync(
            "{\"query\":\"{ __typename }\",\"variables\":"
            + string.Concat(Enumerable.Repeat("{\"a\":", 100_000)) + "1" + new string('}', 100_001));
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal("HC0012", Code(answer));
    }

    [Fact]
    public async Task A_document_of_thousands_of_aliases_is_answered_or_refused_while_others_are_served()
    {
        var job = await _host.NewJobAsync("bad-aliases");
        string Many(int count) =>
            "{" + string.Concat(Enumerable.Range(0, count).Select(number => $" j{number}: job(id: \"{job}\") "
            + $"{{ name }}")) + " }";
        Assert.Equal("DOCUMENT_TOO_LARGE", Code(await _host.SendAsync(Many(5000))));
        Assert.Equal("TOO_MANY_FIELDS", Code(await _host.SendAsync(Many(4000))));
        var large = _host.SendAsync(Many(200));
        var small = await _host.QueryAsync("query ($id: UUID!) { job(id: $id) { name } }", new { id = job });
        Assert.Equal("bad-aliases", (string?)small["job"]!["name"]);
        var answer = await large;
        Assert.True(answer["errors"] is null, answer["errors"]?.ToJsonString());
        Assert.Equal(200, answer["data"]!.AsObject().Count);
    }

    private static string? Code(JsonNode answer) => (string?)answer["errors"]?[0]?["extensions"]?["code"];

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private async Task<(HttpStatusCode Status, JsonNode Answer)> PostAsync(
        string body, string? contentType = "application/json")
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        if (contentType is not null) content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var answer = await _host.Http.PostAsync("graphql", content);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!);
    }

    // A cursor is the list's name with its order and then the values; whoever takes it apart and lies is told so.
    private static IEnumerable<string> Forgeries(string cursor)
    {
        var parts = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(cursor))!.AsArray();
        foreach (var lie in new[] { "999999999999999999999999999", "x", "a\0b", "2026-13-45" })
        {
            var forged = parts.DeepClone().AsArray();
            forged[1] = lie;
            yield return System.Buffers.Text.Base64Url.EncodeToString(Encoding.UTF8.GetBytes(forged.ToJsonString()));
        }

        yield return System.Buffers.Text.Base64Url.EncodeToString("[\"\\ud800\",\"1\"]"u8);
        yield return System.Buffers.Text.Base64Url.EncodeToString("{}"u8);
        yield return System.Buffers.Text.Base64Url.EncodeToString("[1,2,3]"u8);
        yield return cursor[..^3];
    }
}
