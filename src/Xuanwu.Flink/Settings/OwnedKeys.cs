namespace Xuanwu.Flink.Settings;

/// <summary>
/// Keys that users may not set: they follow from the job's own fields, or the run could not be found, watched or
/// recovered with other values.
/// </summary>
public static class OwnedKeys
{
    private const string Resources = "it follows from the resources of the job; change those";
    private const string Parallelism = "it follows from the parallelism of the job; change that";
    private const string Restore = "where the state comes from is chosen when the job is started";
    private const string Identity = "Xuanwu sets it, so that the run can be found and recovered";

    private static readonly Dictionary<string, string> Keys = new(StringComparer.Ordinal)
    {
        ["parallelism.default"] = Parallelism,
        ["jobmanager.memory.process.size"] = Resources,
        ["jobmanager.memory.flink.size"] = Resources,
        ["jobmanager.heap.size"] = Resources,
        ["jobmanager.heap.mb"] = Resources,
        ["taskmanager.memory.process.size"] = Resources,
        ["taskmanager.memory.flink.size"] = Resources,
        ["taskmanager.heap.size"] = Resources,
        ["taskmanager.heap.mb"] = Resources,
        ["taskmanager.numberOfTaskSlots"] = Resources,
        ["execution.state-recovery.path"] = Restore,
        ["execution.state-recovery.ignore-unclaimed-state"] = Restore,
        ["execution.state-recovery.claim-mode"] = Restore,
        ["execution.target"] = Identity,
        ["execution.attached"] = Identity,
        ["table.dml-sync"] = "a job is submitted and then watched, nobody waits for its end",
        ["execution.shutdown-on-application-finish"] = Identity,
        ["execution.submit-failed-job-on-application-error"] = Identity,
        ["kubernetes.cluster-id"] = Identity,
        ["kubernetes.namespace"] = Identity,
        ["jobmanager.rpc.address"] = Identity,
        ["jobmanager.rpc.port"] = Identity,
        ["jobmanager.rpc.bind-port"] = Identity,
        ["jobmanager.bind-host"] = Identity,
        ["blob.server.port"] = Identity,
        ["taskmanager.host"] = Identity,
        ["taskmanager.bind-host"] = Identity,
        ["taskmanager.rpc.port"] = Identity,
        ["taskmanager.rpc.bind-port"] = Identity,
        ["taskmanager.data.port"] = Identity,
        ["taskmanager.resource-id"] = Identity,
        ["rest.address"] = Identity,
        ["rest.port"] = Identity,
        ["rest.bind-address"] = Identity,
        ["rest.bind-port"] = Identity,
        ["rest.path"] = Identity,
        ["web.port"] = Identity,
    };

    private static readonly (string Prefix, string Reason)[] Prefixes =
    [
        ("high-availability", Identity),
        ("job-result-store.", Identity),
        ("sql-gateway.", Identity),
        ("$internal.", Identity),
    ];

    /// <summary>The exact keys and, ending in <c>*</c>, the beginnings of keys.</summary>
    public static IReadOnlyList<string> All { get; } =
        [.. Keys.Keys.Concat(Prefixes.Select(each => each.Prefix + "*")).Order(StringComparer.Ordinal)];

    /// <summary>Why a user may not set the key, in any version's spelling; null when he may.</summary>
    public static string? WhyNot(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var newest = FlinkKeys.Newest(key);
        return Keys.TryGetValue(newest, out var reason)
            ? reason
            : Prefixes.FirstOrDefault(each => newest.StartsWith(each.Prefix, StringComparison.Ordinal)).Reason;
    }
}
