using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using static Xuanwu.Kubernetes.Tests.Answers;

namespace Xuanwu.Kubernetes.Tests;

public sealed class ReflectorTests
{
    private static readonly Answer Empty = List("5", null);

    [Fact]
    public async Task A_watch_begins_with_what_there_is_and_goes_on_with_what_happens()
    {
        await using var server = await ScriptedServer.StartAsync(
            List("9", "next", ConfigMap("a", "1")),
            List("9", null, ConfigMap("b", "2")),
            Watch(
                Silence,
                Event("ADDED", ConfigMap("c", "10")),
                Event("MODIFIED", ConfigMap("a", "11", value: "new")),
                Bookmark("12"),
                Event("DELETED", ConfigMap("b", "13"))));
        using var client = server.Client();
        await using var watch = Begin(client);

        Assert.Equal("a", (await watch.NextAsync<WatchEvent.Added>()).Object.Name);
        Assert.Equal("b", (await watch.NextAsync<WatchEvent.Added>()).Object.Name);
        Assert.Equal("9", (await watch.NextAsync<WatchEvent.Synced>()).ResourceVersion);
        Assert.Equal("c", (await watch.NextAsync<WatchEvent.Added>()).Object.Name);
        Assert.Equal("new", (await watch.NextAsync<WatchEvent.Modified>()).Object.TextAt("data", "value"));
        Assert.Equal("13", (await watch.NextAsync<WatchEvent.Deleted>()).Object.ResourceVersion);

        var query = server.Requests.Last().Query;
        Assert.Equal("true", query["watch"]);
        Assert.Equal("true", query["allowWatchBookmarks"]);
        Assert.Equal("9", query["resourceVersion"]);
        Assert.Equal("app", query["labelSelector"]);
        Assert.InRange(int.Parse(query["timeoutSeconds"]!, null), 300, 601);
    }

    [Fact]
    public async Task A_dropped_watch_is_resumed_after_the_last_event_or_bookmark()
    {
        var read = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(
            Empty,
            Watch(ResetOn(read.Task), Event("ADDED", ConfigMap("a", "6"))),
            Watch(null, Bookmark("8")),
            Watch(Silence, Event("ADDED", ConfigMap("b", "9"))));
        using var client = server.Client();
        await using var watch = Begin(client);

        await watch.UntilAsync<WatchEvent.Added>();
        read.SetResult();
        Assert.Equal("Unreachable", (await watch.NextAsync<WatchEvent.Trouble>()).Error.Reason);
        Assert.Equal("b", (await watch.NextAsync<WatchEvent.Added>()).Object.Name);
        Assert.Equal(["5", "6", "8"], server.Requests.Skip(1).Select(it => (string?)it.Query["resourceVersion"]));
    }

    [Fact]
    public async Task An_expired_version_is_overcome_by_listing_and_tells_the_difference_only()
    {
        await using var server = await ScriptedServer.StartAsync(
            List(
                "5",
                null,
                ConfigMap("same", "1"),
                ConfigMap("changed", "2"),
                ConfigMap("gone", "3"),
                ConfigMap("again", "4")),
            Status(410, "Expired"),
            List(
                "50",
                null,
                ConfigMap("same", "1"),
                ConfigMap("changed", "20"),
                ConfigMap("again", "40", "second"),
                ConfigMap("new", "45")),
            Watch(Silence));
        using var client = server.Client();
        await using var watch = Begin(client);
        await watch.UntilAsync<WatchEvent.Synced>();

        Assert.Equal("changed", (await watch.NextAsync<WatchEvent.Modified>()).Object.Name);
        Assert.Equal("uid-again", (await watch.NextAsync<WatchEvent.Deleted>()).Object.Uid);
        Assert.Equal("second", (await watch.NextAsync<WatchEvent.Added>()).Object.Uid);
        Assert.Equal("new", (await watch.NextAsync<WatchEvent.Added>()).Object.Name);
        var gone = (await watch.NextAsync<WatchEvent.Deleted>()).Object;
        Assert.Equal(("gone", "uid-gone", "gone"), (gone.Name, gone.Uid, gone.Labels["app"]));
        Assert.Same(Kind.ConfigMap, gone.Kind);
        Assert.Equal("50", (await watch.NextAsync<WatchEvent.Synced>()).ResourceVersion);
    }

    [Fact]
    public async Task An_expired_version_may_also_come_as_an_event()
    {
        await using var server = await ScriptedServer.StartAsync(
            Empty,
            Watch(Silence, Event("ERROR", StatusBody(410, "Expired"))),
            List("50", null, ConfigMap("a", "40")),
            Watch(Silence));
        using var client = server.Client();
        await using var watch = Begin(client);

        await watch.NextAsync<WatchEvent.Synced>();
        await watch.NextAsync<WatchEvent.Added>();
        await watch.NextAsync<WatchEvent.Synced>();
    }

    [Fact]
    public async Task A_list_that_expires_between_pages_begins_anew_in_one_piece()
    {
        await using var server = await ScriptedServer.StartAsync(
            List("5", "next", ConfigMap("a", "1")),
            Status(410, "Expired"),
            List("50", null, ConfigMap("b", "2")),
            Watch(Silence));
        using var client = server.Client();
        await using var watch = Begin(client);

        Assert.Equal("a", (await watch.NextAsync<WatchEvent.Added>()).Object.Name);
        Assert.Equal("b", (await watch.NextAsync<WatchEvent.Added>()).Object.Name);
        Assert.Equal("a", (await watch.NextAsync<WatchEvent.Deleted>()).Object.Name);
        await watch.NextAsync<WatchEvent.Synced>();
        Assert.False(server.Requests.ElementAt(2).Query.ContainsKey("limit"));
    }

    [Fact]
    public async Task A_page_that_fails_is_asked_for_again()
    {
        await using var server = await ScriptedServer.StartAsync(
            List("5", "next", ConfigMap("a", "1")), Html(502), List("5", null, ConfigMap("b", "2")), Watch(Silence));
        using var client = server.Client();
        await using var watch = Begin(client);

        await watch.NextAsync<WatchEvent.Added>();
        Assert.Equal(HttpStatusCode.BadGateway, (await watch.NextAsync<WatchEvent.Trouble>()).Error.Status);
        await watch.NextAsync<WatchEvent.Added>();
        await watch.NextAsync<WatchEvent.Synced>();
        Assert.Equal("next", server.Requests.ElementAt(2).Query["continue"]);
    }

    public static TheoryData<string, Answer, string> Troubles => new()
    {
        { "HTML in place of a watch", Html(200), "Unreadable" },
        { "HTML 404", Html(404), "Unreadable" },
        { "forbidden", Status(403, "Forbidden"), "Forbidden" },
        { "not found", NotFound("namespaces", "default"), "NotFound" },
        { "overloaded", Status(429, "TooManyRequests"), "TooManyRequests" },
        { "reset", Reset, "Unreachable" },
        { "error event", Watch(null, Event("ERROR", StatusBody(500, "InternalError"))), "InternalError" },
        { "no JSON", Stream(["<html>\n"]), "Unreadable" },
        { "no event", Stream(["{\"type\": \"ADDED\"}\n"]), "Unreadable" },
        { "no version", Watch(null, Event("ADDED", new() { ["metadata"] = new JsonObject() })), "Unreadable" },
        { "endless line", Stream([new string('x', 3000)], Silence), "Unreadable" },
    };

    [Theory]
    [MemberData(nameof(Troubles))]
    public async Task Trouble_is_told_and_overcome(string name, Answer trouble, string reason)
    {
        // Whether it lists again or resumes, the next two answers serve both.
        Answer both = context => context.Request.Query.ContainsKey("watch")
            ? Watch(Silence, Event("ADDED", ConfigMap("a", "60")))(context)
            : List("50", null)(context);
        await using var server = await ScriptedServer.StartAsync(Empty, trouble, both, both);
        using var client = server.Client(ScriptedServer.Fast with { MaxEventBytes = 2000 });
        await using var watch = Begin(client);

        await watch.NextAsync<WatchEvent.Synced>();
        var told = await watch.NextAsync<WatchEvent.Trouble>();
        var added = await watch.UntilAsync<WatchEvent.Added>();

        Assert.Equal(reason, told.Error.Reason);
        Assert.True(added.Object.Name == "a", name);
    }

    [Fact]
    public async Task Trouble_of_the_first_list_is_told_and_overcome()
    {
        await using var server = await ScriptedServer.StartAsync(
            Html(404),
            Status(403, "Forbidden"),
            Html(200),
            Reset,
            List("5", null, ConfigMap("a", "1")),
            Watch(Silence));
        using var client = server.Client();
        await using var watch = Begin(client);

        for (var i = 0; i < 4; i++) await watch.NextAsync<WatchEvent.Trouble>();
        await watch.NextAsync<WatchEvent.Added>();
        await watch.NextAsync<WatchEvent.Synced>();
    }

    [Fact]
    public async Task Half_an_event_is_none()
    {
        var cut = Event("ADDED", ConfigMap("a", "6")).ToJsonString()[..60];
        await using var server = await ScriptedServer.StartAsync(
            Empty, Stream([cut]), Watch(Silence, Event("ADDED", ConfigMap("a", "6"))));
        using var client = server.Client();
        await using var watch = Begin(client);

        await watch.NextAsync<WatchEvent.Synced>();
        Assert.Equal("a", (await watch.NextAsync<WatchEvent.Added>()).Object.Name);
        Assert.Equal("5", server.Requests.Last().Query["resourceVersion"]);
    }

    [Fact]
    public async Task The_wait_a_server_asks_for_is_kept()
    {
        await using var server = await ScriptedServer.StartAsync(
            RetryAfter(1, Text("Too many requests", "text/plain", 429)), Empty, Watch(Silence));
        using var client = server.Client();
        await using var watch = Begin(client);

        var trouble = await watch.NextAsync<WatchEvent.Trouble>();
        Assert.InRange(trouble.RetryIn, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2));
        await watch.NextAsync<WatchEvent.Synced>();
    }

    [Fact]
    public async Task After_a_server_was_away_the_list_comes_first()
    {
        var authority = TestAuthority.Create();
        var first = await ScriptedServer.StartAsync(
            "127.0.0.1", 0, [List("900", null, ConfigMap("a", "800")), Watch(Silence)], authority);
        var port = first.Address.Port;
        using var client = first.Client();
        await using var watch = Begin(client);
        await watch.UntilAsync<WatchEvent.Synced>();
        var trouble = watch.NextAsync<WatchEvent.Trouble>();
        await first.ArrivedAsync(2);
        await first.DisposeAsync();
        Assert.Equal("Unreachable", (await trouble).Error.Reason); // the watch is cut off
        Assert.Equal("Unreachable", (await watch.NextAsync<WatchEvent.Trouble>()).Error.Reason); // and refused

        // Restored from a backup: versions began anew.
        await using var second = await ScriptedServer.StartAsync(
            "127.0.0.1", port, [.. Enumerable.Repeat<Answer>(Restored, 9)], authority);

        Assert.Equal("b", (await watch.UntilAsync<WatchEvent.Added>()).Object.Name);
        Assert.Equal("a", (await watch.UntilAsync<WatchEvent.Deleted>()).Object.Name);
        Assert.Equal("7", (await watch.NextAsync<WatchEvent.Synced>()).ResourceVersion);

        static Task Restored(HttpContext context) => context.Request.Query.ContainsKey("watch")
            ? Silence(context)
            : List("7", null, ConfigMap("b", "3"))(context);
    }

    [Fact]
    public async Task Watches_that_end_at_once_are_not_reopened_without_pause()
    {
        var waits = new WaitCount();
        Answer[] script =
            [Empty, .. Enumerable.Repeat(Watch(null), 6), Watch(Silence, Event("ADDED", ConfigMap("a", "6")))];
        await using var server = await ScriptedServer.StartAsync(script);
        using var client = server.Client(ScriptedServer.Fast with { Clock = waits });
        await using var watch = Begin(client);

        await watch.UntilAsync<WatchEvent.Added>();

        Assert.Equal(5, waits.Short); // none after the first
    }

    [Fact]
    public async Task An_event_seen_twice_is_told_once()
    {
        await using var server = await ScriptedServer.StartAsync(
            List("5", null, ConfigMap("a", "4")),
            Watch(
                Silence,
                Event("ADDED", ConfigMap("a", "4")),
                Event("DELETED", ConfigMap("unknown", "6")),
                Event("ADDED", ConfigMap("a", "7"))));
        using var client = server.Client();
        await using var watch = Begin(client);

        await watch.NextAsync<WatchEvent.Added>();
        await watch.NextAsync<WatchEvent.Synced>();
        Assert.Equal("7", (await watch.NextAsync<WatchEvent.Modified>()).Object.ResourceVersion);
    }

    [Fact]
    public async Task Only_the_caller_ends_it()
    {
        await using var server = await ScriptedServer.StartAsync(Empty, Watch(Silence));
        using var client = server.Client();
        using var cancel = new CancellationTokenSource(Waiting.Limit);
        await using var watch = new WatchReader(client.WatchAsync(Kind.ConfigMap, "default", null, cancel.Token));
        await watch.NextAsync<WatchEvent.Synced>();

        var next = watch.NextAsync<WatchEvent.Added>();
        await server.ArrivedAsync(2);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task All_namespaces_are_watched_when_none_is_named()
    {
        await using var server = await ScriptedServer.StartAsync(Empty, Watch(Silence));
        using var client = server.Client();
        await using var watch = new WatchReader(client.WatchAsync(Kind.ConfigMap, null, null, Waiting.Token));

        await watch.NextAsync<WatchEvent.Synced>();

        Assert.Equal("/api/v1/configmaps", server.Requests.First().Path);
    }

    private static WatchReader Begin(KubernetesClient client) =>
        new(client.WatchAsync(Kind.ConfigMap, "default", "app", Waiting.Token));

    /// <summary>Counts the waits between attempts, which are much shorter than any time limit.</summary>
    private sealed class WaitCount : TimeProvider
    {
        private int _short;

        public int Short => _short;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.FromSeconds(1) && dueTime > TimeSpan.Zero) Interlocked.Increment(ref _short);
            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
