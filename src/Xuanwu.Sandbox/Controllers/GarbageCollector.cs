using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Controllers;

/// <summary>
/// Deletes what has lost its owners, finishes deletions that wait for their dependents (Foreground) or let them go
/// (Orphan), and empties namespaces that are deleted.
/// </summary>
internal sealed class GarbageCollector(Registry registry)
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";

    private ObjectStore Store => registry.Store;

    /// <summary>An object that names an owner which is not there.</summary>
    public bool HasLostOwner(Stored o)
    {
        foreach (var owner in o.Owners)
        {
            if (Store.FindByUid(owner) is null) return true;
        }

        return false;
    }

    /// <summary>One look at an object by its uid, be it there or gone.</summary>
    public void Collect(string uid)
    {
        if (Store.FindByUid(uid) is not { } o)
        {
            foreach (var dependent in Store.Dependents(uid)) Drop(dependent);
            return;
        }

        if (o.Terminating) Finish(o);
        else if (HasLostOwner(o)) Drop(o);
        foreach (var owner in o.Owners)
        {
            if (Store.FindByUid(owner) is { Terminating: true } going) Finish(going);
        }
    }

    /// <summary>
    /// Deletes what is in a namespace that goes away, then the namespace; true when it has to be looked at again.
    /// </summary>
    public bool Empty(string name)
    {
        if (Store.Find(Kinds.Namespace, null, name) is not { Terminating: true } home) return false;
        var left = false;
        foreach (var kind in Kinds.All.Where(it => it.Namespaced))
        {
            foreach (var o in Store.List(kind, name))
            {
                left = true;
                if (!o.Terminating) TryDelete(o, new DeleteOptions(Uid: o.Uid));
            }
        }

        return left || Store.TryRemove(home) is null;
    }

    private void Drop(Stored o)
    {
        if (o.Terminating) return;
        var lost = o.Owners.Where(it => Store.FindByUid(it) is null).ToHashSet();
        if (lost.Count < o.Owners.Count)
        {
            RemoveReferences(o, lost);
            return;
        }

        TryDelete(o, new DeleteOptions(Uid: o.Uid));
    }

    private void Finish(Stored o)
    {
        var finalizers = o.Parse().Metadata().Texts("finalizers").ToHashSet();
        if (finalizers.Contains(Orphan))
        {
            foreach (var dependent in Store.Dependents(o.Uid)) RemoveReferences(dependent, [o.Uid]);
            RemoveFinalizer(o, Orphan);
        }
        else if (finalizers.Contains(Foreground))
        {
            var dependents = Store.Dependents(o.Uid);
            foreach (var dependent in dependents.Where(it => !it.Terminating))
            {
                TryDelete(dependent, new DeleteOptions("Foreground", Uid: dependent.Uid));
            }

            if (!dependents.Any(it => Store.FindByUid(it.Uid) is not null && Blocks(it, o.Uid)))
            {
                RemoveFinalizer(o, Foreground);
            }
        }
    }

    private static bool Blocks(Stored dependent, string owner) => dependent.Parse().Metadata().Items("ownerReferences")
        .Any(it => it.Text("uid") == owner && it.Flag("blockOwnerDeletion"));

    private void RemoveReferences(Stored o, HashSet<string> owners) => Store.Change(o.Kind, o.Namespace, o.Name, it =>
    {
        var kept = it.Metadata().Items("ownerReferences")
            .Where(reference => !owners.Contains(reference.Text("uid") ?? ""));
        var references = Json.Array(kept.Select(reference => reference.DeepClone()));
        if (references.Count > 0) it.Metadata()["ownerReferences"] = references;
        else it.Metadata().Remove("ownerReferences");
        return true;
    });

    private void RemoveFinalizer(Stored o, string finalizer) => Store.Change(o.Kind, o.Namespace, o.Name, it =>
    {
        if (it.Metadata()["finalizers"] is not JsonArray finalizers) return false;
        var kept = Json.Array(finalizers.OfType<JsonNode>().Where(name => Json.AsText(name) != finalizer)
            .Select(name => name.DeepClone()));
        if (kept.Count > 0) it.Metadata()["finalizers"] = kept;
        else it.Metadata().Remove("finalizers");
        return true;
    });

    private void TryDelete(Stored o, DeleteOptions options)
    {
        try
        {
            registry.Delete(o.Kind, o.Namespace, o.Name, options);
        }
        catch (ApiFailure failure) when (failure.Code is 404 or 409)
        {
            // it is gone, or another has its name
        }
    }
}
