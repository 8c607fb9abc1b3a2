using System.Net.Http.Json;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Xuanwu.Server.Feeds;

namespace Xuanwu.Server.Tests;

/// <summary>Subscriptions as clients live with them: over real sockets, with connections that break, several servers, and
/// readers that are too slow.</summary>
public sealed class SubscriptionStories(XuanwuFixture fixture) : IClassFixture<XuanwuFixture>
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private readonly XuanwuHost _host = fixture.Host;

    [Fact]
    public async Task A_run_is_told_as_it_is_and_then_as_it_changes()
    {
        var job = await _host.PublishedJobAsync("watched");
        var run = await _host.StartAsync(job);
        await using var client = await SocketCalls.OpenAsync(_host.Address);
        await client.SubscribeAsync(
            "1", "subscription ($id: UUID!) { runChanged(id: $id) { id state job { name } } }", new { id = run });
        var states = new List<string>();
        JsonNode seen;
        do
        {
            seen = await client.NextAsync("runChanged");
            Assert.Equal(run, (Guid)seen["id"]!);
            Assert.Equal("watched", (string?)seen["job"]!["name"]);
            states.Add((string)seen["state"]!);
        }
        while (states[^1] != "RUNNING");

        await _host.DoAsync("cancelJob", new { jobId = job });
        while (states[^1] != "CANCELED") states.Add((string)(await client.NextAsync("runChanged"))["state"]!);
        Assert.Equal(["ACCEPTED", "RUNNING", "CANCELED"], states.Distinct().Where(it => it != "FAILED"));
    }

    [Fact]
    public async Task A_client_that_comes_again_with_the_last_sequence_it_saw_misses_nothing()
    {
        const string Watch = "subscription ($after: Long) { events(after: $after) { sequence type } }";
        var start = await HeadAsync();
        var seen = new List<long>();
        for (var round = 0; round < 5; round++)
        {
            // What happens while the client is away, and what happens while it is there.
            await _host.NewJobAsync($"away-{round}");
            await using var client = await SocketCalls.OpenAsync(_host.Address);
            await client.SubscribeAsync("1", Watch, new { after = seen.Count == 0 ? start : seen[^1] });
            await _host.NewJobAsync($"there-{round}");
            for (var i = 0; i < 2; i++) seen.Add((long)(await client.NextAsync("events"))["sequence"]!);
        }

        var all = (await _host.QueryAsync(
            "query ($start: Long) { events(first: 100, where: { sequence: { gt: $start } }) { nodes { sequence } } }",
            new { start }))["events"]!["nodes"]!.AsArray().Select(it => (long)it!["sequence"]!);
        Assert.Equal(all.Take(seen.Count), seen);
    }

    [Fact]
    public async Task Many_writers_and_a_reader_that_keeps_breaking_off_see_the_same_journal()
    {
        var start = await HeadAsync();
        var writing = Task.WhenAll(Enumerable.Range(0, 4).Select(async writer =>
        {
            for (var i = 0; i < 25; i++) await _host.NewJobAsync($"many-{writer}-{i}");
        }));
        var seen = new List<long>();
        while (seen.Count < 100)
        {
            await using var client = await SocketCalls.OpenAsync(_host.Address);
            await client.SubscribeAsync(
                "1",
                "subscription ($after: Long) { events(after: $after, types: [\"job_created\"]) { sequence } }",
                new { after = seen.Count == 0 ? start : seen[^1] });
            for (var i = 0; i < 9 && seen.Count < 100; i++)
            {
                seen.Add((long)(await client.NextAsync("events"))["sequence"]!);
            }
        }

        await writing;
        Assert.Equal(seen.Order().Distinct(), seen);
    }

    [Fact]
    public async Task Only_what_is_asked_for_is_told()
    {
        var mine = await _host.NewJobAsync("mine");
        await using var client = await SocketCalls.OpenAsync(_host.Address);
        await client.SubscribeAsync(
            "1",
            "subscription ($id: UUID!) { events(after: 0, streamId: $id, types: [\"job_draft_saved\"]) { type streamId } }",
            new { id = mine });
        await _host.NewJobAsync("not-mine");
        await _host.DoAsync("saveDraft", new { jobId = mine, sql = StoryCalls.Sql });

        var seen = await client.NextAsync("events");
        Assert.Equal("job_draft_saved", (string?)seen["type"]);
        Assert.Equal(mine, (Guid)seen["streamId"]!);
    }

    [Fact]
    public async Task Jobs_of_a_project_are_told_when_they_change_and_those_that_changed_meanwhile_first()
    {
        const string Watch =
            "subscription ($after: Long) { jobChanged(project: \"ours\", after: $after) { name sequence } }";
        var start = await HeadAsync();
        await CreateAsync("ours", "first");
        await CreateAsync("theirs", "other");
        await CreateAsync("ours", "second");
        await using var client = await SocketCalls.OpenAsync(_host.Address);
        await client.SubscribeAsync("1", Watch, new { after = start });
        Assert.Equal("first", (string?)(await client.NextAsync("jobChanged"))["name"]);
        Assert.Equal("second", (string?)(await client.NextAsync("jobChanged"))["name"]);
        await CreateAsync("theirs", "another");
        await CreateAsync("ours", "third");
        var third = await client.NextAsync("jobChanged");
        Assert.Equal("third", (string?)third["name"]);

        // The sequence that a job was told with is a place to go on from.
        await CreateAsync("ours", "fourth");
        await using var again = await SocketCalls.OpenAsync(_host.Address);
        await again.SubscribeAsync("1", Watch, new { after = (long)third["sequence"]! });
        Assert.Equal("fourth", (string?)(await again.NextAsync("jobChanged"))["name"]);
    }

    [Fact]
    public async Task What_one_server_commits_subscribers_of_another_learn()
    {
        await using var other = await StartServerAsync();
        var start = await HeadAsync();
        await using var client = await SocketCalls.OpenAsync(AddressOf(other));
        await client.SubscribeAsync(
            "e", "subscription ($after: Long) { events(after: $after) { sequence } }", new { after = start });
        await _host.NewJobAsync("from-here");
        var seen = (long)(await client.NextAsync("events"))["sequence"]!;
        Assert.Equal(await HeadAsync(), seen);

        // A client may go on at the other server with what it saw at this one.
        await using var here = await SocketCalls.OpenAsync(_host.Address);
        await here.SubscribeAsync(
            "e", "subscription ($after: Long) { events(after: $after) { sequence by } }", new { after = seen });
        using var there = new HttpClient { BaseAddress = AddressOf(other) };
        using var answer = await there.PostAsJsonAsync("graphql", new
        {
            query = "mutation { createJob(input: { project: \"stories\", name: \"from-there\", kind: SQL }) { job { id } } }",
        });
        Assert.True(answer.IsSuccessStatusCode);
        Assert.True((long)(await here.NextAsync("events"))["sequence"]! > seen);
    }

    [Fact]
    public async Task A_reader_that_is_too_slow_is_told_so_and_loses_nothing_by_coming_again()
    {
        await using var server = await StartServerAsync(new FeedOptions { Buffer = 8 });
        var start = await HeadAsync();
        var job = await _host.NewJobAsync("slow-reader");
        await using var client = await SocketCalls.OpenAsync(AddressOf(server), invoker: SmallWindow());
        await client.SubscribeAsync(
            "1", "subscription ($after: Long) { events(after: $after) { sequence data } }", new { after = start });
        Assert.Equal(start + 1, (long)(await client.NextAsync("events"))["sequence"]!);

        // Far more than the connection's buffers take while nobody reads.
        var feed = server.Services.GetRequiredService<JournalFeed>();
        var filler = new string('x', 200_000);
        var written = 0;
        while (feed.Subscribers > 0)
        {
            Assert.True(written++ < 200, "The subscriber was not sent away.");
            await _host.DoAsync("saveDraft", new { jobId = job, sql = $"-- {written} {filler}\n{StoryCalls.Sql}" });
        }

        var seen = start + 1;
        JsonNode message;
        while ((string?)(message = (await client.NextAsync())!)["type"] == "next")
        {
            Assert.Equal(++seen, (long)message["payload"]!["data"]!["events"]!["sequence"]!);
        }

        Assert.Equal("error", (string?)message["type"]);
        Assert.Equal("SLOW_CONSUMER", (string?)message["payload"]![0]!["extensions"]!["code"]);
        var head = await HeadAsync();
        Assert.True(seen < head, "It was sent away although it had seen everything.");

        await client.SubscribeAsync(
            "2", "subscription ($after: Long) { events(after: $after) { sequence } }", new { after = seen });
        while (seen < head) Assert.Equal(++seen, (long)(await client.NextAsync("events"))["sequence"]!);
    }

    [Fact]
    public async Task A_server_that_stops_sends_its_subscribers_away_so_that_they_come_again()
    {
        var server = await StartServerAsync();
        await using var client = await SocketCalls.OpenAsync(AddressOf(server));
        await client.SubscribeAsync("1", "subscription { events(after: 0) { sequence } }");
        await client.NextAsync("events");
        using var http = new HttpClient { BaseAddress = AddressOf(server) };
        using var stream = await SubscribeAsync(http, "subscription { events(after: 0) { sequence } }");
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync());
        Assert.Equal(":", await lines.ReadLineAsync());

        var stopping = server.StopAsync();

        while (await client.NextAsync() is not null)
        {
            // events that were on their way
        }

        Assert.Equal(WebSocketCloseStatus.EndpointUnavailable, client.CloseStatus); // 1001
        await client.DisposeAsync();
        var text = new List<string?>();
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            while (await lines.ReadLineAsync() is { } line) text.Add(line);
            throw new IOException("The stream ended without being cut: that looks like its end.");
        });
        Assert.DoesNotContain("event: complete", text);
        await stopping.WaitAsync(Limit);
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Events_come_over_server_sent_events_too()
    {
        var start = await HeadAsync();
        using var response = await SubscribeAsync(
            _host.Http, $"subscription {{ events(after: {start}, types: [\"job_created\"]) {{ sequence type }} }}");
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        await _host.NewJobAsync("over-sse");
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        string? line;
        do line = await lines.ReadLineAsync().WaitAsync(Limit);
        while (line is ":" or "");
        Assert.Equal("event: next", line);
        var data = (await lines.ReadLineAsync().WaitAsync(Limit))!;
        var happened = JsonNode.Parse(data["data: ".Length..])!["data"]!["events"]!;
        Assert.Equal("job_created", (string?)happened["type"]);
        Assert.True((long)happened["sequence"]! > start);
    }

    [Theory]
    [InlineData("subscription { runChanged(id: \"00000000-0000-0000-0000-000000000001\") { id } }", "RUN_UNKNOWN")]
    [InlineData("subscription { events(after: 9000000000000000) { id } }", "SEQUENCE_UNKNOWN")]
    [InlineData("subscription { jobChanged(after: 9000000000000000) { id } }", "SEQUENCE_UNKNOWN")]
    public async Task What_cannot_be_followed_is_refused_with_a_reason(string query, string code)
    {
        await using var client = await SocketCalls.OpenAsync(_host.Address);
        await client.SubscribeAsync("1", query);
        var message = (await client.NextAsync())!;
        Assert.Equal("error", (string?)message["type"]);
        Assert.Equal(code, (string?)message["payload"]![0]!["extensions"]!["code"]);
    }

    [Fact]
    public async Task Commands_over_the_socket_are_those_of_the_user_that_the_connection_names()
    {
        await using var client = await SocketCalls.OpenAsync(
            _host.Address, new Dictionary<string, string> { ["x-xuanwu-user"] = "wang" });
        await client.SubscribeAsync(
            "1",
            "mutation { createJob(input: { project: \"stories\", name: \"by-wang\", kind: SQL }) { job { createdBy } } }");
        Assert.Equal("wang", (string?)(await client.NextAsync("createJob"))["job"]!["createdBy"]);
        Assert.Equal("complete", (string?)(await client.NextAsync())!["type"]);
    }

    [Fact]
    public async Task A_connection_that_names_no_possible_user_is_forbidden()
    {
        await using var client = await SocketCalls.ConnectedAsync(_host.Address);
        await client.SendAsync(new
        {
            type = "connection_init",
            payload = new Dictionary<string, string> { ["X-Xuanwu-User"] = "a\nb" },
        });
        Assert.Null(await client.NextAsync());
        Assert.Equal(4403, (int?)client.CloseStatus);
    }

    [Fact]
    public async Task Pages_of_other_sites_cannot_connect()
    {
        await Assert.ThrowsAsync<WebSocketException>(
            () => SocketCalls.ConnectedAsync(_host.Address, "https://evil.example"));
        await using var own = await SocketCalls.ConnectedAsync(
            _host.Address, _host.Address.GetLeftPart(UriPartial.Authority));
    }

    [Fact]
    public async Task A_subscriber_that_has_gone_leaves_nothing_behind()
    {
        await using var server = await StartServerAsync();
        var feed = server.Services.GetRequiredService<JournalFeed>();
        for (var i = 0; i < 5; i++)
        {
            await using var client = await SocketCalls.OpenAsync(AddressOf(server));
            await client.SubscribeAsync("1", "subscription { events(after: 0) { sequence } }");
            await client.SubscribeAsync("2", "subscription { jobChanged(after: 0) { id } }");
            await client.NextAsync();
        }

        await _host.UntilAsync(() => Task.FromResult(feed.Subscribers == 0), "all have left");
    }

    private async Task<long> HeadAsync() => (long?)(await _host.QueryAsync(
        "{ events(last: 1) { nodes { sequence } } }"))["events"]!["nodes"]!.AsArray().Single()!["sequence"] ?? 0;

    private Task<JsonNode> CreateAsync(string project, string name) =>
        _host.DoAsync("createJob", new { project, name, kind = "SQL" });

    private async Task<WebApplication> StartServerAsync(FeedOptions? feed = null)
    {
        var app = Composition.Build(new ServerOptions
        {
            Postgres = _host.ConnectionString,
            Listen = new Uri("http://127.0.0.1:0"),
            Feed = feed ?? new FeedOptions(),
        });
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = AddressOf(app) };
        await _host.UntilAsync(
            async () => (await http.GetAsync("readyz")).IsSuccessStatusCode, "the other server is ready");
        return app;
    }

    private static Uri AddressOf(WebApplication app) => new(
        app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    private static async Task<HttpResponseMessage> SubscribeAsync(HttpClient http, string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "graphql")
        {
            Content = JsonContent.Create(new { query }),
            Headers = { { "Accept", "text/event-stream" } },
        };
        return (await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead)).EnsureSuccessStatusCode();
    }

    // A client that keeps little of what it has not read.
    private static HttpMessageInvoker SmallWindow() => new(new SocketsHttpHandler
    {
        ConnectCallback = async (context, ct) =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
            await socket.ConnectAsync(context.DnsEndPoint, ct);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });
}
