namespace Xuanwu.Kubernetes;

/// <summary>
/// A kind of object in use, with what its address in the REST API is made of
/// (Kubernetes: reference/using-api/api-concepts). Kinds that Xuanwu does not use are unknown on purpose.
/// </summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version of the group, as in <c>v1</c>.</param>
/// <param name="Name">The kind as manifests spell it, as in <c>Deployment</c>.</param>
/// <param name="Plural">The kind as addresses spell it, as in <c>deployments</c>.</param>
/// <param name="Namespaced">Whether its objects live in a namespace.</param>
public sealed record Kind(string Group, string Version, string Name, string Plural, bool Namespaced = true)
{
    public static Kind Namespace { get; } = new("", "v1", "Namespace", "namespaces", Namespaced: false);
    public static Kind Pod { get; } = new("", "v1", "Pod", "pods");
    public static Kind Service { get; } = new("", "v1", "Service", "services");
    public static Kind Endpoints { get; } = new("", "v1", "Endpoints", "endpoints");
    public static Kind ConfigMap { get; } = new("", "v1", "ConfigMap", "configmaps");
    public static Kind Secret { get; } = new("", "v1", "Secret", "secrets");
    public static Kind ServiceAccount { get; } = new("", "v1", "ServiceAccount", "serviceaccounts");
    public static Kind Event { get; } = new("", "v1", "Event", "events");
    public static Kind Deployment { get; } = new("apps", "v1", "Deployment", "deployments");
    public static Kind ReplicaSet { get; } = new("apps", "v1", "ReplicaSet", "replicasets");
    public static Kind Ingress { get; } = new("networking.k8s.io", "v1", "Ingress", "ingresses");
    public static Kind Lease { get; } = new("coordination.k8s.io", "v1", "Lease", "leases");
    public static Kind Role { get; } = new("rbac.authorization.k8s.io", "v1", "Role", "roles");
    public static Kind RoleBinding { get; } = new("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings");

    /// <summary>Every kind in use, owners before what they own.</summary>
    public static IReadOnlyList<Kind> All { get; } =
    [
        Namespace, ServiceAccount, Role, RoleBinding, Secret, ConfigMap, Service, Endpoints, Ingress, Lease,
        Deployment, ReplicaSet, Pod, Event,
    ];

    /// <summary>The <c>apiVersion</c> of its manifests: <c>v1</c>, <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>The kind a manifest names.</summary>
    /// <exception cref="ArgumentException">It is not one of the kinds in use.</exception>
    public static Kind Of(string apiVersion, string kind) =>
        Find(apiVersion, kind)
        ?? throw new ArgumentException($"{kind} of {apiVersion} is not a kind this client knows.", nameof(kind));

    /// <summary>The kind a manifest names, or null when it is not one of the kinds in use.</summary>
    public static Kind? Find(string apiVersion, string kind) =>
        All.FirstOrDefault(it => it.Name == kind && it.ApiVersion == apiVersion);

    /// <summary>What is wrong with a name for an object of this kind, as a sentence; null when nothing is.</summary>
    public string? WrongWithName(string name) => this switch
    {
        { Group: "", Name: "Namespace" } => Names.WrongWithLabel(name),
        { Group: "", Name: "Service" } => Names.WrongWithServiceName(name),
        { Group: "rbac.authorization.k8s.io" } => Names.WrongWithPathSegment(name),
        _ => Names.WrongWithSubdomain(name),
    };

    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";

    /// <summary>Path of the collection (no name) or of one object, each segment escaped.</summary>
    internal string Path(string? ns, string? name = null)
    {
        var root = Group.Length == 0 ? $"/api/{Version}" : $"/apis/{Group}/{Version}";
        var collection = Namespaced && ns is not null
            ? $"{root}/namespaces/{Uri.EscapeDataString(ns)}/{Plural}"
            : $"{root}/{Plural}";
        return name is null ? collection : $"{collection}/{Uri.EscapeDataString(name)}";
    }
}
