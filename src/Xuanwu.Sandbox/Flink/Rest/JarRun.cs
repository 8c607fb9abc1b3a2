using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Jobs;
using Xuanwu.Sandbox.Flink.Process;

namespace Xuanwu.Sandbox.Flink.Rest;

/// <summary>
/// POST /jars/:jarid/run: the job id may be the caller's choice, so that a request that timed out can be looked for.
/// </summary>
internal static class JarRun
{
    public static RestReply Answer(RestCall call, JobManagerProcess process, Dispatcher dispatcher, string jarId)
    {
        var version = process.Version;
        call.Accepts("JarRunRequestBody", [
            "entryClass", "programArgsList", "parallelism", "jobId", "allowNonRestoredState", "savepointPath",
            .. version.AtLeast(2, 0) ? [] : new[] { "programArgs" },
            .. version.AtLeast(1, 15) ? new[] { "restoreMode" } : [],
            .. version.AtLeast(1, 20) ? new[] { "claimMode" } : [],
            .. version.AtLeast(1, 18) ? new[] { "flinkConfiguration" } : [],
        ]);
        var jar = process.Jars.Find(jarId)
            ?? throw new RestFailure(400, $"Jar file {jarId} does not exist");
        var jobId = call.Text("jobId")?.ToLowerInvariant() ?? JobGraph.NewJobId();
        if (!JobGraph.IsJobId(jobId)) throw new RestFailure(400, "Bad request received.");

        var values = new Dictionary<string, string>();
        foreach (var (key, value) in call.Body["flinkConfiguration"] as JsonObject ?? [])
        {
            values[key] = value?.ToString() ?? "";
        }

        if (call.Text("parallelism") is { } parallelism) values["parallelism.default"] = parallelism;
        var own = new FlinkSettings(values);
        var settings = process.Settings.With(values);
        var path = call.Text("savepointPath");
        var restore = string.IsNullOrEmpty(path)
            ? RestoreSettings.From(settings, version)
            : new RestoreSettings(
                path, call.Flag("allowNonRestoredState"),
                "CLAIM".Equals(call.Text("claimMode") ?? call.Text("restoreMode"), StringComparison.OrdinalIgnoreCase));
        var name = own.Find("pipeline.name")
            ?? call.Text("entryClass")?.Split('.')[^1]
            ?? Path.GetFileNameWithoutExtension(jar.Name);
        var plain = ApplicationArguments.PlainGraph(name, jobId, settings, restore);
        dispatcher.Submit(plain with { Settings = own });
        return RestReply.Ok(new JsonObject { ["jobid"] = jobId });
    }
}
