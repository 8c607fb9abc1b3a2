using Xuanwu.Domain.Runs;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Tracking;

/// <summary>When "it is not there" ends a run: only several of these in a row, over some time.</summary>
public static class Absence
{
    private const int Times = 4;
    private static readonly TimeSpan Over = TimeSpan.FromSeconds(4);

    public static bool Counts(Observation seen, DateTimeOffset now) =>
        seen.Absences >= Times && now - seen.AbsentSince >= Over;

    /// <summary>The end that follows: of the job alone, or of its whole cluster.</summary>
    public static EndRun End(RunView run, bool jobOnly)
    {
        if (run.CancelRequested)
        {
            return new(RunState.Canceled, "Stopped by a user; Flink no longer knows the job.", RootCause: null);
        }

        return new(
            RunState.Failed,
            jobOnly
                ? "Flink no longer knows the job: it was lost without an end, as when high-availability data is gone."
                : "The run's cluster was deleted, and not by Xuanwu.",
            RootCause: null);
    }
}
