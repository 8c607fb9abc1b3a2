using Xuanwu.Domain.Clusters;
using Xuanwu.Domain.Jobs;
using Xuanwu.Flink;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Manifests;
using Xuanwu.FlinkSql;
using Xuanwu.Server.Catalogs;
using Xuanwu.Server.Commands;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Tracking;

/// <summary>What the handlers read: the run as last committed by any server, and the version that it runs.</summary>
public sealed class RunReader(EventStore.EventStore store)
{
    public ValueTask<RunView?> FindAsync(Guid runId, CancellationToken ct) => store.FindViewAsync<RunView>(runId, ct);

    /// <summary>
    /// A version never changes, so a cached job serves as well as a fresh one once it knows the version.
    /// </summary>
    public async ValueTask<JobSpec> SpecAsync(RunView run, CancellationToken ct)
    {
        var job = await store.JobWithAsync(run.JobId, run.Version, ct);
        return job.Versions[run.Version - 1].Spec;
    }

    public async ValueTask<RunPlan> PlanAsync(RunView run, ClusterSpec cluster, CancellationToken ct)
    {
        var job = await store.FindViewAsync<Jobs.JobView>(run.JobId, ct);
        return new RunPlan(
            run.Id,
            run.Attempt,
            run.Project,
            run.JobName,
            run.Version,
            run.FlinkJobId,
            RunNames.ClusterId(run.Id),
            cluster,
            run.Image,
            await SpecAsync(run, ct),
            run.RestoredFrom,
            job?.Owner ?? run.RequestedBy);
    }

    public async ValueTask<SqlPlan> SqlPlanAsync(RunView run, CancellationToken ct)
    {
        var spec = await SpecAsync(run, ct);
        var statements = new List<string>();
        await foreach (var catalog in CatalogsAsync(spec, ct))
        {
            var properties = catalog.Properties.ToDictionary();
            foreach (var (key, reference) in catalog.Secrets) properties[key] = Secrets.Resolve(reference);
            statements.Add(CreateCatalog.Render(catalog.Name, catalog.Type, properties));
        }

        return new SqlPlan(
            FlinkVersion.Parse(spec.FlinkVersion),
            spec.Sql!,
            run.FlinkJobId,
            run.RestoredFrom,
            spec.Parameters,
            statements,
            $"{run.Project}.{run.JobName}",
            spec.Parallelism);
    }

    /// <summary>Whether the job has been started again since: then this run's end is final.</summary>
    public async ValueTask<bool> IsSupersededAsync(RunView run, CancellationToken ct) =>
        await store.FindViewAsync<Jobs.JobView>(run.JobId, ct) is { } job && job.CurrentRunId != run.Id;

    /// <summary>
    /// Flink's errors may quote the statements that it was given: secrets in them are hidden before anything is kept.
    /// </summary>
    public async ValueTask<string> MaskAsync(RunView run, string text, CancellationToken ct)
    {
        var secrets = new List<string>();
        await foreach (var catalog in CatalogsAsync(await SpecAsync(run, ct), ct))
        {
            secrets.AddRange(catalog.Secrets.Values.Select(Secrets.Find).OfType<string>());
        }

        return Secrets.Mask(text, secrets);
    }

    private async IAsyncEnumerable<CatalogView> CatalogsAsync(
        JobSpec spec, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var name in spec.Catalogs)
        {
            var id = Domain.Catalogs.Catalog.IdOf(name);
            yield return await store.FindViewAsync<CatalogView>(id, ct)
                ?? throw new InvalidOperationException(
                    $"The catalog {name} was registered when the version was published, and is gone.");
        }
    }
}
