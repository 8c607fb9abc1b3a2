using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes.Tests;

public sealed class ListingTests
{
    [Fact]
    public async Task Pages_follow_one_another()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.List("9", "next", Answers.ConfigMap("a", "1"), Answers.ConfigMap("b", "2")),
            Answers.List("9", null, Answers.ConfigMap("c", "3")));
        using var client = server.Client(ScriptedServer.Fast with { PageSize = 2 });

        var found = await ListAsync(client);

        Assert.Equal(["a", "b", "c"], found.Select(it => it.Name));
        Assert.All(found, it => Assert.Same(Kind.ConfigMap, it.Kind)); // items of a list come without their kind
        var seen = server.Requests.ToList();
        Assert.All(seen, it => Assert.Equal("2", it.Query["limit"]));
        Assert.All(seen, it => Assert.Equal("app in (a,b)", it.Query["labelSelector"]));
        Assert.False(seen[0].Query.ContainsKey("continue"));
        Assert.Equal("next", seen[1].Query["continue"]);
    }

    [Fact]
    public async Task When_the_pages_expire_the_rest_comes_in_one_piece_and_nothing_twice()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.List("9", "next", Answers.ConfigMap("a", "1"), Answers.ConfigMap("b", "2")),
            Answers.Status(410, "Expired"),
            Answers.List(
                "20", null, Answers.ConfigMap("b", "12"), Answers.ConfigMap("c", "3"), Answers.ConfigMap("d", "13")));
        using var client = server.Client(ScriptedServer.Fast with { PageSize = 2 });

        Assert.Equal(["a", "b", "c", "d"], (await ListAsync(client)).Select(it => it.Name));
        Assert.False(server.Requests.Last().Query.ContainsKey("limit"));
        Assert.False(server.Requests.Last().Query.ContainsKey("continue"));
    }

    [Fact]
    public async Task A_page_is_asked_again_after_a_passing_fault()
    {
        await using var server = await ScriptedServer.StartAsync(
            Answers.List("9", "next", Answers.ConfigMap("a", "1")),
            Answers.Status(503, "ServiceUnavailable"),
            Answers.List("9", null, Answers.ConfigMap("b", "2")));
        using var client = server.Client();

        Assert.Equal(["a", "b"], (await ListAsync(client)).Select(it => it.Name));
    }

    [Fact]
    public async Task An_empty_list_may_have_null_items()
    {
        await using var server = await ScriptedServer.StartAsync(Answers.Json(new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "ConfigMapList",
            ["metadata"] = new JsonObject { ["resourceVersion"] = "1" },
            ["items"] = null,
        }));
        using var client = server.Client();

        Assert.Empty(await ListAsync(client));
    }

    [Fact]
    public async Task What_is_no_list_is_not_an_empty_one()
    {
        var other = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "PodList",
            ["metadata"] = new JsonObject { ["resourceVersion"] = "1" },
        };
        await using var server = await ScriptedServer.StartAsync(
            Answers.Html(200), Answers.Json(new JsonObject()), Answers.Json(other), Answers.Html(404));
        using var client = server.Client();

        for (var i = 0; i < 4; i++)
        {
            var error = await Assert.ThrowsAsync<ApiError>(() => ListAsync(client));
            Assert.True(error.IsUnreachable);
        }
    }

    private static async Task<List<KubernetesObject>> ListAsync(KubernetesClient client)
    {
        var found = new List<KubernetesObject>();
        await foreach (var it in client.ListAsync(Kind.ConfigMap, "default", "app in (a,b)", Waiting.Token))
        {
            found.Add(it);
        }

        return found;
    }
}
