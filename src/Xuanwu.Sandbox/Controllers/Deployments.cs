using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Controllers;

/// <summary>
/// Rolls a Deployment from the ReplicaSet of its old template to that of the new one: never more than replicas +
/// maxSurge pods, never fewer than replicas - maxUnavailable available ones; with Recreate all old pods are gone before
/// the first new one. (kubernetes/pkg/controller/deployment)
/// </summary>
internal sealed class Deployments(Registry registry)
{
    private const string Revision = "deployment.kubernetes.io/revision";
    private const string Hash = "pod-template-hash";
    private readonly EventRecorder _events = new(registry.Store, "deployment-controller");
    private readonly Dictionary<string, (long Generation, string Hash)> _hashes = new(StringComparer.Ordinal);

    /// <summary>A Deployment is gone.</summary>
    public void Forget(string uid) => _hashes.Remove(uid);

    /// <summary>One look at a Deployment; answers when to look again, if that is known.</summary>
    public TimeSpan? Reconcile(string ns, string name)
    {
        if (registry.Store.Find(Kinds.Deployment, ns, name) is not { Terminating: false } deployment) return null;
        var o = deployment.Parse();
        var spec = o.Child("spec")!;
        var hash = HashOf(deployment, o);
        var sets = registry.Store.Dependents(deployment.Uid).Where(it => it.Kind == Kinds.ReplicaSet && !it.Terminating)
            .ToArray();
        var current = sets.FirstOrDefault(it => it.Labels.GetValueOrDefault(Hash) == hash);
        var old = sets.Where(it => it != current).ToArray();
        var roll = Roll.Of(spec);

        if (roll.Recreate && !spec.Flag("paused"))
        {
            foreach (var set in old) Scale(deployment, set, 0);
            var cleared = old.All(set => !registry.Store.Dependents(set.Uid).Any(it => it.Kind == Kinds.Pod));
            if (current is null && cleared) current = Create(deployment, spec, hash, old, roll.Replicas);
            else if (current is not null) Scale(deployment, current, roll.Replicas);
        }
        else if (!spec.Flag("paused"))
        {
            current ??= Create(deployment, spec, hash, old,
                Math.Max(0, Math.Min(roll.Replicas, roll.Most - Wanted(old))));
            if (current is not null) Shift(deployment, current, old, roll);
        }
        else if (current is not null)
        {
            Scale(deployment, current, roll.Replicas);
        }

        Adopt(deployment, o, current, old);
        Forget(old, (int)(spec.Number("revisionHistoryLimit") ?? 10));
        return Report(deployment, o, current, old, roll);
    }

    private void Shift(Stored deployment, Stored current, Stored[] old, Roll roll)
    {
        var now = current.View(ReplicaSetView.Of);
        var total = now.Wanted + Wanted(old);
        if (now.Wanted > roll.Replicas || old.Length == 0) Scale(deployment, current, roll.Replicas);
        else if (now.Wanted < roll.Replicas && total < roll.Most)
        {
            Scale(deployment, current, now.Wanted + Math.Min(roll.Most - total, roll.Replicas - now.Wanted));
        }

        // What may go: everything above the least, but for new pods that are not available yet. Broken old pods go
        // first.
        var spare = total - roll.Least - Math.Max(0, now.Wanted - now.Available);
        foreach (var set in old.OrderBy(it => it.View(ReplicaSetView.Of).Revision))
        {
            var view = set.View(ReplicaSetView.Of);
            var broken = Math.Min(view.Wanted - view.Available, spare);
            if (broken > 0)
            {
                Scale(deployment, set, view.Wanted - broken);
                spare -= broken;
            }
        }

        var available = now.Available + old.Sum(it => it.View(ReplicaSetView.Of).Available);
        var healthy = available - roll.Least;
        foreach (var set in old)
        {
            var left = registry.Store.FindByUid(set.Uid)?.View(ReplicaSetView.Of).Wanted ?? 0;
            var less = Math.Min(left, Math.Min(healthy, spare));
            if (less <= 0) continue;
            Scale(deployment, set, left - less);
            healthy -= less;
            spare -= less;
        }
    }

    private Stored? Create(Stored deployment, JsonObject spec, string hash, Stored[] old, int replicas)
    {
        var template = spec.Child("template")!.DeepClone().AsObject();
        template.Metadata().Have("labels")[Hash] = hash;
        var selector = spec.Child("selector")!.DeepClone().AsObject();
        selector.Have("matchLabels")[Hash] = hash;
        var revision = old.Select(it => it.View(ReplicaSetView.Of).Revision).DefaultIfEmpty().Max() + 1;
        var set = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{deployment.Name}-{hash}",
                ["labels"] = template.Metadata()["labels"]!.DeepClone(),
                ["annotations"] = new JsonObject { [Revision] = revision.ToString(CultureInfo.InvariantCulture) },
                ["ownerReferences"] = Owner.References(deployment),
            },
            ["spec"] = new JsonObject { ["replicas"] = replicas, ["selector"] = selector, ["template"] = template },
        };
        try
        {
            var created = registry.Create(Kinds.ReplicaSet, deployment.Namespace, set, WriteOptions.Internal);
            _events.Normal(deployment, "ScalingReplicaSet", $"Scaled up replica set {created.Name} to {replicas}");
            return created;
        }
        catch (ApiFailure failure)
        {
            _events.Warn(deployment, "ReplicaSetCreateError", failure.Message);
            return null;
        }
    }

    private void Scale(Stored deployment, Stored set, int replicas)
    {
        var before = set.View(ReplicaSetView.Of).Wanted;
        if (before == replicas) return;
        registry.Store.Change(Kinds.ReplicaSet, set.Namespace, set.Name, o =>
        {
            o.Have("spec")["replicas"] = replicas;
            o.Metadata()["generation"] = (o.Metadata().Number("generation") ?? 0) + 1;
            return true;
        });
        _events.Normal(deployment, "ScalingReplicaSet",
            $"Scaled {(replicas > before ? "up" : "down")} replica set {set.Name} from {before} to {replicas}");
    }

    // A template that comes back gets the newest revision, and the Deployment shows the revision that it is at.
    private void Adopt(Stored deployment, JsonObject o, Stored? current, Stored[] old)
    {
        if (current is null) return;
        var revision = current.View(ReplicaSetView.Of).Revision;
        var newest = old.Select(it => it.View(ReplicaSetView.Of).Revision).DefaultIfEmpty().Max();
        if (revision <= newest)
        {
            revision = newest + 1;
            Annotate(current, revision);
        }

        var shown = o.Child("metadata", "annotations").Text(Revision);
        if (shown != revision.ToString(CultureInfo.InvariantCulture)) Annotate(deployment, revision);

        void Annotate(Stored what, int number) => registry.Store.Change(what.Kind, what.Namespace, what.Name, it =>
        {
            it.Metadata().Have("annotations")[Revision] = number.ToString(CultureInfo.InvariantCulture);
            return true;
        });
    }

    private void Forget(Stored[] old, int limit)
    {
        var empty = old.Where(it => it.View(ReplicaSetView.Of) is { Wanted: 0, Replicas: 0 })
            .OrderByDescending(it => it.View(ReplicaSetView.Of).Revision)
            .Skip(limit);
        foreach (var set in empty) registry.Store.TryRemove(set);
    }

    private TimeSpan? Report(Stored deployment, JsonObject o, Stored? current, Stored[] old, Roll roll)
    {
        var now = current?.View(ReplicaSetView.Of) ?? new ReplicaSetView(0, 0, 0, 0, 0);
        var views = old.Select(it => it.View(ReplicaSetView.Of)).Append(now).ToArray();
        var replicas = views.Sum(it => it.Replicas);
        var (ready, available) = (views.Sum(it => it.Ready), views.Sum(it => it.Available));
        var was = o.Child("status");
        var status = new JsonObject { ["observedGeneration"] = o.Metadata().Number("generation") };
        foreach (var (field, count) in new (string, int)[]
        {
            ("replicas", replicas), ("updatedReplicas", now.Replicas), ("readyReplicas", ready),
            ("availableReplicas", available),
            ("unavailableReplicas", Math.Max(0, Math.Max(roll.Replicas, replicas) - available)),
        })
        {
            if (count > 0) status[field] = count;
        }

        string[] counted = ["replicas", "updatedReplicas", "readyReplicas", "availableReplicas"];
        var moved = counted.Any(it => was.Number(it) != status.Number(it));
        var done = now.Replicas == roll.Replicas && replicas == now.Replicas && now.Available >= roll.Replicas;
        var before = was.Items("conditions").FirstOrDefault(it => it.Text("type") == "Progressing");
        var since = DateTimeOffset.TryParse(before.Text("lastUpdateTime"), CultureInfo.InvariantCulture, out var at)
            && !moved
            ? at : DateTimeOffset.UtcNow;
        var deadline = TimeSpan.FromSeconds(o.Child("spec").Number("progressDeadlineSeconds") ?? 600);
        var left = since + deadline - DateTimeOffset.UtcNow;
        var late = !done && left <= TimeSpan.Zero;

        var progress = late
            ? ("ProgressDeadlineExceeded", $"ReplicaSet \"{current?.Name}\" has timed out progressing.")
            : done
                ? ("NewReplicaSetAvailable", $"ReplicaSet \"{current!.Name}\" has successfully progressed.")
                : ("ReplicaSetUpdated", $"ReplicaSet \"{current?.Name}\" is progressing.");
        var availability = available >= roll.Least
            ? ("MinimumReplicasAvailable", "Deployment has minimum availability.")
            : ("MinimumReplicasUnavailable", "Deployment does not have minimum availability.");
        status["conditions"] = new JsonArray(
            Condition("Available", available >= roll.Least, availability), Condition("Progressing", !late, progress));
        registry.SetStatus(deployment, status);
        return done || late ? null : left;

        JsonObject Condition(string type, bool holds, (string Reason, string Message) why)
        {
            var same = was.Items("conditions").FirstOrDefault(it => it.Text("type") == type);
            var value = holds ? "True" : "False";
            return new JsonObject
            {
                ["type"] = type,
                ["status"] = value,
                ["lastUpdateTime"] = moved ? Json.Now() : same.Text("lastUpdateTime") ?? Json.Now(),
                ["lastTransitionTime"] = same.Text("status") == value ? same.Text("lastTransitionTime") : Json.Now(),
                ["reason"] = why.Reason,
                ["message"] = why.Message,
            };
        }
    }

    private static int Wanted(Stored[] sets) => sets.Sum(it => it.View(ReplicaSetView.Of).Wanted);

    private string HashOf(Stored deployment, JsonObject o)
    {
        var generation = o.Metadata().Number("generation") ?? 0;
        if (_hashes.TryGetValue(deployment.Uid, out var known) && known.Generation == generation) return known.Hash;
        var hash = HashOf(o.Child("spec", "template")!);
        _hashes[deployment.Uid] = (generation, hash);
        return hash;
    }

    // FNV-1a over the template with its fields in order, in the letters that Kubernetes uses for hashes in names.
    private static string HashOf(JsonObject template)
    {
        var hash = 2166136261u;
        foreach (var b in Encoding.UTF8.GetBytes(Ordered(template)!.ToJsonString())) hash = (hash ^ b) * 16777619u;
        return string.Concat(hash.ToString(CultureInfo.InvariantCulture)
            .Select(it => "bcdfghjklmnpqrstvwxz2456789"[it % 27]));

        static JsonNode? Ordered(JsonNode? node) => node switch
        {
            JsonObject o => new JsonObject(o.OrderBy(it => it.Key, StringComparer.Ordinal)
                .Select(it => KeyValuePair.Create(it.Key, Ordered(it.Value)))),
            JsonArray items => new JsonArray([.. items.Select(Ordered)]),
            _ => node?.DeepClone(),
        };
    }

    /// <summary>The bounds of a rollout.</summary>
    private sealed record Roll(int Replicas, bool Recreate, int Most, int Least)
    {
        public static Roll Of(JsonObject spec)
        {
            var replicas = (int)(spec.Number("replicas") ?? 1);
            var rolling = spec.Child("strategy", "rollingUpdate");
            var surge = Share(rolling?["maxSurge"], replicas, up: true);
            var unavailable = Share(rolling?["maxUnavailable"], replicas, up: false);
            if (surge == 0 && unavailable == 0) unavailable = 1;
            return new Roll(
                replicas, spec.Child("strategy").Text("type") == "Recreate",
                replicas + surge, Math.Max(0, replicas - unavailable));
        }

        private static int Share(JsonNode? value, int of, bool up)
        {
            if (Json.AsNumber(value) is { } count) return (int)count;
            var text = (Json.AsText(value) ?? "25%").TrimEnd('%');
            var part = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var percent)
                ? percent * of / 100.0 : 0;
            return (int)(up ? Math.Ceiling(part) : Math.Floor(part));
        }
    }
}
