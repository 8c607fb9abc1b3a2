using Npgsql;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using Xuanwu.FlinkSql.Syntax;
using Xuanwu.GraphQL;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;
using Xuanwu.Server.Catalogs;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Feeds;
using Xuanwu.Server.History;
using Xuanwu.Server.Http;
using Xuanwu.Server.Jobs;
using Xuanwu.Server.Operations;
using Xuanwu.Server.Runs;
using Xuanwu.Server.Sql;
using Xuanwu.Server.Views;

namespace Xuanwu.Server.GraphQL;

/// <summary>The public interface, put together from the features; schema/xuanwu.graphql shows every change of it in
/// review.</summary>
public static class GraphQLSchema
{
    public static Schema Build(Func<Type, bool> isService) => new SchemaBuilder()
        .Description("Xuanwu: a platform for real-time computing.")
        .Services(type => type == typeof(Caller) || isService(type))
        .Paging(defaultSize: 10, maxSize: 100)
        .Query(typeof(JobQueries))
        .Query(typeof(RunQueries))
        .Query(typeof(ClusterQueries))
        .Query(typeof(CatalogQueries))
        .Query(typeof(EventQueries))
        .Query(typeof(OperationsQueries))
        .Query(typeof(SqlQueries))
        .Mutation(typeof(ClusterMutations))
        .Mutation(typeof(CatalogMutations))
        .Mutation(typeof(JobMutations))
        .Mutation(typeof(OperationsMutations))
        .Subscription(typeof(EventSubscriptions))
        .Subscription(typeof(ChangeSubscriptions))
        .Object<JobView>("Job").Fields<JobView>(typeof(JobFields))
        .Object<JobVersionView>("JobVersion").Fields<JobVersionView>(typeof(JobVersionFields))
        .Object<RunView>("Run").Fields<RunView>(typeof(RunFields))
        .Object<PendingSavepointView>("PendingSavepoint")
        .Object<ClusterView>("Cluster")
        .Object<FlinkVersionView>("FlinkVersion")
        .Object<CatalogView>("Catalog")
        .Object<KeyValuePair<string, string>>("KeyValue")
        .Object<SqlStatementView>("SqlStatement")
        .Enum<SqlSeverity>()
        .Enum<JobKind>()
        .Enum<RunState>()
        .FilterInput("JobFilterInput", Filters(Lists.JobColumns)).SortInput("JobSortInput", Sorts(Lists.JobColumns))
        .FilterInput("RunFilterInput", Filters(Lists.RunColumns)).SortInput("RunSortInput", Sorts(Lists.RunColumns))
        .FilterInput("ClusterFilterInput", Filters(Lists.NamedColumns)).SortInput(
            "ClusterSortInput", Sorts(Lists.NamedColumns))
        .FilterInput("CatalogFilterInput", Filters(Lists.NamedColumns)).SortInput(
            "CatalogSortInput", Sorts(Lists.NamedColumns))
        .FilterInput("JournalEventFilterInput", Filters(Lists.EventColumns))
        .Build();

    public static GraphQLEngine Engine(IServiceProvider services)
    {
        var known = services.GetRequiredService<IServiceProviderIsService>();
        var log = services.GetRequiredService<ILogger<GraphQLEngine>>();
        return new(Build(known.IsService), new EngineOptions
        {
            OnError = (wrong, path) =>
            {
                log.LogError(wrong, "The field {Path} could not be resolved.", path);
                return IsDatabaseAway(wrong) ? DatabaseAway : null;
            },
        });
    }

    // A commit whose answer was lost may have happened: that is all that can be said, and a repeat is harmless.
    private static readonly GraphQLError DatabaseAway = new(
        "The database does not answer at the moment. Send the request again; a mutation may have been stored all the same, "
        + "and with the same commandId it is not stored twice.")
    {
        Code = "DATABASE_UNAVAILABLE",
    };

    private static bool IsDatabaseAway(Exception wrong) => wrong switch
    {
        PostgresException answer => answer.SqlState[..2] is "08" or "53" or "57",
        NpgsqlException => true,
        _ => wrong.InnerException is { } inner && IsDatabaseAway(inner),
    };

    private static (string, string)[] Filters(IReadOnlyList<Column> columns) =>
        [.. columns.Select(column => (column.Name, column.Type switch
    {
        ColumnType.Text => "String",
        ColumnType.Int => "Int",
        ColumnType.Long => "Long",
        ColumnType.Uuid => "UUID",
        ColumnType.Time => "DateTime",
        ColumnType.Boolean => "Boolean",
        _ => column.EnumType!.Name,
    }))];

    private static string[] Sorts(IReadOnlyList<Column> columns) => [.. columns.Select(column => column.Name)];
}

/// <summary>The engine, while it is built beside the rest of a start. A task alone would be disposed with the host, and
/// that fails while it still runs.</summary>
public sealed record EngineBuild(Task<GraphQLEngine> Engine);
