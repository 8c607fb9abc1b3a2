using System.Net;
using System.Text.Json;

namespace Xuanwu.Flink.Rest;

/// <summary>
/// One Flink cluster's REST API (docs: ops/rest_api). Reads answer three-valued, commands say what came of them;
/// nothing throws but the caller's own cancellation. Tolerant by rule: unknown fields are ignored and every field may
/// be missing.
/// </summary>
/// <param name="http">Shared by all clusters; see <see cref="FlinkHttp"/>.</param>
/// <param name="address">The cluster's address; when null, the client's BaseAddress.</param>
/// <param name="options">Limits.</param>
public sealed class FlinkRest(HttpClient http, Uri? address = null, FlinkRestOptions? options = null)
{
    private readonly FlinkExchange exchange = new(
        http,
        FlinkExchange.WithSlash(address ?? http.BaseAddress),
        (options ?? FlinkRestOptions.Default).Timeout,
        (options ?? FlinkRestOptions.Default).MaxAnswerBytes);

    public Task<Probe<FlinkOverview>> OverviewAsync(CancellationToken ct) =>
        ProbeAsync("v1/overview", about: null, ReadOverview, ct);

    /// <summary>The TaskManagers that are registered.</summary>
    public Task<Probe<IReadOnlyList<FlinkTaskManager>>> TaskManagersAsync(CancellationToken ct) =>
        ProbeAsync("v1/taskmanagers", about: null, ReadTaskManagers, ct);

    /// <summary>
    /// All jobs that the cluster knows, ended ones too. One in a state that is not known makes the answer unknown.
    /// </summary>
    public Task<Probe<IReadOnlyList<FlinkJobSummary>>> JobsAsync(CancellationToken ct) =>
        ProbeAsync("v1/jobs/overview", about: null, ReadJobs, ct);

    /// <summary>The cheapest look at a job.</summary>
    public async Task<Probe<FlinkState>> JobStateAsync(string jobId, CancellationToken ct) =>
        (await ProbeAsync<object>(
            $"v1/jobs/{Id(jobId)}/status",
            jobId,
            json => RunStates.TryParse(json.Text("status"), out var state) ? state : null,
            ct)).Map(state => (FlinkState)state);

    public Task<Probe<FlinkJob>> JobAsync(string jobId, CancellationToken ct) =>
        ProbeAsync($"v1/jobs/{Id(jobId)}", jobId, json => ReadJob(json, jobId), ct);

    /// <summary>Failures of the job, up to twenty, the latest first.</summary>
    public Task<Probe<FlinkExceptions>> ExceptionsAsync(string jobId, CancellationToken ct) =>
        ProbeAsync($"v1/jobs/{Id(jobId)}/exceptions?maxExceptions=20", jobId, ReadExceptions, ct);

    public Task<Probe<FlinkCheckpoints>> CheckpointsAsync(string jobId, CancellationToken ct) =>
        ProbeAsync($"v1/jobs/{Id(jobId)}/checkpoints", jobId, ReadCheckpoints, ct);

    /// <summary>
    /// How a savepoint or a stop with savepoint went. Absent: Flink forgot the trigger (after 5 minutes, or with its
    /// JobManager); then look at <see cref="CheckpointsAsync"/> for a savepoint.
    /// </summary>
    public Task<Probe<SavepointStatus>> SavepointAsync(string jobId, string triggerId, CancellationToken ct) =>
        ProbeAsync($"v1/jobs/{Id(jobId)}/savepoints/{Id(triggerId)}", triggerId, ReadSavepoint, ct);

    /// <summary>
    /// Asks for a savepoint under a trigger id of ours: the same id again is the same savepoint. This body is
    /// kebab-case.
    /// </summary>
    /// <param name="jobId">The job.</param>
    /// <param name="directory">Where to; null for the cluster's configured directory.</param>
    /// <param name="triggerId">32 hex digits, so that a lost answer can be asked for.</param>
    /// <param name="ct">Gives up waiting, not the savepoint.</param>
    public Task<CommandReply> TriggerSavepointAsync(
        string jobId, string? directory, string triggerId, CancellationToken ct) =>
        CommandAsync(
            HttpMethod.Post,
            $"v1/jobs/{Id(jobId)}/savepoints",
            jobId,
            new() { ["target-directory"] = directory, ["cancel-job"] = false, ["triggerId"] = Id(triggerId) },
            ct);

    /// <summary>
    /// Stops the job with a savepoint under a trigger id of ours; it then ends as FINISHED. Draining fires all windows
    /// first, and makes the savepoint one that nothing should go on from. This body is camelCase.
    /// </summary>
    public Task<CommandReply> StopAsync(
        string jobId, string? directory, bool drain, string triggerId, CancellationToken ct) =>
        CommandAsync(
            HttpMethod.Post,
            $"v1/jobs/{Id(jobId)}/stop",
            jobId,
            new() { ["targetDirectory"] = directory, ["drain"] = drain, ["triggerId"] = Id(triggerId) },
            ct);

    /// <summary>Cancels the job without a savepoint.</summary>
    public Task<CommandReply> CancelAsync(string jobId, CancellationToken ct) =>
        CommandAsync(HttpMethod.Patch, $"v1/jobs/{Id(jobId)}?mode=cancel", jobId, body: null, ct);

    private async Task<Probe<T>> ProbeAsync<T>(
        string path, string? about, Func<JsonElement, T?> read, CancellationToken ct)
        where T : class
    {
        var answer = await exchange.SendAsync(HttpMethod.Get, path, body: null, ct);
        return answer switch
        {
            { IsOk: true } when read(answer.Json) is { } value => new Exists<T>(value),
            _ when answer.AbsenceOf(about) is { } said => new Absent<T>(said),
            _ => new Unknown<T>(answer.Reason, answer.Cause),
        };
    }

    private async Task<CommandReply> CommandAsync(
        HttpMethod method, string path, string jobId, Dictionary<string, object?>? body, CancellationToken ct)
    {
        var answer = await exchange.SendAsync(
            method, path, body is null ? null : JsonSerializer.SerializeToElement(body), ct);
        if (answer is { IsOk: true, Json.ValueKind: JsonValueKind.Object })
        {
            return new CommandAccepted(answer.Json.Text("request-id") ?? body?["triggerId"] as string);
        }

        if (answer.AbsenceOf(jobId) is { } said) return new NoSuchJob(said);
        return (answer.Status, answer.Errors) switch
        {
            // An ended job is a conflict since 1.15 (FLINK-24275).
            (HttpStatusCode.Conflict, { } why) => new JobHasEnded(RootCause.Of(why).ToString()),
            (HttpStatusCode.BadRequest, { } why) => new CommandRefused(RootCause.Of(why).ToString()),
            _ => new CommandUnanswered(answer.Reason, answer.Cause),
        };
    }

    private static string Id(string id) => id is { Length: 32 } && id.All(char.IsAsciiHexDigit)
        ? id
        : throw new ArgumentException("A Flink id has 32 hex digits.", nameof(id));

    private static FlinkOverview? ReadOverview(JsonElement json) =>
        json.Get("taskmanagers").ValueKind is not JsonValueKind.Number
        ? null
        : new(
            json.Text("flink-version"),
            Count(json, "taskmanagers"),
            Count(json, "slots-total"),
            Count(json, "slots-available"),
            Count(json, "jobs-running"),
            Count(json, "jobs-finished"),
            Count(json, "jobs-cancelled"),
            Count(json, "jobs-failed"));

    private static IReadOnlyList<FlinkTaskManager>? ReadTaskManagers(JsonElement json) =>
        json.Get("taskmanagers").ValueKind is not JsonValueKind.Array
            ? null
            : [.. json.Items("taskmanagers").Where(each => each.Text("id") is not null).Select(ReadTaskManager)];

    private static FlinkTaskManager ReadTaskManager(JsonElement json) => new(
        json.Text("id")!,
        Count(json, "slotsNumber"),
        Count(json, "freeSlots"),
        json.Instant("timeSinceLastHeartbeat"));

    private static IReadOnlyList<FlinkJobSummary>? ReadJobs(JsonElement json)
    {
        if (json.Get("jobs").ValueKind is not JsonValueKind.Array) return null;
        var jobs = new List<FlinkJobSummary>();
        foreach (var each in json.Items("jobs"))
        {
            if (each.Text("jid") is not { } id || !RunStates.TryParse(each.Text("state"), out var state)) return null;
            var tasks = each.Get("tasks");
            jobs.Add(new(
                id,
                each.Text("name"),
                state,
                each.Instant("start-time"),
                each.Instant("end-time"),
                (int?)tasks.Number("running"),
                (int?)tasks.Number("total")));
        }

        return jobs;
    }

    // A state that this release does not know says nothing, nor does an answer about another job: unknown, not an end.
    private static FlinkJob? ReadJob(JsonElement json, string jobId)
    {
        if (!RunStates.TryParse(json.Text("state"), out var state)) return null;
        if (json.Text("jid") is not { } id || !id.Equals(jobId, StringComparison.OrdinalIgnoreCase)) return null;
        var timestamps = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        if (json.Get("timestamps") is { ValueKind: JsonValueKind.Object } entered)
        {
            foreach (var each in entered.EnumerateObject())
            {
                if (entered.Instant(each.Name) is { } at) timestamps[each.Name] = at;
            }
        }

        return new(
            id,
            json.Text("name"),
            state,
            json.Instant("start-time"),
            json.Instant("end-time"),
            timestamps,
            [
                .. json.Items("vertices").Where(each => each.Text("id") is not null).Select(each => new FlinkVertex(
                    each.Text("id")!, each.Text("name"), (int?)each.Number("parallelism"), each.Text("status"))),
            ]);
    }

    private static FlinkExceptions? ReadExceptions(JsonElement json)
    {
        var history = json.Get("exceptionHistory");
        if (history.ValueKind is not JsonValueKind.Object && json.Text("root-exception") is null) return null;
        var entries = history.Items("entries").Select(each => new FlinkException(
            each.Instant("timestamp"),
            RootCause.Of(each.Text("stacktrace") ?? each.Text("exceptionName") ?? ""),
            each.Text("stacktrace") ?? "",
            each.Text("taskName"),
            each.Text("taskManagerId"))).ToList();

        // Deprecated, and all there is from before 1.13 or when the job never got as far as a history.
        if (entries.Count == 0 && json.Text("root-exception") is { Length: > 0 } root)
        {
            entries.Add(new(json.Instant("timestamp"), RootCause.Of(root), root, TaskName: null, TaskManagerId: null));
        }

        return new(entries, history.Flag("truncated"));
    }

    private static FlinkCheckpoints? ReadCheckpoints(JsonElement json)
    {
        var counts = json.Get("counts");
        var latest = json.Get("latest");
        if (counts.ValueKind is not JsonValueKind.Object && latest.ValueKind is not JsonValueKind.Object) return null;
        var restored = latest.Get("restored");
        return new(
            new(
                counts.Number("total") ?? 0,
                counts.Number("in_progress") ?? 0,
                counts.Number("completed") ?? 0,
                counts.Number("failed") ?? 0,
                counts.Number("restored") ?? 0),
            ReadCheckpoint(latest.Get("completed")),
            ReadCheckpoint(latest.Get("savepoint")),
            ReadCheckpoint(latest.Get("failed")),
            restored.Number("id") is { } id
                ? new(
                    id,
                    restored.Instant("restore_timestamp"),
                    restored.Flag("is_savepoint"),
                    restored.Text("external_path"))
                : null);
    }

    private static FlinkCheckpoint? ReadCheckpoint(JsonElement json) => json.Number("id") is not { } id
        ? null
        : new(
            id,
            json.Flag("is_savepoint"),
            json.Instant("trigger_timestamp"),
            json.Number("end_to_end_duration") is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
            json.Number("state_size"),
            json.Text("external_path") is { Length: > 0 } path && path[0] != '<'
                ? path
                : null, // "<checkpoint-not-externally-addressable>"
            json.Flag("discarded"),
            json.Text("failure_message"));

    // COMPLETED says that it is over; whether it went well says the operation.
    private static SavepointStatus? ReadSavepoint(JsonElement json) => json.Get("status").Text("id") switch
    {
        "IN_PROGRESS" => new SavepointInProgress(),
        "COMPLETED" when json.Get("operation").Text("location") is { } path => new SavepointCompleted(path),
        "COMPLETED" =>
            Failed(json.Get("operation").Get("failure-cause").Text("stack-trace") ?? "Flink gave no reason."),
        _ => null,
    };

    // The savepoint may be whole although the stop after it failed; then the exception names it (FLINK-33522).
    private static SavepointFailed Failed(string trace)
    {
        const string stopping = "StopWithSavepointStoppingException";
        const string mark = "A savepoint has been created at: ";
        var at = trace.Contains(stopping, StringComparison.Ordinal)
            ? trace.IndexOf(mark, StringComparison.Ordinal)
            : -1;
        if (at < 0) return new(RootCause.Of(trace), Path: null);
        var path = trace.AsSpan(at + mark.Length);
        var end = path.IndexOfAny(", \n\r");
        return new(RootCause.Of(trace), (end < 0 ? path : path[..end]).ToString());
    }

    private static int Count(JsonElement json, string name) => (int)(json.Number(name) ?? 0);
}
