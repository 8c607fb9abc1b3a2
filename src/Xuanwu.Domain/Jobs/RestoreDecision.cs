using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain.Jobs;

/// <summary>
/// Where a start takes its state from. Never falls back: what cannot be had is refused, an empty start is only ever
/// asked for.
/// </summary>
public static class RestoreDecision
{
    public static (RestorePoint From, Rejection? Wrong) Of(Job job, string flinkVersion, StartJob command)
    {
        switch (command.From)
        {
            case RestoreFrom.None or RestoreFrom.LatestSavepoint when command.Path is not null:
                return No(
                    "RESTORE_PATH_UNUSED",
                    "A path is given that would not be used; set from to PATH, or leave it out.");
            case RestoreFrom.None:
                return (RestorePoint.None, null);
            case RestoreFrom.LatestSavepoint when job.LatestSavepoint is null:
                return No("NO_SAVEPOINT", "The job has no savepoint; start it empty or give a path.");
            case RestoreFrom.LatestSavepoint:
                return At(job.LatestSavepoint.Path);
            case RestoreFrom.Path when string.IsNullOrWhiteSpace(command.Path):
                return No("RESTORE_PATH_MISSING", "Give the path to restore from.");
            default:
                var wrong = Texts.CheckLine("RESTORE_PATH_INVALID", "path", command.Path!, "path", most: 4096);
                return wrong is null ? At(command.Path!) : (RestorePoint.None, wrong);
        }

        (RestorePoint, Rejection?) At(string path)
        {
            // Null for a path that we did not write: then nobody knows, and Flink has the last word.
            var writtenBy = job.SavepointVersions.GetValueOrDefault(path);
            var why = writtenBy is null || command.Force ? null : WhyNot(writtenBy, flinkVersion);
            if (why is null) return (new RestorePoint(path, writtenBy, command.AllowNonRestoredState), null);
            return No(
                "STATE_INCOMPATIBLE",
                $"The savepoint was written by Flink {writtenBy} and the version runs on {flinkVersion}: {why}. "
                + "Start empty, or insist with force.");
        }
    }

    // Flink's table of compatibility (docs, ops/upgrading): a savepoint is read by later versions of its major line and
    // by no earlier ones; between 1.x and 2.x nothing is promised (release notes of 2.0).
    private static string? WhyNot(string writtenBy, string flinkVersion)
    {
        var (from, to) = (Version.Parse(writtenBy), Version.Parse(flinkVersion));
        return from.Major != to.Major ? "state is not compatible between Flink 1.x and 2.x"
            : from > to ? "an older Flink cannot read what a newer one wrote"
            : null;
    }

    private static (RestorePoint, Rejection) No(string code, string message) =>
        (RestorePoint.None, Reject(code, message, "from"));
}
