namespace Xuanwu.Domain.Runs;

/// <summary>Where the state of a run comes from: an explicit, recorded decision, never a fallback.</summary>
/// <param name="Path">The savepoint or retained checkpoint to start from; null for an empty start.</param>
/// <param name="FlinkVersion">The Flink version that wrote it, when we took it ourselves.</param>
/// <param name="AllowNonRestoredState">Whether state that no operator claims is dropped in silence.</param>
public sealed record RestorePoint(string? Path, string? FlinkVersion = null, bool AllowNonRestoredState = false)
{
    /// <summary>Start empty.</summary>
    public static readonly RestorePoint None = new(Path: null);
}
