using System.Collections.Immutable;
using Xuanwu.Domain.Runs;
using Xuanwu.EventStore;

namespace Xuanwu.Server.Runs;

/// <summary>A stretch of time in which a run stayed in one state of Flink's.</summary>
public sealed record RunStretch(RunState State, string? FlinkState, DateTimeOffset From, DateTimeOffset? To);

/// <summary>How a run went over time, for dashboards: folded behind the journal, so that commands do not wait for
/// it.</summary>
/// <param name="Id">The run.</param>
/// <param name="JobId">Its job.</param>
/// <param name="Restarts">How often Flink restarted the job by itself.</param>
/// <param name="Stretches">The latest stretches, oldest first.</param>
public sealed record RunTimelineView(Guid Id, Guid JobId, int Restarts, ImmutableList<RunStretch> Stretches)
{
    private const int Kept = 200;

    public static readonly StreamView<RunTimelineView, RunEvent> Stored = new("run_timeline", Evolve);

    public static RunTimelineView? Evolve(RunTimelineView? timeline, Recorded<RunEvent> recorded) =>
        recorded.Event switch
        {
            RunRequested it => new(recorded.StreamId, it.JobId, Restarts: 0, [new(
            RunState.Accepted, FlinkState: null, recorded.At, To: null)]),
            RunObserved it => timeline?.Enter(it.State, it.FlinkState, recorded.At),
            RunEnded it => timeline?.Enter(it.State, it.FlinkState, recorded.At),
            _ => timeline,
        };

    private RunTimelineView Enter(RunState state, string? flinkState, DateTimeOffset at)
    {
        var stretches = Stretches.SetItem(Stretches.Count - 1, Stretches[^1] with { To = at }).Add(
            new(state, flinkState, at, To: null));
        if (stretches.Count > Kept) stretches = stretches.RemoveAt(0);
        return this with { Restarts = Restarts + (flinkState == "RESTARTING" ? 1 : 0), Stretches = stretches };
    }
}
