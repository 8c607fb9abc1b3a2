using System.Net.WebSockets;
using Xuanwu.GraphQL.Http;

namespace Xuanwu.GraphQL.Tests.Http;

public sealed class GraphQLSocketTests
{
    private const string Init = """{"type":"connection_init"}""";
    private const string Tick = """{"id":"1","type":"subscribe","payload":{"query":"subscription { tick }"}}""";

    [Fact]
    public async Task A_subscription_sends_its_events_and_completes()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(feed.Engine);
        await client.SendAsync(Tick);
        feed.Send(1);
        feed.Send(2);
        feed.Complete();

        await client.ExpectAsync(
            """{"id":"1","type":"next","payload":{"data":{"tick":1}}}""",
            """{"id":"1","type":"next","payload":{"data":{"tick":2}}}""",
            """{"id":"1","type":"complete"}""");
    }

    [Theory]
    [InlineData("{ ping }", """{"data":{"ping":"pong"}}""")]
    [InlineData("mutation { wish }", """{"data":{"wish":true}}""")]
    public async Task Queries_and_mutations_send_one_response_and_complete(string query, string response)
    {
        await using var client = await SocketClient.InitialisedAsync(new Feed().Engine);
        await client.SubscribeAsync("a \"b\"", query);

        await client.ExpectAsync(
            $$"""{"id":"a \"b\"","type":"next","payload":{{response}}}""", """{"id":"a \"b\"","type":"complete"}""");
    }

    [Theory]
    [InlineData("subscription { nope }", "Cannot query field \\\"nope\\\"")]
    [InlineData("{", "Syntax Error")]
    [InlineData("subscription { refused }", "\"code\":\"REFUSED\"")]
    public async Task An_operation_that_is_refused_is_ended_by_an_error(string query, string message)
    {
        await using var client = await SocketClient.InitialisedAsync(new Feed().Engine);
        await client.SubscribeAsync("1", query);

        var error = await client.NextAsync();
        Assert.StartsWith("""{"id":"1","type":"error","payload":[{"message":""", error, StringComparison.Ordinal);
        Assert.Contains(message, error, StringComparison.Ordinal);

        // It has ended: nothing follows for this id, and the id is free.
        await client.SubscribeAsync("1", "{ ping }");
        await client.ExpectAsync("""{"id":"1","type":"next","payload":{"data":{"ping":"pong"}}}""");
    }

    [Fact]
    public async Task A_source_that_breaks_ends_its_operation_by_an_error()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(feed.Engine);
        await client.SendAsync(Tick);
        feed.Send(1);
        feed.Break(new GraphQLException("Too slow.", ErrorCodes.SlowConsumer));

        await client.ExpectAsync(
            """{"id":"1","type":"next","payload":{"data":{"tick":1}}}""",
            """{"id":"1","type":"error","payload":[{"message":"Too slow.","locations":[{"line":1,"column":16}],"path":["tick"],"extensions":{"code":"SLOW_CONSUMER"}}]}""");
    }

    [Theory]
    // what is no message
    [InlineData(4400, "Invalid message received: not JSON", "nonsense")]
    [InlineData(4400, "Invalid message received: not JSON", "")]
    [InlineData(4400, "Invalid message received: not JSON", "{\"type\":\"ping\"} x")]
    [InlineData(4400, "Invalid message received: not an object", "[]")]
    [InlineData(4400, "Invalid message received: \"type\" is missing", "{}")]
    [InlineData(4400, "Invalid message received: \"type\" is missing", """{"type":1}""")]
    [InlineData(4400, "Invalid message received: unexpected type \"next\"", """{"type":"next","id":"1","payload":{}}""")]
    [InlineData(4400, "Invalid message received: unexpected type \"start\"", """{"type":"start","id":"1"}""")]
    [InlineData(4400, "Invalid message received: \"payload\" is not an object", """{"type":"ping","payload":1}""")]
    [InlineData(4400, "Invalid message received: \"payload\" is not an object", """{"type":"connection_init","payload":"x"}""")]
    // operations
    [InlineData(4401, "Unauthorized", Tick)]
    [InlineData(4400, "Invalid message received: \"id\" is not a string of at least one character", Init, """{"type":"subscribe","payload":{"query":"{ ping }"}}""")]
    [InlineData(4400, "Invalid message received: \"id\" is not a string of at least one character", Init, """{"id":"","type":"subscribe","payload":{"query":"{ ping }"}}""")]
    [InlineData(4400, "Invalid message received: \"id\" is not a string of at least one character", Init, """{"id":1,"type":"complete"}""")]
    [InlineData(4400, "Invalid message received: \"payload\" is missing", Init, """{"id":"1","type":"subscribe"}""")]
    [InlineData(4400, null, Init, """{"id":"1","type":"subscribe","payload":{}}""")]
    [InlineData(4400, null, Init, """{"id":"1","type":"subscribe","payload":{"query":1}}""")]
    [InlineData(4400, null, Init, """{"id":"1","type":"subscribe","payload":{"query":"{ ping }","variables":[]}}""")]
    [InlineData(4400, null, Init, """{"id":"1","type":"subscribe","payload":{"query":"{ ping }","operationName":7}}""")]
    [InlineData(4409, "Subscriber for 1 already exists", Init, Tick, Tick)]
    [InlineData(4429, "Too many initialisation requests", Init, Init)]
    public async Task A_client_that_breaks_the_protocol_is_told_by_which_code(
        int code, string? reason, params string[] messages)
    {
        await using var client = await SocketClient.OpenAsync(new Feed().Engine);
        foreach (var message in messages) await client.SendAsync(message);

        await client.ExpectCloseAsync(code, reason);
    }

    [Fact]
    public async Task A_reason_that_is_too_long_for_a_close_frame_is_cut()
    {
        var id = new string('界', 100);
        await using var client = await SocketClient.InitialisedAsync(new Feed().Engine);
        await client.SubscribeAsync(id, "subscription { tick }");
        await client.SubscribeAsync(id, "subscription { tick }");

        await client.ExpectCloseAsync(CloseCodes.SubscriberExists);

        Assert.StartsWith("Subscriber for 界界", client.Socket.CloseStatusDescription, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Binary_messages_are_none_of_the_protocol()
    {
        await using var client = await SocketClient.OpenAsync(new Feed().Engine);
        await client.SendAsync(Init, WebSocketMessageType.Binary);

        await client.ExpectCloseAsync(CloseCodes.BadRequest);
    }

    [Fact]
    public async Task A_client_that_does_not_initialise_in_time_is_sent_away()
    {
        await using var client = await SocketClient.OpenAsync(
            new Feed().Engine, new SocketOptions { InitTimeout = TimeSpan.FromMilliseconds(30) });
        await client.SendAsync("""{"type":"ping"}""");
        await client.ExpectAsync("""{"type":"pong"}""");

        await client.ExpectCloseAsync(CloseCodes.InitTimeout, "Connection initialisation timeout");
    }

    [Fact]
    public async Task A_payload_that_is_refused_is_forbidden()
    {
        string? seen = null;
        await using var client = await SocketClient.OpenAsync(new Feed().Engine, accept: payload =>
        {
            seen = payload.GetRawText();
            return new((Func<IServiceProvider>?)null);
        });
        await client.SendAsync("""{"type":"connection_init","payload":{"token": "x"}}""");

        await client.ExpectCloseAsync(CloseCodes.Forbidden, "Forbidden");
        Assert.Equal("""{"token": "x"}""", seen);
    }

    [Fact]
    public async Task A_fault_of_the_server_closes_the_connection_and_goes_to_the_hook()
    {
        Exception? seen = null;
        await using var client = await SocketClient.OpenAsync(
            new Feed().Engine,
            new SocketOptions { OnError = thrown => seen = thrown },
            accept: _ => throw new InvalidOperationException("secret"));
        await client.SendAsync(Init);

        await client.ExpectCloseAsync(CloseCodes.InternalError, "Internal server error");
        Assert.Equal("secret", seen?.Message);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("graphql-ws")]
    public async Task Another_subprotocol_is_not_acceptable(string? protocol)
    {
        await using var client = await SocketClient.OpenAsync(new Feed().Engine, protocol: protocol);

        await client.ExpectCloseAsync(CloseCodes.SubprotocolNotAcceptable, "Subprotocol not acceptable");
    }

    [Fact]
    public async Task A_ping_is_answered_by_a_pong_with_its_payload_and_a_pong_by_nothing()
    {
        await using var client = await SocketClient.OpenAsync(new Feed().Engine);
        await client.SendAsync("""{"type":"pong","payload":{"a":1}}""");
        await client.SendAsync("""{"type":"ping","payload":{"at": [1, "é"]}}""");
        await client.SendAsync("""{"type":"ping","payload":null}""");

        await client.ExpectAsync("""{"type":"pong","payload":{"at": [1, "é"]}}""", """{"type":"pong"}""");
    }

    [Fact]
    public async Task A_message_may_come_in_pieces()
    {
        await using var client = await SocketClient.OpenAsync(new Feed().Engine);
        await client.SendAsync("""{"type":"conn""", isEnd: false);
        await client.SendAsync("", isEnd: false);
        await client.SendAsync("""ection_init"}""");

        await client.ExpectAsync("""{"type":"connection_ack"}""");
    }

    [Fact]
    public async Task What_the_client_completes_ends_in_silence_and_its_id_is_free()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(feed.Engine);
        await client.SendAsync(Tick);
        await feed.StartedAsync();
        await client.SendAsync("""{"id":"1","type":"complete"}""");
        await feed.EndedAsync();
        await client.SendAsync("""{"id":"unknown","type":"complete"}""");
        await client.SubscribeAsync("1", "{ ping }");

        await client.ExpectAsync(
            """{"id":"1","type":"next","payload":{"data":{"ping":"pong"}}}""", """{"id":"1","type":"complete"}""");
    }

    [Fact]
    public async Task A_query_that_the_client_completes_is_cancelled()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(feed.Engine);
        await client.SubscribeAsync("1", "{ slow }");
        await feed.StartedAsync();
        await client.SendAsync("""{"id":"1","type":"complete"}""");

        await feed.EndedAsync();
    }

    [Fact]
    public async Task Operations_of_one_connection_run_side_by_side()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(feed.Engine);
        await client.SendAsync(Tick);
        await client.SubscribeAsync("2", "{ slow }");
        await feed.StartedAsync();
        await feed.StartedAsync();
        await client.SubscribeAsync("3", "{ ping }");
        await client.ExpectAsync(
            """{"id":"3","type":"next","payload":{"data":{"ping":"pong"}}}""", """{"id":"3","type":"complete"}""");
        feed.Send(7);

        await client.ExpectAsync("""{"id":"1","type":"next","payload":{"data":{"tick":7}}}""");
    }

    [Fact]
    public async Task An_operation_too_many_is_refused_and_the_others_go_on()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(
            feed.Engine, new SocketOptions { MaxOperations = 1 });
        await client.SendAsync(Tick);
        await feed.StartedAsync();
        await client.SubscribeAsync("2", "{ ping }");
        Assert.Contains("TOO_MANY_OPERATIONS", await client.NextAsync(), StringComparison.Ordinal);
        feed.Send(1);

        await client.ExpectAsync("""{"id":"1","type":"next","payload":{"data":{"tick":1}}}""");
    }

    [Fact]
    public async Task A_message_beyond_the_limit_closes_the_connection()
    {
        await using var client = await SocketClient.InitialisedAsync(
            new Feed().Engine, new SocketOptions { MaxMessageBytes = 2_000 });
        await client.SubscribeAsync("1", "{ ping } #" + new string('x', 1_500));
        await client.ExpectAsync(
            """{"id":"1","type":"next","payload":{"data":{"ping":"pong"}}}""", """{"id":"1","type":"complete"}""");
        await client.SubscribeAsync("1", "{ ping } #" + new string('x', 500_000));

        await client.ExpectCloseAsync(CloseCodes.MessageTooBig, "A message has more than 2000 bytes");
    }

    [Fact]
    public async Task A_server_that_stops_goes_away()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(feed.Engine);
        await client.SendAsync(Tick);
        await feed.StartedAsync();
        client.StopServer();

        await client.ExpectCloseAsync(CloseCodes.GoingAway, "The server is stopping");
        await feed.EndedAsync();
    }

    [Fact]
    public async Task A_client_that_never_answers_a_closing_is_cut_off()
    {
        await using var client = await SocketClient.OpenAsync(
            new Feed().Engine, new SocketOptions { CloseTimeout = TimeSpan.FromMilliseconds(50) });
        await client.SendAsync("nonsense");

        await client.Serving.WaitAsync(SocketClient.Limit);
    }

    [Fact]
    public async Task When_the_client_closes_everything_of_it_ends()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(feed.Engine);
        await client.SendAsync(Tick);
        await feed.StartedAsync();

        await client.Socket.CloseAsync(WebSocketCloseStatus.NormalClosure, "bye", CancellationToken.None)
            .WaitAsync(SocketClient.Limit);

        Assert.Equal(WebSocketCloseStatus.NormalClosure, client.Socket.CloseStatus);
        await feed.EndedAsync();
        await client.Serving.WaitAsync(SocketClient.Limit);
    }

    [Fact]
    public async Task When_the_connection_breaks_everything_of_it_ends()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(feed.Engine);
        await client.SendAsync(Tick);
        await feed.StartedAsync();

        client.Cut();

        await feed.EndedAsync();
        await client.Serving.WaitAsync(SocketClient.Limit);
    }

    [Fact]
    public async Task A_client_that_takes_no_more_bytes_is_cut_off()
    {
        var feed = new Feed();
        await using var client = await SocketClient.InitialisedAsync(
            feed.Engine, new SocketOptions { SendTimeout = TimeSpan.FromMilliseconds(100) });
        await client.SubscribeAsync("1", "subscription { flood }");
        await feed.StartedAsync();

        await feed.EndedAsync();
        await client.Serving.WaitAsync(SocketClient.Limit);
    }

    [Fact]
    public async Task Many_operations_write_whole_messages()
    {
        await using var client = await SocketClient.InitialisedAsync(new Feed().Engine);
        for (var i = 0; i < 50; i++) await client.SubscribeAsync($"{i}", "{ big ping }");
        var completed = new HashSet<string>();
        while (completed.Count < 50)
        {
            var message = System.Text.Json.JsonDocument.Parse((await client.NextAsync())!).RootElement;
            if (message.GetProperty("type").GetString() == "complete") completed.Add(message.GetProperty("id").GetString()!);
            else Assert.Equal("pong", message.GetProperty("payload").GetProperty("data").GetProperty("ping").GetString());
        }
    }
}
