namespace Xuanwu.Domain.Runs;

/// <summary>The five states of a run. Flink's own state is kept beside it.</summary>
public enum RunState
{
    /// <summary>Asked for; its cluster is being made or the job is not running yet.</summary>
    Accepted,

    /// <summary>The job has run and has not ended.</summary>
    Running,

    /// <summary>The job ended by a failure.</summary>
    Failed,

    /// <summary>A user stopped or cancelled it, whatever Flink calls that.</summary>
    Canceled,

    /// <summary>A bounded job reached its end.</summary>
    Finished,
}
