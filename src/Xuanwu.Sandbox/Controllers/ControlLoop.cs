using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Controllers;

/// <summary>
/// The controller manager: turns changes into keys to look at and has each controller look at its own. One loop for
/// all: the order of effects is easy to follow, and what one controller did is seen by the next.
/// </summary>
internal sealed class ControlLoop
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    private readonly Registry _registry;
    private readonly Deployments _deployments;
    private readonly ReplicaSets _replicaSets;
    private readonly ServiceEndpoints _endpoints;
    private readonly GarbageCollector _garbage;
    private readonly WorkQueue<Key> _queue;
    private readonly HashSet<Key> _reminded = [];
    private readonly CancellationToken _stop;

    public ControlLoop(Registry registry, CancellationToken stop)
    {
        (_registry, _stop) = (registry, stop);
        _deployments = new Deployments(registry);
        _replicaSets = new ReplicaSets(registry);
        _endpoints = new ServiceEndpoints(registry);
        _garbage = new GarbageCollector(registry);
        _queue = new WorkQueue<Key>(Work, (key, _) => _queue!.EnqueueAfter(key, TimeSpan.FromSeconds(1)), stop);
        registry.Store.Observe(Note);
    }

    private enum Duty
    {
        Deployment,
        Deadline,
        ReplicaSet,
        Endpoints,
        Garbage,
        Namespace,
        Ingress,
    }

    public void Start() => _queue.Start();

    private void Note(StoreChange change)
    {
        var o = change.Object;
        if (o.Kind == Kinds.Event) return;
        if (o.Kind == Kinds.Deployment) Enqueue(Duty.Deployment, o);
        else if (o.Kind == Kinds.ReplicaSet) Enqueue(Duty.ReplicaSet, o);
        else if (o.Kind == Kinds.Namespace) Enqueue(Duty.Namespace, o);
        else if (o.Kind == Kinds.Ingress && change.Type == ChangeType.Added) Enqueue(Duty.Ingress, o);
        if (o.Kind == Kinds.Pod || o.Kind == Kinds.Service)
        {
            foreach (var service in _endpoints.Note(change)) Enqueue(Duty.Endpoints, service);
        }

        foreach (var owner in o.Owners)
        {
            if (_registry.Store.FindByUid(owner) is not { } owning) continue;
            if (owning.Kind == Kinds.ReplicaSet) Enqueue(Duty.ReplicaSet, owning);
            else if (owning.Kind == Kinds.Deployment) Enqueue(Duty.Deployment, owning);
            if (owning.Terminating) _queue.Enqueue(new Key(Duty.Garbage, "", owning.Uid));
        }

        // Of a Recreate the Deployment waits for the last pod of its old set.
        if (o.Kind == Kinds.Pod && change.Type == ChangeType.Deleted)
        {
            foreach (var set in o.Owners.Select(_registry.Store.FindByUid).OfType<Stored>())
            {
                foreach (var deployment in set.Owners.Select(_registry.Store.FindByUid).OfType<Stored>())
                {
                    Enqueue(Duty.Deployment, deployment);
                }
            }
        }

        if (change.Type == ChangeType.Deleted || o.Terminating || (o.Owners.Count > 0 && _garbage.HasLostOwner(o)))
        {
            _queue.Enqueue(new Key(Duty.Garbage, "", o.Uid));
        }
    }

    private void Enqueue(Duty duty, Stored o) => _queue.Enqueue(new Key(duty, o.Namespace ?? "", o.Name));

    private void Work(Key key)
    {
        switch (key.Duty)
        {
            case Duty.Deployment:
                if (_deployments.Reconcile(key.Namespace, key.Name) is { } later && _reminded.Add(key))
                {
                    _ = RemindAsync(key, later);
                }
                break;
            case Duty.Deadline:
                _reminded.Remove(key with { Duty = Duty.Deployment });
                Work(key with { Duty = Duty.Deployment });
                break;
            case Duty.ReplicaSet:
                if (_replicaSets.Reconcile(key.Namespace, key.Name)) _queue.EnqueueAfter(key, Again);
                break;
            case Duty.Endpoints:
                _endpoints.Reconcile(key.Namespace, key.Name);
                break;
            case Duty.Garbage:
                _garbage.Collect(key.Name);
                if (_registry.Store.FindByUid(key.Name) is null) _deployments.Forget(key.Name);
                break;
            case Duty.Namespace:
                ReconcileNamespace(key);
                break;
            case Duty.Ingress:
                if (_registry.Store.Find(Kinds.Ingress, key.Namespace, key.Name) is { } ingress)
                {
                    _registry.SetStatus(ingress, new JsonObject
                    {
                        ["loadBalancer"] = new JsonObject
                        {
                            ["ingress"] = new JsonArray(new JsonObject { ["ip"] = "127.0.0.1" }),
                        },
                    });
                }

                break;
        }
    }

    // The deadline of a rollout is minutes away and seldom comes: one reminder at a time for each Deployment.
    private async Task RemindAsync(Key key, TimeSpan later)
    {
        await Task.Delay(later, _stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_stop.IsCancellationRequested) return;
        _queue.Enqueue(key with { Duty = Duty.Deadline });
    }

    private void ReconcileNamespace(Key key)
    {
        if (_garbage.Empty(key.Name))
        {
            _queue.EnqueueAfter(key, Again);
            return;
        }

        if (_registry.Store.Find(Kinds.Namespace, null, key.Name) is { Terminating: false })
        {
            HaveDefaultAccount(_registry, key.Name);
        }
    }

    /// <summary>Every namespace has the service account "default".</summary>
    public static void HaveDefaultAccount(Registry registry, string ns)
    {
        if (registry.Store.Find(Kinds.ServiceAccount, ns, "default") is not null) return;
        registry.Create(Kinds.ServiceAccount, ns, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "default" },
        }, WriteOptions.Internal);
    }

    private readonly record struct Key(Duty Duty, string Namespace, string Name);
}
