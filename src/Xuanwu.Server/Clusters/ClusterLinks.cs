using System.Collections.Concurrent;
using Xuanwu.Domain.Clusters;
using Xuanwu.Flink.Rest;
using Xuanwu.Kubernetes;
using Xuanwu.Server.Commands;
using Xuanwu.Server.Tracking;

namespace Xuanwu.Server.Clusters;

/// <summary>One link per cluster, made anew when the cluster's specification changes.</summary>
public sealed class ClusterLinks(EventStore.EventStore store, TimeProvider clock) : IDisposable
{
    private readonly ConcurrentDictionary<Guid, Lazy<ClusterLink>> _links = new();

    public async ValueTask<ClusterLink> GetAsync(Guid clusterId, CancellationToken ct)
    {
        var cluster = await store.LoadAsync(Aggregates.Cluster, clusterId, ct);
        var spec = cluster.State.Spec ?? throw new InvalidOperationException($"There is no cluster {clusterId}.");
        while (true)
        {
            var link = _links.GetOrAdd(clusterId, _ => new(() => Open(spec)));
            if (link.Value.Spec == spec) return link.Value;

            // Calls in flight on the old link end by themselves; it is left to the collector, not torn from under them.
            _links.TryUpdate(clusterId, new(() => Open(spec)), link);
        }
    }

    public void Dispose()
    {
        foreach (var link in _links.Values) link.Value.Dispose();
    }

    private ClusterLink Open(ClusterSpec spec) => new(
        spec,
        new KubernetesClient(ClusterCredential.Resolve(spec)),
        new HttpClient(
            new BreakerHandler(new Breaker(clock), FlinkHttp.CreateHandler()))
        { Timeout = Timeout.InfiniteTimeSpan });
}
