using System.Threading.Channels;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Kubelet;

/// <summary>
/// Tells containers about ConfigMaps of their namespace, one change after the other, on a task of its own.
/// </summary>
internal sealed class ConfigMapFeed
{
    private readonly Channel<(string Namespace, string Name)> _changes = Channel.CreateUnbounded<(string, string)>();
    private readonly Dictionary<string, HashSet<ContainerRun>> _listening = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ContainerRun[]> _frozen = new(StringComparer.Ordinal);

    public ConfigMapFeed(ObjectStore store, CancellationToken stop)
    {
        store.Observe(change =>
        {
            if (change.Object.Kind == Kinds.ConfigMap)
            {
                _changes.Writer.TryWrite((change.Object.Namespace!, change.Object.Name));
            }
        });
        _ = RunAsync(stop);
    }

    public void Subscribe(ContainerRun container)
    {
        lock (_listening)
        {
            if (!_listening.TryGetValue(container.Namespace, out var set)) _listening[container.Namespace] = set = [];
            if (set.Add(container)) _frozen.Remove(container.Namespace);
        }
    }

    public void Unsubscribe(ContainerRun container)
    {
        lock (_listening)
        {
            if (!_listening.TryGetValue(container.Namespace, out var set) || !set.Remove(container)) return;
            _frozen.Remove(container.Namespace);
        }
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            await foreach (var (ns, name) in _changes.Reader.ReadAllAsync(stop))
            {
                foreach (var container in Listening(ns)) container.Tell(name);
            }
        }
        catch (OperationCanceledException)
        {
            // the cluster stops
        }
    }

    private ContainerRun[] Listening(string ns)
    {
        lock (_listening)
        {
            if (_frozen.TryGetValue(ns, out var frozen)) return frozen;
            return _frozen[ns] = _listening.TryGetValue(ns, out var set) ? [.. set] : [];
        }
    }
}
