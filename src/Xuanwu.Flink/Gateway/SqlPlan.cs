using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Manifests;
using Xuanwu.Flink.Settings;

namespace Xuanwu.Flink.Gateway;

/// <summary>What a SQL job's gateway is to run.</summary>
/// <param name="Version">The gateway's Flink version: some keys differ.</param>
/// <param name="Script">The user's SQL.</param>
/// <param name="JobId">The Flink job id, chosen by us, 32 hex digits: what a lost answer is looked for by.</param>
/// <param name="Restore">Where the state comes from.</param>
/// <param name="Parameters">Flink settings of the job, in any version's spelling.</param>
/// <param name="Catalogs">CREATE CATALOG statements, see <see cref="FlinkSql.CreateCatalog"/>; they may hold
/// secrets.</param>
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
    int Parallelism)
{
    /// <summary>The SQL of a run, with the same settings that its cluster was started with.</summary>
    /// <param name="run">A run of a SQL job.</param>
    /// <param name="catalogs">CREATE CATALOG statements of the catalogs that the job names.</param>
    public static SqlPlan Of(RunPlan run, IReadOnlyList<string> catalogs)
    {
        ArgumentNullException.ThrowIfNull(run);
        return new(
            FlinkVersion.Parse(run.Spec.FlinkVersion),
            run.Spec.Sql ?? throw new ArgumentException("The job has no SQL.", nameof(run)),
            run.FlinkJobId,
            run.Restore,
            RunSettings.OfJob(run),
            catalogs,
            run.JobName,
            run.Spec.Parallelism);
    }

    /// <summary>Neither the script nor the catalogs: both may hold secrets.</summary>
    public override string ToString() => $"SQL job {JobId} on Flink {Version}";

    /// <summary>What the job's INSERTs are sent into.</summary>
    internal SqlContext Context(FlinkSql.SqlJob job) => new(Session(), Catalogs, [], [], job.Preparation);

    /// <summary>The settings that the session is opened with.</summary>
    private SortedDictionary<string, string> Session()
    {
        var session = new SortedDictionary<string, string>(StringComparer.Ordinal);
        Put(FlinkKeys.PipelineName, JobName);
        foreach (var (key, value) in Parameters) Put(key, value);
        Put(FlinkKeys.Parallelism, Parallelism.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Put(FlinkKeys.JobId, JobId);
        if (Restore.Path is not { } path) return session;

        Put(FlinkKeys.RestorePath, path);
        if (Restore.AllowNonRestoredState) Put(FlinkKeys.RestoreIgnoresUnclaimed, "true");

        // Whose savepoint it is stays as it was: Flink neither owns nor deletes it.
        Put(FlinkKeys.RestoreClaimMode, "NO_CLAIM");
        return session;

        void Put(string key, string value) => session[FlinkKeys.Spell(key, Version)] = value;
    }
}
