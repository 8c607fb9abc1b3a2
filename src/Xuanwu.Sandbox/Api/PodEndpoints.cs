using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Controllers;
using Xuanwu.Sandbox.Kubelet;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Api;

/// <summary>The subresources that reach into running pods: logs, and the proxy to pods and services.</summary>
internal sealed class PodEndpoints(ObjectStore store, Node node, TimeSpan proxyTimeout, CancellationToken stop)
{
    public async Task LogAsync(HttpContext context, ResourcePath path)
    {
        if (!HttpMethods.IsGet(context.Request.Method)) throw ApiFailure.MethodNotAllowed();
        var name = path.Name!;
        var stored = store.Find(Kinds.Pod, path.Namespace, name) ?? throw ApiFailure.NotFound(Kinds.Pod, name);
        var query = context.Request.Query;
        var slot = Slot(stored, query["container"]);
        var run = query["previous"] == "true" ? slot?.Previous : slot?.Run ?? slot?.Previous;
        if (run is null)
        {
            var container = slot?.Name ?? (string?)query["container"];
            throw ApiFailure.BadRequest(query["previous"] == "true"
                ? $"previous terminated container \"{container}\" in pod \"{name}\" not found"
                : $"container \"{container}\" in pod \"{name}\" is waiting to start: " +
                    (slot?.Waiting.Reason ?? "ContainerCreating"));
        }

        await WriteLogAsync(context, run.Log, query["follow"] == "true", query["timestamps"] == "true",
            Tail(query["tailLines"]), Since(query));
    }

    public async Task ProxyAsync(HttpContext context, ResourcePath path)
    {
        var (name, port) = path.Name!.Split(':') switch
        {
            [var only] => (only, null),
            [var first, var second] => (first, second),
            [_, var second, var third] => (second, third),
            _ => throw ApiFailure.BadRequest($"invalid pod request \"{path.Name}\""),
        };
        var target = path.Kind == Kinds.Pod ? PodPort(path, name, port)
            : path.Kind == Kinds.Service ? ServicePort(path, name, port)
            : throw ApiFailure.NoSuchResource();
        var request = context.Request;
        request.Path = path.Rest.Length == 0 ? "/" : path.Rest;
        request.Headers.Authorization = default;
        request.Headers["X-Forwarded-Uri"] = request.Path.Value;
        if (!await target.TryInvokeAsync(context, proxyTimeout))
        {
            throw new ApiFailure(504, "Timeout",
                "error trying to reach service: net/http: timeout awaiting response headers");
        }
    }

    private PodPort PodPort(ResourcePath path, string name, string? port)
    {
        var stored = store.Find(Kinds.Pod, path.Namespace, name) ?? throw ApiFailure.NotFound(Kinds.Pod, name);
        var view = stored.View(PodView.Of);
        var first = port is null ? stored.Parse().Child("spec").Items("containers").SelectMany(it => it.Items("ports"))
            .Select(it => it.Number("containerPort")).FirstOrDefault() : null;
        var number = port is null ? (int?)first ?? 80
            : int.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed
            : view.Ports.Where(it => it.Name == port).Select(it => it.Port).FirstOrDefault();
        if (view.Address is null) throw ApiFailure.BadRequest($"address not allowed: pod \"{name}\" has no IP yet");
        return node.Network.Find(view.Address, number)
            ?? throw Unreachable($"dial tcp {view.Address}:{number}: connect: connection refused");
    }

    private PodPort ServicePort(ResourcePath path, string name, string? port)
    {
        var stored = store.Find(Kinds.Service, path.Namespace, name) ?? throw ApiFailure.NotFound(Kinds.Service, name);
        var wanted = stored.Parse().Child("spec").Items("ports")
            .FirstOrDefault(it => port is null || it.Text("name") == port || $"{it.Number("port")}" == port);
        var ready = wanted is null
            ? null
            : store.Find(Kinds.Endpoints, path.Namespace, name)?.View(EndpointsView.Of).Ready
            .GetValueOrDefault(wanted.Text("name") ?? "");
        if (ready is not { Length: > 0 })
        {
            throw new ApiFailure(503, "ServiceUnavailable", $"no endpoints available for service \"{path.Name}\"");
        }
        var chosen = ready[Random.Shared.Next(ready.Length)];
        return node.Network.Find(chosen.Address, chosen.Port)
            ?? throw Unreachable($"dial tcp {chosen}: connect: connection refused");
    }

    private static ApiFailure Unreachable(string why) =>
        new(503, "ServiceUnavailable", "error trying to reach service: " + why);

    private ContainerSlot? Slot(Stored stored, string? container)
    {
        var containers = stored.Parse().Child("spec");
        var names = containers.Items("containers").Select(it => it.Text("name")!).ToArray();
        var all = containers.Items("initContainers").Select(it => it.Text("name")!).Concat(names).ToArray();
        if (string.IsNullOrEmpty(container))
        {
            container = names.Length == 1 ? names[0] : throw ApiFailure.BadRequest(
                $"a container name must be specified for pod {stored.Name}, " +
                $"choose one of: [{string.Join(' ', names)}]");
        }
        else if (!all.Contains(container))
        {
            throw ApiFailure.BadRequest($"container {container} is not valid for pod {stored.Name}");
        }

        return node.Find(stored.Uid)?.Containers.FirstOrDefault(it => it.Name == container);
    }

    private async Task WriteLogAsync(
        HttpContext context, ContainerLog log, bool follow, bool stamped, int? tail, DateTime? since)
    {
        context.Response.ContentType = "text/plain";
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stop);
        var seen = 0L;
        try
        {
            while (true)
            {
                var (lines, next, more) = log.After(seen);
                var text = new StringBuilder();
                foreach (var line in lines.Where(it => since is null || it.At >= since).TakeLast(tail ?? int.MaxValue))
                {
                    text.Append(stamped ? line.Stamped : line.Text).Append('\n');
                }

                (seen, tail) = (next, null);
                await context.Response.WriteAsync(text.ToString(), end.Token);
                if (!follow || more is null) return;
                await context.Response.Body.FlushAsync(end.Token);
                await more.WaitAsync(end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // the reader left, or the cluster stops
        }
    }

    private static int? Tail(string? lines)
    {
        if (string.IsNullOrEmpty(lines)) return null;
        return int.TryParse(lines, NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count
            : throw ApiFailure.BadRequest($"tailLines: Invalid value: \"{lines}\": must be greater than or equal to 0");
    }

    private static DateTime? Since(IQueryCollection query)
    {
        if (int.TryParse(query["sinceSeconds"], CultureInfo.InvariantCulture, out var seconds))
        {
            return DateTime.UtcNow.AddSeconds(-seconds);
        }
        return DateTimeOffset.TryParse(query["sinceTime"], CultureInfo.InvariantCulture, out var at)
            ? at.UtcDateTime
            : null;
    }
}
