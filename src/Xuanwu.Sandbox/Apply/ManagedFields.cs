using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Apply;

/// <summary>Who writes: the manager's name, how, and through which subresource.</summary>
internal sealed record FieldOwner(string Name, bool Applies, string? Subresource = null);

/// <summary>
/// Field ownership. Applying claims exactly the fields of the applied configuration: a field that another manager owns
/// with another value is a conflict (unless forced, then it changes hands), a field no longer applied and owned by
/// nobody else goes away. Every other write claims what it changed and takes it from the others.
/// (kubernetes.io/docs/reference/using-api/server-side-apply)
/// </summary>
internal sealed class ManagedFields
{
    private readonly List<Entry> _entries;

    private ManagedFields(List<Entry> entries) => _entries = entries;

    public static ManagedFields Of(JsonObject? o) =>
        new([.. (o?["metadata"] as JsonObject).Items("managedFields").Select(
        it => new Entry(
            new FieldOwner(it.Text("manager") ?? "", it.Text("operation") == "Apply", it.Text("subresource")),
            it.Text("apiVersion") ?? "",
            it.Text("time"),
            FieldSet.FromJson(it.Child("fieldsV1"))))]);

    /// <summary>The live object with the configuration applied by the manager, or a conflict.</summary>
    public static JsonObject Apply(
        ResourceKind kind, JsonObject? live, JsonObject applied, FieldOwner manager, bool force)
    {
        var managed = Of(live);
        var claimed = Owned(FieldSet.Of(applied, kind.Shape));
        var merged = live is null ? applied.DeepClone().AsObject() : Merge.Over(live, applied, kind.Shape)!.AsObject();
        if (live is not null)
        {
            managed.Resolve(kind, live, merged, claimed, manager, force);
            if (managed.Find(manager) is { } mine)
            {
                var others = new FieldSet();
                foreach (var entry in managed._entries.Where(it => it != mine)) others.Add(entry.Fields);
                Merge.Prune(merged, mine.Fields, claimed, others, kind.Shape);
            }
        }

        managed.Claim(manager, kind, claimed);
        managed.WriteTo(merged);
        return merged;
    }

    /// <summary>Records on the next version what a write that is not an apply has changed.</summary>
    public static void Update(ResourceKind kind, JsonObject? live, JsonObject next, FieldOwner manager)
    {
        var managed = Of(live);
        var (changed, removed) = (new FieldSet(), new FieldSet());
        if (live is null) changed.Collect(next, kind.Shape);
        else Merge.Compare(live, next, kind.Shape, changed, removed);
        Owned(changed.Trimmed());
        Owned(removed.Trimmed());
        if (!changed.IsEmpty || !removed.IsEmpty)
        {
            foreach (var entry in managed._entries)
            {
                entry.Fields.Remove(removed);
                if (entry.FieldOwner != manager) entry.Fields.Remove(changed);
            }

            if (!changed.IsEmpty)
            {
                if (managed.Find(manager) is { } mine) changed.Add(mine.Fields);
                managed.Claim(manager, kind, changed);
            }
        }

        managed.WriteTo(next);
    }

    private void Resolve(
        ResourceKind kind, JsonObject live, JsonObject merged, FieldSet claimed, FieldOwner manager, bool force)
    {
        var (changed, removed) = (new FieldSet(), new FieldSet());
        Merge.Compare(live, merged, kind.Shape, changed, removed);
        var disputed = Owned(changed.Trimmed()).Intersect(claimed);
        var conflicts = _entries.Where(it => it.FieldOwner != manager)
            .Select(it => (Entry: it, Fields: it.Fields.Intersect(disputed)))
            .Where(it => !it.Fields.IsEmpty)
            .ToArray();
        if (conflicts.Length > 0 && !force) throw Conflict(conflicts);
        foreach (var (entry, fields) in conflicts) entry.Fields.Remove(fields);
    }

    private static ApiFailure Conflict((Entry Entry, FieldSet Fields)[] conflicts)
    {
        var causes = conflicts.SelectMany(it => it.Fields.Paths(), (it, path) => (it.Entry, Path: path)).ToArray();
        var byOwner = causes.GroupBy(it => it.Entry).Select(group =>
            $"conflicts with {group.Key.Describe()}:\n" + string.Join("\n", group.Select(it => "- " + it.Path)));
        var message = causes.Length == 1
            ? $"Apply failed with 1 conflict: conflict with {causes[0].Entry.Describe()}: {causes[0].Path}"
            : $"Apply failed with {causes.Length} conflicts: {string.Join("\n", byOwner)}";
        return ApiFailure.ApplyConflict(message, causes.Select(it =>
            new Cause("FieldManagerConflict", $"conflict with {it.Entry.Describe()}", it.Path)));
    }

    private Entry? Find(FieldOwner manager) => _entries.Find(it => it.FieldOwner == manager);

    private void Claim(FieldOwner manager, ResourceKind kind, FieldSet fields)
    {
        var at = _entries.FindIndex(it => it.FieldOwner == manager);
        if (at < 0) _entries.Add(new Entry(manager, kind.ApiVersion, Store.Json.Now(), fields));
        else if (!JsonNode.DeepEquals(_entries[at].Fields.ToJson(), fields.ToJson()))
        {
            _entries[at] = new Entry(manager, kind.ApiVersion, Store.Json.Now(), fields);
        }
    }

    private void WriteTo(JsonObject o)
    {
        var entries = Store.Json.Array(_entries.Where(it => !it.Fields.IsEmpty).Select(it => it.ToJson()));
        if (entries.Count > 0) o.Metadata()["managedFields"] = entries;
        else o.Metadata().Remove("managedFields");
    }

    // What the API server itself maintains is owned by nobody.
    private static FieldSet Owned(FieldSet fields)
    {
        fields.Cut("f:apiVersion");
        fields.Cut("f:kind");
        foreach (var field in (ReadOnlySpan<string>)[
            "f:name", "f:namespace", "f:uid", "f:resourceVersion", "f:generation", "f:creationTimestamp",
            "f:managedFields",
            "f:selfLink", "f:deletionTimestamp", "f:deletionGracePeriodSeconds"])
        {
            fields.Cut("f:metadata", field);
        }

        if (fields.Find("f:metadata") is { Member: true } metadata) metadata.Member = false;
        return fields.Trimmed();
    }

    private sealed record Entry(FieldOwner FieldOwner, string ApiVersion, string? Time, FieldSet Fields)
    {
        public string Describe()
        {
            var name = Store.Json.Quote(FieldOwner.Name);
            if (FieldOwner.Subresource is { } subresource) name += $" with subresource \"{subresource}\"";
            return FieldOwner.Applies ? name : $"{name} using {ApiVersion}" + (Time is null ? "" : $" at {Time}");
        }

        public JsonObject ToJson()
        {
            var entry = new JsonObject
            {
                ["manager"] = FieldOwner.Name,
                ["operation"] = FieldOwner.Applies ? "Apply" : "Update",
                ["apiVersion"] = ApiVersion,
                ["time"] = Time,
                ["fieldsType"] = "FieldsV1",
                ["fieldsV1"] = Fields.ToJson(),
            };
            if (FieldOwner.Subresource is { } subresource) entry["subresource"] = subresource;
            return entry;
        }
    }
}
