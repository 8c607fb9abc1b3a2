using Xuanwu.Domain.Runs;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Tracking;

/// <summary>How closely runs are watched.</summary>
public sealed record TrackingOptions
{
    /// <summary>Between two polls of a run that is changing.</summary>
    public TimeSpan FastestPoll { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Between two polls of a run that has been steady.</summary>
    public TimeSpan SlowestPoll { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Between two checks of a run that has ended.</summary>
    public TimeSpan RecheckEvery { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a failed or finished run's cluster is kept, and looked at, before it is taken away.</summary>
    public TimeSpan RecheckFailed { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The same for a run that a user ended.</summary>
    public TimeSpan RecheckCanceled { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long a cluster is kept whose run has ended with a savepoint that Flink has not told the path of: it is the
    /// only witness.
    /// </summary>
    public TimeSpan SavepointPatience { get; init; } = TimeSpan.FromMinutes(10);

    public TimeSpan RecheckFor(RunView run)
    {
        if (!run.PendingSavepoints.IsEmpty) return SavepointPatience;
        return run.State is RunState.Canceled ? RecheckCanceled : RecheckFailed;
    }
}
