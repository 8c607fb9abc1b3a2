using System.Net;
using Xuanwu.Sandbox.Api;
using Xuanwu.Sandbox.Controllers;
using Xuanwu.Sandbox.Faults;
using Xuanwu.Sandbox.Kubelet;
using Xuanwu.Sandbox.Net;
using Xuanwu.Sandbox.Store;

namespace Xuanwu.Sandbox.Ingress;

/// <summary>
/// The ingress controller: one HTTP listener that routes by host and path to a ready endpoint of a Service, in turn.
/// The pod's handler is called in process; what it would meet on a network (refused, silent) is answered as nginx does.
/// </summary>
internal sealed class IngressServer(ObjectStore store, PodNetwork network, FaultBoard faults, TimeSpan proxyTimeout)
{
    private readonly IngressRoutes _routes = new(store);
    private int _turn;

    public Task HandleAsync(HttpContext context) =>
        FaultFilter.InvokeAsync(faults, FaultScope.Ingress, context, RouteAsync);

    private async Task RouteAsync(HttpContext context)
    {
        if (_routes.Find(context.Request.Host.Host, context.Request.Path.Value ?? "/") is not { } route)
        {
            await HtmlPage.WriteAsync(context, 404, "default backend - 404");
            return;
        }

        if (Endpoint(route) is not { } endpoint)
        {
            await HtmlPage.WriteAsync(context, 503);
            return;
        }

        if (network.Find(endpoint.Address, endpoint.Port) is not { } port)
        {
            await HtmlPage.WriteAsync(context, 502);
            return;
        }

        var headers = context.Request.Headers;
        headers["X-Forwarded-Host"] = context.Request.Host.Value;
        headers["X-Forwarded-Proto"] = "http";
        headers["X-Forwarded-For"] = context.Connection.RemoteIpAddress?.ToString();
        if (!await port.TryInvokeAsync(context, proxyTimeout)) await HtmlPage.WriteAsync(context, 504);
    }

    private IPEndPoint? Endpoint(Route route)
    {
        var service = store.Find(Kinds.Service, route.Namespace, route.Service)?.View(ServiceView.Of);
        if (service?.PortName(route.Port) is not { } name) return null;
        var endpoints = store.Find(Kinds.Endpoints, route.Namespace, route.Service)?.View(EndpointsView.Of);
        var ready = endpoints?.Ready.GetValueOrDefault(name);
        return ready is { Length: > 0 } ? ready[(uint)Interlocked.Increment(ref _turn) % ready.Length] : null;
    }
}
