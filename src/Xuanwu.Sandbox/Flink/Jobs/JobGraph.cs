using System.Security.Cryptography;
using System.Text;

namespace Xuanwu.Sandbox.Flink.Jobs;

/// <summary>A submitted job: its vertices and its own settings, which lie over the cluster's.</summary>
/// <param name="BoundedFor">How long a job runs whose sources all end; null for one that runs on.</param>
internal sealed record JobGraph(
    string JobId,
    string Name,
    IReadOnlyList<JobVertex> Vertices,
    FlinkSettings Settings,
    RestoreSettings? Restore,
    TimeSpan? BoundedFor)
{
    /// <summary>The slots that it takes: with slot sharing, as many as its widest vertex has subtasks.</summary>
    public int Slots => Vertices.Max(vertex => vertex.Parallelism);

    /// <summary>Flink's zero id, given to application jobs that name none.</summary>
    public const string ZeroJobId = "00000000000000000000000000000000";

    public static bool IsJobId(string text) => text.Length == 32 && text.All(char.IsAsciiHexDigit);

    public static string NewJobId() => Guid.NewGuid().ToString("N");
}

/// <summary>A vertex of the job graph: a chain of operators that run in one task.</summary>
internal sealed record JobVertex(string Id, string Name, int Parallelism, IReadOnlyList<string> Inputs)
{
    public const int MaxParallelism = 128;

    public bool IsSource => Inputs.Count == 0;

    /// <summary>A vertex whose id depends on its name alone, as uids of SQL operators depend on the plan.</summary>
    public static JobVertex Named(string name, int parallelism, params IReadOnlyList<string> inputs) =>
        new(Convert.ToHexStringLower(MD5Hash(name)), name, parallelism, inputs);

#pragma warning disable CA5351 // An identifier of the same form as Flink's; nothing is protected by it.
    private static byte[] MD5Hash(string name) => MD5.HashData(Encoding.UTF8.GetBytes(name));
#pragma warning restore CA5351
}

/// <summary>Where a job takes its state from.</summary>
internal sealed record RestoreSettings(string Path, bool AllowNonRestoredState, bool Claim)
{
    /// <summary>
    /// From the keys of the version: execution.savepoint.*, from 1.20 on also execution.state-recovery.*.
    /// </summary>
    public static RestoreSettings? From(FlinkSettings settings, FlinkVersion version)
    {
        var renamed = version.AtLeast(1, 20);
        var path = (renamed ? settings.Find("execution.state-recovery.path") : null)
            ?? settings.Find("execution.savepoint.path");
        if (path is null) return null;

        var ignore = renamed ? settings.Find("execution.state-recovery.ignore-unclaimed-state") : null;
        ignore ??= settings.Find("execution.savepoint.ignore-unclaimed-state");
        var claim = renamed ? settings.Find("execution.state-recovery.claim-mode") : null;
        claim ??= settings.Find("execution.savepoint-restore-mode");
        return new RestoreSettings(
            path, "true".Equals(ignore, StringComparison.OrdinalIgnoreCase),
            "CLAIM".Equals(claim, StringComparison.OrdinalIgnoreCase));
    }
}
