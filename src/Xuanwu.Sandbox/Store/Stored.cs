using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;

namespace Xuanwu.Sandbox.Store;

/// <summary>
/// One version of an object, immutable: its UTF-8 JSON as clients get it, and beside it only what finding and watching
/// need. Text and not a tree, so that thousands of pods stay small and lists and watches copy bytes.
/// </summary>
internal sealed class Stored
{
    private static readonly IReadOnlyDictionary<string, string> NoLabels = new Dictionary<string, string>();
    private object? _view;

    private Stored(ResourceKind kind, JsonObject metadata, byte[] json, long revision)
    {
        Kind = kind;
        Namespace = kind.Namespaced ? metadata.Text("namespace") : null;
        Name = metadata.Text("name")!;
        Uid = metadata.Text("uid")!;
        Revision = revision;
        Labels = metadata["labels"] is JsonObject { Count: > 0 } labels ? labels.TextMap() : NoLabels;
        Owners = [.. metadata.Items("ownerReferences").Select(it => it.Text("uid")).OfType<string>()];
        Terminating = metadata["deletionTimestamp"] is not null;
        Finalized = metadata["finalizers"] is not JsonArray { Count: > 0 };
        Json = json;
    }

    public ResourceKind Kind { get; }

    public string? Namespace { get; }

    public string Name { get; }

    public string Uid { get; }

    /// <summary>The resourceVersion: one counter for the whole store.</summary>
    public long Revision { get; }

    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>Uids of the owners.</summary>
    public IReadOnlyList<string> Owners { get; }

    /// <summary>Deletion was asked for and waits for finalizers or for the kubelet.</summary>
    public bool Terminating { get; }

    /// <summary>No finalizer is left.</summary>
    public bool Finalized { get; }

    public ReadOnlyMemory<byte> Json { get; }

    /// <summary>The key in its kind's shelf; sorts by namespace, then name.</summary>
    public string Key => KeyOf(Namespace, Name);

    public static string KeyOf(string? ns, string name) => ns is null ? name : string.Concat(ns, "/", name);

    /// <summary>Writes the object down as a version; the object gets the revision as its resourceVersion.</summary>
    public static Stored Of(ResourceKind kind, JsonObject o, long revision)
    {
        var metadata = o.Metadata();
        metadata["resourceVersion"] = revision.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new Stored(kind, metadata, kind.Write(o), revision);
    }

    public JsonObject Parse() => Store.Json.Parse(Json);

    /// <summary>What one reader makes of this version, made once. One view type per kind.</summary>
    public T View<T>(Func<JsonObject, T> make)
        where T : class
    {
        if (_view is T view) return view;
        view = make(Parse());
        _view = view;
        return view;
    }

    public override string ToString() => $"{Kind.Plural} {Key}";
}
