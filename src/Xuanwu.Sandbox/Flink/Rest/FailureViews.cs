using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>What the REST API tells of failures: the exception history and the causes of failed operations.</summary>
internal static class FailureViews
{
    public static JsonObject Exceptions(FlinkJob job, RestCall call)
    {
        var most = int.TryParse(call.Query1("maxExceptions"), CultureInfo.InvariantCulture, out var number)
            ? number
            : 20;
        var root = job.EndedBy ?? job.Failures.First?.Value.Throwable;
        var at = job.Failures.First?.Value.At;
        var entries = new JsonArray([.. job.Failures.Take(most).Select(failure => (JsonNode)Entry(job, failure))]);
        var exceptions = new JsonObject();
        if (!job.Version.AtLeast(2, 0))
        {
            exceptions["root-exception"] = root?.StackTrace;
            exceptions["timestamp"] = root is null ? null : at;
            exceptions["all-exceptions"] =
                new JsonArray([.. job.Failures.Take(most).Where(failure => failure.Task is not null)
                .Select(failure => (JsonNode)new JsonObject
                {
                    ["exception"] = failure.Throwable.StackTrace, ["task"] = failure.Task,
                    ["location"] = Location(failure),
                    ["timestamp"] = failure.At, ["taskManagerId"] = failure.TaskManager?.ResourceId,
                })]);
            exceptions["truncated"] = false;
        }

        exceptions["exceptionHistory"] = new JsonObject
        {
            ["entries"] = entries,
            ["truncated"] = job.Failures.Count > most,
        };
        return exceptions;
    }

    public static JsonObject ExecutionResult(FlinkJob job)
    {
        if (!job.Status.IsGloballyTerminal())
        {
            return new JsonObject
            {
                ["status"] = new JsonObject { ["id"] = "IN_PROGRESS" },
                ["job-execution-result"] = null
            };
        }

        var result = new JsonObject
        {
            ["id"] = job.Graph.JobId,
            ["application-status"] = job.Status switch
            {
                JobStatus.FINISHED => "SUCCEEDED",
                JobStatus.CANCELED => "CANCELED",
                _ => "FAILED",
            },
            ["accumulator-results"] = new JsonObject(),
            ["net-runtime"] = job.EndTime - job.StartTime,
        };
        if (job.EndedBy is { } cause) result["failure-cause"] = Cause(cause);
        return new JsonObject
        {
            ["status"] = new JsonObject { ["id"] = "COMPLETED" },
            ["job-execution-result"] = result
        };
    }

    /// <summary>A SerializedThrowable as JSON.</summary>
    public static JsonObject Cause(JavaThrowable throwable) => new()
    {
        ["class"] = throwable.Class,
        ["stack-trace"] = throwable.StackTrace,
        ["serialized-throwable"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(throwable.Headline)),
    };

    private static JsonObject Entry(FlinkJob job, JobFailure failure)
    {
        var entry = new JsonObject
        {
            ["exceptionName"] = failure.Throwable.Class,
            ["stacktrace"] = failure.Throwable.StackTrace,
            ["timestamp"] = failure.At,
            ["taskName"] = failure.Task,
            ["taskManagerId"] = failure.Task is null ? null : failure.TaskManager?.ResourceId,
        };
        if (!job.Version.AtLeast(2, 0)) entry["location"] = failure.Task is null ? null : Location(failure);
        if (job.Version.AtLeast(1, 19)) entry["endpoint"] = failure.Task is null ? null : Location(failure);
        if (job.Version.AtLeast(1, 18)) entry["failureLabels"] = new JsonObject();
        entry["concurrentExceptions"] = new JsonArray();
        return entry;
    }

    private static string Location(JobFailure failure) => failure.TaskManager is { } taskManager
        ? string.Create(CultureInfo.InvariantCulture, $"{taskManager.Host}:{taskManager.DataPort}")
        : "(unassigned)";
}
