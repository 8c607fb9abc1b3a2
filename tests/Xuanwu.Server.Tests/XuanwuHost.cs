using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Xuanwu.Postgres;
using Xuanwu.Sandbox;
using Xuanwu.Testing;

namespace Xuanwu.Server.Tests;

/// <summary>A whole Xuanwu in this process: a real PostgreSQL, a sandbox cluster, and a server that is spoken to over
/// HTTP.</summary>
public sealed class XuanwuHost : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TestDatabase _database;
    private readonly WebApplication _app;
    private readonly string _folder;

    private XuanwuHost(TestDatabase database, SandboxCluster sandbox, WebApplication app, string folder)
    {
        (_database, Sandbox, _app, _folder) = (database, sandbox, app, folder);
        Address = new Uri(
            app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        Http = new HttpClient { BaseAddress = Address, Timeout = Limit };
    }

    public SandboxCluster Sandbox { get; }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public IServiceProvider Services => _app.Services;

    public string ConnectionString => _database.ConnectionString;

    public static async Task<XuanwuHost> StartAsync()
    {
        var database = await (await PostgresServer.SharedAsync()).CreateDatabaseAsync();
        var folder = Directory.CreateTempSubdirectory("xuanwu-test-").FullName;
        var sandbox =
            await SandboxCluster.StartAsync(new SandboxOptions { PodStartDelay = TimeSpan.FromMilliseconds(20) });
        var kubeconfig = Path.Combine(folder, "kubeconfig");
        await sandbox.WriteKubeconfigAsync(kubeconfig);
        var app = Composition.Build(new ServerOptions
        {
            Postgres = database.ConnectionString,
            Listen = new Uri("http://127.0.0.1:0"),
            SandboxKubeconfig = kubeconfig,
            SandboxIngressPort = sandbox.IngressPort,
            Tracking = new()
            {
                FastestPoll = TimeSpan.FromMilliseconds(100),
                SlowestPoll = TimeSpan.FromSeconds(1),
                RecheckEvery = TimeSpan.FromMilliseconds(300),
                RecheckFailed = TimeSpan.FromSeconds(1),
                RecheckCanceled = TimeSpan.FromMilliseconds(300),
            },
        });
        await app.StartAsync();
        var host = new XuanwuHost(database, sandbox, app, folder);
        await host.UntilAsync(
            async () => (await host.Http.GetAsync("readyz")).IsSuccessStatusCode, "the server is ready");
        return host;
    }

    /// <summary>Sends a GraphQL request and gives its data; fails on any top-level error.</summary>
    public async Task<JsonNode> QueryAsync(string query, object? variables = null, string? user = null)
    {
        var answer = await SendAsync(query, variables, user);
        Assert.True(answer["errors"] is null, answer.ToJsonString());
        return answer["data"]!;
    }

    /// <summary>Sends a GraphQL request and gives the whole answer.</summary>
    public async Task<JsonNode> SendAsync(string query, object? variables = null, string? user = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "graphql")
        {
            Content = JsonContent.Create(
            new { query, variables })
        };
        if (user is not null) request.Headers.Add("X-Xuanwu-User", user);
        using var answer = await Http.SendAsync(request);
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
    }

    /// <summary>Asks again whenever the journal grows, until the answer is right.</summary>
    public async Task<JsonNode> UntilAsync(string query, object? variables, Func<JsonNode, bool> isRight)
    {
        JsonNode? data = null;
        try
        {
            await UntilAsync(async () => isRight(data = await QueryAsync(query, variables)), "the answer is right");
        }
        catch (TimeoutException late)
        {
            throw new TimeoutException($"{late.Message} Last answer: {data?.ToJsonString()}");
        }

        return data!;
    }

    public async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        using var listener = Services.GetRequiredService<Database>().Wakeups.Listen("mt_events_appended");
        using var limit = new CancellationTokenSource(Limit);
        while (!await isSo())
        {
            if (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"After {Limit.TotalSeconds:0} s it is still not so that {what}.");
            }

            await listener.WaitAsync(TimeSpan.FromMilliseconds(200), limit.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        await Sandbox.DisposeAsync();
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>One host for the stories of an assembly run: each story uses names of its own.</summary>
public sealed class XuanwuFixture : IAsyncLifetime
{
    public XuanwuHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await XuanwuHost.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

[CollectionDefinition(nameof(XuanwuCollection))]
public sealed class XuanwuCollection : ICollectionFixture<XuanwuFixture>;
