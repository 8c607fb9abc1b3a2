using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Kubelet;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Controllers;

/// <summary>The counts of a ReplicaSet, read once per version.</summary>
internal sealed record ReplicaSetView(int Wanted, int Replicas, int Ready, int Available, int Revision)
{
    public static ReplicaSetView Of(JsonObject o)
    {
        var status = o.Child("status");
        var revision = o.Child("metadata", "annotations").Text("deployment.kubernetes.io/revision");
        return new ReplicaSetView(
            (int)(o.Child("spec").Number("replicas") ?? 1),
            (int)(status.Number("replicas") ?? 0),
            (int)(status.Number("readyReplicas") ?? 0),
            (int)(status.Number("availableReplicas") ?? 0),
            int.TryParse(revision, out var number) ? number : 0);
    }
}

/// <summary>Keeps as many pods of a template as are wanted.</summary>
internal sealed class ReplicaSets(Registry registry)
{
    private readonly EventRecorder _events = new(registry.Store, "replicaset-controller");

    /// <summary>One look at a ReplicaSet; true when it has to be looked at again soon.</summary>
    public bool Reconcile(string ns, string name)
    {
        if (registry.Store.Find(Kinds.ReplicaSet, ns, name) is not { Terminating: false } set) return false;
        var o = set.Parse();
        var pods = registry.Store.Dependents(set.Uid)
            .Where(it => it.Kind == Kinds.Pod && !it.Terminating && !it.View(PodView.Of).Ended)
            .ToList();
        var wanted = (int)(o.Child("spec").Number("replicas") ?? 1);
        var failure = wanted > pods.Count ? Create(set, o, wanted - pods.Count, pods) : null;
        if (wanted < pods.Count) Delete(set, pods, pods.Count - wanted);

        var ready = pods.Count(it => it.View(PodView.Of).Ready);
        var status = new JsonObject { ["replicas"] = pods.Count, ["fullyLabeledReplicas"] = pods.Count };
        if (ready > 0) (status["readyReplicas"], status["availableReplicas"]) = (ready, ready);
        status["observedGeneration"] = o.Metadata().Number("generation");
        if (failure is not null) status["conditions"] = new JsonArray(new JsonObject
        {
            ["type"] = "ReplicaFailure",
            ["status"] = "True",
            ["reason"] = "FailedCreate",
            ["message"] = failure,
            ["lastTransitionTime"] = o.Child("status").Items("conditions").FirstOrDefault().Text("lastTransitionTime")
                ?? Json.Now(),
        });
        registry.SetStatus(set, status);
        return failure is not null;
    }

    private string? Create(Stored set, JsonObject o, int count, List<Stored> pods)
    {
        var template = o.Child("spec", "template")!;
        for (var i = 0; i < count; i++)
        {
            var pod = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = $"{set.Name}-{Registry.Suffix()}",
                    ["generateName"] = set.Name + "-",
                    ["ownerReferences"] = Owner.References(set),
                },
                ["spec"] = template["spec"]!.DeepClone(),
            };
            foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
            {
                if (template.Child("metadata", field) is { } map) pod.Metadata()[field] = map.DeepClone();
            }

            try
            {
                pods.Add(registry.Create(Kinds.Pod, set.Namespace, pod, WriteOptions.Internal));
                _events.Normal(set, "SuccessfulCreate", "Created pod: " + pod.Metadata().Text("name"));
            }
            catch (ApiFailure failure) when (failure.Code != 409)
            {
                _events.Warn(set, "FailedCreate", "Error creating: " + failure.Message);
                return failure.Message;
            }
        }

        return null;
    }

    // Those that are not ready go first, then the youngest.
    private void Delete(Stored set, List<Stored> pods, int count)
    {
        var victims = pods.OrderBy(it => it.View(PodView.Of).Ready).ThenByDescending(it => it.Revision).Take(count)
            .ToArray();
        foreach (var victim in victims)
        {
            pods.Remove(victim);
            try
            {
                registry.Delete(Kinds.Pod, victim.Namespace, victim.Name, new DeleteOptions(Uid: victim.Uid));
                _events.Normal(set, "SuccessfulDelete", "Deleted pod: " + victim.Name);
            }
            catch (ApiFailure failure) when (failure.Code is 404 or 409)
            {
                // it is gone
            }
        }
    }
}
