using System.Globalization;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>What the REST API tells of checkpoints.</summary>
internal static class CheckpointViews
{
    private const long Minute = 60_000;

    public static JsonObject All(FlinkJob job)
    {
        var log = job.Checkpoints;
        var running = InProgress(job).ToList();
        var completed = log.History.Where(entry => entry.Outcome == CheckpointOutcome.Completed).ToList();
        return new JsonObject
        {
            ["counts"] = new JsonObject
            {
                ["restored"] = log.RestoredCount,
                ["total"] = log.Completed + log.Failed + running.Count,
                ["in_progress"] = running.Count,
                ["completed"] = log.Completed,
                ["failed"] = log.Failed,
            },
            ["summary"] = new JsonObject
            {
                ["checkpointed_size"] = Statistics(completed.Select(entry => entry.Size)),
                ["state_size"] = Statistics(completed.Select(entry => entry.Size)),
                ["end_to_end_duration"] = Statistics(completed.Select(entry => entry.DurationMs)),
                ["alignment_buffered"] = Statistics([]),
                ["processed_data"] = Statistics([]),
                ["persisted_data"] = Statistics([]),
            },
            ["latest"] = new JsonObject
            {
                ["completed"] = Item(job, log.LatestCompleted),
                ["savepoint"] = Item(job, log.LatestSavepoint),
                ["failed"] = Item(job, log.LatestFailed),
                ["restored"] = log.Restored is { } restored
                    ? new JsonObject
                    {
                        ["id"] = restored.Id,
                        ["restore_timestamp"] = restored.At,
                        ["is_savepoint"] = restored.IsSavepoint,
                        ["external_path"] = job.Checkpointing.Shown(restored.Path),
                    }
                    : null,
            },
            ["history"] = new JsonArray([.. running, .. log.History.Select(entry => (JsonNode?)Item(job, entry))]),
        };
    }

    public static RestReply Details(FlinkJob job, string number)
    {
        var found =
            job.Checkpoints.History.FirstOrDefault(entry => entry.Id.ToString(CultureInfo.InvariantCulture) == number);
        if (Item(job, found) is not { } item)
        {
            return RestReply.Error(404, $"Could not find checkpointing statistics for checkpoint {number}.");
        }
        item["tasks"] = new JsonObject();
        return RestReply.Ok(item);
    }

    public static JsonObject Config(FlinkJob job)
    {
        long Ms(long otherwise, string key) => (long?)job.Settings.Duration(key)?.TotalMilliseconds ?? otherwise;
        var retention = job.Checkpointing.Retention;
        return new JsonObject
        {
            ["mode"] = job.Settings.Find("execution.checkpointing.mode")?.ToLowerInvariant() is "at_least_once"
                ? "at_least_once"
                : "exactly_once",
            ["interval"] = job.Checkpointing.Interval ?? long.MaxValue,
            ["timeout"] = Ms(10 * Minute, "execution.checkpointing.timeout"),
            ["min_pause"] = Ms(0, "execution.checkpointing.min-pause"),
            ["max_concurrent"] = job.Settings.Number(1, "execution.checkpointing.max-concurrent-checkpoints"),
            ["externalization"] = new JsonObject
            {
                ["enabled"] = retention is "RETAIN_ON_CANCELLATION" or "DELETE_ON_CANCELLATION",
                ["delete_on_cancellation"] = retention != "RETAIN_ON_CANCELLATION",
            },
            ["state_backend"] = job.Settings.Find("state.backend.type", "state.backend") is "rocksdb"
                ? "EmbeddedRocksDBStateBackend"
                : "HashMapStateBackend",
            ["checkpoint_storage"] = job.Checkpointing.Directory is null
                ? "JobManagerCheckpointStorage"
                : "FileSystemCheckpointStorage",
            ["unaligned_checkpoints"] =
                job.Settings.Flag(
                    false, "execution.checkpointing.unaligned.enabled", "execution.checkpointing.unaligned"),
            ["tolerable_failed_checkpoints"] = job.Checkpointing.Tolerable,
            ["aligned_checkpoint_timeout"] = Ms(0, "execution.checkpointing.aligned-checkpoint-timeout"),
            ["checkpoints_after_tasks_finish"] =
                job.Settings.Flag(true, "execution.checkpointing.checkpoints-after-tasks-finish.enabled"),
            ["state_changelog_enabled"] =
                job.Settings.Flag(false, "state.changelog.enabled", "state.backend.changelog.enabled"),
            ["changelog_periodic_materialization_interval"] = 10 * Minute,
            ["changelog_storage"] = "memory",
        };
    }

    private static IEnumerable<JsonNode> InProgress(FlinkJob job)
    {
        var id = job.Checkpoints.NextId;
        foreach (var operation in job.Pending) yield return Running(job, id++, operation.Type, operation.TriggeredAt);
        if (job.Checkpoints.InProgressSince(job.Now) is { } since) yield return Running(job, id, "CHECKPOINT", since);
    }

    private static JsonObject Running(FlinkJob job, long id, string type, long since) =>
        Item(job, "in_progress", "IN_PROGRESS", id, type, since, since, 0, Subtasks(job) / 2);

    private static JsonObject? Item(FlinkJob job, CheckpointEntry? entry)
    {
        if (entry is null) return null;
        if (entry.Outcome == CheckpointOutcome.Failed)
        {
            var failed = Item(
                job, "failed", "FAILED", entry.Id, entry.Type, entry.TriggeredAt, entry.EndedAt, 0, Subtasks(job) - 1);
            failed["failure_timestamp"] = entry.EndedAt;
            failed["failure_message"] = entry.Failure;
            return failed;
        }

        var completed = Item(
            job, "completed", "COMPLETED", entry.Id, entry.Type, entry.TriggeredAt, entry.EndedAt, entry.Size,
            Subtasks(job));
        completed["external_path"] = job.Checkpointing.Shown(entry.Path!);
        completed["discarded"] = !entry.IsSavepoint && entry.Id != job.Checkpoints.LatestCompleted?.Id;
        return completed;
    }

    private static JsonObject Item(
        FlinkJob job, string kind, string status, long id, string type, long triggered, long acknowledged, long size,
        int acks) => new()
        {
            ["className"] = kind,
            ["id"] = id,
            ["status"] = status,
            ["is_savepoint"] = type.EndsWith("SAVEPOINT", StringComparison.Ordinal),
            ["savepointFormat"] = type.EndsWith("SAVEPOINT", StringComparison.Ordinal) ? "CANONICAL" : null,
            ["trigger_timestamp"] = triggered,
            ["latest_ack_timestamp"] = acknowledged,
            ["checkpointed_size"] = size,
            ["state_size"] = size,
            ["end_to_end_duration"] = kind == "in_progress" ? job.Now - triggered : acknowledged - triggered,
            ["alignment_buffered"] = 0,
            ["processed_data"] = 0,
            ["persisted_data"] = 0,
            ["num_subtasks"] = Subtasks(job),
            ["num_acknowledged_subtasks"] = acks,
            ["checkpoint_type"] = type,
            ["tasks"] = new JsonObject(),
        };

    private static int Subtasks(FlinkJob job) => job.Graph.Vertices.Sum(vertex => vertex.Parallelism);

    private static JsonObject Statistics(IEnumerable<long> values)
    {
        var sorted = values.Order().ToList();
        double At(double share) =>
            sorted.Count == 0 ? 0 : sorted[(int)Math.Min(sorted.Count - 1, share * sorted.Count)];
        return new JsonObject
        {
            ["min"] = sorted.Count == 0 ? 0 : sorted[0],
            ["max"] = sorted.Count == 0 ? 0 : sorted[^1],
            ["avg"] = sorted.Count == 0 ? 0 : (long)sorted.Average(),
            ["p50"] = At(0.5),
            ["p90"] = At(0.9),
            ["p95"] = At(0.95),
            ["p99"] = At(0.99),
            ["p999"] = At(0.999),
        };
    }
}
