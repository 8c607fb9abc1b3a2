using System.Text.Json.Nodes;
using Xuanwu.Flink.Manifests;

namespace Xuanwu.Server.Tests;

/// <summary>A Flink parameter or a label, as GraphQL takes it.</summary>
public sealed record Pair(string key, string value);

/// <summary>What stories ask of a server again and again. Each story uses job names of its own.</summary>
public static class StoryCalls
{
    public const string Sql =
        """
        CREATE TABLE source_table (id BIGINT) WITH ('connector' = 'datagen');
        CREATE TABLE sink_table (id BIGINT) WITH ('connector' = 'blackhole');
        INSERT INTO sink_table SELECT id FROM source_table;
        """;

    private const string RunFields =
        """
        id state flinkState flinkVersion flinkJobId uiAddress reason rootCause submitted stopping released
        highAvailabilityKept lastSavepointFailure pendingSavepoints { triggerId } savepoints { path flinkVersion }
        restoredFrom { path }
        observedAt unreachableSince unreachableReason job { state }
        """;

    /// <summary>Sends one mutation with an input and gives its payload, errors among it.</summary>
    public static async Task<JsonNode> MutateAsync(
        this XuanwuHost host, string mutation, object input, string answer = "", string? user = null)
    {
        var type = $"{char.ToUpperInvariant(mutation[0])}{mutation[1..]}Input";
        var data = await host.QueryAsync(
            $"mutation ($input: {type}!) {{ {mutation}(input: $input) {{ {answer} errors {{ code message path }} }} }}",
            new { input },
            user);
        return data[mutation]!;
    }

    /// <summary>Sends one mutation that is to be taken.</summary>
    public static async Task<JsonNode> DoAsync(
        this XuanwuHost host, string mutation, object input, string answer = "", string? user = null)
    {
        var payload = await host.MutateAsync(mutation, input, answer, user);
        Assert.True(payload["errors"] is null, payload.ToJsonString());
        return payload;
    }

    /// <summary>Sends one mutation that is to be refused; gives its one error.</summary>
    public static async Task<JsonNode> RefusedAsync(this XuanwuHost host, string mutation, object input)
    {
        var payload = await host.MutateAsync(mutation, input);
        Assert.True(payload["errors"] is not null, $"{mutation} was taken.");
        var error = Assert.Single(payload["errors"]!.AsArray())!;
        var message = (string)error["message"]!;
        Assert.Matches(@"\A\S+( \S+){2,}[.?]\z", message.ReplaceLineEndings(" "));
        Assert.DoesNotContain("Exception", message, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", message, StringComparison.Ordinal);
        return error;
    }

    public static async Task<Guid> NewJobAsync(this XuanwuHost host, string name, string kind = "SQL") =>
        (Guid)(await host.DoAsync("createJob", new { project = "stories", name, kind }, "job { id }"))["job"]!["id"]!;

    /// <summary>A job with one published version.</summary>
    public static async Task<Guid> PublishedJobAsync(this XuanwuHost host, string name, params Pair[] parameters)
    {
        var job = await host.NewJobAsync(name);
        await host.DoAsync("saveDraft", new { jobId = job, sql = Sql, parameters });
        await host.DoAsync("publishVersion", new { jobId = job });
        return job;
    }

    public static async Task<Guid> StartAsync(this XuanwuHost host, Guid job) =>
        (Guid)(await host.DoAsync("startJob", new { jobId = job }, "run { id }"))["run"]!["id"]!;

    /// <summary>A job whose run is RUNNING.</summary>
    public static async Task<(Guid Job, Guid Run)> RunningJobAsync(
        this XuanwuHost host, string name, params Pair[] parameters)
    {
        var job = await host.PublishedJobAsync(name, parameters);
        var run = await host.StartAsync(job);
        await host.RunUntilAsync(
            run, it => (string?)it["state"] == "RUNNING" && (string?)it["flinkState"] == "RUNNING");
        return (job, run);
    }

    public static async Task<JsonNode> RunAsync(this XuanwuHost host, Guid run) => (await host.QueryAsync(
        $"query ($id: UUID!) {{ run(id: $id) {{ {RunFields} }} }}", new { id = run }))["run"]!;

    public static async Task<JsonNode> RunUntilAsync(
        this XuanwuHost host, Guid run, Func<JsonNode, bool> isRight) => (await host.UntilAsync(
            $"query ($id: UUID!) {{ run(id: $id) {{ {RunFields} }} }}",
            new { id = run },
            data => isRight(data["run"]!)))["run"]!;

    /// <summary>Every event of a run, oldest first, as type and particulars.</summary>
    public static async Task<List<JsonNode>> EventsAsync(this XuanwuHost host, Guid stream)
    {
        var data = await host.QueryAsync(
            """
            query ($id: UUID!) {
              events(first: 100, where: { streamId: { eq: $id } }) { nodes { type data version by command commandId } }
            }
            """,
            new { id = stream });
        return [.. data["events"]!["nodes"]!.AsArray().Select(node => node!)];
    }

    public static async Task<List<string>> EventTypesAsync(this XuanwuHost host, Guid stream) =>
        [.. (await host.EventsAsync(stream)).Select(node => (string)node["type"]!)];

    /// <summary>Names of the run's objects in the cluster, but for the high-availability ConfigMaps of Flink.</summary>
    public static List<string> ObjectsOf(this XuanwuHost host, Guid run) =>
        [.. Kinds.SelectMany(kind => host.Sandbox.Objects(kind, "flink").Select(one => (Kind: kind, Json: one)))
            .Where(one => NameOf(one.Json).StartsWith(RunNames.ClusterId(run), StringComparison.Ordinal))
            .Where(one => (string?)one.Json["metadata"]!["labels"]?["configmap-type"] != "high-availability")
            .Select(one => $"{one.Kind}/{NameOf(one.Json)}")];

    /// <summary>Names of the ConfigMaps in which Flink keeps what a recovery of the run needs.</summary>
    public static List<string> HighAvailabilityOf(this XuanwuHost host, Guid run) =>
        [.. host.Sandbox.Objects("configmaps", "flink", RunNames.HighAvailabilitySelector(RunNames.ClusterId(run)))
            .Select(NameOf)];

    private static readonly string[] Kinds =
        ["deployments", "services", "configmaps", "serviceaccounts", "roles", "rolebindings", "ingresses"];

    private static string NameOf(JsonObject one) => (string)one["metadata"]!["name"]!;
}
