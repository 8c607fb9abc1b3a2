using System.Text.Json;

namespace Xuanwu.Kubernetes.Tests;

public sealed class KubernetesObjectTests
{
    [Fact]
    public void What_every_object_has_can_be_read()
    {
        var it = KubernetesObject.Parse("""
            {
              "apiVersion": "apps/v1", "kind": "Deployment",
              "metadata": {
                "name": "jm", "namespace": "flink", "uid": "u1", "resourceVersion": "12", "generation": 3,
                "labels": {"app": "flink"}, "annotations": {"xuanwu.io/attempt": "2"},
                "creationTimestamp": "2026-01-02T03:04:05Z", "deletionTimestamp": "2026-01-02T03:04:06Z",
                "ownerReferences": [
                  {"apiVersion": "v1", "kind": "ConfigMap", "name": "run", "uid": "u0", "controller": true}
                ]
              },
              "status": {"readyReplicas": 2, "phase": "Running"}
            }
            """);

        Assert.Same(Kind.Deployment, it.Kind);
        Assert.Equal(("jm", "flink", "u1"), (it.Name, it.Namespace, it.Uid));
        Assert.Equal(("12", 3L), (it.ResourceVersion, it.Generation));
        Assert.Equal("flink", it.Labels["app"]);
        Assert.Equal("2", it.Annotations["xuanwu.io/attempt"]);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), it.CreationTimestamp);
        Assert.Equal(new DateTimeOffset(2026, 1, 2, 3, 4, 6, TimeSpan.Zero), it.DeletionTimestamp);
        Assert.Equal([new OwnerReference("v1", "ConfigMap", "run", "u0", true, false)], it.OwnerReferences);
        Assert.Equal(2, it.NumberAt("status", "readyReplicas"));
        Assert.Equal("Running", it.TextAt("status", "phase"));
        Assert.Equal("Deployment flink/jm", it.ToString());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"metadata": null, "kind": 1, "apiVersion": []}""")]
    [InlineData("""{"metadata": {"name": 5, "labels": [], "annotations": {"a": 1}}}""")]
    [InlineData("""{"metadata": {"ownerReferences": {}, "generation": "x"}}""")]
    public void What_is_absent_or_odd_reads_as_empty(string json)
    {
        var it = KubernetesObject.Parse(json);

        Assert.Equal(("", "", "", "", 0L), (it.Name, it.Namespace, it.Uid, it.KindName, it.Generation));
        Assert.Empty(it.Labels);
        Assert.Empty(it.Annotations);
        Assert.Empty(it.OwnerReferences);
        Assert.Null(it.DeletionTimestamp);
        Assert.Null(it.NumberAt("status", "readyReplicas"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"a": 1, "a": 2}""")]
    public void Other_JSON_is_no_object(string json) =>
        Assert.ThrowsAny<JsonException>(() => KubernetesObject.Parse(json));

    [Fact]
    public void A_kind_not_in_use_is_unknown()
    {
        Assert.Null(Kind.Find("batch/v1", "Job"));
        Assert.Throws<ArgumentException>(() => Kind.Of("v1", "Deployment"));
        Assert.Same(Kind.Ingress, Kind.Of("networking.k8s.io/v1", "Ingress"));
    }
}
