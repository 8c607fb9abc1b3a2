using System.Collections.Concurrent;

namespace Xuanwu.Sandbox.Flink.Jobs;

/// <summary>The metadata of a completed checkpoint or savepoint: what a restore has to know of it.</summary>
/// <param name="Path">Where it lies; also how a restore names it.</param>
/// <param name="Id">The checkpoint's number in its job.</param>
/// <param name="Version">The Flink release that wrote it.</param>
/// <param name="Operators">The stateful operators in it, by id, which a new plan must have too.</param>
internal sealed record Snapshot(
    string Path, long Id, FlinkVersion Version, string JobId, IReadOnlyDictionary<string, string> Operators,
    bool IsSavepoint);

/// <summary>In place of the object store: the snapshots that exist, by path. No state bytes are kept.</summary>
internal sealed class SnapshotStore
{
    private readonly KeptMap<Snapshot> snapshots;
    private readonly ConcurrentDictionary<string, Snapshot> latest = new();

    public SnapshotStore(KeptLog? log)
    {
        snapshots = new KeptMap<Snapshot>("snapshot", log);
        foreach (var snapshot in snapshots.Values.OrderBy(snapshot => snapshot.Id)) Note(snapshot);
    }

    public void Put(Snapshot snapshot)
    {
        snapshots.Put(Canonical(snapshot.Path), snapshot);
        Note(snapshot);
    }

    public Snapshot? Find(string path) => snapshots.Find(Canonical(path));

    /// <summary>The newest checkpoint of a job that still exists.</summary>
    public Snapshot? LatestCheckpoint(string jobId) => latest.GetValueOrDefault(jobId);

    public bool Delete(string path)
    {
        if (Find(path) is { IsSavepoint: false } gone) latest.TryRemove(KeyValuePair.Create(gone.JobId, gone));
        return snapshots.Remove(Canonical(path));
    }

    private void Note(Snapshot snapshot)
    {
        if (!snapshot.IsSavepoint) latest[snapshot.JobId] = snapshot;
    }

    private static string Canonical(string path)
    {
        path = path.TrimEnd('/');
        return path.EndsWith("/_metadata", StringComparison.Ordinal) ? path[..^"/_metadata".Length] : path;
    }
}
