using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Controllers;

/// <summary>Writes core/v1 Events: the same one again raises its count; of all only the latest are kept.</summary>
internal sealed class EventRecorder(ObjectStore store, string component)
{
    private const int Kept = 1000;
    private readonly Queue<(string Namespace, string Name)> _names = new();
    private readonly Dictionary<(string Uid, string Reason, string Message), string> _known = [];

    public void Normal(Stored about, string reason, string message) => Record(about, "Normal", reason, message);

    public void Warn(Stored about, string reason, string message) => Record(about, "Warning", reason, message);

    private void Record(Stored about, string type, string reason, string message)
    {
        var now = Json.Now();
        lock (_names)
        {
            if (_known.TryGetValue((about.Uid, reason, message), out var name)
                && store.Change(Kinds.Event, about.Namespace, name, o =>
                {
                    o["count"] = (o.Number("count") ?? 0) + 1;
                    o["lastTimestamp"] = now;
                    return true;
                }) is not null)
            {
                return;
            }

            var stem = about.Name[..Math.Min(about.Name.Length, 230)];
            name = $"{stem}.{Random.Shared.NextInt64():x16}";
            if (store.Find(Kinds.Namespace, null, about.Namespace!) is not { Terminating: false }) return;
            if (store.TryAdd(Kinds.Event, Event(about, name, type, reason, message, now)) is null) return;

            if (_known.Count >= 4 * Kept) _known.Clear();
            _known[(about.Uid, reason, message)] = name;
            _names.Enqueue((about.Namespace!, name));
            while (_names.Count > Kept)
            {
                var (ns, old) = _names.Dequeue();
                if (store.Find(Kinds.Event, ns, old) is { } stale) store.TryRemove(stale);
            }
        }
    }

    private JsonObject Event(Stored about, string name, string type, string reason, string message, string now) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = name,
            ["namespace"] = about.Namespace,
            ["uid"] = Guid.NewGuid().ToString(),
            ["creationTimestamp"] = now,
        },
        ["involvedObject"] = new JsonObject
        {
            ["kind"] = about.Kind.Name,
            ["namespace"] = about.Namespace,
            ["name"] = about.Name,
            ["uid"] = about.Uid,
            ["apiVersion"] = about.Kind.ApiVersion,
            ["resourceVersion"] = $"{about.Revision}",
        },
        ["reason"] = reason,
        ["message"] = message,
        ["source"] = new JsonObject { ["component"] = component },
        ["firstTimestamp"] = now,
        ["lastTimestamp"] = now,
        ["count"] = 1,
        ["type"] = type,
        ["reportingComponent"] = component,
    };
}
