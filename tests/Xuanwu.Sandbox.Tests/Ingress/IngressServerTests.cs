using System.Net;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Ingress;

public sealed class IngressServerTests
{
    [Fact]
    public async Task A_host_leads_through_the_service_to_the_ready_pods_in_turn()
    {
        await using var kube = await Kube.StartAsync();
        var pods = await WebAsync(kube, replicas: 2);
        var answers = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            var (code, body) = await kube.ThroughIngressAsync("web.example.com:8080", "/a/b?c=d");
            Assert.Equal(HttpStatusCode.OK, code);
            Assert.EndsWith(" GET /a/b?c=d ", body, StringComparison.Ordinal);
            answers.Add(body.Split(' ')[0]);
        }

        Assert.Equal(pods.Select(it => it.Name).ToHashSet(), answers);
    }

    [Fact]
    public async Task Exact_paths_go_before_the_longest_prefix_and_prefixes_match_whole_elements()
    {
        await using var kube = await Kube.StartAsync();
        foreach (var (name, path, type) in new[] { ("root", "/", "Prefix"), ("api", "/api", "Prefix"),
            ("exact", "/api/x", "Exact") })
        {
            await kube.PostAsync(Kube.Deployments, Kube.Deployment(name)).Must();
            await kube.PostAsync(Kube.Services, Kube.Service(name)).Must();
            await kube.PostAsync(Kube.Ingresses, Kube.Ingress(name, "h.example.com", path, type)).Must();
            await WaitForEndpointsAsync(kube, name, 1);
        }

        foreach (var (path, expected) in new[] { ("/", "root"), ("/apix", "root"), ("/api", "api"), ("/api/y", "api"),
            ("/api/x", "exact") })
        {
            var (_, body) = await kube.ThroughIngressAsync("h.example.com", path);
            Assert.StartsWith(expected + "-", body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task What_is_wrong_behind_it_is_answered_in_html_as_a_proxy_would()
    {
        await using var kube = await Kube.StartAsync(it => it with
        {
            CrashBackOff = TimeSpan.FromMinutes(1),
            CrashBackOffLimit = TimeSpan.FromMinutes(1),
            ProxyTimeout = TimeSpan.FromMilliseconds(100),
        });
        var (unknown, page) = await kube.ThroughIngressAsync("nowhere.example.com", "/");
        Assert.Equal((HttpStatusCode.NotFound, "default backend - 404"), (unknown, page));

        await WebAsync(kube, replicas: 1);
        kube.Cluster.Faults.Do(new() { Action = "freeze", DurationMs = 60_000 });
        Assert.Equal(HttpStatusCode.GatewayTimeout, (await kube.ThroughIngressAsync("web.example.com", "/")).Code);
        kube.Cluster.Faults.Do(new() { Action = "thaw" });
        Assert.Equal(HttpStatusCode.OK, (await kube.ThroughIngressAsync("web.example.com", "/")).Code);

        // Endpoints that are kept by hand stay when the pod behind them is gone.
        await kube.MergeAsync(Kube.Services + "/web", """{ "spec": { "selector": null } }""").Must();
        await kube.MergeAsync(Kube.Deployments + "/web", """{ "spec": { "replicas": 0 } }""").Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Count == 0, "flink");
        var (gone, html) = await kube.ThroughIngressAsync("web.example.com", "/");
        Assert.Equal(HttpStatusCode.BadGateway, gone);
        Assert.Contains("<center><h1>502 Bad Gateway</h1></center>", html, StringComparison.Ordinal);

        await kube.MergeAsync(Kube.Services + "/web", """{ "spec": { "selector": { "app": "web" } } }""").Must();
        await WaitForEndpointsAsync(kube, "web", 0);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await kube.ThroughIngressAsync("web.example.com", "/")).Code);
    }

    [Fact]
    public async Task A_pod_that_is_not_ready_gets_no_requests()
    {
        await using var kube = await Kube.StartAsync();
        await WebAsync(kube, replicas: 2);
        var victim = kube.Cluster.Pods("flink")[0];
        kube.Cluster.Faults.Do(new() { Action = "partition", Pod = victim.Name });
        await WaitForEndpointsAsync(kube, "web", 1);
        for (var i = 0; i < 4; i++)
        {
            var (_, body) = await kube.ThroughIngressAsync("web.example.com", "/");
            Assert.False(body.StartsWith(victim.Name, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_changed_ingress_moves_its_host()
    {
        await using var kube = await Kube.StartAsync();
        await WebAsync(kube, replicas: 1);
        await kube.MergeAsync(Kube.Ingresses + "/web",
            JsonNode.Parse(Kube.Ingress("web", "*.other.org"))!.ToJsonString()).Must();
        Assert.Equal(HttpStatusCode.NotFound, (await kube.ThroughIngressAsync("web.example.com", "/")).Code);
        Assert.Equal(HttpStatusCode.OK, (await kube.ThroughIngressAsync("Any.other.org", "/")).Code);
    }

    private static async Task<IReadOnlyList<SandboxPod>> WebAsync(Kube kube, int replicas)
    {
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("web", replicas)).Must();
        await kube.PostAsync(Kube.Services, Kube.Service("web")).Must();
        await kube.PostAsync(Kube.Ingresses, Kube.Ingress("web", "web.example.com")).Must();
        await WaitForEndpointsAsync(kube, "web", replicas);
        return kube.Cluster.Pods("flink");
    }

    private static Task<IReadOnlyList<JsonObject>> WaitForEndpointsAsync(Kube kube, string name, int ready) =>
        kube.Cluster.WaitAsync("endpoints", it =>
        (it.FirstOrDefault(o => (string?)o["metadata"]!["name"] == name) is { } found) &&
        (found["subsets"]?.AsArray().FirstOrDefault()?["addresses"]?.AsArray().Count ?? 0) == ready, "flink");
}
