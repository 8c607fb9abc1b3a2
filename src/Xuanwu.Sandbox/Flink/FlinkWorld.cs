using System.Collections.Concurrent;
using System.Net;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Process;

namespace Xuanwu.Sandbox.Flink;

/// <summary>
/// What the Flink processes of one sandbox share: in place of the network between JobManager, TaskManager and gateway,
/// and of the object store that holds checkpoints, savepoints, job graphs and results.
/// </summary>
internal sealed class FlinkWorld : IDisposable
{
    private readonly KeptLog? log;
    private readonly ConcurrentDictionary<(string Namespace, string Id), FlinkCluster> clusters = new();
    private readonly ConcurrentDictionary<(IPAddress Address, int Port), JobManagerProcess> restEndpoints = new();

    public FlinkWorld(TimeProvider time, string? directory)
    {
        log = directory is null ? null : new KeptLog(directory);
        Agenda = new Agenda(time);
        Snapshots = new SnapshotStore(log);
        JobGraphs = new KeptMap<JobGraph>("graph", log);
        JobResults = new KeptMap<JobResult>("result", log);
    }

    public Agenda Agenda { get; }

    public SnapshotStore Snapshots { get; }

    /// <summary>Job graphs under the HA storage directory, by path.</summary>
    public KeptMap<JobGraph> JobGraphs { get; }

    /// <summary>Results of ended jobs that a job result store keeps, by their paths.</summary>
    public KeptMap<JobResult> JobResults { get; }

    public FlinkCluster Cluster(string space, string id) =>
        clusters.GetOrAdd((space, id), static (key, world) => new FlinkCluster(world, key.Namespace, key.Id), this);

    public void Listening(JobManagerProcess process) =>
        restEndpoints[(process.Container.Address, process.RestPort)] = process;

    public void Closed(JobManagerProcess process) =>
        restEndpoints.TryRemove(KeyValuePair.Create((process.Container.Address, process.RestPort), process));

    /// <summary>The cluster that a client with these settings reaches, or null when nobody listens there.</summary>
    /// <remarks>
    /// As Flink's client does: with Kubernetes HA the leader's address is looked up by cluster id; otherwise
    /// rest.address, or jobmanager.rpc.address, is a pod's address or the name of a Service before the JobManagers.
    /// </remarks>
    public FlinkCluster? Reach(string space, IPAddress from, FlinkSettings settings)
    {
        if (FlinkCluster.HighlyAvailableId(settings) is { } id)
        {
            return clusters.TryGetValue((space, id), out var known) && known.HasProcess ? known : null;
        }

        var host = settings.Find("rest.address", "jobmanager.rpc.address") ?? "localhost";
        var port = settings.Number(8081, "rest.port");
        if (host is "localhost" or "0.0.0.0") host = from.ToString();
        if (IPAddress.TryParse(host, out var address))
        {
            if (IPAddress.IsLoopback(address) && !address.Equals(from) && !restEndpoints.ContainsKey((address, port)))
            {
                address = from;
            }
            return restEndpoints.TryGetValue((address, port), out var process) ? process.Cluster : null;
        }

        var labels = host.Split('.');
        var named = labels is [_, var other, ..] ? other : space;
        return restEndpoints.Values.FirstOrDefault(each =>
            each.Container.Namespace == named && each.AnswersTo(labels[0]))?.Cluster;
    }

    public void Dispose()
    {
        Agenda.Dispose();
        log?.Dispose();
    }
}
