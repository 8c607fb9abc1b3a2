using System.Net;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Api;

public sealed class ListAndWatchTests
{
    [Fact]
    public async Task A_list_has_a_version_and_items_without_their_kind()
    {
        await using var kube = await Kube.StartAsync();
        var created = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        var list = await kube.GetAsync(Kube.ConfigMaps).Must();
        Assert.Equal("ConfigMapList", (string?)list["kind"]);
        Assert.True(long.Parse((string)list["metadata"]!["resourceVersion"]!, null) >= Version(created));
        var item = Assert.Single(list["items"]!.AsArray())!;
        Assert.Null(item["kind"]);
        Assert.Equal("a", (string?)item["metadata"]!["name"]);
    }

    [Fact]
    public async Task Pages_show_the_objects_as_of_the_first_page()
    {
        await using var kube = await Kube.StartAsync();
        foreach (var name in new[] { "a", "b", "c", "d" })
        {
            await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap(name)).Must();
        }
        var first = await kube.GetAsync(Kube.ConfigMaps + "?limit=2").Must();
        Assert.Equal(["a", "b"], Names(first));
        Assert.Equal(2, (int?)first["metadata"]!["remainingItemCount"]);
        await kube.DeleteAsync(Kube.ConfigMaps + "/c").Must();
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("bb")).Must();
        var second = await kube.GetAsync($"{Kube.ConfigMaps}?limit=2&continue={first["metadata"]!["continue"]}").Must();
        Assert.Equal(["c", "d"], Names(second));
        Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)second["metadata"]!["resourceVersion"]);
        Assert.Null(second["metadata"]!["continue"]);
    }

    [Fact]
    public async Task A_page_whose_snapshot_is_gone_is_expired_and_says_how_to_go_on()
    {
        await using var kube = await Kube.StartAsync();
        foreach (var name in new[] { "a", "b", "c" })
        {
            await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap(name)).Must();
        }
        var first = await kube.GetAsync(Kube.ConfigMaps + "?limit=1").Must();
        kube.Cluster.Faults.Do(new() { Action = "expireWatches" });
        var (code, status) = await kube.GetAsync(
            $"{Kube.ConfigMaps}?limit=1&continue={first["metadata"]!["continue"]}");
        Assert.Equal(HttpStatusCode.Gone, code);
        Assert.Equal("Expired", (string?)status["reason"]);
        var rest = await kube.GetAsync($"{Kube.ConfigMaps}?continue={status["metadata"]!["continue"]}").Must();
        Assert.Equal(["b", "c"], Names(rest));
    }

    [Theory]
    [InlineData("tier=web", "a,b")]
    [InlineData("tier==web,zone!=eu", "b")]
    [InlineData("tier in (web, db),zone", "a,c")]
    [InlineData("tier notin (web)", "c,d")]
    [InlineData("!zone", "b,d")]
    [InlineData("zone", "a,c")]
    public async Task Labels_select(string selector, string expected)
    {
        await using var kube = await Kube.StartAsync();
        foreach (var (name, labels) in new[]
        {
            ("a", """{ "tier": "web", "zone": "eu" }"""), ("b", """{ "tier": "web" }"""),
            ("c", """{ "tier": "db", "zone": "us" }"""), ("d", "{}"),
        })
        {
            await kube.PostAsync(Kube.ConfigMaps, $$"""
                { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "{{name}}", "labels": {{labels}} } }
                """).Must();
        }

        var list = await kube.GetAsync($"{Kube.ConfigMaps}?labelSelector={Uri.EscapeDataString(selector)}").Must();
        Assert.Equal(expected.Split(','), Names(list));
    }

    [Fact]
    public async Task Fields_select_and_unknown_ones_are_refused()
    {
        await using var kube = await Kube.StartAsync();
        foreach (var name in new[] { "a", "b" }) await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap(name)).Must();
        Assert.Equal(["b"], Names(await kube.GetAsync(Kube.ConfigMaps + "?fieldSelector=metadata.name%3Db").Must()));
        var (code, status) = await kube.GetAsync(Kube.ConfigMaps + "?fieldSelector=data.a%3D1");
        Assert.Equal(HttpStatusCode.BadRequest, code);
        Assert.EndsWith("field label not supported: data.a", (string?)status["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_goes_on_after_the_version_it_names()
    {
        await using var kube = await Kube.StartAsync();
        var first = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("b")).Must();
        await using var watch = await Watch.StartAsync(
            kube, $"{Kube.ConfigMaps}?watch=true&resourceVersion={Version(first)}");
        Assert.Equal("ADDED b", await watch.NextAsync());
        await kube.MergeAsync(Kube.ConfigMaps + "/a", """{ "data": { "x": "y" } }""").Must();
        Assert.Equal("MODIFIED a", await watch.NextAsync());
        await kube.DeleteAsync(Kube.ConfigMaps + "/b").Must();
        Assert.Equal("DELETED b", await watch.NextAsync());
    }

    [Fact]
    public async Task A_watch_without_a_version_begins_with_what_is_there()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        await using var watch = await Watch.StartAsync(kube, Kube.ConfigMaps + "?watch=true");
        Assert.Equal("ADDED a", await watch.NextAsync());
    }

    [Fact]
    public async Task An_object_that_begins_or_ceases_to_match_is_added_or_deleted_for_the_watch()
    {
        await using var kube = await Kube.StartAsync();
        var list = await kube.GetAsync(Kube.ConfigMaps).Must();
        await using var watch = await Watch.StartAsync(
            kube, $"{Kube.ConfigMaps}?watch=true&labelSelector=on%3Dyes&resourceVersion={Version(list)}");
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        await kube.MergeAsync(Kube.ConfigMaps + "/a", """{ "metadata": { "labels": { "on": "yes" } } }""").Must();
        Assert.Equal("ADDED a", await watch.NextAsync());
        await kube.MergeAsync(Kube.ConfigMaps + "/a", """{ "metadata": { "labels": { "on": "no" } } }""").Must();
        Assert.Equal("DELETED a", await watch.NextAsync());
    }

    [Fact]
    public async Task A_version_that_the_log_has_forgotten_is_gone()
    {
        await using var kube = await Kube.StartAsync(it => it with { WatchHistory = 3 });
        var first = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        for (var i = 0; i < 5; i++)
        {
            await kube.MergeAsync(Kube.ConfigMaps + "/a", $$"""{ "data": { "n": "{{i}}" } }""").Must();
        }

        await using var watch = await Watch.StartAsync(
            kube, $"{Kube.ConfigMaps}?watch=true&resourceVersion={Version(first)}");
        var error = await watch.NextObjectAsync();
        Assert.Equal("ERROR", (string?)error!["type"]);
        Assert.Equal(410, (int?)error["object"]!["code"]);
        Assert.Equal("Expired", (string?)error["object"]!["reason"]);
        Assert.StartsWith("too old resource version: ", (string?)error["object"]!["message"], StringComparison.Ordinal);
        Assert.Null(await watch.NextObjectAsync());
    }

    [Fact]
    public async Task A_version_from_the_future_is_too_large()
    {
        await using var kube = await Kube.StartAsync();
        var (code, status) = await kube.GetAsync(Kube.ConfigMaps + "?watch=true&resourceVersion=999999");
        Assert.Equal(HttpStatusCode.GatewayTimeout, code);
        Assert.Contains("Too large resource version", (string?)status["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_idle_watch_gets_bookmarks_with_the_version_to_resume_from()
    {
        await using var kube = await Kube.StartAsync(
            it => it with { BookmarkInterval = TimeSpan.FromMilliseconds(20) });
        var list = await kube.GetAsync(Kube.ConfigMaps).Must();
        var from = (string?)list["metadata"]!["resourceVersion"];
        await using var watch = await Watch.StartAsync(
            kube, $"{Kube.ConfigMaps}?watch=true&allowWatchBookmarks=true&resourceVersion={from}");
        await kube.PostAsync(Kube.Services, Kube.Service("elsewhere")).Must();
        JsonObject? bookmark;
        do
        {
            bookmark = await watch.NextObjectAsync();
            Assert.Equal("BOOKMARK", (string?)bookmark!["type"]);
            Assert.Equal("ConfigMap", (string?)bookmark["object"]!["kind"]);
        }
        while (Version(bookmark["object"]!.AsObject()) <= long.Parse(from!, null));
    }

    [Fact]
    public async Task A_streaming_list_marks_where_the_present_ends()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        await using var watch = await Watch.StartAsync(
            kube, Kube.ConfigMaps +
            "?watch=true&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan");
        Assert.Equal("ADDED a", await watch.NextAsync());
        var mark = await watch.NextObjectAsync();
        Assert.Equal("true", (string?)mark!["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
    }

    [Fact]
    public async Task A_watch_ends_after_its_time()
    {
        await using var kube = await Kube.StartAsync();
        await using var watch = await Watch.StartAsync(kube, Kube.ConfigMaps + "?watch=true&timeoutSeconds=0.05");
        Assert.Null(await watch.NextObjectAsync());
    }

    private static string[] Names(JsonObject list) =>
        [.. list["items"]!.AsArray().Select(it => (string)it!["metadata"]!["name"]!)];

    private static long Version(JsonObject o) => long.Parse((string)o["metadata"]!["resourceVersion"]!, null);
}
