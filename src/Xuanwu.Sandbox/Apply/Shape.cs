namespace Xuanwu.Sandbox.Apply;

/// <summary>How the items of a list are told apart.</summary>
internal enum ListType
{
    /// <summary>The list is one value: it is replaced and owned as a whole.</summary>
    Atomic,

    /// <summary>A set of scalars.</summary>
    Set,

    /// <summary>Objects with key fields.</summary>
    Map,
}

/// <summary>
/// What the OpenAPI schema says about merging a value (x-kubernetes-list-type, -list-map-keys, -map-type). Only what
/// differs from the default is written down: objects are merged field by field, lists are atomic.
/// </summary>
internal sealed class Shape
{
    /// <summary>Objects field by field, lists as one value.</summary>
    public static readonly Shape Free = new();

    /// <summary>One value, whatever is inside.</summary>
    public static readonly Shape Atomic = new() { IsAtomic = true };

    public bool IsAtomic { get; private init; }

    public ListType List { get; private init; } = ListType.Atomic;

    /// <summary>
    /// Key fields of a list map, sorted, each with the value that the schema gives when it is absent.
    /// </summary>
    public IReadOnlyList<(string Field, string? Default)> Keys { get; private init; } = [];

    public Shape Item { get; private init; } = Free;

    private Dictionary<string, Shape> Fields { get; init; } = [];

    public Shape Of(string field) => Fields.GetValueOrDefault(field, Free);

    public static Shape Object(params (string Field, Shape Shape)[] fields) =>
        new() { Fields = fields.ToDictionary(it => it.Field, it => it.Shape, StringComparer.Ordinal) };

    public static Shape SetOf() => new() { List = ListType.Set };

    public static Shape MapOf(Shape item, params string[] keys) => new()
    {
        List = ListType.Map,
        Item = item,
        Keys = [.. keys.Order(StringComparer.Ordinal).Select(it => (it, it == "protocol" ? "TCP" : (string?)null))],
    };
}

/// <summary>The shapes of the kinds that the sandbox serves, from Kubernetes' api/openapi-spec/swagger.json.</summary>
internal static class Shapes
{
    private static readonly Shape Meta = Shape.Object(
        ("finalizers", Shape.SetOf()),
        ("ownerReferences", Shape.MapOf(Shape.Free, "uid")),
        ("managedFields", Shape.Atomic));

    private static readonly Shape EnvVar = Shape.Object(("valueFrom", Shape.Object(
        ("configMapKeyRef", Shape.Atomic),
        ("fieldRef", Shape.Atomic),
        ("resourceFieldRef", Shape.Atomic),
        ("secretKeyRef", Shape.Atomic))));

    private static readonly Shape Container = Shape.Object(
        ("env", Shape.MapOf(EnvVar, "name")),
        ("ports", Shape.MapOf(Shape.Free, "containerPort", "protocol")),
        ("volumeMounts", Shape.MapOf(Shape.Free, "mountPath")),
        ("volumeDevices", Shape.MapOf(Shape.Free, "devicePath")),
        ("resources", Shape.Object(("claims", Shape.MapOf(Shape.Free, "name")))));

    private static readonly Shape PodSpec = Shape.Object(
        ("containers", Shape.MapOf(Container, "name")),
        ("initContainers", Shape.MapOf(Container, "name")),
        ("ephemeralContainers", Shape.MapOf(Container, "name")),
        ("volumes", Shape.MapOf(Shape.Free, "name")),
        ("imagePullSecrets", Shape.MapOf(Shape.Free, "name")),
        ("hostAliases", Shape.MapOf(Shape.Free, "ip")),
        ("topologySpreadConstraints",
            Shape.MapOf(Shape.Object(("labelSelector", Shape.Atomic)), "topologyKey", "whenUnsatisfiable")),
        ("nodeSelector", Shape.Atomic));

    private static readonly Shape Template = Shape.Object(("metadata", Meta), ("spec", PodSpec));

    private static readonly Shape Conditions = Shape.Object(("conditions", Shape.MapOf(Shape.Free, "type")));

    public static readonly Shape Plain = Shape.Object(("metadata", Meta), ("status", Conditions));

    public static readonly Shape Pod = Shape.Object(
        ("metadata", Meta),
        ("spec", PodSpec),
        ("status", Shape.Object(
            ("conditions", Shape.MapOf(Shape.Free, "type")),
            ("podIPs", Shape.MapOf(Shape.Free, "ip")),
            ("hostIPs", Shape.Atomic))));

    public static readonly Shape Workload = Shape.Object(
        ("metadata", Meta),
        ("spec", Shape.Object(("selector", Shape.Atomic), ("template", Template))),
        ("status", Conditions));

    public static readonly Shape Service = Shape.Object(
        ("metadata", Meta),
        ("spec", Shape.Object(("ports", Shape.MapOf(Shape.Free, "port", "protocol")), ("selector", Shape.Atomic))),
        ("status", Conditions));

    public static readonly Shape ServiceAccount = Shape.Object(
        ("metadata", Meta), ("secrets", Shape.MapOf(Shape.Free, "name")));

    public static readonly Shape Ingress = Shape.Object(
        ("metadata", Meta),
        ("spec", Shape.Object(("defaultBackend", Shape.Object(("resource", Shape.Atomic))))));

    public static readonly Shape RoleBinding = Shape.Object(("metadata", Meta), ("roleRef", Shape.Atomic));
}
