using Xuanwu.Domain.Clusters;
using Xuanwu.EventStore;
using Xuanwu.Kubernetes;
using Xuanwu.Server.Commands;

namespace Xuanwu.Server.Clusters;

/// <summary>Registers the embedded sandbox as a cluster like any other, so that a first job needs no set-up.</summary>
public static class SandboxCluster
{
    public const string Name = "sandbox";

    private static readonly (string Version, string Image)[] Offers =
    [
        ("1.18", "flink:1.18-scala_2.12-java11"),
        ("1.19", "flink:1.19-scala_2.12-java11"),
        ("1.20", "flink:1.20-scala_2.12-java17"),
        ("2.0", "flink:2.0-scala_2.12-java17"),
    ];

    public static async Task RegisterAsync(ServerOptions options, CommandRunner commands, CancellationToken ct)
    {
        if (options.SandboxKubeconfig is not { } kubeconfig) return;
        var id = Cluster.IdOf(Name);
        var spec = new ClusterSpec(
            KubernetesConnection.FromKubeconfig(kubeconfig, context: null).Server.ToString().TrimEnd('/'),
            $"kubeconfig:{Path.GetFullPath(kubeconfig)}",
            "flink",
            $"http://{{run}}.flink.localhost:{options.SandboxIngressPort}",
            "file:///flink/ha",
            "file:///flink/checkpoints",
            "file:///flink/savepoints");
        var result = await commands.RunAsync(
            new Who("xuanwu", Command: nameof(RegisterCluster)),
            key: null,
            async scope =>
            {
                var known = await scope.LoadAsync(Aggregates.Cluster, id);
                var refused = await scope.DecideAsync(Aggregates.Cluster, id, cluster => known.Exists
                    ? Cluster.Decide(cluster, new ChangeCluster(spec))
                    : Cluster.Decide(cluster, new RegisterCluster(Name, spec)));
                if (known.Exists) return refused;
                foreach (var (version, image) in Offers)
                {
                    refused ??= await scope.DecideAsync(
                        Aggregates.Cluster, id, cluster => Cluster.Decide(
                            cluster, new OfferFlinkVersion(version, image)));
                }

                return refused;
            },
            ct);
        if (result.Rejection is { } rejection)
        {
            throw new OptionWrong($"The sandbox cannot be registered: {rejection.Message}");
        }
    }
}
