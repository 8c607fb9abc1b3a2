using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes.Tests;

/// <summary>Objects the conformance suite works on; each test has names of its own.</summary>
internal static class Manifests
{
    /// <summary>A name nobody else uses.</summary>
    public static string NewName() => $"t{Guid.NewGuid():N}"[..16];

    public static KubernetesObject ConfigMap(string name, string test, params (string Key, string Value)[] data) => Of(
        "v1", "ConfigMap", name, test, new() { ["data"] = new JsonObject(data.Select(it => Pair(it.Key, it.Value))) });

    public static KubernetesObject Service(string name, string test) => Of("v1", "Service", name, test, new()
    {
        ["spec"] = new JsonObject
        {
            ["selector"] = new JsonObject { ["app"] = name },
            // Port and protocol are the key of the list: before 1.21 an apply that leaves the protocol out is refused.
            ["ports"] = new JsonArray(new JsonObject { ["name"] = "rest", ["port"] = 8081, ["protocol"] = "TCP" }),
        },
    });

    public static KubernetesObject Deployment(string name, string test, string image = "example/none:1") =>
        Of("apps/v1", "Deployment", name, test, new()
        {
            ["spec"] = new JsonObject
            {
                ["replicas"] = 0,
                ["selector"] = new JsonObject { ["matchLabels"] = new JsonObject { ["app"] = name } },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["app"] = name } },
                    ["spec"] = new JsonObject
                    {
                        ["containers"] = new JsonArray(new JsonObject { ["name"] = "main", ["image"] = image }),
                    },
                },
            },
        });

    public static KubernetesObject Role(string name, string test) =>
        Of("rbac.authorization.k8s.io/v1", "Role", name, test, new()
        {
            ["rules"] = new JsonArray(new JsonObject
            {
                ["apiGroups"] = new JsonArray(""),
                ["resources"] = new JsonArray("configmaps"),
                ["verbs"] = new JsonArray("get", "list", "watch"),
            }),
        });

    public static KubernetesObject RoleBinding(string name, string test) =>
        Of("rbac.authorization.k8s.io/v1", "RoleBinding", name, test, new()
        {
            ["roleRef"] = new JsonObject
            {
                ["apiGroup"] = "rbac.authorization.k8s.io",
                ["kind"] = "Role",
                ["name"] = name,
            },
            ["subjects"] = new JsonArray(new JsonObject
            {
                ["kind"] = "ServiceAccount",
                ["name"] = name,
                ["namespace"] = ConformanceServers.Namespace,
            }),
        });

    public static KubernetesObject Ingress(string name, string test) =>
        Of("networking.k8s.io/v1", "Ingress", name, test, new()
        {
            ["spec"] = new JsonObject
            {
                ["rules"] = new JsonArray(new JsonObject
                {
                    ["host"] = $"{name}.flink.example",
                    ["http"] = new JsonObject
                    {
                        ["paths"] = new JsonArray(new JsonObject
                        {
                            ["path"] = "/",
                            ["pathType"] = "Prefix",
                            ["backend"] = new JsonObject
                            {
                                ["service"] = new JsonObject
                                {
                                    ["name"] = name,
                                    ["port"] = new JsonObject { ["name"] = "rest" },
                                },
                            },
                        }),
                    },
                }),
            },
        });

    public static KubernetesObject Secret(string name, string test) =>
        Of("v1", "Secret", name, test, new() { ["data"] = new JsonObject { ["key"] = "dmFsdWU=" } });

    public static KubernetesObject ServiceAccount(string name, string test) =>
        Of("v1", "ServiceAccount", name, test, []);

    public static KubernetesObject Lease(string name, string test) =>
        Of("coordination.k8s.io/v1", "Lease", name, test, new()
        {
            ["spec"] = new JsonObject { ["holderIdentity"] = "a", ["leaseDurationSeconds"] = 15 },
        });

    public static Task<KubernetesObject> ApplyAsync(
        this KubernetesClient client, KubernetesObject manifest, string manager = "conformance", bool force = true) =>
        client.ApplyAsync(manifest, manager, force, Waiting.Token);

    public static Task<bool> DeleteAsync(this KubernetesClient client, Kind kind, string name, string? uid = null) =>
        client.DeleteAsync(
            kind, ConformanceServers.Namespace, name, Propagation.Background, uid, Waiting.Token);

    /// <summary>Deletes what a test made.</summary>
    public static Task<int> DeleteAllAsync(this KubernetesClient client, Kind kind, string test) =>
        client.DeleteAllAsync(
            kind, ConformanceServers.Namespace, $"test={test}", Propagation.Background, Waiting.Token);

    public static KubernetesObject With(this KubernetesObject it, Action<JsonObject> change)
    {
        var copy = (JsonObject)it.Json.DeepClone();
        change(copy);
        return new(copy);
    }

    private static KubernetesObject Of(string apiVersion, string kind, string name, string test, JsonObject body)
    {
        var json = new JsonObject
        {
            ["apiVersion"] = apiVersion,
            ["kind"] = kind,
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = ConformanceServers.Namespace,
                ["labels"] = new JsonObject { ["test"] = test },
            },
        };
        foreach (var (key, value) in body.ToList())
        {
            body.Remove(key);
            json[key] = value;
        }

        return new(json);
    }

    private static KeyValuePair<string, JsonNode?> Pair(string key, string value) => new(key, JsonValue.Create(value));
}
