using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;

namespace Xuanwu.Kubernetes.Tests;

/// <summary>A request as it came over the wire.</summary>
public sealed record Seen(
    string Method,
    string Path,
    IQueryCollection Query,
    string? Authorization,
    string? ContentType,
    string Body,
    string? Client);

/// <summary>
/// An HTTPS server on the loopback that answers each request with the next answer of a script; more requests than
/// answers are answered with 500, which tests notice.
/// </summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SemaphoreSlim _arrived;

    private ScriptedServer(WebApplication app, TestAuthority authority, SemaphoreSlim arrived) =>
        (_app, Authority, _arrived) = (app, authority, arrived);

    public TestAuthority Authority { get; }
    public Uri Address => new(_app.Urls.Single());
    public ConcurrentQueue<Seen> Requests { get; private init; } = new();

    public static Task<ScriptedServer> StartAsync(params Answer[] script) => StartAsync("127.0.0.1", 0, script);

    public static async Task<ScriptedServer> StartAsync(
        string name, int port, Answer[] script, TestAuthority? authority = null, X509Certificate2? certificate = null)
    {
        authority ??= TestAuthority.Create();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate ?? authority.Issue(name),
                ClientCertificateMode = ClientCertificateMode.AllowCertificate,
                ClientCertificateValidation = (_, _, _) => true,
            });
        }));
        var app = builder.Build();
        var answers = new ConcurrentQueue<Answer>(script);
        var requests = new ConcurrentQueue<Seen>();
        var arrived = new SemaphoreSlim(0);
        app.Run(async context =>
        {
            var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
            requests.Enqueue(new(
                context.Request.Method,
                context.Request.Path,
                context.Request.Query,
                context.Request.Headers.Authorization,
                context.Request.ContentType,
                body,
                context.Connection.ClientCertificate?.Subject));
            arrived.Release();
            await (answers.TryDequeue(out var answer) ? answer : Answers.Status(500, "OffScript"))(context);
        });
        await app.StartAsync();
        return new(app, authority, arrived) { Requests = requests };
    }

    /// <summary>Waits until so many requests have come since the last call.</summary>
    public async Task ArrivedAsync(int count)
    {
        for (var i = 0; i < count; i++) Assert.True(await _arrived.WaitAsync(Waiting.Limit));
    }

    public KubernetesConnection Connection(string token = "secret-token") =>
        KubernetesConnection.FromToken(Address, token, Authority.Pem);

    /// <summary>A client that does not wait long.</summary>
    public KubernetesClient Client(KubernetesClientOptions? options = null) => new(Connection(), options ?? Fast);

    public static KubernetesClientOptions Fast { get; } = new()
    {
        RequestTimeout = TimeSpan.FromSeconds(10),
        TotalTimeout = TimeSpan.FromSeconds(20),
        RetryDelay = TimeSpan.FromMilliseconds(2),
        MaxRetryDelay = TimeSpan.FromMilliseconds(20),
        MaxWatchDelay = TimeSpan.FromMilliseconds(20),
    };

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
        _arrived.Dispose();
    }
}
