using Xuanwu.Domain.Runs;

namespace Xuanwu.Flink.Gateway;

/// <summary>What a SQL job's gateway is to run.</summary>
/// <param name="Version">The gateway's Flink version: some keys differ.</param>
/// <param name="Script">The user's SQL.</param>
/// <param name="JobId">The Flink job id, chosen by us, 32 hex digits: what a lost answer is looked for by.</param>
/// <param name="Restore">Where the state comes from.</param>
/// <param name="Parameters">Flink settings of the job, in any version's spelling.</param>
/// <param name="Catalogs">CREATE CATALOG statements, see <see cref="FlinkSql.CreateCatalog"/>; they may hold secrets.</param>
/// <param name="JobName">pipeline.name, unless the parameters set it.</param>
/// <param name="Parallelism">parallelism.default.</param>
public sealed record SqlPlan(
    FlinkVersion Version,
    string Script,
    string JobId,
    RestorePoint Restore,
    IReadOnlyDictionary<string, string> Parameters,
    IReadOnlyList<string> Catalogs,
    string JobName,
    int Parallelism);
