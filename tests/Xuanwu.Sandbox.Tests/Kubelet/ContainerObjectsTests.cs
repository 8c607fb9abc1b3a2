using System.Threading.Channels;
using Xuanwu.Sandbox.Kubelet;

namespace Xuanwu.Sandbox.Tests.Kubelet;

public sealed class ContainerObjectsTests
{
    private static readonly Dictionary<string, string> None = [];

    [Fact]
    public async Task Without_a_role_nothing_is_allowed_and_the_log_says_so()
    {
        await using var kube = await Kube.StartAsync();
        var container = await StartAsync(kube, verbs: null);
        Assert.False(container.Objects.TryPutConfigMap("ha", None, None, null));
        Assert.Null(container.Objects.FindConfigMap("ha"));
        var log = await kube.Http.GetStringAsync($"{Kube.Pods}/{container.PodName}/log");
        Assert.Contains(
            "configmaps is forbidden: User \"system:serviceaccount:flink:flink\" cannot create " +
            "resource \"configmaps\" in API group \"\" in the namespace \"flink\"", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_role_allows_its_verbs_and_no_others()
    {
        await using var kube = await Kube.StartAsync();
        var container = await StartAsync(kube, "get", "create");
        Assert.True(container.Objects.TryPutConfigMap(
            "ha", None, new Dictionary<string, string> { ["leader"] = "a" }, null));
        var found = container.Objects.FindConfigMap("ha");
        Assert.Equal("a", found!.Value.Data["leader"]);
        Assert.False(container.Objects.TryPutConfigMap("ha", None, None, found.Value.ResourceVersion));
        container.Objects.DeleteConfigMap("ha");
        Assert.NotNull(container.Objects.FindConfigMap("ha"));
    }

    [Fact]
    public async Task The_first_writer_wins()
    {
        await using var kube = await Kube.StartAsync();
        var container = await StartAsync(kube, "*");
        Assert.True(container.Objects.TryPutConfigMap("ha", None, None, null));
        Assert.False(container.Objects.TryPutConfigMap("ha", None, None, null));
        var version = container.Objects.FindConfigMap("ha")!.Value.ResourceVersion;
        Assert.True(container.Objects.TryPutConfigMap(
            "ha", None, new Dictionary<string, string> { ["n"] = "1" }, version));
        Assert.False(container.Objects.TryPutConfigMap(
            "ha", None, new Dictionary<string, string> { ["n"] = "2" }, version));
    }

    [Fact]
    public async Task Changes_of_config_maps_are_told_in_order()
    {
        await using var kube = await Kube.StartAsync();
        var container = await StartAsync(kube, "*");
        var changes = Channel.CreateUnbounded<string>();
        container.Objects.ConfigMapChanged += name => changes.Writer.TryWrite(name);
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("a")).Must();
        await kube.PostAsync("/api/v1/namespaces/default/configmaps", Kube.ConfigMap("elsewhere")).Must();
        await kube.MergeAsync(Kube.ConfigMaps + "/a", """{ "data": { "x": "y" } }""").Must();
        await kube.PostAsync(Kube.ConfigMaps, Kube.ConfigMap("b")).Must();
        await kube.DeleteAsync(Kube.ConfigMaps + "/a").Must();
        foreach (var expected in new[] { "a", "a", "b", "a" })
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            Assert.Equal(expected, await changes.Reader.ReadAsync(limit.Token));
        }
    }

    [Fact]
    public async Task A_partitioned_pod_reaches_no_objects_until_it_is_healed()
    {
        await using var kube = await Kube.StartAsync();
        var container = await StartAsync(kube, "*");
        kube.Cluster.Faults.Do(new() { Action = "partition", Pod = container.PodName });
        Assert.False(container.Objects.TryPutConfigMap("ha", None, None, null));
        await kube.Cluster.WaitForPodsAsync(it => it.All(pod => !pod.Ready), "flink");
        kube.Cluster.Faults.Do(new() { Action = "heal" });
        Assert.True(container.Objects.TryPutConfigMap("ha", None, None, null));
        await kube.Cluster.WaitForPodsAsync(it => it.All(pod => pod.Ready), "flink");
    }

    private static async Task<IContainer> StartAsync(Kube kube, params string[]? verbs)
    {
        await kube.PostAsync("/api/v1/namespaces/flink/serviceaccounts", """
            { "apiVersion": "v1", "kind": "ServiceAccount", "metadata": { "name": "flink" } }
            """).Must();
        if (verbs is not null)
        {
            var quoted = string.Join(",", verbs.Select(it => $"\"{it}\""));
            const string rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/flink/";
            await kube.PostAsync(rbac + "roles", $$"""
                { "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": { "name": "flink" },
                  "rules": [ { "apiGroups": [""], "resources": ["configmaps"], "verbs": [ {{quoted}} ] } ] }
                """).Must();
            await kube.PostAsync(rbac + "rolebindings", """
                { "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": { "name": "flink" },
                  "roleRef": { "kind": "Role", "name": "flink" },
                  "subjects": [ { "kind": "ServiceAccount", "name": "flink" } ] }
                """).Must();
        }

        await kube.PostAsync(Kube.Deployments, Kube.Deployment("job", extra: "\"serviceAccountName\": \"flink\","))
            .Must();
        await kube.Cluster.WaitForPodsAsync(it => it.Any(pod => pod.Ready), "flink");
        return kube.Programs.Started.Single();
    }
}
