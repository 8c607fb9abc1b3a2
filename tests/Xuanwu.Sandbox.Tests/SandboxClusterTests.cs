using System.Diagnostics;
using System.Net;
using Xunit.Abstractions;

namespace Xuanwu.Sandbox.Tests;

public sealed class SandboxClusterTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Without_the_token_only_health_and_version_answer()
    {
        await using var kube = await Kube.StartAsync();
        using var stranger = Kube.Client(kube.Cluster);
        Assert.Equal("ok", await stranger.GetStringAsync("/readyz"));
        Assert.Contains("xuanwu-sandbox", await stranger.GetStringAsync("/version"), StringComparison.Ordinal);
        using var refused = await stranger.GetAsync(Kube.Pods);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains("\"reason\":\"Unauthorized\"", await refused.Content.ReadAsStringAsync(),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_certificate_is_signed_by_the_clusters_own_authority()
    {
        await using var kube = await Kube.StartAsync();
        Assert.Equal("https", kube.Cluster.ApiServer.Scheme);
        await kube.GetAsync("/api").Must();
        using var trusting = new HttpClient { BaseAddress = kube.Cluster.ApiServer };
        await Assert.ThrowsAsync<HttpRequestException>(() => trusting.GetAsync("/version"));
    }

    [Fact]
    public async Task Discovery_lists_groups_and_resources()
    {
        await using var kube = await Kube.StartAsync(it => it with { Https = false });
        Assert.Equal("http", kube.Cluster.ApiServer.Scheme);
        var groups = await kube.GetAsync("/apis").Must();
        Assert.Equal(
            ["apps", "networking.k8s.io", "rbac.authorization.k8s.io", "coordination.k8s.io"],
            groups["groups"]!.AsArray().Select(it => (string?)it!["name"]));
        var apps = await kube.GetAsync("/apis/apps/v1").Must();
        Assert.Contains(apps["resources"]!.AsArray(), it => (string?)it!["name"] == "deployments"
            && (bool)it["namespaced"]!);
        Assert.Contains((await kube.GetAsync("/api/v1").Must())["resources"]!.AsArray(), it =>
            (string?)it!["name"] == "pods/log");
    }

    [Fact]
    public async Task State_outlives_a_restart_and_the_pods_come_back()
    {
        var directory = Directory.CreateTempSubdirectory("xuanwu-sandbox-").FullName;
        try
        {
            string kubeconfig;
            string uid;
            int port;
            await using (var kube = await Kube.StartAsync(it => it with { DataDirectory = directory }))
            {
                await kube.PostAsync(Kube.Deployments, Kube.Deployment("job")).Must();
                var pods = await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
                (uid, kubeconfig, port) = (pods[0].Uid, kube.Cluster.Kubeconfig, kube.Cluster.ApiServer.Port);
            }

            var programs = new TestPrograms();
            await using var again = await Kube.StartAsync(
                programs, it => it with { DataDirectory = directory, ApiPort = port });
            var back = await again.Cluster.WaitForPodsAsync(
                it => it.Any(pod => pod is { Ready: true, Restarts: 1 }), "flink");
            Assert.Equal(uid, Assert.Single(back).Uid);
            Assert.Single(programs.Started);
            Assert.Equal(kubeconfig, again.Cluster.Kubeconfig);
            var list = await again.GetAsync(Kube.Deployments).Must();
            Assert.Single(list["items"]!.AsArray());
            Assert.True(IsPrivate(Path.Combine(directory, "credentials.json")));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_file_that_is_no_state_is_refused_by_name()
    {
        var directory = Directory.CreateTempSubdirectory("xuanwu-sandbox-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "state.json"), "{ \"half\": ");
            var refused = await Assert.ThrowsAsync<InvalidDataException>(() =>
                SandboxCluster.StartAsync(new SandboxOptions { DataDirectory = directory }));
            Assert.Contains("state.json is not the state of a sandbox", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        await using var kube = await Kube.StartAsync();
        var port = kube.Cluster.IngressPort;
        var taken = await Assert.ThrowsAsync<SandboxPortTaken>(
            () => SandboxCluster.StartAsync(new SandboxOptions { IngressPort = port }));
        Assert.Equal(port, taken.Port);
        Assert.StartsWith($"Port {port} on 127.0.0.1 is in use", taken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_kubeconfig_is_written_for_its_owner_alone()
    {
        await using var kube = await Kube.StartAsync();
        var path = Path.Combine(Path.GetTempPath(), $"kubeconfig-{Guid.NewGuid():n}");
        try
        {
            await kube.Cluster.WriteKubeconfigAsync(path);
            Assert.True(IsPrivate(path));
            Assert.Equal(kube.Cluster.Kubeconfig, await File.ReadAllTextAsync(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static bool IsPrivate(string path) =>
        OperatingSystem.IsWindows() || File.GetUnixFileMode(path) == (UnixFileMode.UserRead | UnixFileMode.UserWrite);

    [Fact]
    public async Task Flink_images_run_the_stand_ins_without_being_asked_for()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("flink", image: "flink:1.20.1", args: "\"jobmanager\""))
            .Must();
        var pods = await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
        var overview = await kube.GetAsync($"{Kube.Pods}/{pods[0].Name}:8081/proxy/overview").Must();
        Assert.Equal("1.20.1", (string?)overview["flink-version"]);
    }

    [Fact]
    public async Task Five_thousand_pods_run_in_one_process()
    {
        const int deployments = 500;
        const int replicas = 10;
        await using var kube = await Kube.StartAsync();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var clock = Stopwatch.StartNew();
        await Parallel.ForAsync(0, deployments, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) =>
        {
            await kube.PostAsync(Kube.Deployments, Kube.Deployment($"job-{i}", replicas)).Must();
            await kube.PostAsync(Kube.Services, Kube.Service($"job-{i}")).Must();
            await kube.PostAsync(Kube.Ingresses, Kube.Ingress($"job-{i}", $"job-{i}.example.com")).Must();
        });
        var sent = clock.Elapsed;
        await kube.Cluster.WaitAsync(
            "deployments", it => it.Count(o => (int?)o["status"]?["readyReplicas"] == replicas) == deployments, "flink",
            limit: TimeSpan.FromSeconds(60));
        await kube.Cluster.WaitAsync(
            "endpoints", it => it.Count(
            o => o["subsets"]?.AsArray().FirstOrDefault()?["addresses"]?.AsArray().Count == replicas) == deployments,
            "flink");
        var ready = clock.Elapsed;
        var bytes = (GC.GetTotalMemory(forceFullCollection: true) - before) / (deployments * replicas);
        output.WriteLine(
            $"{deployments * replicas} pods: applied in {sent.TotalSeconds:0.0} s, " +
            $"ready after {ready.TotalSeconds:0.0} s, {bytes / 1024.0:0.0} KB of managed memory per pod");
        Assert.Equal(deployments * replicas, kube.Cluster.Pods("flink").Select(it => it.Address).Distinct().Count());
        Assert.Equal(HttpStatusCode.OK,
            (await kube.ThroughIngressAsync($"job-{deployments - 1}.example.com", "/")).Code);
    }
}
