using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Xuanwu.Sandbox.Net;

/// <summary>A bare Kestrel on a hub: no configuration, no logging, one handler.</summary>
internal static class WebHost
{
    public static async Task<WebApplication> StartAsync(
        SocketHub hub, X509Certificate2? certificate, RequestDelegate handler, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IConnectionListenerFactory>(hub);
        builder.WebHost.UseKestrelCore();
        if (certificate is not null) builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(hub.EndPoint, listen =>
            {
                if (certificate is not null) listen.UseHttps(certificate);
            });
        });
        var app = builder.Build();
        app.Run(handler);
        await app.StartAsync(ct);
        return app;
    }

    /// <summary>Cuts the connection with a reset, not with a polite end.</summary>
    public static void Reset(this HttpContext context)
    {
        if (context.Features.Get<IConnectionSocketFeature>() is { } it && context.Request.Protocol != "HTTP/2")
        {
            try
            {
                it.Socket.LingerState = new LingerOption(true, 0);
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // already gone
            }
        }

        context.Abort();
    }
}
