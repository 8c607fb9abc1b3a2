using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Ingress;

/// <summary>One path of a rule and the Service behind it.</summary>
internal sealed record Route(
    string Ingress, string Host, string Path, bool Exact, string Namespace, string Service, string Port)
{
    /// <summary>Prefix matches by path elements: /foo matches /foo/bar and not /foobar.</summary>
    public bool Matches(string path)
    {
        if (Exact) return path == Path;
        var prefix = Path.TrimEnd('/');
        return path.StartsWith(prefix, StringComparison.Ordinal)
            && (path.Length == prefix.Length || path[prefix.Length] == '/');
    }
}

/// <summary>The routes of all Ingresses by host, kept up with each change of one.</summary>
internal sealed class IngressRoutes
{
    private const string Any = "";
    private readonly Lock _gate = new();
    private ImmutableDictionary<string, ImmutableArray<Route>> _byHost =
        ImmutableDictionary.Create<string, ImmutableArray<Route>>(StringComparer.OrdinalIgnoreCase);

    public IngressRoutes(ObjectStore store) => store.Observe(change =>
    {
        if (change.Object.Kind != Kinds.Ingress) return;
        lock (_gate)
        {
            foreach (var route in change.Previous?.View(Routes.Of).All ?? []) Remove(route);
            foreach (var route in change.Type == ChangeType.Deleted ? [] : change.Object.View(Routes.Of).All)
            {
                Add(route);
            }
        }
    });

    /// <summary>
    /// The route for a host and a path: exact hosts before wildcards before none, exact paths before the longest
    /// prefix.
    /// </summary>
    public Route? Find(string host, string path)
    {
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return Best(host, path) ?? (dot > 0 ? Best("*" + host[dot..], path) : null) ?? Best(Any, path);
    }

    private Route? Best(string host, string path)
    {
        if (!_byHost.TryGetValue(host, out var routes)) return null;
        Route? best = null;
        foreach (var route in routes)
        {
            if (!route.Matches(path)) continue;
            if (best is null || (route.Exact && !best.Exact)
                || (route.Exact == best.Exact && route.Path.Length > best.Path.Length))
            {
                best = route;
            }
        }

        return best;
    }

    private void Add(Route route) =>
        _byHost = _byHost.SetItem(route.Host, _byHost.GetValueOrDefault(route.Host, []).Add(route));

    private void Remove(Route route)
    {
        var left = _byHost.GetValueOrDefault(route.Host, []).Remove(route);
        _byHost = left.IsEmpty ? _byHost.Remove(route.Host) : _byHost.SetItem(route.Host, left);
    }

    private sealed record Routes(Route[] All)
    {
        public static Routes Of(JsonObject o)
        {
            var (ns, name) = (o.Metadata().Text("namespace")!, o.Metadata().Text("name")!);
            var spec = o.Child("spec");
            var routes = spec.Items("rules").SelectMany(rule => rule.Child("http").Items("paths").Select(path =>
                Make(
                    rule.Text("host") ?? Any, path.Text("path") ?? "/", path.Text("pathType") == "Exact",
                    path.Child("backend", "service")!)));
            if (spec.Child("defaultBackend", "service") is { } fallback)
            {
                routes = routes.Append(Make(Any, "/", false, fallback));
            }
            return new Routes([.. routes]);

            Route Make(string host, string path, bool exact, JsonObject service) => new(
                name, host, path, exact, ns, service.Text("name")!,
                service.Child("port").Text("name") ?? service.Child("port")?["number"]?.ToString() ?? "");
        }
    }
}
