using Xuanwu.Domain;
using Xuanwu.Domain.Catalogs;
using Xuanwu.Domain.Jobs;
using Xuanwu.Flink;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Manifests;
using Xuanwu.FlinkSql;
using Xuanwu.Server.Catalogs;
using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Server.Jobs;

/// <summary>What a draft must keep before it is published: what Flink would refuse later is refused now, with its place.</summary>
public static class PublishRules
{
    public static async ValueTask<Rejection?> CheckAsync(JobSpec draft, EventStore.EventStore store, CancellationToken ct)
    {
        if (!FlinkVersion.TryParse(draft.FlinkVersion, out _, out var wrongVersion))
        {
            return Reject("FLINK_VERSION_INVALID", wrongVersion!, "flinkVersion");
        }

#if FLINK
        if (FlinkKeys.Check(draft.Parameters) is { } wrongKey) return Reject(wrongKey.Code, wrongKey.Sentence, "parameters");
        if (FlinkMemory.Check(draft.Resources, draft.Parameters) is { } wrongMemory)
        {
            return Reject("MEMORY_NOT_POSSIBLE", wrongMemory, "resources");
        }

#endif
        if (draft.Sql is not null && SqlJob.Read(draft.Sql).Error is { } wrongSql)
        {
            return Reject(wrongSql.Code, wrongSql.ToString(), "sql");
        }

        foreach (var name in draft.Catalogs)
        {
            if (await store.FindViewAsync<CatalogView>(Catalog.IdOf(name), ct) is null)
            {
                return Reject("CATALOG_UNKNOWN", $"There is no catalog named {name}; register it first.", "catalogs");
            }
        }

        return null;
    }
}
