namespace Xuanwu.Flink.Settings;

/// <summary>
/// Configuration keys that Flink has renamed. Flink keeps reading the old spellings for years, so one rule serves all
/// versions: the oldest spelling below the version that renamed it, the new one from there on, and never both, since
/// which of two wins is nobody's to know. A job may be written with either and run on any version.
/// </summary>
public static class FlinkKeys
{
    public const string CheckpointDirectory = "execution.checkpointing.dir";
    public const string SavepointDirectory = "execution.checkpointing.savepoint-dir";
    public const string CheckpointInterval = "execution.checkpointing.interval";
    public const string CheckpointRetention = "execution.checkpointing.externalized-checkpoint-retention";
    public const string HighAvailability = "high-availability.type";
    public const string RestorePath = "execution.state-recovery.path";
    public const string RestoreIgnoresUnclaimed = "execution.state-recovery.ignore-unclaimed-state";
    public const string RestoreClaimMode = "execution.state-recovery.claim-mode";
    public const string PipelineName = "pipeline.name";
    public const string Parallelism = "parallelism.default";

    /// <summary>Read by Flink's client when it builds a job graph; without it the job's id is random.</summary>
    public const string JobId = "$internal.pipeline.job-id";

    private static readonly Renamed[] Renames =
    [
        new("high-availability.type", new(1, 17), "high-availability", "recovery.mode"),
        new("state.backend.type", new(1, 18), "state.backend"),
        new("env.java.opts.all", new(1, 18), "env.java.opts"),
        new("restart-strategy.type", new(1, 19), "restart-strategy"),
        new("execution.checkpointing.storage", new(1, 20), "state.checkpoint-storage"),
        new("execution.checkpointing.dir", new(1, 20), "state.checkpoints.dir", "state.backend.fs.checkpointdir"),
        new("execution.checkpointing.savepoint-dir", new(1, 20), "state.savepoints.dir"),
        new("execution.checkpointing.num-retained", new(1, 20), "state.checkpoints.num-retained"),
        new("execution.checkpointing.incremental", new(1, 20), "state.backend.incremental"),
        new("execution.checkpointing.create-subdir", new(1, 20), "state.checkpoints.create-subdir"),
        new("execution.checkpointing.data-inline-threshold", new(1, 20), "state.storage.fs.memory-threshold"),
        new("execution.state-recovery.path", new(1, 20), "execution.savepoint.path"),
        new(
            "execution.state-recovery.ignore-unclaimed-state",
            new(1, 20),
            "execution.savepoint.ignore-unclaimed-state"),
        new("execution.state-recovery.claim-mode", new(1, 20), "execution.savepoint-restore-mode"),
        new("taskmanager.memory.network.fraction", new(1, 0), "taskmanager.network.memory.fraction"),
        new("taskmanager.memory.network.min", new(1, 0), "taskmanager.network.memory.min"),
        new("taskmanager.memory.network.max", new(1, 0), "taskmanager.network.memory.max"),
    ];

    private static readonly Dictionary<string, Renamed> BySpelling = Renames
        .SelectMany(renamed => renamed.Old.Append(renamed.New).Select(spelling => (spelling, renamed)))
        .ToDictionary(pair => pair.spelling, pair => pair.renamed, StringComparer.Ordinal);

    /// <summary>The key as a version spells it; a key that was never renamed as it is.</summary>
    public static string Spell(string key, FlinkVersion version) =>
        !BySpelling.TryGetValue(key, out var renamed) ? key : version >= renamed.Since ? renamed.New : renamed.Old[0];

    /// <summary>The newest spelling, by which two spellings of one key are seen to be the same.</summary>
    public static string Newest(string key) => BySpelling.TryGetValue(key, out var renamed) ? renamed.New : key;

    // Spellings are in the order of their age; the first is the oldest that any known version still reads.
    private sealed record Renamed(string New, FlinkVersion Since, params string[] Old);
}
