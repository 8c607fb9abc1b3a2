using System.Net;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Kubelet;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Controllers;

/// <summary>
/// What the ingress needs of an Endpoints object: the ready addresses of each port, by the port's name.
/// </summary>
internal sealed record EndpointsView(IReadOnlyDictionary<string, IPEndPoint[]> Ready)
{
    public static EndpointsView Of(JsonObject o) => new(o.Items("subsets")
        .SelectMany(subset => subset.Items("ports").SelectMany(port => subset.Items("addresses").Select(address =>
            (Name: port.Text("name") ?? "",
                EndPoint: new IPEndPoint(IPAddress.Parse(address.Text("ip")!), (int)port.Number("port")!)))))
        .GroupBy(it => it.Name, it => it.EndPoint)
        .ToDictionary(it => it.Key, it => it.ToArray(), StringComparer.Ordinal));
}

/// <summary>
/// Keeps the Endpoints of Services: the addresses of the pods that match, by readiness. Pods are indexed by label and
/// Services by their rarest label, so that a change of one pod looks at its own Services and a Service at its own pods,
/// among thousands.
/// </summary>
internal sealed class ServiceEndpoints(Registry registry)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string, string, string), Dictionary<string, Stored>> _pods = [];
    private readonly Dictionary<(string, string, string), Dictionary<string, Stored>> _services = [];
    private readonly Dictionary<string, (string, string, string)> _placed = new(StringComparer.Ordinal);

    /// <summary>Takes note of a change and answers the Services whose endpoints it may change.</summary>
    public IReadOnlyList<Stored> Note(StoreChange change)
    {
        lock (_gate)
        {
            if (change.Object.Kind == Kinds.Service)
            {
                Place(change);
                return [change.Object];
            }

            var labels = change.Object.Labels.Concat(change.Previous?.Labels ?? change.Object.Labels).Distinct()
                .ToArray();
            foreach (var (name, value) in change.Object.Labels)
            {
                Put(_pods, (change.Object.Namespace!, name, value), change.Object);
            }
            foreach (var (name, value) in labels)
            {
                var gone = change.Type == ChangeType.Deleted || change.Object.Labels.GetValueOrDefault(name) != value;
                if (gone) Take(_pods, (change.Object.Namespace!, name, value), change.Object.Uid);
            }

            return [.. labels
                .SelectMany(it => Services(change.Object.Namespace!, it.Key, it.Value))
                .Where(it => it.View(ServiceView.Of).Selector is { } selector
                    && (selector.Matches(change.Object.Labels)
                        || (change.Previous is { } was && selector.Matches(was.Labels))))];
        }
    }

    public void Reconcile(string ns, string name)
    {
        var existing = registry.Store.Find(Kinds.Endpoints, ns, name);
        if (registry.Store.Find(Kinds.Service, ns, name) is not { } service)
        {
            if (existing is not null) registry.Store.TryRemove(existing);
            return;
        }

        if (service.View(ServiceView.Of).Selector is not { } selector) return;
        var subsets = Subsets(service.Parse(), Matching(ns, selector));
        try
        {
            if (existing is null)
            {
                registry.Create(Kinds.Endpoints, ns, new JsonObject
                {
                    ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = Json.From(service.Labels) },
                    ["subsets"] = subsets,
                }, WriteOptions.Internal);
                return;
            }

            registry.Store.Change(Kinds.Endpoints, ns, name, o =>
            {
                o["subsets"] = subsets.DeepClone();
                return true;
            });
        }
        catch (ApiFailure failure) when (failure.Code is 403 or 404 or 409)
        {
            // the namespace goes away, or the object came up meanwhile: its change brings us back
        }
    }

    private static JsonArray Subsets(JsonObject service, Stored[] pods)
    {
        var ports = service.Child("spec").Items("ports").ToArray();
        var groups = new SortedDictionary<string, (JsonArray Ports, JsonArray Ready, JsonArray NotReady)>(
            StringComparer.Ordinal);
        foreach (var pod in pods.OrderBy(it => it.Name, StringComparer.Ordinal))
        {
            var view = pod.View(PodView.Of);
            if (view.Address is null || view.Ended || pod.Terminating) continue;
            var resolved = Ports(ports, view);
            if (!groups.TryGetValue(resolved.ToJsonString(), out var group))
            {
                groups[resolved.ToJsonString()] = group = (resolved, [], []);
            }

            (view.Ready ? group.Ready : group.NotReady).Add(new JsonObject
            {
                ["ip"] = view.Address.ToString(),
                ["nodeName"] = Node.NodeName,
                ["targetRef"] = new JsonObject
                {
                    ["kind"] = "Pod",
                    ["namespace"] = pod.Namespace,
                    ["name"] = pod.Name,
                    ["uid"] = pod.Uid,
                },
            });
        }

        return Json.Array(groups.Values.Select(it =>
        {
            var subset = new JsonObject();
            if (it.Ready.Count > 0) subset["addresses"] = it.Ready;
            if (it.NotReady.Count > 0) subset["notReadyAddresses"] = it.NotReady;
            subset["ports"] = it.Ports;
            return subset;
        }));
    }

    private static JsonArray Ports(JsonObject[] ports, PodView pod)
    {
        var resolved = new JsonArray();
        foreach (var port in ports)
        {
            var target = Json.AsText(port["targetPort"]) is { } named
                ? pod.Ports.Where(it => it.Name == named).Select(it => (long?)it.Port).FirstOrDefault()
                : port.Number("targetPort") ?? port.Number("port");
            if (target is null) continue;
            var entry = new JsonObject { ["port"] = target, ["protocol"] = port.Text("protocol") ?? "TCP" };
            if (port.Text("name") is { } name) entry["name"] = name;
            resolved.Add(entry);
        }

        return resolved;
    }

    private Stored[] Matching(string ns, LabelSelector selector)
    {
        lock (_gate)
        {
            Dictionary<string, Stored>? fewest = null;
            foreach (var pair in selector.Pairs)
            {
                if (!_pods.TryGetValue((ns, pair.Key, pair.Value), out var candidates)) return [];
                if (fewest is null || candidates.Count < fewest.Count) fewest = candidates;
            }

            return fewest is null ? [] : [.. fewest.Values.Where(it => selector.Matches(it.Labels))];
        }
    }

    private Stored[] Services(string ns, string label, string value) =>
        _services.TryGetValue((ns, label, value), out var found) ? [.. found.Values] : [];

    private void Place(StoreChange change)
    {
        var service = change.Object;
        if (_placed.Remove(service.Uid, out var place)) Take(_services, place, service.Uid);
        if (change.Type == ChangeType.Deleted || service.View(ServiceView.Of).Selector is not { } selector) return;
        var rarest = selector.Pairs.Select(it => (service.Namespace!, it.Key, it.Value))
            .MinBy(it => _services.GetValueOrDefault(it)?.Count ?? 0);
        _placed[service.Uid] = rarest;
        Put(_services, rarest, service);
    }

    private static void Put<TKey>(Dictionary<TKey, Dictionary<string, Stored>> index, TKey key, Stored item)
        where TKey : notnull
    {
        if (!index.TryGetValue(key, out var items)) index[key] = items = new(StringComparer.Ordinal);
        items[item.Uid] = item;
    }

    private static void Take<TKey>(Dictionary<TKey, Dictionary<string, Stored>> index, TKey key, string uid)
        where TKey : notnull
    {
        if (index.TryGetValue(key, out var items) && items.Remove(uid) && items.Count == 0) index.Remove(key);
    }
}
