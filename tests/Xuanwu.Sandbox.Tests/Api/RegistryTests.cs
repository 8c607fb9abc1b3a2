using System.Net;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Api;

public sealed class RegistryTests
{
    [Fact]
    public async Task A_created_object_gets_uid_time_and_a_growing_version()
    {
        await using var kube = await Kube.StartAsync();
        var first = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        var second = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("b")).Must();
        Assert.True(Guid.TryParse((string?)first["metadata"]!["uid"], out _));
        Assert.True(DateTimeOffset.TryParse((string?)first["metadata"]!["creationTimestamp"], out _));
        Assert.True(Version(second) > Version(first));
        Assert.Equal("flink", (string?)first["metadata"]!["namespace"]);
    }

    [Fact]
    public async Task The_same_name_twice_already_exists()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", 0)).Must();
        var (code, status) = await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", 0));
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal("AlreadyExists", (string?)status["reason"]);
        Assert.Equal("deployments.apps \"job\" already exists", (string?)status["message"]);
        Assert.Equal("""{"name":"job","group":"apps","kind":"deployments"}""", status["details"]!.ToJsonString());
    }

    [Fact]
    public async Task What_is_not_there_is_not_found_in_the_servers_words()
    {
        await using var kube = await Kube.StartAsync();
        var (code, status) = await kube.GetAsync(Kube.Pods + "/none");
        Assert.Equal(HttpStatusCode.NotFound, code);
        Assert.Equal("pods \"none\" not found", (string?)status["message"]);
        Assert.Equal("Failure", (string?)status["status"]);
        var (missing, ns) = await kube.PostAsync("/api/v1/namespaces/nowhere/configmaps", Kube.ConfigMap("a"));
        Assert.Equal(HttpStatusCode.NotFound, missing);
        Assert.Equal("namespaces \"nowhere\" not found", (string?)ns["message"]);
        var (unknown, kind) = await kube.GetAsync("/apis/apps/v1/namespaces/flink/daemonsets");
        Assert.Equal(HttpStatusCode.NotFound, unknown);
        Assert.Equal("the server could not find the requested resource", (string?)kind["message"]);
    }

    [Fact]
    public async Task A_write_on_an_old_version_conflicts_and_one_without_a_version_does_not()
    {
        await using var kube = await Kube.StartAsync();
        var old = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        await kube.MergeAsync(Kube.ConfigMaps + "/a", """{ "data": { "a": "2" } }""").Must();
        var (code, status) = await kube.PutAsync(Kube.ConfigMaps + "/a", old);
        Assert.Equal(HttpStatusCode.Conflict, code);
        Assert.Equal("Conflict", (string?)status["reason"]);
        Assert.Equal(
            "Operation cannot be fulfilled on configmaps \"a\": the object has been modified; " +
            "please apply your changes to the latest version and try again", (string?)status["message"]);
        old["metadata"]!.AsObject().Remove("resourceVersion");
        var replaced = await kube.PutAsync(Kube.ConfigMaps + "/a", old).Must();
        Assert.Equal("1", (string?)replaced["data"]!["a"]);
    }

    [Fact]
    public async Task A_write_that_changes_nothing_keeps_the_version()
    {
        await using var kube = await Kube.StartAsync();
        var created = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        var same = await kube.PutAsync(Kube.ConfigMaps + "/a", created.DeepClone()).Must();
        Assert.Equal(Version(created), Version(same));
    }

    [Fact]
    public async Task The_generation_counts_changes_of_the_specification_only()
    {
        await using var kube = await Kube.StartAsync();
        const string path = Kube.Deployments + "/job";
        var created = await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", 0)).Must();
        Assert.Equal(1, (int?)created["metadata"]!["generation"]);
        var labelled = await kube.MergeAsync(path, """{ "metadata": { "labels": { "x": "y" } } }""").Must();
        Assert.Equal(1, (int?)labelled["metadata"]!["generation"]);
        var scaled = await kube.MergeAsync(path, """{ "spec": { "minReadySeconds": 1 } }""").Must();
        Assert.Equal(2, (int?)scaled["metadata"]!["generation"]);
    }

    [Fact]
    public async Task Status_is_written_through_its_subresource_only()
    {
        await using var kube = await Kube.StartAsync();
        const string path = Kube.Ingresses + "/web";
        await kube.PostAsync(Kube.Ingresses, Kube.Ingress("web", "web.example.com")).Must();
        await kube.Cluster.WaitAsync("ingresses", it => it.Any(o => o["status"] is not null));
        var around = await kube.MergeAsync(path, """{ "status": { "loadBalancer": {} } }""").Must();
        Assert.NotNull(around["status"]!["loadBalancer"]!["ingress"]);
        var through = await kube.MergeAsync(path + "/status", """
            { "metadata": { "labels": { "x": "y" } }, "spec": { "rules": [] },
              "status": { "loadBalancer": { "ingress": [ { "ip": "10.0.0.9" } ] } } }
            """).Must();
        Assert.Equal("10.0.0.9", (string?)through["status"]!["loadBalancer"]!["ingress"]![0]!["ip"]);
        Assert.Single(through["spec"]!["rules"]!.AsArray());
        Assert.Null(through["metadata"]!["labels"]);
        Assert.Equal(1, (int?)through["metadata"]!["generation"]);
    }

    [Fact]
    public async Task Deleting_answers_success_and_checks_the_uid_it_was_given()
    {
        await using var kube = await Kube.StartAsync();
        var created = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        const string path = Kube.ConfigMaps + "/a";
        var (wrong, status) = await kube.DeleteAsync(path, """{ "preconditions": { "uid": "other" } }""");
        Assert.Equal(HttpStatusCode.Conflict, wrong);
        Assert.Contains("Precondition failed: UID in precondition: other, UID in object meta: ",
            (string?)status["message"], StringComparison.Ordinal);
        var uid = (string?)created["metadata"]!["uid"];
        var deleted = await kube.DeleteAsync(path, $$"""{ "preconditions": { "uid": "{{uid}}" } }""").Must();
        Assert.Equal("Success", (string?)deleted["status"]);
        Assert.Equal(uid, (string?)deleted["details"]!["uid"]);
        Assert.Equal(HttpStatusCode.NotFound, (await kube.GetAsync(Kube.ConfigMaps + "/a")).Code);
    }

    [Fact]
    public async Task A_finalizer_holds_an_object_until_it_is_taken_off()
    {
        await using var kube = await Kube.StartAsync();
        const string path = Kube.ConfigMaps + "/a";
        await kube.PostAsync(Kube.ConfigMaps, """
            { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "a", "finalizers": ["xuanwu/keep"] } }
            """).Must();
        var held = await kube.DeleteAsync(path).Must();
        Assert.NotNull(held["metadata"]!["deletionTimestamp"]);
        Assert.Equal(HttpStatusCode.OK, (await kube.GetAsync(path)).Code);
        await kube.MergeAsync(path, """{ "metadata": { "finalizers": null } }""").Must();
        Assert.Equal(HttpStatusCode.NotFound, (await kube.GetAsync(path)).Code);
    }

    [Fact]
    public async Task A_collection_is_deleted_by_selector()
    {
        await using var kube = await Kube.StartAsync();
        foreach (var (name, label) in new[] { ("a", "x"), ("b", "x"), ("c", "y") })
        {
            await kube.PostAsync(Kube.ConfigMaps, $$"""
                { "apiVersion": "v1", "kind": "ConfigMap",
                  "metadata": { "name": "{{name}}", "labels": { "l": "{{label}}" } } }
                """).Must();
        }

        await kube.DeleteAsync(Kube.ConfigMaps + "?labelSelector=l%3Dx").Must();
        Assert.Equal(["c"], kube.Cluster.Objects("configmaps", "flink").Select(it => (string?)it["metadata"]!["name"]));
    }

    [Fact]
    public async Task A_dry_run_writes_nothing()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.ConfigMaps + "?dryRun=All", Kube.ConfigMap("a")).Must();
        Assert.Equal(HttpStatusCode.NotFound, (await kube.GetAsync(Kube.ConfigMaps + "/a")).Code);
    }

    [Fact]
    public async Task A_secret_takes_plain_strings_and_shows_base64()
    {
        await using var kube = await Kube.StartAsync();
        var created = await kube.PostAsync("/api/v1/namespaces/flink/secrets", """
            { "apiVersion": "v1", "kind": "Secret", "metadata": { "name": "s" },
              "stringData": { "password": "hunter2" } }
            """).Must();
        Assert.Equal("aHVudGVyMg==", (string?)created["data"]!["password"]);
        Assert.Null(created["stringData"]);
        Assert.Equal("Opaque", (string?)created["type"]);
    }

    [Theory]
    [InlineData("metadata.name", "Bad_Name", "a lowercase RFC 1123 subdomain must consist of")]
    [InlineData("spec.template.spec.containers.0.image", "", "spec.template.spec.containers[0].image: Required value")]
    [InlineData("spec.template.spec.containers.0.name", "", "spec.template.spec.containers[0].name: Required value")]
    [InlineData("spec.template.metadata.labels.app", "other", "`selector` does not match template `labels`")]
    [InlineData("spec.template.spec.containers.0.resources.limits.memory", "12 apples",
        "quantities must match the regular expression")]
    public async Task What_users_get_wrong_is_invalid_and_named(string field, string value, string message)
    {
        await using var kube = await Kube.StartAsync();
        var o = JsonNode.Parse(Kube.Deployment("job"))!;
        var (at, steps) = (o, field.Split('.'));
        foreach (var step in steps[..^1])
        {
            at = int.TryParse(step, out var index) ? at[index]! : at[step] ?? (at[step] = new JsonObject());
        }

        at[steps[^1]] = value;
        var (code, status) = await kube.PostAsync(Kube.Deployments, o.ToJsonString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Equal("Invalid", (string?)status["reason"]);
        Assert.StartsWith("Deployment.apps \"", (string?)status["message"], StringComparison.Ordinal);
        Assert.Contains(message, (string?)status["message"], StringComparison.Ordinal);
        Assert.NotEmpty(status["details"]!["causes"]!.AsArray());
    }

    [Fact]
    public async Task The_selector_of_a_deployment_cannot_change()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", 0)).Must();
        var (code, status) = await kube.MergeAsync(Kube.Deployments + "/job", """
            { "spec": { "selector": { "matchLabels": { "app": "x" } },
              "template": { "metadata": { "labels": { "app": "x" } } } } }
            """);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, code);
        Assert.Contains("field is immutable", (string?)status["message"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bodies_that_cannot_be_read_are_refused()
    {
        await using var kube = await Kube.StartAsync();
        var (json, status) = await kube.PostAsync(Kube.ConfigMaps, "{ not json");
        Assert.Equal(HttpStatusCode.BadRequest, json);
        Assert.Equal("BadRequest", (string?)status["reason"]);
        var (media, unsupported) = await kube.SendAsync(
            HttpMethod.Patch, Kube.ConfigMaps + "/a", "{}", "application/strategic-merge-patch+json");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, media);
        Assert.Equal("UnsupportedMediaType", (string?)unsupported["reason"]);
        var (kind, mismatch) = await kube.PostAsync(Kube.ConfigMaps, Kube.Service("a"));
        Assert.Equal(HttpStatusCode.BadRequest, kind);
        Assert.Contains("cannot be handled as a ConfigMap", (string?)mismatch["message"], StringComparison.Ordinal);
    }

    private static long Version(JsonObject o) => long.Parse((string)o["metadata"]!["resourceVersion"]!, null);
}
