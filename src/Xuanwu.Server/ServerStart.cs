using Xuanwu.EventStore;
using Xuanwu.Messaging;
using Xuanwu.Postgres;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;
using Xuanwu.Server.GraphQL;
using Xuanwu.Server.Http;
using Xuanwu.Server.Tracking;
using Xuanwu.Server.Views;

namespace Xuanwu.Server;

/// <summary>Brings the server up in order, and down in reverse. Requests are answered meanwhile: /readyz says how far
/// it is.</summary>
public sealed class ServerStart(
    ServerOptions options,
    StartProgress progress,
    Database database,
    EventStore.EventStore store,
    ProjectionDaemon daemon,
    MessageBus bus,
    CommandRunner commands,
    TrackingStart tracking,
    ObservationTable observations,
    RunWatch watch,
    EngineBuild schema,
    IHostApplicationLifetime lifetime,
    ILogger<ServerStart> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StartAsync("connecting to PostgreSQL and migrating", database.MigrateAsync, stoppingToken);
            await StartAsync("opening the event store", store.StartAsync, stoppingToken);
            await StartAsync("making indexes", ct => ViewIndexes.EnsureAsync(database, ct), stoppingToken);
            await StartAsync(
                "registering the sandbox", ct => SandboxCluster.RegisterAsync(options, commands, ct), stoppingToken);
            await StartAsync("looking at all runs", tracking.RunAsync, stoppingToken);
            await StartAsync("starting projections", daemon.StartAsync, stoppingToken);
            await StartAsync("starting workers", bus.StartAsync, stoppingToken);
            await StartAsync("starting watches", watch.StartAsync, stoppingToken);
            await StartAsync("building the GraphQL schema", ct => schema.Engine.WaitAsync(ct), stoppingToken);
            await observations.StartAsync(stoppingToken);
            progress.Doing = null;
            log.LogInformation("Ready on {Address}", options.Listen);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
        }
        catch (Exception wrong)
        {
            log.LogCritical(wrong, "The server cannot start: it failed {Doing}.", progress.Doing);
            Environment.ExitCode = 1;
            lifetime.StopApplication();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await watch.StopAsync(cancellationToken);
        await bus.StopAsync(TimeSpan.FromSeconds(10));
        await daemon.DisposeAsync();
        await observations.StopAsync(cancellationToken);
        await store.DisposeAsync();
    }

    private async Task StartAsync(string doing, Func<CancellationToken, Task> start, CancellationToken ct)
    {
        progress.Doing = doing;
        await start(ct);
    }
}
