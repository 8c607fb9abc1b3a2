using Xuanwu.Flink.Manifests;
using Xuanwu.Kubernetes;
using Xuanwu.Messaging;
using Xuanwu.Server.Clusters;

namespace Xuanwu.Server.Tracking;

/// <summary>
/// Watches the pods of all runs, a watch per cluster. What it sees changes nothing by itself: it only makes the run's
/// next poll due
/// now, so a watch that breaks costs time and no truth.
/// </summary>
public sealed class RunWatch(ClusterList clusters, ClusterLinks links, MessageBus bus, ILogger<RunWatch> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var watched = new Dictionary<Guid, Task>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                foreach (var cluster in await clusters.AllAsync(stoppingToken))
                {
                    if (watched.TryGetValue(cluster.Id, out var watch) && !watch.IsCompleted) continue;
                    watched[cluster.Id] = WatchAsync(cluster.Id, cluster.Name, stoppingToken);
                }

                await Task.Delay(TimeSpan.FromSeconds(5), stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (Exception wrong)
            {
                log.LogWarning("The clusters to watch could not be read. {Reason}", wrong.Message);
                await Task.Delay(TimeSpan.FromSeconds(5), CancellationToken.None);
            }
        }

        await Task.WhenAll(watched.Values);
    }

    private static string? RunOf(WatchEvent seen) => seen switch
    {
        WatchEvent.Added it => it.Object,
        WatchEvent.Modified it => it.Object,
        WatchEvent.Deleted it => it.Object,
        _ => null,
    } is { } pod ? pod.Labels.GetValueOrDefault("xuanwu.io/run") : null;

    // Ends when the cluster's specification has changed (its link is another), so that the loop above begins anew.
    private async Task WatchAsync(Guid clusterId, string name, CancellationToken ct)
    {
        try
        {
            var link = await links.GetAsync(clusterId, ct);
            var pods = link.Kubernetes.WatchAsync(Kind.Pod, link.Spec.Namespace, RunNames.ManagedSelector, ct);

            // Without the pods that were there before: at start every run is looked at anyway, and that once.
            var changes = pods.SkipWhile(seen => seen is not WatchEvent.Synced)
                .TakeWhile(async (_, stop) => await links.GetAsync(clusterId, stop) == link);

            // Several at a time, because hurries that come together share a statement.
            await Parallel.ForEachAsync(
                changes,
                new ParallelOptions { MaxDegreeOfParallelism = 64, CancellationToken = ct },
                async (seen, stop) =>
                {
                    if (RunOf(seen) is not { } runId) return;
                    await Task.WhenAll(bus.HurryAsync<SubmitRun>(runId, stop), bus.HurryAsync<PollRun>(runId, stop));
                });
        }
        catch (OperationCanceledException)
        {
        }
        catch (Exception wrong)
        {
            log.LogWarning(
                "The watch of cluster {Cluster} ended; polls go on by their own period. {Reason}", name, wrong.Message);
        }
    }
}
