using System.Globalization;
using Xuanwu.Domain.Jobs;
using Xuanwu.Flink.Settings;

namespace Xuanwu.Flink.Manifests;

/// <summary>
/// Flink's settings of one run, in the spelling of its version. A user's parameters win over what we set, but for those
/// that are ours alone (<see cref="OwnedKeys"/>), which a checked plan does not have.
/// </summary>
public static class RunSettings
{
    /// <summary>
    /// Settings of the job itself: the user's parameters over the defaults. The cluster is started with them, and a
    /// session of its SQL gateway is opened with them, since the client that builds the job graph decides them.
    /// </summary>
    public static IReadOnlyDictionary<string, string> OfJob(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var settings = new Settings(plan);
        settings.PutJob();
        return settings.Values;
    }

    /// <summary>Settings of each process of the cluster; what differs from pod to pod is not among them.</summary>
    internal static IReadOnlyDictionary<string, string> OfCluster(RunPlan plan)
    {
        var settings = new Settings(plan);
        settings.PutJob();
        settings.PutCluster();
        return settings.Values;
    }

    /// <summary>
    /// How a client of the cluster in one of its pods (the SQL gateway) finds the leader: by the HA ConfigMaps.
    /// </summary>
    internal static IReadOnlyDictionary<string, string> OfClient(RunPlan plan)
    {
        var settings = new Settings(plan);
        settings.PutHighAvailability();
        settings.Put("execution.target", "remote");
        return settings.Values;
    }

    private sealed class Settings(RunPlan plan)
    {
        private readonly FlinkVersion version = FlinkVersion.Parse(plan.Spec.FlinkVersion);
        private readonly SortedDictionary<string, string> values = new(StringComparer.Ordinal);

        public IReadOnlyDictionary<string, string> Values => values;

        public void Put(string key, string value) => values[FlinkKeys.Spell(key, version)] = value;

        public void PutJob()
        {
            Put(FlinkKeys.PipelineName, plan.JobName);
            Put(FlinkKeys.CheckpointInterval, "1 min");
            Put(FlinkKeys.CheckpointRetention, "RETAIN_ON_CANCELLATION");
            Put(FlinkKeys.CheckpointDirectory, plan.Cluster.CheckpointDirectory);
            Put(FlinkKeys.SavepointDirectory, plan.Cluster.SavepointDirectory);
            foreach (var (key, value) in plan.Spec.Parameters) Put(key, value);
            Put(FlinkKeys.Parallelism, Number(plan.Spec.Parallelism));
        }

        public void PutHighAvailability()
        {
            // Before 1.17 the short name may not be known, but the factory's class is (docs 1.16, kubernetes_ha).
            Put(FlinkKeys.HighAvailability, version.AtLeast(1, 17)
                ? "kubernetes"
                : "org.apache.flink.kubernetes.highavailability.KubernetesHaServicesFactory");
            Put("high-availability.storageDir", plan.Cluster.HighAvailabilityDirectory);

            // Blobs and job graphs lie below the storage directory by this id, not by the next one. Its default is the
            // same for all clusters, and a cluster that shuts down deletes its blobs: everybody's.
            Put("high-availability.cluster-id", plan.ClusterId);
            Put("kubernetes.cluster-id", plan.ClusterId);
            Put("kubernetes.namespace", plan.Cluster.Namespace);
        }

        public void PutCluster()
        {
            PutHighAvailability();
            var resources = plan.Spec.Resources;
            Put("jobmanager.memory.process.size", $"{Number(resources.JobManager.MemoryMiB)}m");
            Put("taskmanager.memory.process.size", $"{Number(resources.TaskManager.MemoryMiB)}m");
            Put("taskmanager.numberOfTaskSlots", Number(resources.TaskManager.Slots));
            Put("jobmanager.rpc.port", Number(RunNames.RpcPort));
            Put("blob.server.port", Number(RunNames.BlobPort));
            Put("rest.port", Number(RunNames.RestPort));
            Put("taskmanager.rpc.port", Number(RunNames.TaskManagerRpcPort));
            Put("taskmanager.data.port", Number(RunNames.TaskManagerDataPort));

            // The result of an ended job stays, so that a JobManager that restarts does not run the job again.
            var directory = plan.Cluster.HighAvailabilityDirectory.TrimEnd('/');
            Put(
                "job-result-store.storage-path",
                $"{directory}/{plan.ClusterId}/job-result-store/attempt-{Number(plan.Attempt)}");
            Put("job-result-store.delete-on-commit", "false");
            if (plan.Spec.Jar is null) return;

            // The JobManager stays after its job's end, and is there after a failed start, to be asked how it ended.
            Put("execution.shutdown-on-application-finish", "false");
            Put("execution.submit-failed-job-on-application-error", "true");

            // Whose savepoint it is stays as it was: Flink neither owns nor deletes it.
            if (plan.Restore.Path is not null) Put(FlinkKeys.RestoreClaimMode, "NO_CLAIM");
        }

        private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
    }
}
