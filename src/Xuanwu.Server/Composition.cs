using Xuanwu.Domain.Catalogs;
using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using Xuanwu.EventStore;
using Xuanwu.Messaging;
using Xuanwu.Postgres;
using Xuanwu.Server.Catalogs;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;
using Xuanwu.Server.Feeds;
using Xuanwu.Server.GraphQL;
using Xuanwu.Server.Http;
using Xuanwu.Server.Jobs;
using Xuanwu.Server.Runs;
using Xuanwu.Server.Tracking;
using Xuanwu.Server.Views;

namespace Xuanwu.Server;

/// <summary>The one place where the server is put together: every event, view, message and service is named
/// here.</summary>
public static class Composition
{
    public static EventTypes EventTypes() => new EventTypes()
        .Register<JobEvent>()
        .Register<RunEvent>()
        .Register<ClusterEvent>()
        .Register<CatalogEvent>();

    public static MessageTypes MessageTypes()
    {
        // What talks to a cluster tries for ever: a cluster that is away for a night must not lose a job. Only polls
        // back off briefly.
        var patient = RetryPolicy.Default with { MaxAttempts = null, Longest = TimeSpan.FromSeconds(30) };
        var poll = patient with { Longest = TimeSpan.FromSeconds(10) };
        return new MessageTypes()
            .Register<DeployRun>(Queues.Accepted, patient)
            .Register<SubmitRun>(Queues.Accepted, patient)
            .Register<PollRun>(Queues.Accepted, poll)
            .Register<StopRun>(Queues.Effects, patient)
            .Register<TakeSavepoint>(Queues.Effects, patient)
            .Register<CancelRun>(Queues.Effects, patient)
            .Register<ReleaseRun>(Queues.Effects, patient);
    }

    public static WebApplication Build(ServerOptions options)
    {
        options.CheckListensOnLoopbackOnly();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(options.Listen.ToString()).ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = GraphQLEndpoint.MaxRequestBytes;
            kestrel.AddServerHeader = false;
        });
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss.fff ";
        });
        builder.Logging.SetMinimumLevel(LogLevel.Information).AddFilter("Microsoft", LogLevel.Warning);
        AddServices(builder.Services, options);
        var app = builder.Build();
        app.UseWebSockets(SocketEndpoint.Options);
        app.MapHealth();
        app.MapGraphQL();
        return app;
    }

    public static void AddServices(IServiceCollection services, ServerOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(options.Tracking);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<StartProgress>();
        services.AddSingleton(
            host => new Database(options.Postgres, new() { Loggers = host.GetRequiredService<ILoggerFactory>() }));
        services.AddSingleton(EventTypes());
        services.AddSingleton(StoreOptions);
        services.AddSingleton<EventStore.EventStore>();
        services.AddSingleton(host => new ProjectionDaemon(
            host.GetRequiredService<EventStore.EventStore>(), [RunTimelineView.Stored]));
        services.AddSingleton(MessageTypes());
        services.AddSingleton(BusOptions);
        services.AddSingleton<MessageBus>();
        services.AddSingleton<CommandRunner>();
        services.AddSingleton<Observations>();
        services.AddSingleton<ObservationTable>();
        services.AddSingleton<ClusterList>();
        services.AddSingleton<ClusterLinks>();
        services.AddSingleton<RunReader>();
        services.AddSingleton<RunWatch>();
        services.AddSingleton<TrackingStart>();
        services.AddSingleton<Lists>();
        services.AddSingleton<JournalReader>();
        services.AddSingleton<JournalFeed>();
        // Built beside all else that a start does, from the moment that somebody asks for it.
        services.AddSingleton(host => new EngineBuild(Task.Run(() => GraphQLSchema.Engine(host))));
        services.AddHostedService<ServerStart>();
    }

    private static EventStoreOptions StoreOptions(IServiceProvider services) =>
        new EventStoreOptions { BatchTables = [services.GetRequiredService<MessageBus>().Outbox] }
            .Add(Aggregates.Job, JobView.Stored)
            .Add(Aggregates.Run, RunView.Stored)
            .Add(Aggregates.Cluster, ClusterView.Stored)
            .Add(Aggregates.Catalog, CatalogView.Stored);

    private static MessageBusOptions BusOptions(IServiceProvider services) => new()
    {
        Queues = [.. Queues.Parallelism.Select(queue => new QueueOptions(queue.Key, queue.Value))],
        Handlers = new MessageHandlers().AddFrom(typeof(Composition).Assembly),
        Services = services,
        OnResult = async (result, context, ct) =>
        {
            if (result is not ChangeRun change)
            {
                throw new InvalidOperationException($"Nothing takes a {result.GetType().Name}.");
            }

            var who = new Who(
                "xuanwu",
                Command: change.Command.GetType().Name,
                CorrelationId: Guid.TryParse(context.CorrelationId, out var correlation) ? correlation : null,
                CausationId: context.Id.ToString());
            await services.GetRequiredService<CommandRunner>().RunAsync(
                who, key: null, scope => scope.ChangeAsync(change), ct);
        },
    };
}
