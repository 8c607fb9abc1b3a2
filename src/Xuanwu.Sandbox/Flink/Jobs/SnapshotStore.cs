using System.Collections.Concurrent;

namespace Xuanwu.Sandbox.Flink.Jobs;

/// <summary>The metadata of a completed checkpoint or savepoint: what a restore has to know of it.</summary>
/// <param name="Path">Where it lies; also how a restore names it.</param>
/// <param name="Id">The checkpoint's number in its job.</param>
/// <param name="Version">The Flink release that wrote it.</param>
/// <param name="Operators">The stateful operators in it, by id, which a new plan must have too.</param>
internal sealed record Snapshot(
    string Path, long Id, FlinkVersion Version, string JobId, IReadOnlyDictionary<string, string> Operators, bool IsSavepoint);

/// <summary>In place of the object store: the snapshots that exist, by path. No state bytes are kept.</summary>
internal sealed class SnapshotStore
{
    private readonly ConcurrentDictionary<string, Snapshot> snapshots = new();

    public void Put(Snapshot snapshot) => snapshots[Canonical(snapshot.Path)] = snapshot;

    public Snapshot? Find(string path) => snapshots.GetValueOrDefault(Canonical(path));

    public bool Delete(string path) => snapshots.TryRemove(Canonical(path), out _);

    private static string Canonical(string path)
    {
        path = path.TrimEnd('/');
        return path.EndsWith("/_metadata", StringComparison.Ordinal) ? path[..^"/_metadata".Length] : path;
    }
}
