using Xuanwu.Domain.Runs;

namespace Xuanwu.Flink.Rest;

/// <summary>Flink's own state of a job (org.apache.flink.api.common.JobStatus), spelled Flink's way.</summary>
public enum FlinkState
{
    Initializing,
    Created,
    Running,
    Failing,
    Failed,
    Cancelling,
    Canceled,
    Finished,
    Restarting,

    /// <summary>This JobManager lost its leadership; the job goes on elsewhere. Not an end.</summary>
    Suspended,

    Reconciling,
}

/// <summary>Flink's states in ours.</summary>
public static class RunStates
{
    private static readonly Dictionary<string, FlinkState> ByName =
        Enum.GetValues<FlinkState>().ToDictionary(Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Only FAILED, CANCELED and FINISHED end a job, whatever else is "terminal" to one JobManager.</summary>
    /// <param name="raw">What Flink says.</param>
    /// <param name="stoppedByUser">Whether we were told to stop it: Flink calls a stop with savepoint FINISHED.</param>
    public static RunState Map(FlinkState raw, bool stoppedByUser) => raw switch
    {
        FlinkState.Initializing or FlinkState.Created => RunState.Accepted,
        FlinkState.Failed => RunState.Failed,
        FlinkState.Canceled => RunState.Canceled,
        FlinkState.Finished => stoppedByUser ? RunState.Canceled : RunState.Finished,
        _ => RunState.Running,
    };

    /// <summary>Flink's spelling, as in RUNNING.</summary>
    public static string Name(this FlinkState state) => state.ToString().ToUpperInvariant();

    /// <summary>Reads Flink's spelling; false for a state that a later Flink may have added.</summary>
    public static bool TryParse(string? text, out FlinkState state)
    {
        state = default;
        return text is not null && ByName.TryGetValue(text, out state);
    }
}
