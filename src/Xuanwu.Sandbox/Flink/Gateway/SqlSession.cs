using System.Collections.Concurrent;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>
/// A session of the gateway: settings, catalogs and operations, all in memory and lost with the process.
/// </summary>
internal sealed class SqlSession(string handle, FlinkSettings defaults, FlinkVersion version, TimeSpan idleTimeout)
{
    private readonly Dictionary<string, string> own = new(StringComparer.Ordinal);

    public string Handle { get; } = handle;

    public FlinkVersion Version { get; } = version;

    public SqlCatalogs Catalogs { get; } = new();

    public ConcurrentDictionary<string, SqlOperation> Operations { get; } = new();

    /// <summary>Statements between BEGIN STATEMENT SET and END; null outside.</summary>
    public List<InsertStatement>? Set { get; set; }

    /// <summary>Statements of a session run one after another.</summary>
    public Lock Gate { get; } = new();

    public long LastUse { get; private set; }

    public FlinkSettings Settings => defaults.With(own);

    public void Touch(long now) => LastUse = now;

    public bool IsIdle(long now) => idleTimeout > TimeSpan.Zero && now - LastUse > idleTimeout.TotalMilliseconds;

    public void Put(string key, string value) => own[key] = value;

    public void Reset(string? key)
    {
        if (key is null) own.Clear();
        else own.Remove(key);
    }
}
