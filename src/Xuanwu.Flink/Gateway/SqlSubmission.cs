using Xuanwu.FlinkSql;

namespace Xuanwu.Flink.Gateway;

/// <summary>What came of a submission.</summary>
public abstract record SubmissionOutcome
{
    private protected SubmissionOutcome()
    {
    }
}

/// <summary>Flink took the job.</summary>
public sealed record Submitted(string JobId) : SubmissionOutcome;

/// <summary>Flink or we refused the script; sending it again gives the same answer.</summary>
/// <param name="Sentence">What is wrong.</param>
/// <param name="At">Where in the user's script, when that is known.</param>
public sealed record SubmissionRefused(string Sentence, SqlPosition? At) : SubmissionOutcome;

/// <summary>
/// Nothing that can be believed came back. Look for the job id by Flink's REST API before anything else; never send it again blindly.
/// </summary>
/// <param name="Reason">What went wrong.</param>
/// <param name="Sent">Whether the job itself had been sent, so that it may run; when false, only preparations were lost.</param>
public sealed record SubmissionUnknown(string Reason, bool Sent) : SubmissionOutcome;

/// <summary>Runs a user's script through a gateway as one job.</summary>
public static class SqlSubmission
{
    public static Task<SubmissionOutcome> RunAsync(SqlGateway gateway, SqlPlan plan, CancellationToken ct) => throw new NotImplementedException();
}
