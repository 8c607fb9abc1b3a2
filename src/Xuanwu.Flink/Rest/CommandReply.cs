namespace Xuanwu.Flink.Rest;

/// <summary>What came of a command to Flink.</summary>
public abstract record CommandReply
{
    private protected CommandReply()
    {
    }
}

/// <summary>Flink took it; for savepoints and stops, the id to ask for its outcome.</summary>
public sealed record CommandAccepted(string? TriggerId) : CommandReply;

/// <summary>The job has ended before.</summary>
public sealed record JobHasEnded(string Said) : CommandReply;

/// <summary>Flink itself said that it does not know the job.</summary>
public sealed record NoSuchJob(string Said) : CommandReply;

/// <summary>Flink refused it and will refuse it again.</summary>
public sealed record CommandRefused(string Why) : CommandReply;

/// <summary>Nothing that can be believed came back: it may have been done. Look before doing it again.</summary>
public sealed record CommandUnanswered(string Reason, Exception? Cause = null) : CommandReply;
