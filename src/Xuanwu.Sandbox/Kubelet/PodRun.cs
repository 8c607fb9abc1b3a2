using System.Net;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>A container of a pod over all its runs.</summary>
internal sealed class ContainerSlot(string name, bool init)
{
    public string Name { get; } = name;

    public bool Init { get; } = init;

    public ContainerRun? Run { get; set; }

    public ContainerRun? Previous { get; set; }

    public int Restarts { get; set; }

    /// <summary>How the run before the present one ended, as status.containerStatuses[].lastState.</summary>
    public JsonObject? LastState { get; set; }

    /// <summary>Why the container does not run: state.waiting.</summary>
    public (string Reason, string? Message) Waiting { get; set; } = ("ContainerCreating", null);

    /// <summary>Not started again before.</summary>
    public DateTimeOffset NotBefore { get; set; }

    /// <summary>When an init container that no program is known for was taken as done.</summary>
    public DateTimeOffset? Skipped { get; set; }

    /// <summary>The answer of the last HTTP readiness probe.</summary>
    public bool ProbeOk { get; set; }

    public DateTimeOffset NextProbe { get; set; }

    public bool Running => Run is { Ended: false };

    public bool Done => Skipped is not null || Run is { Ended: true, ExitCode: 0 };
}

/// <summary>A pod as the kubelet knows it. Changed only by the kubelet's loop, but for the silence.</summary>
internal sealed class PodRun(string uid, string ns, string name, IPAddress address, ContainerSlot[] containers)
{
    private TaskCompletionSource? _frozen;
    private TaskCompletionSource? _parted;

    public string Uid { get; } = uid;

    public string Namespace { get; } = ns;

    public string Name { get; } = name;

    public IPAddress Address { get; } = address;

    public ContainerSlot[] Containers { get; } = containers;

    public DateTimeOffset StartAt { get; init; }

    /// <summary>The version of the pod that the kubelet itself wrote last: no reason to look again.</summary>
    public Stored? Written { get; set; }

    /// <summary>When the grace period of a deletion ends.</summary>
    public DateTimeOffset? Deadline { get; set; }

    public bool Partitioned => Volatile.Read(ref _parted) is not null;

    /// <summary>What callers of the pod wait for, while it does not answer.</summary>
    public Task? Silence => (Volatile.Read(ref _frozen) ?? Volatile.Read(ref _parted))?.Task;

    public void Freeze() => Interlocked.CompareExchange(ref _frozen, NewSignal(), null);

    public void Thaw() => Interlocked.Exchange(ref _frozen, null)?.TrySetResult();

    public void Partition() => Interlocked.CompareExchange(ref _parted, NewSignal(), null);

    public void Heal() => Interlocked.Exchange(ref _parted, null)?.TrySetResult();

    public void Kill(int exitCode)
    {
        foreach (var slot in Containers) slot.Run?.Kill(exitCode);
        Thaw();
        Heal();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
