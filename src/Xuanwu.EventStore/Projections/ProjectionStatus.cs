namespace Xuanwu.EventStore;

public enum ProjectionState
{
    /// <summary>Folded by the commits themselves: never behind.</summary>
    Inline,

    /// <summary>A node follows the journal.</summary>
    Running,

    /// <summary>An event cannot be applied; see <see cref="ProjectionStatus.Fault"/>. Nothing was skipped.</summary>
    Stopped,

    /// <summary>No node has it at the moment: one has just gone and the next will take it within seconds.</summary>
    Unattended,
}

/// <summary>The event that a projection cannot apply, and why.</summary>
public sealed record ProjectionFault(long Sequence, Guid StreamId, long Version, string Type, string Reason);

/// <param name="Name">Of the view.</param>
/// <param name="State">What it does.</param>
/// <param name="Sequence">All events up to this one are in the view.</param>
/// <param name="Head">Last event of the journal.</param>
/// <param name="Generation">How often its table was made anew.</param>
/// <param name="Rebuilding">A new table is being made beside the live one.</param>
/// <param name="Fault">Why it is stopped.</param>
/// <param name="StoppedAt">Since when it is stopped.</param>
public sealed record ProjectionStatus(
    string Name,
    ProjectionState State,
    long Sequence,
    long Head,
    long Generation,
    bool Rebuilding,
    ProjectionFault? Fault,
    DateTimeOffset? StoppedAt)
{
    /// <summary>How many sequence numbers it is behind; at least the number of events.</summary>
    public long Lag => Math.Max(0, Head - Sequence);
}
