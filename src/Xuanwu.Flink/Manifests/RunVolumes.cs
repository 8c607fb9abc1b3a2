using System.Text.Json.Nodes;

namespace Xuanwu.Flink.Manifests;

/// <summary>
/// Flink's configuration directory. The images' entry point writes into it, which a mounted ConfigMap does not allow;
/// so an init container makes a writable copy: what the image has there, then the run's files over it. A settings file
/// of the other kind is removed, since Flink 1.19 and 1.20 would prefer the old one.
/// </summary>
internal static class RunVolumes
{
    private const string Configuration = "/opt/flink/conf";
    private const string Copy = "/xuanwu/conf";
    private const string Source = "/xuanwu/run";

    public static JsonArray InitContainers(RunPlan plan)
    {
        var containers = new JsonArray(new JsonObject
        {
            ["name"] = "configuration",
            ["image"] = plan.Image,
            ["command"] = new JsonArray(
                "/bin/sh",
                "-ec",
                $"cp -rL {Configuration}/. {Copy}/; rm -f {Copy}/flink-conf.yaml {Copy}/config.yaml; cp {Source}/* "
                + $"{Copy}/"),
            ["resources"] = Small(),
            ["securityContext"] = NoPrivileges(),
            ["volumeMounts"] = new JsonArray(Mount("configuration", Copy), Mount("run", Source)),
        });
        if (RunArguments.FetchedJar(plan) is { } address)
        {
            containers.Add((JsonNode)new JsonObject
            {
                ["name"] = "jar",
                ["image"] = plan.Image,
                ["command"] = new JsonArray(
                    "wget", "--no-verbose", $"--output-document={RunArguments.UserLibraries}/job.jar", "--",
                    RunArguments.Escaped(address)),
                ["resources"] = Small(),
                ["securityContext"] = NoPrivileges(),
                ["volumeMounts"] = new JsonArray(Mount("jar", RunArguments.UserLibraries)),
            });
        }

        return containers;
    }

    public static JsonArray Mounts(RunPlan plan)
    {
        var mounts = new JsonArray(Mount("configuration", Configuration));
        if (RunArguments.FetchedJar(plan) is not null) mounts.Add((JsonNode)Mount("jar", RunArguments.UserLibraries));
        return mounts;
    }

    public static JsonArray Volumes(RunPlan plan)
    {
        var version = FlinkVersion.Parse(plan.Spec.FlinkVersion);
        var files = (string[])[RunFiles.SettingsFile(version), RunFiles.LoggingFile];
        var volumes = new JsonArray(
            new JsonObject
            {
                ["name"] = "run",
                ["configMap"] = new JsonObject
                {
                    ["name"] = RunNames.Root(plan.ClusterId),
                    ["items"] = new JsonArray(
                        [.. files.Select(file => new JsonObject { ["key"] = file, ["path"] = file })]),
                },
            },
            new JsonObject { ["name"] = "configuration", ["emptyDir"] = new JsonObject() });
        if (RunArguments.FetchedJar(plan) is not null)
        {
            volumes.Add((JsonNode)new JsonObject { ["name"] = "jar", ["emptyDir"] = new JsonObject() });
        }

        return volumes;
    }

    public static JsonObject NoPrivileges() => new()
    {
        ["allowPrivilegeEscalation"] = false,
        ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
    };

    private static JsonObject Small() => new()
    {
        ["limits"] = new JsonObject { ["cpu"] = "500m", ["memory"] = "128Mi" },
        ["requests"] = new JsonObject { ["cpu"] = "100m", ["memory"] = "128Mi" },
    };

    private static JsonObject Mount(string volume, string path) => new() { ["name"] = volume, ["mountPath"] = path };
}
