using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Http;

// What clients and browsers rely on beyond the specification: persisted and trusted documents, batches, caching, CSRF.
public sealed class ConventionsTests
{
    private const string Text = "{ __typename }";
    private const string Data = """{"data":{"__typename":"Query"}}""";
    private static readonly string Hash = TrustedDocuments.Hash(Encoding.UTF8.GetBytes(Text));
    private readonly GraphQLEngine engine = new(Sample.Schema);

    [Fact]
    public async Task A_document_that_was_sent_once_is_named_by_its_hash()
    {
        var named = Named(Hash);
        var sent = $$"""{"query":"{{Text}}",{{named[1..]}}""";

        Assert.Contains("\"PersistedQueryNotFound\"", (await Post(named)).Answer, StringComparison.Ordinal);
        Assert.Equal(Data, (await Post(sent)).Answer);
        Assert.Equal(Data, (await Post(named)).Answer);
        Assert.Equal(Data, (await Get("?extensions=" + Uri.EscapeDataString(named[14..^1]))).Answer);
    }

    [Fact]
    public async Task A_wrong_hash_is_refused_and_nothing_is_kept()
    {
        var wrong = new string('0', 64);
        var named = Named(wrong);

        Assert.Contains(
            ErrorCodes.PersistedQueryMismatch,
            (await Post($$"""{"query":"{{Text}}",{{named[1..]}}""")).Answer,
            StringComparison.Ordinal);
        Assert.Contains(ErrorCodes.PersistedQueryNotFound, (await Post(named)).Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_document_that_cannot_be_executed_is_not_kept()
    {
        var hash = TrustedDocuments.Hash("{ nope }"u8);
        var named = Named(hash);

        await Post($$"""{"query":"{ nope }",{{named[1..]}}""");

        Assert.Contains(ErrorCodes.PersistedQueryNotFound, (await Post(named)).Answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Persisted_documents_stay_within_their_memory()
    {
        var small = new GraphQLEngine(Sample.Schema, new EngineOptions { PersistedDocumentBytes = 2_000 });
        var names = Enumerable.Range(0, 10).Select(it => $"{{ a{it}: __typename }}").ToList();
        foreach (var text in names) await Post($$"""{"query":"{{text}}",{{NamedText(text)[1..]}}""", small);

        Assert.Contains(
            ErrorCodes.PersistedQueryNotFound, (await Post(NamedText(names[0]), small)).Answer, StringComparison.Ordinal);
        Assert.Equal("""{"data":{"a9":"Query"}}""", (await Post(NamedText(names[9]), small)).Answer);
    }

    [Fact]
    public async Task Only_trusted_documents_are_executed_when_there_are_any()
    {
        var folder = Directory.CreateTempSubdirectory("trusted");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, Hash + ".graphql"), Text);
            File.WriteAllText(Path.Combine(folder.FullName, "now.graphql"), "{ now }");
            var trusted = TrustedDocuments.FromFolder(folder.FullName);
            Assert.Equal(2, trusted.Count);
            var guarded = new GraphQLEngine(Sample.Schema, new EngineOptions { TrustedDocuments = trusted });

            Assert.Equal(Data, (await Post($$"""{"id":"{{Hash}}"}""", guarded)).Answer);
            Assert.Equal(Data, (await Post($$"""{"documentId":"{{Hash}}"}""", guarded)).Answer);
            Assert.Equal(Data, (await Post($$"""{"query":"{{Text}}"}""", guarded)).Answer);
            Assert.Contains("\"now\"", (await Post("""{"id":"now"}""", guarded)).Answer, StringComparison.Ordinal);
            Assert.Contains(
                ErrorCodes.NotTrusted, (await Post("""{"query":"{ now  }"}""", guarded)).Answer, StringComparison.Ordinal);
            Assert.Contains(
                ErrorCodes.NotTrusted, (await Post("""{"id":"other"}""", guarded)).Answer, StringComparison.Ordinal);

            File.WriteAllText(Path.Combine(folder.FullName, Hash + ".graphql"), "{ now }");
            Assert.Throws<InvalidDataException>(() => TrustedDocuments.FromFolder(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData(0, 1, 400, ErrorCodes.BatchingOff)]
    [InlineData(3, 0, 400, ErrorCodes.InvalidRequest)]
    [InlineData(3, 3, 200, null)]
    [InlineData(3, 4, 400, ErrorCodes.BatchTooLarge)]
    public async Task A_batch_is_bounded(int limit, int requests, int status, string? code)
    {
        var body = "[" + string.Join(",", Enumerable.Repeat($$"""{"query":"{{Text}}"}""", requests)) + "]";

        var (result, answer) = await Post(body, options: new HttpOptions { MaxBatch = limit });

        Assert.Equal(status, result.Status);
        if (code is not null) Assert.Contains(code, answer, StringComparison.Ordinal);
        else Assert.Equal(Enumerable.Repeat(Data, requests), JsonNode.Parse(answer)!.AsArray().Select(it => it!.ToJsonString()));
    }

    [Fact]
    public async Task A_fault_in_a_batch_stays_in_its_place()
    {
        var (result, answer) = await Post(
            $$"""[{"query":"{{Text}}"}, 3, {"query":"{"}, {"query":"{{Text}}"}]""",
            options: new HttpOptions { MaxBatch = 10 });

        var all = JsonNode.Parse(answer)!.AsArray();
        Assert.Equal((200, 4), (result.Status, all.Count));
        Assert.Equal(["data", "errors", "errors", "data"], all.Select(it => it!.AsObject().First().Key));
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_refused()
    {
        var (result, answer) = await Post(
            $$"""{"query":"{{Text}}"}""", options: new HttpOptions { MaxBodyBytes = 10 });

        Assert.Equal(413, result.Status);
        Assert.Contains(ErrorCodes.RequestTooLarge, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_to_get_is_asked_for_again_by_its_tag()
    {
        var (first, answer) = await Get("?query=" + Text);
        var tag = first.Headers!.Single(it => it.Key == "ETag").Value;

        var (second, nothing) = await Run(
            new HttpCall("GET", null, null, default, "?query=" + Text) { IfNoneMatch = tag });

        Assert.Equal((Data, 304, ""), (answer, second.Status, nothing));
        Assert.Contains(first.Headers!, it => it is { Key: "Cache-Control", Value: "private, no-cache" });
        Assert.Contains((await Get("?query={nope}")).Result.Headers!, it => it.Value == "no-store");
    }

    [Theory]
    [InlineData(false, false, false, 200)]
    [InlineData(true, false, false, 400)]
    [InlineData(true, true, false, 200)]
    [InlineData(false, false, true, 400)]
    [InlineData(false, true, true, 200)]
    public async Task A_get_from_another_site_needs_a_header(bool crossSite, bool preflighted, bool always, int status)
    {
        var call = new HttpCall("GET", null, null, default, "?query=" + Text)
        {
            IsCrossSite = crossSite,
            IsPreflighted = preflighted,
        };

        Assert.Equal(status, (await Run(call, options: new HttpOptions { RequirePreflight = always })).Result.Status);
    }

    [Fact]
    public async Task The_schema_is_to_be_had_as_text()
    {
        var (result, answer) = await Get("?sdl");

        Assert.Equal("application/graphql; charset=utf-8", result.ContentType);
        Assert.Equal(SchemaPrinter.Print(Sample.Schema), answer);
        var call = new HttpCall("GET", null, null, default, "?sdl");
        Assert.Equal(400, (await Run(call, options: new HttpOptions { Sdl = false })).Result.Status);
    }

    [Fact]
    public async Task The_cost_is_told_when_the_header_asks()
    {
        var call = new HttpCall("POST", "application/json", null, """{"query":"{ __typename now }"}"""u8.ToArray(), null)
        {
            Cost = "report",
        };

        Assert.Contains("\"cost\":{\"fields\":1,", (await Run(call)).Answer, StringComparison.Ordinal);
    }

    private static string NamedText(string text) => Named(TrustedDocuments.Hash(Encoding.UTF8.GetBytes(text)));

    private static string Named(string hash) =>
        "{\"extensions\":{\"persistedQuery\":{\"version\":1,\"sha256Hash\":\"" + hash + "\"}}}";

    private Task<(HttpResult Result, string Answer)> Post(
        string body, GraphQLEngine? on = null, HttpOptions? options = null) =>
        Run(new HttpCall("POST", "application/json", null, Encoding.UTF8.GetBytes(body), null), on, options);

    private Task<(HttpResult Result, string Answer)> Get(string query) =>
        Run(new HttpCall("GET", null, null, default, query));

    private async Task<(HttpResult Result, string Answer)> Run(
        HttpCall call, GraphQLEngine? on = null, HttpOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = await GraphQLHttp.HandleAsync(
            on ?? engine, call, new RequestContext(), output, options ?? HttpOptions.Default);
        return (result, Encoding.UTF8.GetString(output.WrittenSpan));
    }
}
