using Xuanwu.Domain.Catalogs;
using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using Xuanwu.EventStore;

namespace Xuanwu.Server.Commands;

/// <summary>The four event-sourced aggregates, as the store knows them.</summary>
public static class Aggregates
{
    public static readonly Aggregate<Job, JobEvent> Job = new("job", Domain.Jobs.Job.Absent, Domain.Jobs.Job.Evolve);

    public static readonly Aggregate<Run, RunEvent> Run = new("run", Domain.Runs.Run.Absent, Domain.Runs.Run.Evolve);

    public static readonly Aggregate<Cluster, ClusterEvent> Cluster =
        new("cluster", Domain.Clusters.Cluster.Absent, Domain.Clusters.Cluster.Evolve);

    public static readonly Aggregate<Catalog, CatalogEvent> Catalog =
        new("catalog", Domain.Catalogs.Catalog.Absent, Domain.Catalogs.Catalog.Evolve);
}
