using System.Buffers;
using System.IO.Pipes;
using System.Text;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Http;

namespace Xuanwu.GraphQL.Tests.Http;

public sealed class GraphQLSseTests
{
    private const string Json = "application/json";

    [Fact]
    public async Task Events_come_one_by_one_and_the_end_is_told()
    {
        var feed = new Feed();
        await using var response = await OpenAsync(feed, Post("subscription { tick }"));
        feed.Send(1);
        feed.Send(2);
        feed.Complete();

        Assert.Equal(
            ":\n\nevent: next\ndata: {\"data\":{\"tick\":1}}\n\nevent: next\ndata: {\"data\":{\"tick\":2}}\n\n"
                + "event: complete\ndata:\n\n",
            await TextAsync(response));
    }

    [Fact]
    public async Task Get_carries_subscriptions_too()
    {
        var feed = new Feed();
        feed.Complete();
        await using var response = await OpenAsync(feed, Get("subscription { tick }"));

        Assert.Equal(":\n\nevent: complete\ndata:\n\n", await TextAsync(response));
    }

    [Theory]
    [InlineData("{ ping }", "{\"data\":{\"ping\":\"pong\"}}")]
    [InlineData("mutation { wish }", "{\"data\":{\"wish\":true}}")]
    public async Task A_query_is_one_event_where_events_alone_are_accepted(string query, string response)
    {
        await using var opened = await OpenAsync(new Feed(), Post(query));

        Assert.Equal($":\n\nevent: next\ndata: {response}\n\nevent: complete\ndata:\n\n", await TextAsync(opened));
    }

    [Theory]
    [InlineData("subscription { nope }", "Cannot query field")]
    [InlineData("{", "Syntax Error")]
    [InlineData("subscription { refused }", "REFUSED")]
    public async Task Errors_of_a_request_are_its_one_event(string query, string message)
    {
        await using var response = await OpenAsync(new Feed(), Post(query));
        var text = await TextAsync(response);

        Assert.StartsWith(":\n\nevent: next\ndata: {\"errors\":[{\"message\":", text, StringComparison.Ordinal);
        Assert.Contains(message, text, StringComparison.Ordinal);
        Assert.EndsWith("}\n\nevent: complete\ndata:\n\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_breaks_tells_its_error_last()
    {
        var feed = new Feed();
        feed.Break(new GraphQLException("Too slow.", ErrorCodes.SlowConsumer));
        await using var response = await OpenAsync(feed, Post("subscription { tick }"));

        Assert.Contains("SLOW_CONSUMER", await TextAsync(response), StringComparison.Ordinal);
    }

    [Theory]
    // one that prefers JSON gets events for a subscription alone
    [InlineData("application/json, text/event-stream", "{ ping }", false)]
    [InlineData("application/json, text/event-stream", "{", false)]
    [InlineData("application/json, text/event-stream", "subscription { refused }", true)]
    [InlineData("application/graphql-response+json, application/json, text/event-stream, multipart/mixed", "{ ping }", false)]
    [InlineData("text/event-stream, application/json;q=0.5", "{ ping }", true)]
    [InlineData("text/event-stream, */*;q=0.1", "{ ping }", true)]
    [InlineData("Text/Event-Stream; charset=utf-8", "{ ping }", true)]
    [InlineData("application/json", "subscription { tick }", false)]
    [InlineData("*/*", "subscription { tick }", false)]
    [InlineData("text/event-stream;q=0", "{ ping }", false)]
    [InlineData(null, "{ ping }", false)]
    public async Task What_the_client_accepts_decides(string? accept, string query, bool isStream)
    {
        await using var response = await GraphQLSse.OpenAsync(
            new Feed().Engine, Post(query) with { Accept = accept }, new RequestContext());

        Assert.Equal(isStream, response is not null);
    }

    [Theory]
    [InlineData("POST", Json, "{", 400)]
    [InlineData("POST", Json, "{}", 400)]
    [InlineData("POST", "text/plain", """{"query":"{ ping }"}""", 415)]
    [InlineData("GET", null, "?query=mutation{wish}", 405)]
    [InlineData("GET", null, "?variables={}", 400)]
    [InlineData("PUT", Json, """{"query":"{ ping }"}""", 405)]
    public async Task What_is_no_request_gets_a_plain_response(string method, string? type, string text, int status)
    {
        var isGet = method == "GET";
        var call = new HttpCall(
            method, type, GraphQLSse.MediaType, isGet ? default : Encoding.UTF8.GetBytes(text), isGet ? text : null);
        var engine = new Feed().Engine;

        Assert.Null(await GraphQLSse.OpenAsync(engine, call, new RequestContext()));
        var result = await GraphQLHttp.HandleAsync(engine, call, new RequestContext(), new ArrayBufferWriter<byte>());

        Assert.Equal(status, result.Status);
        Assert.StartsWith(Json, result.ContentType, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_stream_is_kept_alive_by_comments_and_ends_with_its_client()
    {
        var feed = new Feed();
        using var client = new CancellationTokenSource();
        await using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        await using var reader = new AnonymousPipeClientStream(PipeDirection.In, pipe.ClientSafePipeHandle);
        await using var response = await GraphQLSse.OpenAsync(
            feed.Engine, Post("subscription { tick }"), new RequestContext(), client.Token);
        var sending = response!.SendAsync(pipe, new SseOptions { KeepAlive = TimeSpan.FromMilliseconds(10) });
        var lines = new StreamReader(reader);
        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(":", await lines.ReadLineAsync().WaitAsync(SocketClient.Limit));
            Assert.Equal("", await lines.ReadLineAsync().WaitAsync(SocketClient.Limit));
        }

        await client.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(SocketClient.Limit));
        await feed.EndedAsync();
    }

    [Fact]
    public async Task A_client_that_takes_no_more_bytes_is_given_up()
    {
        var feed = new Feed();
        await using var response = await OpenAsync(feed, Post("subscription { flood }"));
        await using var stuck = new StuckStream();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => response.SendAsync(
            stuck, new SseOptions { SendTimeout = TimeSpan.FromMilliseconds(50) }).WaitAsync(SocketClient.Limit));
    }

    private static async Task<SseResponse> OpenAsync(Feed feed, HttpCall call) =>
        await GraphQLSse.OpenAsync(feed.Engine, call, new RequestContext()) ?? throw new InvalidOperationException();

    private static HttpCall Post(string query) => new(
        "POST",
        Json,
        GraphQLSse.MediaType,
        Encoding.UTF8.GetBytes($$"""{"query":{{System.Text.Json.JsonSerializer.Serialize(query)}}}"""),
        null);

    private static HttpCall Get(string query) =>
        new("GET", null, GraphQLSse.MediaType, default, "?query=" + Uri.EscapeDataString(query));

    private static async Task<string> TextAsync(SseResponse response)
    {
        using var output = new MemoryStream();
        await response.SendAsync(output, new SseOptions()).WaitAsync(SocketClient.Limit);
        return Encoding.UTF8.GetString(output.ToArray());
    }

    // Takes the first bytes and then no more.
    private sealed class StuckStream : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken)
        {
            if (Length > 0) await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            await base.WriteAsync(buffer, cancellationToken);
        }
    }
}
