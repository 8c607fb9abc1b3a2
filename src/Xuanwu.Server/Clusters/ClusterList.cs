using System.Text.Json;
using Xuanwu.Domain;
using Xuanwu.EventStore;
using Xuanwu.Postgres;

namespace Xuanwu.Server.Clusters;

/// <summary>All clusters: few, and needed whole.</summary>
public sealed class ClusterList(Database database, EventTypes types)
{
    public async Task<IReadOnlyList<ClusterView>> AllAsync(CancellationToken ct)
    {
        await using var command = database.Source.CreateCommand("select data from xuanwu.mt_doc_cluster order by id");
        await using var reader = await command.ExecuteReaderAsync(ct);
        var clusters = new List<ClusterView>();
        while (await reader.ReadAsync(ct))
        {
            clusters.Add(JsonSerializer.Deserialize<ClusterView>(reader.GetString(0), types.Json)!);
        }

        return clusters;
    }

    /// <summary>The cluster that a command means that names none.</summary>
    public async Task<(Guid Id, Rejection? Wrong)> OnlyAsync(CancellationToken ct)
    {
        var all = await AllAsync(ct);
        return all.Count switch
        {
            1 => (all[0].Id, null),
            0 => (Guid.Empty, new("CLUSTER_MISSING", "No cluster is registered; register one first.", "clusterId")),
            _ => (Guid.Empty, new("CLUSTER_MISSING", $"Name the cluster: there are {all.Count}.", "clusterId")),
        };
    }
}
