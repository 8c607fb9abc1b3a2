using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Decisions;

namespace Xuanwu.Domain.Jobs;

/// <summary>Where a start takes its state from. Never falls back: what cannot be had is refused, an empty start is only ever asked for.</summary>
public static class RestoreDecision
{
    public static (RestorePoint From, Rejection? Wrong) Of(Savepoint? latest, string flinkVersion, StartJob command)
    {
        switch (command.From)
        {
            case RestoreFrom.None:
                return command.Path is null
                    ? (RestorePoint.None, null)
                    : No("RESTORE_PATH_UNUSED", "A path is given but the start is empty; set from to PATH, or leave out the path.");

            case RestoreFrom.LatestSavepoint when latest is null:
                return No("NO_SAVEPOINT", "The job has no savepoint; start it empty or give a path.");

            case RestoreFrom.LatestSavepoint when !command.Force && Crosses(latest.FlinkVersion, flinkVersion):
                return No(
                    "STATE_INCOMPATIBLE",
                    $"The savepoint was written by Flink {latest.FlinkVersion} and the version runs on {flinkVersion}: state is not "
                    + "compatible between Flink 1.x and 2.x. Start empty, or insist with force.");

            case RestoreFrom.LatestSavepoint:
                return (new RestorePoint(latest.Path, latest.FlinkVersion, command.AllowNonRestoredState), null);

            default:
                if (string.IsNullOrWhiteSpace(command.Path)) return No("RESTORE_PATH_MISSING", "Give the path to restore from.");
                var known = latest?.Path == command.Path ? latest.FlinkVersion : null;
                return known is not null && !command.Force && Crosses(known, flinkVersion)
                    ? Of(latest, flinkVersion, command with { From = RestoreFrom.LatestSavepoint })
                    : (new RestorePoint(command.Path, known, command.AllowNonRestoredState), null);
        }
    }

    private static bool Crosses(string from, string to) => Major(from) != Major(to);

    private static string Major(string version) => version.Split('.')[0];

    private static (RestorePoint, Rejection) No(string code, string message) => (RestorePoint.None, Reject(code, message, "from"));
}
