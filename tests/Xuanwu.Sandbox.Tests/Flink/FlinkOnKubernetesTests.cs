using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Flink;

/// <summary>The programs as the sandbox's kubelet runs them, with roles checked and ConfigMaps in the API.</summary>
public sealed class FlinkOnKubernetesTests
{
    private const string Space = "flink";
    private const string Settings =
        """
        "-Dhigh-availability.type=kubernetes", "-Dhigh-availability.storageDir=s3://flink/ha", "-Dkubernetes.cluster-id=ads",
        "-Dkubernetes.namespace=flink", "-Dsql-gateway.endpoint.rest.address=0.0.0.0", "-D", "jobmanager.rpc.address=$(POD_IP)"
        """;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task A_job_survives_the_deletion_of_the_leaders_pod_and_its_configmap_goes_when_it_is_cancelled()
    {
        await using var kube = await Kube.StartAsync();
        await GrantAsync(kube);
        await DeployAsync(kube, "jm", 2, JobManager + "," + Container("gateway", "sql-gateway", 8083));
        await DeployAsync(kube, "tm", 1, Container("taskmanager", "taskmanager", 6122));
        var pods =
            await kube.Cluster.WaitForPodsAsync(it => it.Count == 3 && it.All(pod => pod.Ready), Space, limit: Limit);
        var gateway = pods.First(pod => pod.Name.StartsWith("jm", StringComparison.Ordinal));

        using var http = new HttpClient();
        var sessions = $"http://{gateway.Address}:8083/v2/sessions";
        var session = sessions + "/"
            + (string)(await SendAsync(http, "POST", sessions, new JsonObject()))["sessionHandle"]!;
        await RunAsync(http, session, "CREATE TABLE clicks (id BIGINT) WITH ('connector'='kafka')");
        await RunAsync(http, session, "CREATE TABLE shown (id BIGINT) WITH ('connector'='print')");
        var jobId = (string)(await RunAsync(http, session, "INSERT INTO shown SELECT id FROM clicks"))["jobID"]!;
        var job = $"ads-{jobId}-config-map";
        Assert.Contains(kube.Cluster.Objects("configmaps", Space, "app=ads,configmap-type=high-availability"), it =>
            Name(it) == job);

        var leader = Leader(kube.Cluster.Objects("configmaps", Space));
        var dead = pods.Single(pod => leader.Contains($"//{pod.Address}:8081", StringComparison.Ordinal));
        await kube.DeleteAsync($"/api/v1/namespaces/{Space}/pods/{dead.Name}?gracePeriodSeconds=0");
        var maps = await kube.Cluster.WaitAsync("configmaps", it => Leader(it) != leader, Space, limit: Limit);
        var address = Leader(maps).Split(',')[1];
        await UntilAsync(async () =>
            (string?)(await SendAsync(http, "GET", $"{address}/jobs/{jobId}/status"))["status"] == "RUNNING");

        await SendAsync(http, "PATCH", $"{address}/jobs/{jobId}?mode=cancel");
        await kube.Cluster.WaitAsync("configmaps", it => it.All(map => Name(map) != job), Space, limit: Limit);
        Assert.Equal("CANCELED", (string?)(await SendAsync(http, "GET", $"{address}/jobs/{jobId}/status"))["status"]);
    }

    [Fact]
    public async Task Without_its_role_a_jobmanager_backs_off_and_its_log_says_what_is_forbidden()
    {
        await using var kube = await Kube.StartAsync();
        await DeployAsync(kube, "jm", 1, JobManager, account: "default");
        var pods = await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Restarts > 0), Space, limit: Limit);
        var log = await kube.Http.GetStringAsync(
            new Uri($"/api/v1/namespaces/{Space}/pods/{pods[0].Name}/log?container=jobmanager&previous=true",
                UriKind.Relative));
        Assert.Contains("configmaps is forbidden", log, StringComparison.Ordinal);
    }

    private static async Task GrantAsync(Kube kube)
    {
        await kube.PostAsync($"/api/v1/namespaces/{Space}/serviceaccounts",
            """{ "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "flink" } }""");
        await kube.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{Space}/roles",
            """
            { "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": { "name": "flink" }, "rules": [
              { "apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "create", "update", "delete", "list", "watch"] } ] }
            """);
        await kube.PostAsync($"/apis/rbac.authorization.k8s.io/v1/namespaces/{Space}/rolebindings",
            """
            { "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "flink" },
              "subjects": [ { "kind": "ServiceAccount", "name": "flink", "namespace": "flink" } ],
              "roleRef": { "apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "flink" } }
            """);
    }

    private static async Task DeployAsync(
        Kube kube, string name, int replicas, string containers, string account = "flink")
    {
        var (code, body) = await kube.PostAsync($"/apis/apps/v1/namespaces/{Space}/deployments",
            $$"""
            { "apiVersion": "apps/v1", "kind": "Deployment", "metadata": { "name": "{{name}}" }, "spec": {
              "replicas": {{replicas}}, "selector": { "matchLabels": { "app": "{{name}}" } }, "template": {
                "metadata": { "labels": { "app": "{{name}}" } },
                "spec": { "serviceAccountName": "{{account}}", "containers": [ {{containers}} ] } } } }
            """);
        Assert.True((int)code == 201, body.ToJsonString());
    }

    private static string JobManager => Container("jobmanager", "jobmanager", 8081);

    private static string Container(string name, string program, int port) =>
        $$"""
        { "name": "{{name}}", "image": "registry.example/flink:1.20.1-java17",
          "args": [ "{{program}}", "-Dtaskmanager.rpc.port=6122", {{Settings}} ], "readinessProbe": { "tcpSocket": { "port": {{port}} } },
          "env": [ { "name": "POD_IP", "valueFrom": { "fieldRef": { "fieldPath": "status.podIP" } } } ] }
        """;

    private static string Name(JsonObject o) => (string)o["metadata"]!["name"]!;

    private static string Leader(IReadOnlyList<JsonObject> maps) =>
        (string?)maps.FirstOrDefault(map => Name(map) == "ads-cluster-config-map")?["data"]?[
            "org.apache.flink.k8s.leader.restserver"] ?? "";

    private static async Task<JsonNode> SendAsync(HttpClient http, string method, string url, JsonNode? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), url);
        if (body is not null) request.Content = new StringContent(body.ToJsonString(), null, "application/json");
        using var response = await http.SendAsync(request);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
    }

    private static async Task<JsonNode> RunAsync(HttpClient http, string session, string sql)
    {
        var submitted = await SendAsync(http, "POST", session + "/statements", new JsonObject { ["statement"] = sql });
        var result = $"{session}/operations/{(string)submitted["operationHandle"]!}/result/0?rowFormat=JSON";
        JsonNode page = null!;
        await UntilAsync(
            async () => (string?)(page = await SendAsync(http, "GET", result))["resultType"] != "NOT_READY");
        Assert.True(page["results"] is not null, page.ToJsonString());
        return page;
    }

    // The wire has no signal for these: each look is a request of its own.
    private static async Task UntilAsync(Func<Task<bool>> wish)
    {
        using var end = new CancellationTokenSource(Limit);
        while (!await wish()) end.Token.ThrowIfCancellationRequested();
    }
}
