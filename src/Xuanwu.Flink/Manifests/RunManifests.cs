using System.Text.Json.Nodes;
using Xuanwu.Kubernetes;

namespace Xuanwu.Flink.Manifests;

/// <summary>
/// The Kubernetes objects of a run. Pure: the same plan always gives the same objects.
/// <para>
/// One delete has to remove all of them, so all name one owner, and an owner is named by its uid, which the API gives
/// only when the owner is applied. So the root comes first: the ConfigMap with the run's files, which costs nothing and
/// runs nothing. Apply <see cref="Root"/>, then what <see cref="Render"/> gives for the uid in the answer, in its
/// order. A deployment that breaks off after the root leaves one ConfigMap, by which the rest is found and deleted.
/// (With the JobManager Deployment as the root, pods would start before their account exists.)
/// </para>
/// <para>
/// A plan must have been checked before: <see cref="Settings.FlinkSpecRules"/>. Rendering does not refuse, and puts
/// what it is given where people can read it.
/// </para>
/// </summary>
public static class RunManifests
{
    /// <summary>The owner of all others: the ConfigMap with the run's files.</summary>
    /// <exception cref="ArgumentException">The plan's Flink version is not known.</exception>
    public static KubernetesObject Root(RunPlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var version = FlinkVersion.Parse(plan.Spec.FlinkVersion);
        var root = Of(plan, Kind.ConfigMap, RunNames.Root(plan.ClusterId), "run");
        root["data"] = new JsonObject
        {
            ["run.json"] = RunFiles.Definition(plan),
            [RunFiles.SettingsFile(version)] = RunFiles.Settings(version, RunSettings.OfCluster(plan)),
            [RunFiles.LoggingFile] = RunFiles.Logging,
        };
        return Read(root);
    }

    /// <summary>All but the root, in the order to apply them.</summary>
    /// <param name="plan">The run.</param>
    /// <param name="rootUid">metadata.uid of the applied root.</param>
    /// <exception cref="ArgumentException">The plan's Flink version is not known.</exception>
    public static IReadOnlyList<KubernetesObject> Render(RunPlan plan, string rootUid)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentException.ThrowIfNullOrEmpty(rootUid);
        JsonObject[] objects =
        [
            Account(plan), Role(plan), Binding(plan), Service(plan), Ingress(plan), RunPods.JobManager(plan),
            RunPods.TaskManager(plan),
        ];
        foreach (var each in objects)
        {
            each["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = Kind.ConfigMap.ApiVersion,
                ["kind"] = Kind.ConfigMap.Name,
                ["name"] = RunNames.Root(plan.ClusterId),
                ["uid"] = rootUid,
            });
        }

        return [.. objects.Select(Read)];
    }

    internal static JsonObject Of(RunPlan plan, Kind kind, string name, string component) => new()
    {
        ["apiVersion"] = kind.ApiVersion,
        ["kind"] = kind.Name,
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = plan.Cluster.Namespace,
            ["labels"] = RunLabels.Labels(plan, component),
            ["annotations"] = RunLabels.Annotations(plan),
        },
    };

    // Through text, so that numbers read like those of the API's answers, whatever type of ours they were made of.
    private static KubernetesObject Read(JsonObject json) => KubernetesObject.Parse(json.ToJsonString());

    private static JsonObject Account(RunPlan plan) =>
        Of(plan, Kind.ServiceAccount, RunNames.Account(plan.ClusterId), "account");

    // What Flink's Kubernetes HA services do, and nothing on pods: standalone clusters start none.
    private static JsonObject Role(RunPlan plan)
    {
        var role = Of(plan, Kind.Role, RunNames.Account(plan.ClusterId), "account");
        role["rules"] = new JsonArray(new JsonObject
        {
            ["apiGroups"] = new JsonArray(""),
            ["resources"] = new JsonArray("configmaps"),
            ["verbs"] = new JsonArray("get", "list", "watch", "create", "update", "patch", "delete"),
        });
        return role;
    }

    private static JsonObject Binding(RunPlan plan)
    {
        var binding = Of(plan, Kind.RoleBinding, RunNames.Account(plan.ClusterId), "account");
        binding["roleRef"] = new JsonObject
        {
            ["apiGroup"] = Kind.Role.Group,
            ["kind"] = Kind.Role.Name,
            ["name"] = RunNames.Account(plan.ClusterId),
        };
        binding["subjects"] = new JsonArray(new JsonObject
        {
            ["kind"] = Kind.ServiceAccount.Name,
            ["name"] = RunNames.Account(plan.ClusterId),
            ["namespace"] = plan.Cluster.Namespace,
        });
        return binding;
    }

    private static JsonObject Service(RunPlan plan)
    {
        var service = Of(plan, Kind.Service, RunNames.Rest(plan.ClusterId), "jobmanager");
        service["spec"] = new JsonObject
        {
            ["selector"] = RunPods.Selector(plan, "jobmanager"),
            ["ports"] = new JsonArray(
                Port("rest", RunNames.RestPort), Port("rpc", RunNames.RpcPort), Port("blob", RunNames.BlobPort)),
        };
        return service;

        static JsonObject Port(string name, int port) =>
            new() { ["name"] = name, ["port"] = port, ["protocol"] = "TCP", ["targetPort"] = name };
    }

    private static JsonObject Ingress(RunPlan plan)
    {
        var address = RunAddress.Rest(plan.Cluster, plan.ClusterId);
        var ingress = Of(plan, Kind.Ingress, RunNames.Rest(plan.ClusterId), "jobmanager");
        var spec = new JsonObject
        {
            ["rules"] = new JsonArray(new JsonObject
            {
                ["host"] = address.IdnHost,
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
                                ["name"] = RunNames.Rest(plan.ClusterId),
                                ["port"] = new JsonObject { ["number"] = RunNames.RestPort },
                            },
                        },
                    }),
                },
            }),
        };

        // Without a secret's name the controller's own (wildcard) certificate is used.
        if (address.Scheme == Uri.UriSchemeHttps)
        {
            spec["tls"] = new JsonArray(
                new JsonObject { ["hosts"] = new JsonArray(address.IdnHost) });
        }

        ingress["spec"] = spec;
        return ingress;
    }
}
