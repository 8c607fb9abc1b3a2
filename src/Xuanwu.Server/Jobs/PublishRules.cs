using Xuanwu.Domain;
using Xuanwu.Domain.Catalogs;
using Xuanwu.Domain.Jobs;
using Xuanwu.Flink.Settings;
using Xuanwu.Server.Catalogs;

namespace Xuanwu.Server.Jobs;

/// <summary>What a draft must keep before it is published: what Flink would refuse later is refused now, with its
/// place.</summary>
public static class PublishRules
{
    public static async ValueTask<Rejection?> CheckAsync(
        JobSpec draft, EventStore.EventStore store, CancellationToken ct)
    {
        if (FlinkSpecRules.Check(draft) is { } wrong) return wrong;
        foreach (var name in draft.Catalogs)
        {
            if (await store.FindViewAsync<CatalogView>(Catalog.IdOf(name), ct) is null)
            {
                return new("CATALOG_UNKNOWN", $"There is no catalog named {name}; register it first.", "catalogs");
            }
        }

        return null;
    }
}
