namespace Xuanwu.Sandbox.Flink.Process;

/// <summary>Jars uploaded to one JobManager: the others of the cluster do not have them.</summary>
internal sealed class JarStore
{
    private readonly Dictionary<string, Jar> jars = [];

    public IReadOnlyList<Jar> All
    {
        get
        {
            lock (jars) return [.. jars.Values.OrderByDescending(jar => jar.UploadedAt)];
        }
    }

    public Jar Add(string name, long size, long now)
    {
        var jar = new Jar($"{Guid.NewGuid()}_{name}", name, size, now);
        lock (jars) jars[jar.Id] = jar;
        return jar;
    }

    public Jar? Find(string id)
    {
        lock (jars) return jars.GetValueOrDefault(id);
    }

    public bool Remove(string id)
    {
        lock (jars) return jars.Remove(id);
    }
}

internal sealed record Jar(string Id, string Name, long Size, long UploadedAt);
