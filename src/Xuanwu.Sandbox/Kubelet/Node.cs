using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Controllers;
using Xuanwu.Sandbox.Faults;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>
/// The kubelet of the cluster's only node. One loop brings each pod, whenever something about it may have changed, a
/// step closer to what its object asks for, and writes its status; nothing waits or ticks for a pod that is as it
/// should be.
/// <code>
/// new ─delay─► files, environment ─► init containers ─► containers run ─► ready by probe
///                    │ missing: wait for it                │ ended: restart by policy, with back-off
/// deleted ─► SIGTERM ─► all ended, or grace period over ─► object removed
/// </code>
/// </summary>
internal sealed class Node
{
    public const string NodeName = "sandbox";

    private readonly SandboxOptions _options;
    private readonly FindProgram[] _programs;
    private readonly WorkQueue<Look> _queue;
    private readonly EventRecorder _events;
    private readonly ConcurrentDictionary<string, PodRun> _pods = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _blocked = new(StringComparer.Ordinal);

    public Node(Registry registry, SandboxOptions options, CancellationToken stop)
    {
        (Registry, _options, _programs) = (registry, options, [.. options.Programs]);
        _events = new EventRecorder(registry.Store, "kubelet");
        _queue = new WorkQueue<Look>(Work, (look, _) => EnqueueAfter(look.Uid, TimeSpan.FromSeconds(1)), stop);
        Access = new Access(Store);
        ConfigMaps = new ConfigMapFeed(Store, stop);
        Store.Observe(change =>
        {
            var kind = change.Object.Kind;
            if (kind == Kinds.Pod) _queue.Enqueue(new Look(change.Object.Uid, Because.ItsObjectChanged));
            else if ((kind == Kinds.ConfigMap || kind == Kinds.Secret) && change.Type != ChangeType.Deleted)
            {
                Unblock(change.Object.Namespace!);
            }
        });
    }

    private enum Because
    {
        ItsObjectChanged,
        OfSomething,
    }

    private readonly record struct Look(string Uid, Because Because);

    public Registry Registry { get; }

    public ObjectStore Store => Registry.Store;

    public PodNetwork Network { get; } = new();

    public Access Access { get; }

    public ConfigMapFeed ConfigMaps { get; }

    public async Task StartAsync(CancellationToken ct)
    {
        await Network.StartAsync(ct);
        _queue.Start();
    }

    /// <summary>Something about the pod may have changed, other than its object.</summary>
    public void Enqueue(string uid) => _queue.Enqueue(new Look(uid, Because.OfSomething));

    /// <summary>The pod's run, when the kubelet has taken it on.</summary>
    public PodRun? Find(string uid) => _pods.GetValueOrDefault(uid);

    /// <summary>Kills every container, at the end of the cluster.</summary>
    public void StopAll()
    {
        foreach (var pod in _pods.Values)
        {
            pod.Kill(137);
            PodAddresses.Return(pod.Address);
        }

        _pods.Clear();
    }

    /// <summary>Carries out a fault on pods; answers the names of those it touched.</summary>
    public IReadOnlyList<string> Hurt(FaultAction action)
    {
        var selector = LabelSelector.Parse(action.Selector);
        var touched = new List<string>();
        foreach (var pod in _pods.Values)
        {
            if ((action.Namespace is not null && pod.Namespace != action.Namespace)
                || (action.Pod is not null && pod.Name != action.Pod)
                || Store.FindByUid(pod.Uid) is not { } stored || !selector.Matches(stored.Labels)) continue;
            if (!Hurt(pod, action)) continue;
            touched.Add(pod.Name);
            Enqueue(pod.Uid);
            if (action is { DurationMs: { } lasts, Action: "freeze" or "partition" })
            {
                _ = UndoAsync(pod, action.Action, lasts);
            }
        }

        return touched;
    }

    private bool Hurt(PodRun pod, FaultAction action)
    {
        switch (action.Action)
        {
            case "crash":
                var running = pod.Containers
                    .Where(it => it.Running && (action.Container is null || it.Name == action.Container))
                    .ToArray();
                foreach (var slot in running) slot.Run!.Kill(action.ExitCode ?? 137);
                return running.Length > 0;
            case "delete":
                Registry.Delete(Kinds.Pod, pod.Namespace, pod.Name, new DeleteOptions(Uid: pod.Uid));
                break;
            case "freeze":
                pod.Freeze();
                break;
            case "thaw":
                pod.Thaw();
                break;
            case "partition":
                pod.Partition();
                break;
            case "heal":
                pod.Heal();
                break;
        }

        return true;
    }

    private async Task UndoAsync(PodRun pod, string action, int after)
    {
        await Task.Delay(after);
        if (action == "freeze") pod.Thaw();
        else pod.Heal();
        Enqueue(pod.Uid);
    }

    private void Unblock(string ns)
    {
        foreach (var (uid, home) in _blocked)
        {
            if (home == ns && _blocked.TryRemove(uid, out _)) Enqueue(uid);
        }
    }

    private void EnqueueAfter(string uid, TimeSpan delay) =>
        _queue.EnqueueAfter(new Look(uid, Because.OfSomething), delay);

    private void Work(Look look)
    {
        var own = look.Because == Because.ItsObjectChanged && Find(look.Uid)?.Written is { } written
            && ReferenceEquals(written, Store.FindByUid(look.Uid));
        if (!own) Sync(look.Uid);
    }

    private void Sync(string uid)
    {
        var stored = Store.FindByUid(uid);
        var pod = Find(uid);
        if (stored is null || stored.Kind != Kinds.Pod)
        {
            if (pod is not null) Release(pod);
            return;
        }

        if (stored.Terminating)
        {
            Terminate(stored, pod);
            return;
        }

        if (stored.View(PodView.Of).Ended) return;
        if (pod is null)
        {
            Admit(stored);
            return;
        }

        if (IsEarly(pod, pod.StartAt)) return;
        var o = stored.Parse();
        Advance(stored, pod, o);
        Report(stored, pod, o);
    }

    private void Admit(Stored stored)
    {
        var o = stored.Parse();
        var spec = o.Child("spec");
        var before = o.Child("status").Items("containerStatuses").ToLookup(it => it.Text("name"));
        ContainerSlot[] slots =
        [
            .. spec.Items("initContainers").Select(it => new ContainerSlot(it.Text("name")!, init: true)),
            .. spec.Items("containers").Select(it => Slot(it.Text("name")!)),
        ];
        var pod = new PodRun(stored.Uid, stored.Namespace!, stored.Name, PodAddresses.Take(), slots)
        {
            StartAt = DateTimeOffset.UtcNow + _options.PodStartDelay,
        };
        _pods[stored.Uid] = pod;
        o.Have("spec")["nodeName"] = NodeName;
        Report(stored, pod, o);
        Enqueue(stored.Uid);

        // A pod of an earlier process has lost its containers, as on a node that was rebooted.
        ContainerSlot Slot(string name)
        {
            var status = before[name].FirstOrDefault();
            var running = status.Child("state", "running");
            var ran = running is not null;
            return new ContainerSlot(name, init: false)
            {
                Restarts = (int)(status.Number("restartCount") ?? 0) + (ran ? 1 : 0),
                LastState = ran
                    ? PodStatus.Terminated(255, "Unknown", running.Text("startedAt"), Json.Now(), null)
                    : null,
            };
        }
    }

    // A version that another writer put in its place meanwhile is looked at in its turn, and reported on then.
    private void Report(Stored stored, PodRun pod, JsonObject o) =>
        pod.Written = Registry.TrySetStatus(stored, o, PodStatus.Of(o, pod, this));

    private void Advance(Stored stored, PodRun pod, JsonObject o)
    {
        var spec = o.Child("spec");
        var setup = new ContainerSetup(Store, o, pod.Namespace, pod.Address);
        var policy = spec.Text("restartPolicy") ?? "Always";
        var specs = spec.Items("initContainers").Concat(spec.Items("containers")).ToArray();
        for (var i = 0; i < pod.Containers.Length; i++)
        {
            var slot = pod.Containers[i];
            if (slot.Init && slot.Done) continue;
            if (!slot.Running)
            {
                Restart(stored, pod, slot, specs[i], setup, slot.Init && policy == "Always" ? "OnFailure" : policy);
            }
            if (slot.Running) Probe(pod, slot, specs[i]);
            if (slot.Init && !slot.Done) return;
        }
    }

    private void Restart(
        Stored stored, PodRun pod, ContainerSlot slot, JsonObject spec, ContainerSetup setup, string policy)
    {
        var now = DateTimeOffset.UtcNow;
        if (slot.Run is { Ended: true } ended)
        {
            if (policy == "Never" || (policy == "OnFailure" && ended.ExitCode == 0)) return;
            BackOff(stored, pod, slot, ended, now);
        }

        if (IsEarly(pod, slot.NotBefore)) return;
        try
        {
            var start = setup.Prepare(spec);
            var program = _programs.Select(it => it(start.Image, start.Arguments)).FirstOrDefault(it => it is not null);
            if (program is not null) Start(stored, pod, slot, start, program);
            else if (slot.Init) slot.Skipped = now;
            else NoProgram(stored, pod, slot, start.Image, now);
        }
        catch (NotReadyYet missing)
        {
            slot.Waiting = (missing.Reason, missing.Message);
            _blocked[pod.Uid] = pod.Namespace;
            _events.Warn(stored, missing.EventReason, missing.Message);
        }
    }

    private void BackOff(Stored stored, PodRun pod, ContainerSlot slot, ContainerRun ended, DateTimeOffset now)
    {
        slot.LastState = PodStatus.Terminated(ended);
        (slot.Previous, slot.Run, slot.ProbeOk) = (ended, null, false);
        slot.Restarts++;
        var calm = ended.Finished - ended.Started > _options.CrashBackOffLimit * 2;
        var doubled = _options.CrashBackOff * Math.Pow(2, Math.Min(slot.Restarts - 2, 16));
        var delay = slot.Restarts == 1 || calm ? TimeSpan.Zero
            : doubled < _options.CrashBackOffLimit ? doubled : _options.CrashBackOffLimit;
        if (delay == TimeSpan.Zero) return;
        slot.NotBefore = now + delay;
        slot.Waiting = ("CrashLoopBackOff",
            $"back-off {delay.TotalSeconds:0.###}s restarting failed container={slot.Name} " +
            $"pod={pod.Name}_{pod.Namespace}({pod.Uid})");
        _events.Warn(stored, "BackOff",
            $"Back-off restarting failed container {slot.Name} in pod {pod.Name}_{pod.Namespace}({pod.Uid})");
    }

    private void Start(Stored stored, PodRun pod, ContainerSlot slot, ContainerStart start, IContainerProgram program)
    {
        slot.Run = new ContainerRun(this, pod, start);
        slot.NextProbe = default;
        slot.Run.Run(program);
        _events.Normal(stored, "Started", $"Started container {slot.Name}");
    }

    private void NoProgram(Stored stored, PodRun pod, ContainerSlot slot, string image, DateTimeOffset now)
    {
        var known = _options.KnownImages.Count == 0 ? "none" : string.Join(", ", _options.KnownImages);
        var message = "this is a sandbox, not a container engine: " +
            $"it has no program for image \"{image}\"; it knows: {known}";
        var first = slot.Waiting.Reason != "ErrImagePull" && slot.Waiting.Reason != "ImagePullBackOff";
        slot.Waiting = first
            ? ("ErrImagePull", message)
            : ("ImagePullBackOff", $"Back-off pulling image \"{image}\": {message}");
        slot.NotBefore = first ? now + _options.CrashBackOff : DateTimeOffset.MaxValue;
        if (first) Enqueue(pod.Uid);
        _events.Warn(stored, "Failed", $"Failed to pull image \"{image}\": {message}");
    }

    // HTTP readiness is asked of the handler in process; the others are looked up when the status is written. Delays
    // that are meant for slow starters are not waited for.
    private void Probe(PodRun pod, ContainerSlot slot, JsonObject spec)
    {
        if (spec.Child("readinessProbe", "httpGet") is not { } get) return;
        var now = DateTimeOffset.UtcNow;
        if (slot.ProbeOk && slot.NextProbe > now) return;
        if (PodStatus.Port(get["port"], spec) is not { } number || Network.Find(pod.Address, number) is not { } port)
        {
            return;
        }
        var period = TimeSpan.FromSeconds(spec.Child("readinessProbe").Number("periodSeconds") ?? 10);
        slot.NextProbe = now + period;
        _ = ProbeAsync(pod, slot, port, get.Text("path") ?? "/", period);
    }

    private async Task ProbeAsync(PodRun pod, ContainerSlot slot, PodPort port, string path, TimeSpan period)
    {
        var run = slot.Run;
        var ok = await HttpProbe.IsOkAsync(port, path);
        if (!ReferenceEquals(run, slot.Run)) return;
        var changed = slot.ProbeOk != ok;
        slot.ProbeOk = ok;
        if (changed) Enqueue(pod.Uid);
        EnqueueAfter(pod.Uid, ok ? period + TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(200));
    }

    // Comes back when it is time. A pod that is looked at often meanwhile leaves more than one reminder, which does no
    // harm.
    private bool IsEarly(PodRun pod, DateTimeOffset at)
    {
        var wait = at - DateTimeOffset.UtcNow;
        if (wait <= TimeSpan.Zero) return false;
        if (at < DateTimeOffset.MaxValue) EnqueueAfter(pod.Uid, wait + TimeSpan.FromMilliseconds(1));
        return true;
    }

    private void Terminate(Stored stored, PodRun? pod)
    {
        if (pod is not null && !pod.Containers.All(it => !it.Running))
        {
            var now = DateTimeOffset.UtcNow;
            var grace = stored.View(PodView.Of).Grace;
            var deadline = pod.Deadline is { } set && set <= now + grace ? set : now + grace;
            if (pod.Deadline is null)
            {
                _events.Normal(stored, "Killing", "Stopping containers");
                foreach (var slot in pod.Containers) slot.Run?.Stop();
            }

            pod.Deadline = deadline;
            if (IsEarly(pod, deadline))
            {
                Report(stored, pod, stored.Parse());
                return;
            }

            foreach (var slot in pod.Containers) slot.Run?.Kill(137);
        }

        if (!stored.Finalized)
        {
            if (pod is not null) Report(stored, pod, stored.Parse());
            return;
        }

        if (Store.TryRemove(stored) is null) Enqueue(stored.Uid);
        else if (pod is not null) Release(pod);
    }

    private void Release(PodRun pod)
    {
        pod.Kill(137);
        _pods.TryRemove(pod.Uid, out _);
        _blocked.TryRemove(pod.Uid, out _);
        PodAddresses.Return(pod.Address);
    }
}
