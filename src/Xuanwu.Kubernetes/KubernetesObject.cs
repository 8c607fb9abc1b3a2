using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>
/// One object as the API sends it: the JSON tree, nothing lost, with readers for what every object has
/// (reference/kubernetes-api/common-definitions/object-meta). A field that is absent, or of an unexpected type, reads
/// as empty or null: the API adds fields and omits empty ones.
/// </summary>
/// <remarks>Not thread-safe while somebody writes to <see cref="Json"/>.</remarks>
public sealed class KubernetesObject(JsonObject json)
{
    public JsonObject Json { get; } = json ?? throw new ArgumentNullException(nameof(json));

    public string ApiVersion => Text(Json["apiVersion"]) ?? "";
    public string KindName => Text(Json["kind"]) ?? "";

    /// <exception cref="ArgumentException">The object is of a kind that is not in use.</exception>
    public Kind Kind => Kind.Of(ApiVersion, KindName);

    public string Name => Text(Metadata?["name"]) ?? "";

    /// <summary>Empty for objects that live in no namespace.</summary>
    public string Namespace => Text(Metadata?["namespace"]) ?? "";

    /// <summary>Unlike the name never used twice: a deleted and recreated object has another one.</summary>
    public string Uid => Text(Metadata?["uid"]) ?? "";

    /// <summary>Opaque: compare for equality only.</summary>
    public string ResourceVersion => Text(Metadata?["resourceVersion"]) ?? "";

    /// <summary>Counts changes of the spec; <c>status.observedGeneration</c> follows it.</summary>
    public long Generation => Metadata?["generation"] is JsonValue it && it.TryGetValue(out long value) ? value : 0;

    public IReadOnlyDictionary<string, string> Labels => Texts(Metadata?["labels"]);
    public IReadOnlyDictionary<string, string> Annotations => Texts(Metadata?["annotations"]);
    public DateTimeOffset? CreationTimestamp => Time(Metadata?["creationTimestamp"]);

    /// <summary>Set once deletion was asked for and something (finalizers, a grace period) still holds it.</summary>
    public DateTimeOffset? DeletionTimestamp => Time(Metadata?["deletionTimestamp"]);

    public IReadOnlyList<OwnerReference> OwnerReferences =>
        Metadata?["ownerReferences"] is JsonArray owners
            ? [.. owners.OfType<JsonObject>().Select(OwnerReference.Of)]
            : [];

    private JsonObject? Metadata => Json["metadata"] as JsonObject;

    /// <summary>Reads one object of JSON text.</summary>
    /// <exception cref="JsonException">The text is not a JSON object.</exception>
    public static KubernetesObject Parse(string json) => new(ApiJson.ReadObject(Encoding.UTF8.GetBytes(json)));

    /// <summary>The node at a path, as in <c>At("status", "readyReplicas")</c>; null when absent.</summary>
    public JsonNode? At(params ReadOnlySpan<string> path)
    {
        JsonNode? node = Json;
        foreach (var name in path)
        {
            node = (node as JsonObject)?[name];
        }

        return node;
    }

    /// <summary>The whole number at a path; null when there is none.</summary>
    public long? NumberAt(params ReadOnlySpan<string> path) =>
        At(path) is JsonValue it && it.TryGetValue(out long value) ? value : null;

    /// <summary>The text at a path; null when there is none.</summary>
    public string? TextAt(params ReadOnlySpan<string> path) => Text(At(path));

    public override string ToString() =>
        Namespace.Length == 0 ? $"{KindName} {Name}" : $"{KindName} {Namespace}/{Name}";

    internal static string? Text(JsonNode? node) =>
        node is JsonValue it && it.TryGetValue(out string? value) ? value : null;

    private static DateTimeOffset? Time(JsonNode? node) =>
        DateTimeOffset.TryParse(
            Text(node), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    private static Dictionary<string, string> Texts(JsonNode? node)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in node as JsonObject ?? [])
        {
            if (Text(value) is { } text) texts[name] = text;
        }

        return texts;
    }
}

/// <summary>Who an object goes with: the garbage collector deletes it after its last owner.</summary>
public sealed record OwnerReference(
    string ApiVersion, string Kind, string Name, string Uid, bool Controller, bool BlockOwnerDeletion)
{
    internal static OwnerReference Of(JsonObject json) => new(
        KubernetesObject.Text(json["apiVersion"]) ?? "",
        KubernetesObject.Text(json["kind"]) ?? "",
        KubernetesObject.Text(json["name"]) ?? "",
        KubernetesObject.Text(json["uid"]) ?? "",
        json["controller"] is JsonValue controller && controller.TryGetValue(out bool controls) && controls,
        json["blockOwnerDeletion"] is JsonValue blocker && blocker.TryGetValue(out bool blocks) && blocks);
}
