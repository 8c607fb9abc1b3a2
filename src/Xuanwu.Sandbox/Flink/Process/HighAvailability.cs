using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Flink.Process;

/// <summary>
/// Flink's Kubernetes HA services: what a cluster keeps in ConfigMaps so that another JobManager can go on.
/// <code>
///   &lt;cluster-id&gt;-cluster-config-map     who leads, the addresses of its components, a pointer to each job's
/// graph
///   &lt;cluster-id&gt;-&lt;job id&gt;-config-map   the next checkpoint's number and a pointer to the latest checkpoint
/// </code>
/// They have no owner: they outlive the Deployment, and a cluster deployed again under the same id finds its jobs in
/// them. Two liberties: the lease is renewed when the leader is asked something and not every five seconds, since
/// standbys learn of its end in the process; and a checkpoint's pointer is written when it is looked at, at most once a
/// minute, and when the leader ends. A leader that is killed does not come to it, so its successor takes the newest
/// checkpoint that the job has completed.
/// </summary>
internal sealed class HighAvailability(
    IContainerObjects objects, FlinkWorld world, string clusterId, string storageDirectory, FlinkVersion version)
{
    private const string Leader = "org.apache.flink.k8s.leader.";
    // Flink's annotation; data keys have no slash
    private const string Lease = "control-plane.alpha.kubernetes.io.leader";
    private const string Graph = "jobGraph-";
    private const string Checkpoint = "checkpointID-";
    private const long RenewAfterMs = 30_000;

    private readonly string identity = Guid.NewGuid().ToString();
    private long renewedAt;

    public string ConfigMap => $"{clusterId}-cluster-config-map";

    public string StorageDirectory => $"{storageDirectory}/{clusterId}";

    public string JobConfigMap(string jobId) => $"{clusterId}-{jobId}-config-map";

    /// <summary>Makes this process the leader; false when the API does not allow it.</summary>
    public bool TryLead(string host, int rpcPort, int restPort, long now)
    {
        renewedAt = now;
        return TryChange(ConfigMap, data =>
        {
            var transitions = data.TryGetValue(Lease, out var old)
                && JsonNode.Parse(old)?["leaderTransitions"] is { } count
                ? (int)count + 1
                : 0;
            data[Lease] = LeaseOf(now, now, transitions);
            foreach (var component in (string[])["dispatcher", "resourcemanager"])
            {
                data[Leader + component] =
                    $"{Guid.NewGuid()},{version.RpcScheme}://flink@{host}:{rpcPort}/user/rpc/{component}_0";
            }

            data[Leader + "restserver"] = $"{Guid.NewGuid()},http://{host}:{restPort}";
            return data;
        });
    }

    /// <summary>
    /// Whether the leader's ConfigMap is still there; renews the lease on the way when it is time to.
    /// </summary>
    public bool StillThere(long now)
    {
        if (objects.FindConfigMap(ConfigMap) is null) return false;
        if (now - renewedAt < RenewAfterMs) return true;

        var acquired = renewedAt;
        renewedAt = now;
        TryChange(ConfigMap, data =>
        {
            if (!data.TryGetValue(Lease, out var old) || JsonNode.Parse(old) is not JsonObject lease) return null;
            data[Lease] = LeaseOf(
                DateTimeOffset.TryParse((string?)lease["acquireTime"], CultureInfo.InvariantCulture, out var at)
                    ? at.ToUnixTimeMilliseconds()
                    : acquired,
                now, (int?)lease["leaderTransitions"] ?? 0);
            return data;
        });
        return true;
    }

    /// <summary>Keeps a job's graph and makes its ConfigMap; false when the API does not allow it.</summary>
    public bool TryAddJob(JobGraph graph, string host, int rpcPort)
    {
        var path = $"{StorageDirectory}/submittedJobGraph{graph.JobId[..12]}";
        world.JobGraphs.Put(path, graph);
        return TryChange(ConfigMap, data =>
            {
                data[Graph + graph.JobId] = path;
                data[$"{Leader}job-{graph.JobId}"] =
                    $"{Guid.NewGuid()},{version.RpcScheme}://flink@{host}:{rpcPort}/user/rpc/jobmanager_{data.Count}";
                return data;
            })
            && TryChange(JobConfigMap(graph.JobId), data =>
            {
                data.TryAdd("counter", "1");
                return data;
            });
    }

    /// <summary>Forgets a job that has ended for good.</summary>
    public void RemoveJob(string jobId)
    {
        objects.DeleteConfigMap(JobConfigMap(jobId));
        if (objects.FindConfigMap(ConfigMap) is null) return;
        TryChange(ConfigMap, data =>
        {
            data.Remove($"{Leader}job-{jobId}");
            if (data.Remove(Graph + jobId, out var path)) world.JobGraphs.Remove(path);
            return data;
        });
    }

    /// <summary>Points to the latest checkpoint; false when the job's ConfigMap is gone.</summary>
    public bool TryPutCheckpoint(string jobId, long nextId, Snapshot latest)
    {
        if (objects.FindConfigMap(JobConfigMap(jobId)) is null) return false;
        return TryChange(JobConfigMap(jobId), data =>
        {
            foreach (var key in data.Keys.Where(key => key.StartsWith(Checkpoint, StringComparison.Ordinal))
                .ToList()) data.Remove(key);
            data["counter"] = nextId.ToString(CultureInfo.InvariantCulture);
            data[string.Create(CultureInfo.InvariantCulture, $"{Checkpoint}{latest.Id:D19}")] =
                Convert.ToBase64String(Encoding.UTF8.GetBytes(latest.Path));
            return data;
        });
    }

    /// <summary>The jobs that the ConfigMaps know, with the checkpoint each is to go on from.</summary>
    /// <exception cref="FlinkFailure">A graph that a ConfigMap points to is not in the storage directory.</exception>
    public IReadOnlyList<(JobGraph Graph, Snapshot? Latest, long NextId)> ReadJobs()
    {
        var jobs = new List<(JobGraph, Snapshot?, long)>();
        foreach (var (key, path) in objects.FindConfigMap(ConfigMap)?.Data ?? new Dictionary<string, string>())
        {
            if (!key.StartsWith(Graph, StringComparison.Ordinal)) continue;
            var jobId = key[Graph.Length..];
            if (world.JobGraphs.Find(path) is not { } graph)
            {
                throw new FlinkFailure(new JavaThrowable(
                    "org.apache.flink.util.FlinkRuntimeException", $"Could not recover job with job id {jobId}.",
                    new JavaThrowable(
                        "org.apache.flink.util.FlinkException",
                        $"Could not retrieve submitted JobGraph from state handle under {key}. This indicates that "
                            + "the retrieved "
                        + "state handle is broken. Try cleaning the state handle store.",
                        new JavaThrowable("java.io.FileNotFoundException", $"No such file or directory: {path}"))));
            }

            var job = objects.FindConfigMap(JobConfigMap(jobId))?.Data;
            var pointer = job?.FirstOrDefault(entry => entry.Key.StartsWith(Checkpoint, StringComparison.Ordinal))
                .Value;
            var latest = pointer is null
                ? null
                : world.Snapshots.Find(Encoding.UTF8.GetString(Convert.FromBase64String(pointer)));
            if (job is not null && world.Snapshots.LatestCheckpoint(jobId) is { } last && last.Id > (latest?.Id ?? 0))
            {
                latest = last;
            }
            var next = job is not null && long.TryParse(job.GetValueOrDefault("counter"), out var counter)
                ? counter
                : 1;
            jobs.Add((graph, latest, next));
        }

        return jobs;
    }

    private string LeaseOf(long acquired, long renewed, int transitions) => new JsonObject
    {
        ["holderIdentity"] = identity,
        ["leaseDuration"] = 15.0,
        ["acquireTime"] = Time(acquired),
        ["renewTime"] = Time(renewed),
        ["leaderTransitions"] = transitions,
    }.ToJsonString();

    private static string Time(long at) =>
        DateTimeOffset.FromUnixTimeMilliseconds(at)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    // Another writer being first is answered by trying again on what it wrote; a refusal leaves the object as it was.
    private bool TryChange(string name, Func<Dictionary<string, string>, Dictionary<string, string>?> change)
    {
        string? refused = null;
        while (true)
        {
            var present = objects.FindConfigMap(name);
            var seen = present?.ResourceVersion ?? "";
            if (seen == refused) return false;

            var data = new Dictionary<string, string>(
                present?.Data ?? new Dictionary<string, string>(), StringComparer.Ordinal);
            if (change(data) is not { } changed) return true;
            if (objects.TryPutConfigMap(name, Labels(), changed, present?.ResourceVersion)) return true;
            refused = seen;
        }
    }

    private Dictionary<string, string> Labels() => new()
    {
        ["app"] = clusterId,
        ["configmap-type"] = "high-availability",
        ["type"] = "flink-native-kubernetes",
    };
}
