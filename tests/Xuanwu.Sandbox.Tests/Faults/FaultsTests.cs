using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Xuanwu.Sandbox.Faults;

namespace Xuanwu.Sandbox.Tests.Faults;

public sealed class FaultsTests
{
    [Fact]
    public async Task A_status_is_answered_as_often_as_asked_and_then_no_more()
    {
        await using var kube = await Kube.StartAsync();
        kube.Cluster.Faults.Add(new() { Effect = FaultEffect.Status, Status = 429, RetryAfterSeconds = 3, Count = 2 });
        for (var i = 0; i < 2; i++)
        {
            using var response = await kube.Http.GetAsync(Kube.Pods);
            Assert.Equal(HttpStatusCode.TooManyRequests, response.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(3), response.Headers.RetryAfter!.Delta);
            var body = await response.Content.ReadAsStringAsync();
            Assert.Contains("\"reason\":\"TooManyRequests\"", body, StringComparison.Ordinal);
            Assert.Contains("\"retryAfterSeconds\":3", body, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await kube.GetAsync(Kube.Pods)).Code);
        Assert.Empty(kube.Cluster.Faults.Rules);
    }

    [Fact]
    public async Task A_rule_takes_only_its_method_path_and_scope()
    {
        await using var kube = await Kube.StartAsync();
        kube.Cluster.Faults.Add(new()
        {
            Effect = FaultEffect.Status,
            Status = 500,
            Method = "post",
            Path = "configmaps$"
        });
        Assert.Equal(HttpStatusCode.OK, (await kube.GetAsync(Kube.ConfigMaps)).Code);
        Assert.Equal(HttpStatusCode.Created, (await kube.PostAsync(Kube.Services, Kube.Service("s"))).Code);
        var (code, status) = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a"));
        Assert.Equal((HttpStatusCode.InternalServerError, "InternalError"), (code, (string?)status["reason"]));
        Assert.Empty(kube.Cluster.Objects("configmaps", "flink"));
        Assert.Equal(1, Assert.Single(kube.Cluster.Faults.Rules).Hits);
        Assert.Equal(HttpStatusCode.NotFound, (await kube.ThroughIngressAsync("configmaps", "/configmaps")).Code);
    }

    [Fact]
    public async Task A_drop_before_has_no_effect_and_a_drop_after_has()
    {
        await using var kube = await Kube.StartAsync();
        kube.Cluster.Faults.Add(new() { Effect = FaultEffect.DropBefore, Method = "POST", Count = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("before")));
        kube.Cluster.Faults.Add(new() { Effect = FaultEffect.DropAfter, Method = "POST", Count = 1 });
        await Assert.ThrowsAsync<HttpRequestException>(() => kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("after")));
        Assert.Equal(["after"], kube.Cluster.Objects("configmaps", "flink")
            .Select(it => (string?)it["metadata"]!["name"]));
    }

    [Fact]
    public async Task A_drop_midway_cuts_the_answer_after_the_effect()
    {
        await using var kube = await Kube.StartAsync();
        kube.Cluster.Faults.Add(new() { Effect = FaultEffect.DropMidway, Method = "POST", Count = 1 });
        using var content = new StringContent(Kube.ConfigMap("a"), null, "application/json");
        using var request = new HttpRequestMessage(HttpMethod.Post, Kube.ConfigMaps) { Content = content };
        using var response = await kube.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => response.Content.ReadAsStringAsync());
        Assert.Single(kube.Cluster.Objects("configmaps", "flink"));
    }

    [Fact]
    public async Task Html_comes_in_place_of_json_with_200_or_another_status()
    {
        await using var kube = await Kube.StartAsync();
        kube.Cluster.Faults.Add(new() { Effect = FaultEffect.Html, Count = 1 });
        kube.Cluster.Faults.Add(new() { Effect = FaultEffect.Html, Status = 502, Count = 1 });
        foreach (var status in new[] { HttpStatusCode.OK, HttpStatusCode.BadGateway })
        {
            using var response = await kube.Http.GetAsync(Kube.Pods);
            Assert.Equal(status, response.StatusCode);
            Assert.Equal("text/html", response.Content.Headers.ContentType!.MediaType);
            Assert.StartsWith("<html>", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Latency_delays_and_ends_after_its_duration()
    {
        await using var kube = await Kube.StartAsync();
        kube.Cluster.Faults.Add(new()
        {
            Effect = FaultEffect.Latency,
            LatencyFromMs = 300,
            LatencyToMs = 400,
            Count = 1
        });
        var clock = Stopwatch.StartNew();
        await kube.GetAsync(Kube.Pods).Must();
        Assert.InRange(clock.ElapsedMilliseconds, 290, 10_000);
        kube.Cluster.Faults.Add(new() { Effect = FaultEffect.Status, DurationMs = 0 });
        Assert.Equal(HttpStatusCode.OK, (await kube.GetAsync(Kube.Pods)).Code);
    }

    [Fact]
    public async Task Chance_repeats_with_the_seed()
    {
        async Task<string> RunAsync()
        {
            await using var kube = await Kube.StartAsync(it => it with { Seed = 42 });
            kube.Cluster.Faults.Add(new() { Effect = FaultEffect.Status, Probability = 0.5 });
            var seen = "";
            for (var i = 0; i < 20; i++) seen += (await kube.GetAsync(Kube.Pods)).Code == HttpStatusCode.OK ? '.' : 'x';
            return seen;
        }

        var first = await RunAsync();
        Assert.Contains('x', first);
        Assert.Contains('.', first);
        Assert.Equal(first, await RunAsync());
    }

    [Fact]
    public async Task Open_watches_are_dropped_and_can_be_resumed()
    {
        await using var kube = await Kube.StartAsync();
        var list = await kube.GetAsync(Kube.ConfigMaps).Must();
        var path = $"{Kube.ConfigMaps}?watch=true&resourceVersion={list["metadata"]!["resourceVersion"]}";
        await using var watch = await Watch.StartAsync(kube, path);
        kube.Cluster.Faults.Do(new() { Action = "dropWatches" });
        await Assert.ThrowsAnyAsync<Exception>(watch.NextObjectAsync);
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        await using var again = await Watch.StartAsync(kube, path);
        Assert.Equal("ADDED a", await again.NextAsync());
    }

    [Fact]
    public async Task Expired_watches_end_with_410_and_so_do_those_that_resume()
    {
        await using var kube = await Kube.StartAsync();
        var list = await kube.GetAsync(Kube.ConfigMaps).Must();
        var path = $"{Kube.ConfigMaps}?watch=true&resourceVersion={list["metadata"]!["resourceVersion"]}";
        await using var watch = await Watch.StartAsync(kube, path);
        kube.Cluster.Faults.Do(new() { Action = "expireWatches" });
        Assert.Equal(410, (int?)(await watch.NextObjectAsync())!["object"]!["code"]);
        await using var resumed = await Watch.StartAsync(kube, path);
        Assert.Equal(410, (int?)(await resumed.NextObjectAsync())!["object"]!["code"]);
    }

    [Fact]
    public async Task A_listener_that_refuses_is_closed_for_a_while_and_comes_back()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync("/sandbox/faults", """{ "action": "refuse", "durationMs": 300 }""").Must();
        Assert.True(await IsSeenAsync(refused: true));
        Assert.True(await IsSeenAsync(refused: false));

        async Task<bool> IsSeenAsync(bool refused)
        {
            for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(10);)
            {
                using var client = new TcpClient();
                try
                {
                    await client.ConnectAsync(IPAddress.Loopback, kube.Cluster.ApiServer.Port);
                    if (!refused) return (await kube.GetAsync(Kube.Pods)).Code == HttpStatusCode.OK;
                }
                catch (Exception e) when (e is SocketException or HttpRequestException)
                {
                    if (refused && e is SocketException { SocketErrorCode: SocketError.ConnectionRefused }) return true;
                }
            }

            return false;
        }
    }

    [Fact]
    public async Task Faults_are_managed_over_http_with_the_same_token()
    {
        await using var kube = await Kube.StartAsync();
        var rule = await kube.PostAsync("/sandbox/faults", """
            { "scope": "ingress", "effect": "status", "status": 429, "host": "^web\\.", "probability": 1,
              "retryAfterSeconds": 1 }
            """).Must();
        Assert.Equal("1", (string?)rule["id"]);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await kube.ThroughIngressAsync("web.example.com", "/")).Code);
        Assert.Equal(HttpStatusCode.NotFound, (await kube.ThroughIngressAsync("other.example.com", "/")).Code);
        var rules = await kube.GetAsync("/sandbox/faults").Must();
        Assert.Equal(1, (int?)rules["rules"]![0]!["hits"]);
        await kube.DeleteAsync("/sandbox/faults/1").Must();
        Assert.Equal(HttpStatusCode.NotFound, (await kube.DeleteAsync("/sandbox/faults/1")).Code);

        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job")).Must();
        var pod = (await kube.Cluster.WaitForPodsAsync(it => it.Any(one => one.Ready), "flink"))[0];
        var crashed = await kube.PostAsync("/sandbox/faults", """
            { "action": "crash", "namespace": "flink", "selector": "app=job", "exitCode": 1 }
            """).Must();
        Assert.Equal(pod.Name, (string?)crashed["pods"]![0]);
        await kube.Cluster.WaitForPodsAsync(it => it[0] is { Restarts: 1, Ready: true }, "flink");

        var (code, status) = await kube.PostAsync("/sandbox/faults", """{ "effect": "explode" }""");
        Assert.Equal((HttpStatusCode.BadRequest, "BadRequest"), (code, (string?)status["reason"]));
        foreach (var wrong in new[] { """{ "effect": "status", "path": "(" }""", """{ "action": "explode" }""" })
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await kube.PostAsync("/sandbox/faults", wrong)).Code);
        }

        using var stranger = Kube.Client(kube.Cluster);
        using var refused = await stranger.GetAsync("/sandbox/faults");
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
    }

    [Fact]
    public async Task Deleting_and_clearing_work_on_pods_by_selector()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("a")).Must();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("b")).Must();
        var before = await kube.Cluster.WaitForPodsAsync(it => it.Count(pod => pod.Ready) == 2, "flink");
        var deleted = Assert.Single(kube.Cluster.Faults.Do(new() { Action = "delete", Selector = "app=a" }));
        var after = await kube.Cluster.WaitForPodsAsync(
            it => it.Count == 2 && it.All(pod => pod.Ready && pod.Name != deleted), "flink");
        Assert.Single(after.Select(it => it.Uid).Intersect(before.Select(it => it.Uid)));
        kube.Cluster.Faults.Add(new() { Effect = FaultEffect.Status });
        kube.Cluster.Faults.Do(new() { Action = "partition" });
        kube.Cluster.Faults.Clear();
        Assert.Equal(HttpStatusCode.OK, (await kube.GetAsync(Kube.Pods)).Code);
        await kube.Cluster.WaitForPodsAsync(it => it.All(pod => pod.Ready), "flink");
    }

    [Fact]
    public async Task The_pod_proxy_has_a_scope_of_its_own()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job")).Must();
        var pod = (await kube.Cluster.WaitForPodsAsync(it => it.Any(one => one.Ready), "flink"))[0];
        kube.Cluster.Faults.Add(new() { Scope = FaultScope.PodProxy, Effect = FaultEffect.Status });
        Assert.Equal(HttpStatusCode.OK, (await kube.GetAsync($"{Kube.Pods}/{pod.Name}")).Code);
        var (code, status) = await kube.GetAsync($"{Kube.Pods}/{pod.Name}:8081/proxy/");
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "ServiceUnavailable"), (code, (string?)status["reason"]));
    }
}
