namespace Xuanwu.Sandbox.Flink.Jobs;

/// <summary>Flink's JobStatus, spelled as on the wire.</summary>
internal enum JobStatus
{
    INITIALIZING,
    CREATED,
    RUNNING,
    FAILING,
    FAILED,
    CANCELLING,
    CANCELED,
    FINISHED,
    RESTARTING,
    SUSPENDED,
    RECONCILING,
}

internal static class JobStatuses
{
    /// <summary>Whether the job has ended for good, on every JobManager.</summary>
    public static bool IsGloballyTerminal(this JobStatus status) =>
        status is JobStatus.FAILED or JobStatus.CANCELED or JobStatus.FINISHED;
}
