using System.Net;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Tests.Controllers;

public sealed class DeploymentsTests
{
    private const string Path = Kube.Deployments + "/job";

    private const string NextAttempt =
        """{ "spec": { "template": { "metadata": { "annotations": { "attempt": "2" } } } } }""";

    [Fact]
    public async Task A_new_template_rolls_the_pods_without_going_below_what_is_available()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", replicas: 4)).Must();
        var old = await kube.Cluster.WaitForPodsAsync(it => it.Count(pod => pod.Ready) == 4, "flink");
        await using var watch = await Watch.StartAsync(
            kube, Path.Replace("/job", "?watch=true", StringComparison.Ordinal));
        while ((int?)(await watch.NextObjectAsync())!["object"]!["status"]?["availableReplicas"] != 4)
        {
            // the controller has not seen yet that the pods are ready
        }

        await kube.MergeAsync(Path, NextAttempt).Must();
        while (true)
        {
            var status = (await watch.NextObjectAsync())!["object"]!["status"];
            Assert.True((int?)status?["availableReplicas"] >= 3, status?.ToJsonString());
            Assert.True((int?)status?["replicas"] <= 5);
            if ((int?)status["updatedReplicas"] == 4 && (int?)status["replicas"] == 4
                && (int?)status["availableReplicas"] == 4
                && (int?)status["observedGeneration"] == 2) break;
        }

        var pods = await kube.Cluster.WaitForPodsAsync(it => it.Count == 4 && it.All(pod => pod.Ready), "flink");
        Assert.Empty(pods.Select(it => it.Uid).Intersect(old.Select(it => it.Uid)));
        var revisions = kube.Cluster.Objects("replicasets", "flink")
            .ToDictionary(it => (string)it["metadata"]!["annotations"]!["deployment.kubernetes.io/revision"]!, it =>
            (int)it["spec"]!["replicas"]!);
        Assert.Equal(new Dictionary<string, int> { ["1"] = 0, ["2"] = 4 }, revisions);
    }

    [Fact]
    public async Task Recreate_ends_all_old_pods_before_the_first_new_one()
    {
        await using var kube = await Kube.StartAsync();
        var o = JsonNode.Parse(Kube.Deployment("job", replicas: 2))!;
        o["spec"]!["strategy"] = JsonNode.Parse("""{ "type": "Recreate" }""");
        await kube.PostAsync(Kube.Deployments, o.ToJsonString()).Must();
        var old = await kube.Cluster.WaitForPodsAsync(it => it.Count(pod => pod.Ready) == 2, "flink");
        var mixed = false;
        await kube.MergeAsync(Path, NextAttempt).Must();
        await kube.Cluster.WaitForPodsAsync(
            it =>
            {
                var fresh = it.Count(pod => old.All(was => was.Uid != pod.Uid));
                mixed |= fresh > 0 && fresh < it.Count;
                return it.Count == 2 && fresh == 2 && it.All(pod => pod.Ready);
            },
            "flink");
        Assert.False(mixed);
    }

    [Fact]
    public async Task Scaling_changes_the_number_of_pods_and_nothing_else()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", replicas: 2)).Must();
        var before = await kube.Cluster.WaitForPodsAsync(it => it.Count(pod => pod.Ready) == 2, "flink");
        await kube.MergeAsync(Path, """{ "spec": { "replicas": 3 } }""").Must();
        var more = await kube.Cluster.WaitForPodsAsync(it => it.Count(pod => pod.Ready) == 3, "flink");
        Assert.Subset(more.Select(it => it.Uid).ToHashSet(), before.Select(it => it.Uid).ToHashSet());
        await kube.MergeAsync(Path, """{ "spec": { "replicas": 0 } }""").Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Count == 0, "flink");
    }

    [Fact]
    public async Task A_rollout_that_cannot_progress_says_so_after_its_deadline()
    {
        await using var kube = await Kube.StartAsync();
        var o = JsonNode.Parse(Kube.Deployment("job", image: "nothing:1"))!;
        o["spec"]!["progressDeadlineSeconds"] = 1;
        await kube.PostAsync(Kube.Deployments, o.ToJsonString()).Must();
        await kube.Cluster.WaitAsync("deployments", it => it[0]["status"]?["conditions"]?.AsArray()
            .Any(c => (string?)c!["reason"] == "ProgressDeadlineExceeded") == true, "flink");
    }

    [Fact]
    public async Task A_missing_service_account_is_reported_and_waited_for()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", extra: "\"serviceAccountName\": \"late\","))
            .Must();
        await kube.Cluster.WaitAsync(
            "replicasets", it => it.Any(o => ((string?)o["status"]?["conditions"]?[0]?["message"])
            ?.Contains("error looking up service account flink/late: serviceaccount \"late\" not found",
            StringComparison.Ordinal) == true), "flink");
        await kube.PostAsync("/api/v1/namespaces/flink/serviceaccounts", """
            { "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "late" } }
            """).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
    }

    [Theory]
    [InlineData("Background")]
    [InlineData("Foreground")]
    public async Task Deleting_a_deployment_takes_everything_it_owns_along(string propagation)
    {
        await using var kube = await Kube.StartAsync();
        var owner = await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", replicas: 2)).Must();
        await kube.PostAsync(Kube.ConfigMaps, $$"""
            { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "owned", "ownerReferences": [ {
              "apiVersion": "apps/v1", "kind": "Deployment", "name": "job", "uid": "{{owner["metadata"]!["uid"]}}",
              "blockOwnerDeletion": true } ] } }
            """).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Count(pod => pod.Ready) == 2, "flink");
        await kube.DeleteAsync($"{Path}?propagationPolicy={propagation}").Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Count == 0, "flink");
        await kube.Cluster.WaitAsync("replicasets", it => it.Count == 0, "flink");
        await kube.Cluster.WaitAsync("configmaps", it => it.Count == 0, "flink");
        await kube.Cluster.WaitAsync("deployments", it => it.Count == 0, "flink");
    }

    [Fact]
    public async Task Orphaned_dependents_stay_without_their_owner()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job")).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
        await kube.DeleteAsync($"{Path}?propagationPolicy=Orphan").Must();
        await kube.Cluster.WaitAsync("deployments", it => it.Count == 0, "flink");
        var left = await kube.Cluster.WaitAsync(
            "replicasets", it => it.Count == 1 && it[0]["metadata"]!["ownerReferences"] is null, "flink");
        Assert.Single(left);
    }

    [Fact]
    public async Task An_object_with_an_owner_that_does_not_exist_is_collected()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.ConfigMaps, """
            { "apiVersion": "v1", "kind": "ConfigMap", "metadata": { "name": "stray", "ownerReferences": [ {
              "apiVersion": "apps/v1", "kind": "Deployment", "name": "gone",
              "uid": "11111111-1111-1111-1111-111111111111" } ] } }
            """).Must();
        await kube.Cluster.WaitAsync("configmaps", it => it.Count == 0, "flink");
    }

    [Fact]
    public async Task A_deleted_namespace_is_emptied_and_takes_nothing_new()
    {
        await using var kube = await Kube.StartAsync();
        await kube.PostAsync(Kube.Pods, """
            { "apiVersion": "v1", "kind": "Pod", "metadata": { "name": "p" }, "spec": {
              "terminationGracePeriodSeconds": 2, "containers": [ { "name": "main", "image": "deaf" } ] } }
            """).Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
        var marked = await kube.DeleteAsync("/api/v1/namespaces/flink").Must();
        Assert.Equal("Terminating", (string?)marked["status"]!["phase"]);
        var (code, status) = await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a"));
        Assert.Equal(HttpStatusCode.Forbidden, code);
        Assert.Contains("because it is being terminated", (string?)status["message"], StringComparison.Ordinal);
        await kube.Cluster.WaitAsync("namespaces", it => it.All(ns => (string?)ns["metadata"]!["name"] != "flink"));
        Assert.Empty(kube.Cluster.Objects("serviceaccounts", "flink"));
    }
}
