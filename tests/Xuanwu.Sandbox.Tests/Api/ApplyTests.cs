using System.Net;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Api;

public sealed class ApplyTests
{
    private const string Path = Kube.ConfigMaps + "/settings";

    [Fact]
    public async Task Applying_creates_once_and_owns_exactly_the_applied_fields()
    {
        await using var kube = await Kube.StartAsync();
        var (code, created) = await kube.ApplyAsync(Path, Map("a: '1'"));
        Assert.Equal(HttpStatusCode.Created, code);
        var entry = Assert.Single(created["metadata"]!["managedFields"]!.AsArray())!;
        Assert.Equal("xuanwu", (string?)entry["manager"]);
        Assert.Equal("Apply", (string?)entry["operation"]);
        Assert.Equal("""{"f:data":{"f:a":{}}}""", entry["fieldsV1"]!.ToJsonString());

        var (again, same) = await kube.ApplyAsync(Path, Map("a: '1'"));
        Assert.Equal(HttpStatusCode.OK, again);
        Assert.Equal((string?)created["metadata"]!["resourceVersion"], (string?)same["metadata"]!["resourceVersion"]);
    }

    [Fact]
    public async Task A_field_that_is_no_longer_applied_goes_away_and_others_stay()
    {
        await using var kube = await Kube.StartAsync();
        await kube.ApplyAsync(Path, Map("a: '1', b: '2'")).Must();
        await kube.MergeAsync(Path, """{ "data": { "c": "3" } }""").Must();
        var after = await kube.ApplyAsync(Path, Map("b: '2'")).Must();
        Assert.Equal("""{"b":"2","c":"3"}""", after["data"]!.ToJsonString());
    }

    [Fact]
    public async Task Two_managers_that_want_different_values_conflict_until_one_forces()
    {
        await using var kube = await Kube.StartAsync();
        await kube.ApplyAsync(Path, Map("a: '1', b: '1'"), "first").Must();
        var (code, conflict) = await kube.ApplyAsync(Path, Map("a: '2', b: '2'"), "second");
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal("Conflict", (string?)conflict["reason"]);
        Assert.Equal("Apply failed with 2 conflicts: conflicts with \"first\":\n- .data.a\n- .data.b",
            (string?)conflict["message"]);
        var cause = conflict["details"]!["causes"]![0]!;
        Assert.Equal("FieldManagerConflict", (string?)cause["reason"]);
        Assert.Equal("conflict with \"first\"", (string?)cause["message"]);
        Assert.Equal(".data.a", (string?)cause["field"]);

        var forced = await kube.ApplyAsync(Path, Map("a: '2'"), "second", force: true).Must();
        Assert.Equal("""{"a":"2","b":"1"}""", forced["data"]!.ToJsonString());
        Assert.Equal("""{"f:data":{"f:b":{}}}""", Fields(forced, "first"));
        Assert.Equal("""{"f:data":{"f:a":{}}}""", Fields(forced, "second"));
    }

    [Fact]
    public async Task The_same_value_is_owned_together_and_stays_when_one_lets_go()
    {
        await using var kube = await Kube.StartAsync();
        await kube.ApplyAsync(Path, Map("a: '1'"), "first").Must();
        await kube.ApplyAsync(Path, Map("a: '1', b: '2'"), "second").Must();
        var after = await kube.ApplyAsync(Path, Map("b: '2'"), "second").Must();
        Assert.Equal("""{"a":"1","b":"2"}""", after["data"]!.ToJsonString());
    }

    [Fact]
    public async Task A_plain_update_takes_ownership_and_conflicts_name_its_manager()
    {
        await using var kube = await Kube.StartAsync();
        await kube.ApplyAsync(Path, Map("a: '1'")).Must();
        var live = await kube.GetAsync(Path).Must();
        live["data"]!["a"] = "9";
        await kube.PutAsync(Path + "?fieldManager=editor", live).Must();
        var (code, conflict) = await kube.ApplyAsync(Path, Map("a: '1'"));
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.StartsWith("Apply failed with 1 conflict: conflict with \"editor\" using v1 at ",
            (string?)conflict["message"], StringComparison.Ordinal);
        Assert.EndsWith(": .data.a", (string?)conflict["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lists_of_objects_merge_by_their_keys()
    {
        await using var kube = await Kube.StartAsync();
        const string path = Kube.Deployments + "/job";
        const string env = """[{ "name": "A", "value": "1" }, { "name": "B", "value": "2" }]""";
        await kube.ApplyAsync(path, Workload(replicas: 0, env)).Must();
        await kube.ApplyAsync(path, """
            apiVersion: apps/v1
            kind: Deployment
            metadata: { name: job }
            spec:
              template:
                spec:
                  containers:
                  - name: main
                    env:
                    - name: INJECTED
                      value: "x"
                    volumeMounts:
                    - { name: shared, mountPath: /shared }
                  - name: sidecar
                    image: echo
                  volumes:
                  - { name: shared, emptyDir: {} }
            """, "mesh").Must();
        var both = await kube.ApplyAsync(path, Workload(replicas: 0, """[{ "name": "B", "value": "3" }]""")).Must();
        var containers = both["spec"]!["template"]!["spec"]!["containers"]!.AsArray();
        Assert.Equal(["main", "sidecar"], containers.Select(it => (string?)it!["name"]));
        Assert.Equal(["B=3", "INJECTED=x"], containers[0]!["env"]!.AsArray()
            .Select(it => $"{it!["name"]}={it["value"]}").Order());
        Assert.Equal("/shared", (string?)containers[0]!["volumeMounts"]![0]!["mountPath"]);
        Assert.Equal("TCP", (string?)containers[0]!["ports"]![0]!["protocol"]);

        var injected = Workload(replicas: 0, """[{ "name": "INJECTED", "value": "y" }]""");
        var (code, conflict) = await kube.ApplyAsync(path, injected);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal(
            "Apply failed with 1 conflict: conflict with \"mesh\": " +
            ".spec.template.spec.containers[name=\"main\"].env[name=\"INJECTED\"].value",
            (string?)conflict["message"]);

        var without = await kube.ApplyAsync(path, """
            { "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "job" } }
            """, "mesh").Must();
        var left = Assert.Single(without["spec"]!["template"]!["spec"]!["containers"]!.AsArray())!;
        Assert.Equal("main", (string?)left["name"]);
        Assert.Null(without["spec"]!["template"]!["spec"]!["volumes"]);
    }

    [Fact]
    public async Task Ports_are_told_apart_by_number_and_protocol_with_its_default()
    {
        await using var kube = await Kube.StartAsync();
        var path = Kube.Services + "/both";
        await kube.ApplyAsync(path, Service("""[{ "name": "t", "port": 53 }]"""), "tcp").Must();
        var udp = Service("""[{ "name": "u", "port": 53, "protocol": "UDP" }]""");
        var both = await kube.ApplyAsync(path, udp, "udp").Must();
        Assert.Equal(["t/TCP", "u/UDP"], both["spec"]!["ports"]!.AsArray()
            .Select(it => $"{it!["name"]}/{it["protocol"]}"));
        var other = Service("""[{ "name": "other", "port": 53, "protocol": "UDP" }]""");
        var (code, conflict) = await kube.ApplyAsync(path, other, "tcp");
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.EndsWith(".spec.ports[port=53,protocol=\"UDP\"].name", (string?)conflict["message"],
            StringComparison.Ordinal);

        static string Service(string ports) => $$"""
            { "apiVersion": "v1", "kind": "Service", "metadata": { "name": "both" }, "spec": { "ports": {{ports}} } }
            """;
    }

    [Fact]
    public async Task Removing_an_applied_field_brings_back_its_default()
    {
        await using var kube = await Kube.StartAsync();
        const string path = Kube.Deployments + "/job";
        var applied = JsonNode.Parse(Workload(replicas: 3, "[]"))!;
        await kube.ApplyAsync(path, applied.ToJsonString()).Must();
        applied["spec"]!.AsObject().Remove("replicas");
        var after = await kube.ApplyAsync(path, applied.ToJsonString()).Must();
        Assert.Equal(1, (int?)after["spec"]!["replicas"]);
    }

    [Fact]
    public async Task Applying_leaves_the_status_alone()
    {
        await using var kube = await Kube.StartAsync();
        const string path = Kube.Deployments + "/job";
        await kube.ApplyAsync(path, Workload(replicas: 1, "[]")).Must();
        await kube.Cluster.WaitAsync(
            "deployments", it => it.Count == 1 && (int?)it[0]["status"]?["readyReplicas"] == 1, "flink");
        var after = await kube.ApplyAsync(
            path, Workload(replicas: 1, "[]")
            .Replace("\"spec\": {", "\"status\": { \"replicas\": 7 }, \"spec\": {", StringComparison.Ordinal)).Must();
        Assert.Equal(1, (int?)after["status"]!["replicas"]);
    }

    [Theory]
    [InlineData("?force=true", HttpStatusCode.UnprocessableEntity,
        "fieldManager: Required value: is required for apply patch")]
    [InlineData("/other?fieldManager=x", HttpStatusCode.BadRequest, "does not match the name on the URL (other)")]
    public async Task Applying_wrongly_is_refused(string rest, HttpStatusCode expected, string message)
    {
        await using var kube = await Kube.StartAsync();
        var path = rest.StartsWith('/') ? Kube.ConfigMaps + rest : Path + rest;
        var (code, status) = await kube.SendAsync(
            HttpMethod.Patch, path, Map("a: '1'"), "application/apply-patch+yaml");
        Assert.Equal(expected, code);
        Assert.Contains(message, (string?)status["message"], StringComparison.Ordinal);
    }

    private static string? Fields(JsonObject o, string manager) => o["metadata"]!["managedFields"]!.AsArray()
        .SingleOrDefault(it => (string?)it!["manager"] == manager)?["fieldsV1"]!.ToJsonString();

    private static string Map(string data) =>
        $"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata: {{ {data} }}\n";

    private static string Workload(int replicas, string env)
    {
        var o = JsonNode.Parse(Kube.Deployment("job", replicas))!;
        o["spec"]!["template"]!["spec"]!["containers"]![0]!["env"] = JsonNode.Parse(env);
        return o.ToJsonString();
    }
}
