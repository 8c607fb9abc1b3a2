using System.Text.Json.Nodes;
using Xuanwu.Sandbox;

namespace Xuanwu.Kubernetes.Tests;

/// <summary>
/// The servers the conformance suite runs against: the sandbox, and the one whose kubeconfig XUANWU_TEST_KUBECONFIG
/// names (<c>eng/envtest.sh</c> starts a real one).
/// </summary>
public sealed class ConformanceServers : IAsyncLifetime
{
    public const string Namespace = "xuanwu-conformance";
    private static readonly string? Kubeconfig = Environment.GetEnvironmentVariable("XUANWU_TEST_KUBECONFIG");
    private readonly Dictionary<string, KubernetesConnection> _connections = [];
    private SandboxCluster? _sandbox;

    public static TheoryData<string> Names { get; } =
        string.IsNullOrEmpty(Kubeconfig) ? ["sandbox"] : ["sandbox", "real"];

    public SandboxCluster Sandbox => _sandbox!;

    public KubernetesClient Client(string server, KubernetesClientOptions? options = null) =>
        new(Connection(server), options);

    public KubernetesConnection Connection(string server) => _connections[server];

    public async Task InitializeAsync()
    {
        _sandbox = await SandboxCluster.StartAsync(new SandboxOptions { Flink = false, PodStartDelay = TimeSpan.Zero });
        _connections["sandbox"] = KubernetesConnection.FromKubeconfigText(_sandbox.Kubeconfig);
        if (!string.IsNullOrEmpty(Kubeconfig)) _connections["real"] = KubernetesConnection.FromKubeconfig(Kubeconfig);
        foreach (var connection in _connections.Values)
        {
            using var client = new KubernetesClient(connection);
            var home = new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "Namespace",
                ["metadata"] = new JsonObject { ["name"] = Namespace },
            };
            await client.ApplyAsync(new(home), "conformance", force: true, Waiting.Token);
        }
    }

    public async Task DisposeAsync() => await Sandbox.DisposeAsync();
}
