using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Apply;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>How an object is written.</summary>
/// <param name="FieldOwner">Who writes; null for the cluster's own controllers, which leave no trace in
/// managedFields.</param>
/// <param name="Subresource">status, or null for the object without its status.</param>
/// <param name="DryRun">Everything but the writing.</param>
internal sealed record WriteOptions(FieldOwner? FieldOwner = null, string? Subresource = null, bool DryRun = false)
{
    public static readonly WriteOptions Internal = new();
}

/// <summary>How an object is deleted: meta/v1 DeleteOptions.</summary>
internal sealed record DeleteOptions(
    string Propagation = "Background", long? GraceSeconds = null, string? Uid = null, string? ResourceVersion = null,
    bool DryRun = false);

/// <summary>
/// The rules of writing, in the order of kube-apiserver: merge, default, prepare (what the user may not set), admit,
/// validate, store. API and controllers come through here; a write that lost a race is made again on the newer version
/// unless the writer named the version it meant.
/// </summary>
internal sealed class Registry(ObjectStore store)
{
    private const string Background = "Background";
    private int _clusterAddress;

    public ObjectStore Store => store;

    public Stored Get(ResourceKind kind, string? ns, string name) =>
        store.Find(kind, ns, name) ?? throw ApiFailure.NotFound(kind, name);

    public Stored Create(ResourceKind kind, string? ns, JsonObject o, WriteOptions options)
    {
        while (true)
        {
            var next = o.DeepClone().AsObject();
            var metadata = next.Metadata();
            if (string.IsNullOrEmpty(metadata.Text("name")) && metadata.Text("generateName") is { Length: > 0 } stem)
            {
                metadata["name"] = stem[..Math.Min(stem.Length, 58)] + Suffix();
            }

            if (metadata.Text("resourceVersion") is { Length: > 0 })
            {
                throw ApiFailure.BadRequest("resourceVersion should not be set on objects to be created");
            }

            var name = metadata.Text("name") ?? "";
            PrepareNew(kind, ns, next);
            if (options.FieldOwner is { } manager) ManagedFields.Update(kind, null, next, manager);
            if (Add(kind, next, options) is { } added) return added;
            if (o.Metadata().Text("name") is { Length: > 0 }) throw ApiFailure.AlreadyExists(kind, name);
        }
    }

    public Stored Update(ResourceKind kind, string? ns, string name, JsonObject o, WriteOptions options)
    {
        var metadata = o.Metadata();
        var version = metadata.Text("resourceVersion");
        if (kind == Kinds.Lease && string.IsNullOrEmpty(version))
        {
            throw ApiFailure.Invalid(kind, name,
                [Cause.Invalid("metadata.resourceVersion", "0x0", "must be specified for an update")]);
        }

        return Rewrite(kind, ns, name, version, metadata.Text("uid"), options, _ => o.DeepClone().AsObject());
    }

    /// <summary>JSON merge patch (RFC 7396).</summary>
    public Stored MergePatch(ResourceKind kind, string? ns, string name, JsonObject patch, WriteOptions options)
    {
        var metadata = patch.Child("metadata");
        return Rewrite(kind, ns, name, metadata.Text("resourceVersion"), metadata.Text("uid"), options, live =>
        {
            Lay(live, patch);
            return live;
        });

        static void Lay(JsonObject target, JsonObject patch)
        {
            foreach (var (field, value) in patch)
            {
                if (value is null) target.Remove(field);
                else if (value is JsonObject nested) Lay(target.Have(field), nested);
                else target[field] = value.DeepClone();
            }
        }
    }

    public (Stored Object, bool Created) Apply(
        ResourceKind kind, string? ns, string name, JsonObject applied, WriteOptions options, bool force)
    {
        var (version, uid) = (applied.Child("metadata").Text("resourceVersion"), applied.Child("metadata").Text("uid"));
        applied = WithoutNulls(applied);
        applied["apiVersion"] = kind.ApiVersion;
        applied["kind"] = kind.Name;
        applied.Metadata().Remove("resourceVersion");
        string[] foreign = [.. applied.Select(it => it.Key).Where(it => Foreign(kind, it, options.Subresource))];
        foreach (var field in foreign) applied.Remove(field);

        while (store.Find(kind, ns, name) is null && options.Subresource is null)
        {
            if (!string.IsNullOrEmpty(uid)) throw ApiFailure.Conflict(
                kind, name, "uid mismatch: the provided object specified " +
                $"uid {uid}, and no existing object was found");
            var next = ManagedFields.Apply(kind, null, applied, options.FieldOwner!, force);
            var managed = next.Metadata()["managedFields"]?.DeepClone();
            PrepareNew(kind, ns, next);
            next.Metadata()["managedFields"] = managed;
            if (Add(kind, next, options) is { } added) return (added, true);
        }

        return (Rewrite(kind, ns, name, version, uid, options with { FieldOwner = null }, live =>
            ManagedFields.Apply(kind, live, applied, options.FieldOwner!, force)), false);
    }

    /// <summary>Deletes or begins to; Gone says whether the object is no more.</summary>
    public (Stored Object, bool Gone) Delete(ResourceKind kind, string? ns, string name, DeleteOptions options)
    {
        while (true)
        {
            var current = Get(kind, ns, name);
            Expect(kind, current, options.ResourceVersion, options.Uid);
            if (options.DryRun) return (current, true);
            var next = current.Parse();
            var finalizer = options.Propagation switch
            {
                "Foreground" => "foregroundDeletion",
                "Orphan" => "orphan",
                _ => null,
            };
            var seconds = kind == Kinds.Pod
                ? options.GraceSeconds ?? next.Child("spec").Number("terminationGracePeriodSeconds") ?? 30 : 0;
            var graceful = seconds > 0 || kind == Kinds.Namespace;
            if (!graceful && finalizer is null && current.Finalized)
            {
                if (store.TryRemove(current) is { } removed) return (removed, true);
                continue;
            }

            if (!MarkDeleted(next, kind, seconds, finalizer)) return (current, false);
            if (store.TryReplace(current, next) is { } marked) return (marked, false);
        }
    }

    /// <summary>Sets the status of an object, if there is still that object.</summary>
    public Stored? SetStatus(Stored of, JsonObject status) => store.Change(of.Kind, of.Namespace, of.Name, o =>
    {
        if (o.Metadata().Text("uid") != of.Uid || JsonNode.DeepEquals(o["status"], status)) return false;
        o["status"] = status.DeepClone();
        return true;
    });

    /// <summary>
    /// Sets the status of the version that the writer has read, as a tree; null when another writer was faster.
    /// </summary>
    public Stored? TrySetStatus(Stored of, JsonObject o, JsonObject status)
    {
        if (JsonNode.DeepEquals(o["status"], status)) return of;
        o["status"] = status;
        return store.TryReplace(of, o, differs: true);
    }

    private static bool MarkDeleted(JsonObject o, ResourceKind kind, long seconds, string? finalizer)
    {
        var metadata = o.Metadata();
        var changed = false;
        if (metadata["deletionTimestamp"] is null
            || (kind == Kinds.Pod && seconds < metadata.Number("deletionGracePeriodSeconds")))
        {
            metadata["deletionTimestamp"] = Json.Time(DateTimeOffset.UtcNow.AddSeconds(seconds));
            metadata["deletionGracePeriodSeconds"] = seconds;
            changed = true;
        }

        if (finalizer is not null && !metadata.Texts("finalizers").Contains(finalizer))
        {
            if (metadata["finalizers"] is not JsonArray finalizers) metadata["finalizers"] = finalizers = [];
            finalizers.Add(finalizer);
            changed = true;
        }

        if (kind == Kinds.Namespace) o.Have("status")["phase"] = "Terminating";
        return changed;
    }

    private Stored Rewrite(
        ResourceKind kind, string? ns, string name, string? version, string? uid, WriteOptions options,
        Func<JsonObject, JsonObject> change)
    {
        while (true)
        {
            var current = Get(kind, ns, name);
            Expect(kind, current, version, uid);
            var live = current.Parse();
            var next = change(current.Parse());
            PrepareNext(kind, live, next, options.Subresource);
            if (options.FieldOwner is { } manager)
            {
                ManagedFields.Update(kind, live, next, manager with { Subresource = options.Subresource });
            }
            if (JsonNode.DeepEquals(live, next)) return current;
            Check(kind, next, live);
            if (options.DryRun) return Stored.Of(kind, next, current.Revision);
            if (store.TryReplace(current, next) is { } replaced) return replaced;
            if (!string.IsNullOrEmpty(version)) throw ApiFailure.Modified(kind, name);
        }
    }

    private static void Expect(ResourceKind kind, Stored current, string? version, string? uid)
    {
        if (!string.IsNullOrEmpty(uid) && uid != current.Uid)
        {
            throw ApiFailure.Conflict(kind, current.Name,
                $"Precondition failed: UID in precondition: {uid}, UID in object meta: {current.Uid}");
        }

        if (string.IsNullOrEmpty(version)) return;
        if (!long.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
        {
            throw ApiFailure.Invalid(kind, current.Name,
                [Cause.Invalid("metadata.resourceVersion", version, "must be an unsigned integer")]);
        }

        if (revision != current.Revision) throw ApiFailure.Modified(kind, current.Name);
    }

    private void PrepareNew(ResourceKind kind, string? ns, JsonObject o)
    {
        var metadata = o.Metadata();
        if (kind.Namespaced) metadata["namespace"] = ns;
        else metadata.Remove("namespace");
        foreach (var field in (ReadOnlySpan<string>)[
            "resourceVersion", "selfLink", "deletionTimestamp", "deletionGracePeriodSeconds", "managedFields",
            "generation"])
        {
            metadata.Remove(field);
        }

        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Json.Now();
        if (kind.HasGeneration) metadata["generation"] = 1;
        if (kind.HasStatus) o.Remove("status");
        kind.Default(o);
        Assign(kind, o, null);
        Admit(kind, ns, o);
        Check(kind, o, null);
        if (kind == Kinds.Pod) o.Have("status")["phase"] = "Pending";
    }

    private void PrepareNext(ResourceKind kind, JsonObject live, JsonObject next, string? subresource)
    {
        if (subresource == "status")
        {
            var (status, managed) = (next["status"]?.DeepClone(), next.Metadata()["managedFields"]?.DeepClone());
            next.Clear();
            foreach (var (field, value) in live) next[field] = value?.DeepClone();
            if (status is null) next.Remove("status");
            else next["status"] = status;
            if (managed is not null) next.Metadata()["managedFields"] = managed;
            return;
        }

        var (was, metadata) = (live.Metadata(), next.Metadata());
        foreach (var field in (ReadOnlySpan<string>)[
            "name", "namespace", "uid", "creationTimestamp", "generation", "deletionTimestamp",
            "deletionGracePeriodSeconds",
            "resourceVersion", "selfLink", "generateName"])
        {
            if (was[field] is { } value) metadata[field] = value.DeepClone();
            else metadata.Remove(field);
        }

        if (metadata["managedFields"] is null && was["managedFields"] is { } kept)
        {
            metadata["managedFields"] = kept.DeepClone();
        }
        if (kind.HasStatus)
        {
            if (live["status"] is { } status) next["status"] = status.DeepClone();
            else next.Remove("status");
        }

        kind.Default(next);
        Assign(kind, next, live);
        if (kind.HasGeneration && !JsonNode.DeepEquals(live["spec"], next["spec"]))
        {
            metadata["generation"] = (was.Number("generation") ?? 0) + 1;
        }
    }

    private void Assign(ResourceKind kind, JsonObject o, JsonObject? live)
    {
        if (kind != Kinds.Service) return;
        var spec = o.Have("spec");
        if (spec.Text("type") == "ExternalName") return;
        if (live.Child("spec").Text("clusterIP") is { } assigned) spec.Default("clusterIP", assigned);
        if (spec["clusterIP"] is null)
        {
            var next = Interlocked.Increment(ref _clusterAddress);
            spec["clusterIP"] = string.Create(
                CultureInfo.InvariantCulture, $"10.{96 + (next >> 16)}.{next >> 8 & 255}.{next & 255}");
        }

        spec["clusterIPs"] = new JsonArray(spec["clusterIP"]!.DeepClone());
    }

    private void Admit(ResourceKind kind, string? ns, JsonObject o)
    {
        if (!kind.Namespaced) return;
        var home = store.Find(Kinds.Namespace, null, ns!) ?? throw ApiFailure.NotFound(Kinds.Namespace, ns!);
        var name = o.Metadata().Text("name");
        if (home.Terminating)
        {
            throw Forbidden($"unable to create new content in namespace {ns} because it is being terminated");
        }
        if (kind != Kinds.Pod) return;
        var spec = o.Have("spec");
        spec.Default("serviceAccountName", "default");
        var account = spec.Text("serviceAccountName")!;
        spec["serviceAccount"] = account;
        if (store.Find(Kinds.ServiceAccount, ns, account) is null)
        {
            throw Forbidden($"error looking up service account {ns}/{account}: serviceaccount \"{account}\" not found");
        }

        ApiFailure Forbidden(string why) => new(403, "Forbidden", $"{kind.Qualified} \"{name}\" is forbidden: {why}",
            new JsonObject { ["name"] = name, ["kind"] = kind.Plural });
    }

    private static void Check(ResourceKind kind, JsonObject o, JsonObject? live)
    {
        var causes = new List<Cause>();
        Validation.Metadata(kind, o, causes);
        kind.Validate(o, live, causes);
        if (causes.Count > 0) throw ApiFailure.Invalid(kind, o.Metadata().Text("name") ?? "", causes);
    }

    private Stored? Add(ResourceKind kind, JsonObject o, WriteOptions options)
    {
        if (!options.DryRun) return store.TryAdd(kind, o);
        var key = o.Metadata();
        return store.Find(kind, kind.Namespaced ? key.Text("namespace") : null, key.Text("name")!) is null
            ? Stored.Of(kind, o, store.Revision) : null;
    }

    private static bool Foreign(ResourceKind kind, string field, string? subresource) => subresource is null
        ? field == "status" && kind.HasStatus
        : field is not ("apiVersion" or "kind" or "metadata" or "status");

    private static JsonObject WithoutNulls(JsonObject o)
    {
        var clean = new JsonObject();
        foreach (var (field, value) in o)
        {
            if (value is null) continue;
            clean[field] = value switch
            {
                JsonObject nested => WithoutNulls(nested),
                JsonArray items => Json.Array(items.OfType<JsonNode>()
                    .Select(it => it is JsonObject x ? WithoutNulls(x) : it.DeepClone())),
                _ => value.DeepClone(),
            };
        }

        return clean;
    }

    /// <summary>Five characters, without those that make words. (k8s.io/apimachinery/pkg/util/rand)</summary>
    public static string Suffix() => RandomNumberGenerator.GetString("bcdfghjklmnpqrstvwxz2456789", 5);
}
