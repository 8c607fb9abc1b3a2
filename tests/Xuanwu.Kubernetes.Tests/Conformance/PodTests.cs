using Microsoft.AspNetCore.Http;
using Xuanwu.Sandbox;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Kubernetes.Tests;

/// <summary>Running pods: only the sandbox has a kubelet, so its alone are asked.</summary>
public sealed class PodTests : IAsyncLifetime, IDisposable
{
    private readonly TaskCompletionSource _end = new();
    private SandboxCluster _sandbox = null!;
    private KubernetesClient _client = null!;

    public async Task InitializeAsync()
    {
        _sandbox = await SandboxCluster.StartAsync(new SandboxOptions
        {
            Flink = false,
            PodStartDelay = TimeSpan.Zero,
            Programs = [(image, _) => image == "example/echo:1" ? new Echo(_end.Task) : null],
        });
        _client = new(KubernetesConnection.FromKubeconfigText(_sandbox.Kubeconfig) with { Namespace = "default" });
        var deployment = Manifests.Deployment("echo", "echo", "example/echo:1").With(it =>
        {
            it["metadata"]!["namespace"] = "default";
            it["spec"]!["replicas"] = 1;
        });
        await _client.ApplyAsync(deployment);
    }

    public async Task DisposeAsync()
    {
        _end.TrySetResult();
        await _sandbox.DisposeAsync();
    }

    public void Dispose() => _client.Dispose();

    [Fact]
    public async Task A_log_is_followed_to_the_end_of_its_container()
    {
        var pod = await RunningAsync();
        var lines = new List<string>();
        await foreach (var line in _client.PodLogsAsync("default", pod, new() { Follow = true }, Waiting.Token))
        {
            lines.Add(line);
            if (line == "ready 作业") _end.SetResult();
        }

        Assert.Equal(["starting", "ready 作业", "ending"], lines);
    }

    [Fact]
    public async Task The_last_lines_of_a_log_are_enough()
    {
        var pod = await RunningAsync();
        var lines = new List<string>();
        await foreach (var line in _client.PodLogsAsync("default", pod, new() { TailLines = 1 }, Waiting.Token))
        {
            lines.Add(line);
        }

        Assert.Equal(["ready 作业"], lines);
    }

    [Fact]
    public async Task The_log_of_a_pod_that_is_not_there_is_not_found()
    {
        await using var lines = _client.PodLogsAsync("default", "lost", new(), Waiting.Token).GetAsyncEnumerator();

        Assert.True((await Assert.ThrowsAsync<ApiError>(async () => await lines.MoveNextAsync())).IsNotFound);
    }

    [Fact]
    public async Task A_port_of_a_pod_answers_through_the_API_server()
    {
        using var http = _client.PodProxy("default", await RunningAsync(), 8081);

        Assert.Equal("GET /jobs?x=1 ", await http.GetStringAsync("jobs?x=1", Waiting.Token));
        using var posted = await http.PostAsync("jars", new StringContent("body"), Waiting.Token);
        Assert.Equal("POST /jars body", await posted.Content.ReadAsStringAsync());
    }

    // Running, and its program has said that it is ready.
    private async Task<string> RunningAsync()
    {
        await foreach (var it in _client.WatchAsync(Kind.Pod, "default", "app=echo", Waiting.Token))
        {
            if (it is not (WatchEvent.Added or WatchEvent.Modified)) continue;
            var pod = it is WatchEvent.Added(var added) ? added : ((WatchEvent.Modified)it).Object;
            if (pod.TextAt("status", "phase") != "Running") continue;
            var log = _client.PodLogsAsync("default", pod.Name, new() { Follow = true }, Waiting.Token);
            await foreach (var line in log)
            {
                if (line == "ready 作业") return pod.Name;
            }
        }

        throw new InvalidOperationException("The watch ended.");
    }

    private sealed class Echo(Task end) : IContainerProgram
    {
        public async Task<int> RunAsync(IContainer container, CancellationToken stop)
        {
            container.WriteLine("starting");
            container.Listen(8081, async context =>
            {
                var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
                var address = $"{context.Request.Path}{context.Request.QueryString}";
                await context.Response.WriteAsync($"{context.Request.Method} {address} {body}");
            });
            container.WriteLine("ready 作业");
            await end.WaitAsync(stop);
            container.WriteLine("ending");
            return 0;
        }
    }
}
