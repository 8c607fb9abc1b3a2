using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Apply;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>A kind of object that the API serves.</summary>
internal sealed class ResourceKind(string group, string version, string name, string plural)
{
    private byte[]? _prefix;

    public string Group { get; } = group;

    public string Version { get; } = version;

    public string Name { get; } = name;

    public string Plural { get; } = plural;

    public string[] ShortNames { get; init; } = [];

    public bool Namespaced { get; init; } = true;

    /// <summary>Whether status is written through its own subresource.</summary>
    public bool HasStatus { get; init; }

    /// <summary>Whether metadata.generation counts the changes of the specification.</summary>
    public bool HasGeneration { get; init; }

    /// <summary>
    /// A terminating object is taken away by its controller (kubelet, namespace controller), not by the API.
    /// </summary>
    public bool RemovedByController { get; init; }

    public Shape Shape { get; init; } = Shapes.Plain;

    /// <summary>Fills in what the user left out.</summary>
    public Action<JsonObject> Default { get; init; } = _ => { };

    /// <summary>Finds what is wrong; the second object is the version before, if there is one.</summary>
    public Action<JsonObject, JsonObject?, List<Cause>> Validate { get; init; } = (_, _, _) => { };

    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>As messages name it: deployments.apps, pods.</summary>
    public string Qualified => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>
    /// The JSON of an object starts with kind and apiVersion, so that lists can leave both out by their length.
    /// </summary>
    public ReadOnlySpan<byte> Prefix =>
        _prefix ??= Encoding.UTF8.GetBytes($"{{\"kind\":\"{Name}\",\"apiVersion\":\"{ApiVersion}\",");

    public byte[] Write(JsonObject o) => Json.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("kind", Name);
        writer.WriteString("apiVersion", ApiVersion);
        writer.WritePropertyName("metadata");
        o.Metadata().WriteTo(writer);
        foreach (var (field, value) in o)
        {
            if (field is "kind" or "apiVersion" or "metadata") continue;
            writer.WritePropertyName(field);
            if (value is null) writer.WriteNullValue();
            else value.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    public override string ToString() => Qualified;
}

/// <summary>The kinds in use.</summary>
internal static class Kinds
{
    public static readonly ResourceKind Namespace = new("", "v1", "Namespace", "namespaces")
    {
        ShortNames = ["ns"],
        Namespaced = false,
        HasStatus = true,
        RemovedByController = true,
        Default = Defaults.Namespace,
    };

    public static readonly ResourceKind Pod = new("", "v1", "Pod", "pods")
    {
        ShortNames = ["po"],
        HasStatus = true,
        RemovedByController = true,
        Shape = Shapes.Pod,
        Default = o => Defaults.PodSpec(o.Have("spec")),
        Validate = Validation.Pod,
    };

    public static readonly ResourceKind Service = new("", "v1", "Service", "services")
    {
        ShortNames = ["svc"],
        HasStatus = true,
        Shape = Shapes.Service,
        Default = Defaults.Service,
        Validate = Validation.Service,
    };

    public static readonly ResourceKind Endpoints = new("", "v1", "Endpoints", "endpoints") { ShortNames = ["ep"] };

    public static readonly ResourceKind ConfigMap = new("", "v1", "ConfigMap", "configmaps")
    {
        ShortNames = ["cm"],
        Validate = Validation.ConfigMap,
    };

    public static readonly ResourceKind Secret = new("", "v1", "Secret", "secrets")
    {
        Default = Defaults.Secret,
        Validate = Validation.Secret,
    };

    public static readonly ResourceKind ServiceAccount = new("", "v1", "ServiceAccount", "serviceaccounts")
    {
        ShortNames = ["sa"],
        Shape = Shapes.ServiceAccount,
    };

    public static readonly ResourceKind Event = new("", "v1", "Event", "events") { ShortNames = ["ev"] };

    public static readonly ResourceKind Deployment = new("apps", "v1", "Deployment", "deployments")
    {
        ShortNames = ["deploy"],
        HasStatus = true,
        HasGeneration = true,
        Shape = Shapes.Workload,
        Default = Defaults.Deployment,
        Validate = Validation.Workload,
    };

    public static readonly ResourceKind ReplicaSet = new("apps", "v1", "ReplicaSet", "replicasets")
    {
        ShortNames = ["rs"],
        HasStatus = true,
        HasGeneration = true,
        Shape = Shapes.Workload,
        Default = Defaults.ReplicaSet,
        Validate = Validation.Workload,
    };

    public static readonly ResourceKind Ingress = new("networking.k8s.io", "v1", "Ingress", "ingresses")
    {
        ShortNames = ["ing"],
        HasStatus = true,
        HasGeneration = true,
        Shape = Shapes.Ingress,
        Validate = Validation.Ingress,
    };

    public static readonly ResourceKind Role = new("rbac.authorization.k8s.io", "v1", "Role", "roles")
    {
        Validate = Validation.Role,
    };

    public static readonly ResourceKind RoleBinding = new(
        "rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings")
    {
        Shape = Shapes.RoleBinding,
        Default = Defaults.RoleBinding,
        Validate = Validation.RoleBinding,
    };

    public static readonly ResourceKind Lease = new("coordination.k8s.io", "v1", "Lease", "leases");

    public static readonly IReadOnlyList<ResourceKind> All =
    [
        Namespace, Pod, Service, Endpoints, ConfigMap, Secret, ServiceAccount, Event, Deployment, ReplicaSet, Ingress,
        Role, RoleBinding, Lease,
    ];

    public static ResourceKind? Find(string group, string version, string plural) =>
        All.FirstOrDefault(it => it.Plural == plural && it.Group == group && it.Version == version);
}
