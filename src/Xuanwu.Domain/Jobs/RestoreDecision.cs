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
            if (writtenBy is null || command.Force || Major(writtenBy) == Major(flinkVersion))
            {
                return (new RestorePoint(path, writtenBy, command.AllowNonRestoredState), null);
            }

            return No(
                "STATE_INCOMPATIBLE",
                $"The savepoint was written by Flink {writtenBy} and the version runs on {flinkVersion}: state is not "
                + "compatible between Flink 1.x and 2.x. Start empty, or insist with force.");
        }
    }

    private static string Major(string version) => version.Split('.')[0];

    private static (RestorePoint, Rejection) No(string code, string message) =>
        (RestorePoint.None, Reject(code, message, "from"));
}
