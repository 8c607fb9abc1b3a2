using Xuanwu.Flink.Settings;
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
/// Nothing that can be believed came back. Look for the job id by Flink's REST API before anything else; never send it
/// again blindly.
/// </summary>
/// <param name="Reason">What went wrong.</param>
/// <param name="Sent">Whether the job itself had been sent, so that it may run; when false, only preparations were
/// lost.</param>
public sealed record SubmissionUnknown(string Reason, bool Sent) : SubmissionOutcome;

/// <summary>
/// Runs a user's script through a gateway as one job: a session with the job's settings (its id among them, so that a
/// submission that is sent twice is refused by Flink the second time), the catalogs, then SET and DDL in their order,
/// then all INSERTs as one statement.
/// </summary>
public static class SqlSubmission
{
    /// <summary>
    /// Submits the job. Throws for the caller's own cancellation only; the job may then have been sent.
    /// </summary>
    public static async Task<SubmissionOutcome> RunAsync(SqlGateway gateway, SqlPlan plan, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        ArgumentNullException.ThrowIfNull(plan);
        var (job, error) = SqlJob.Read(plan.Script);
        if (error is not null) return new SubmissionRefused(error.Message, error.At);
        foreach (var statement in job!.Preparation)
        {
            if (FlinkSpecRules.ParameterOf(statement) is { } wrong)
            {
                return new SubmissionRefused(
                    wrong.Message, statement.Start);
            }
        }

        switch (await plan.Context(job).OpenAsync(gateway, ct))
        {
            case ContextReady ready:
                var outcome = await SendAsync(ready.Session, plan, job.Dml(), ct);

                // A session that may still be submitting is left to its time-out: closing it would interrupt the
                // submission.
                if (outcome is not SubmissionUnknown { Sent: true }) await ready.Session.CloseAsync(ct);
                return outcome;
            case ContextRefused refused:
                return new SubmissionRefused(refused.Sentence, refused.At);
            case ContextUnknown unknown:
                return new SubmissionUnknown(unknown.Reason, Sent: false);
            case var other:
                throw new InvalidOperationException($"{other} is not an outcome of a context.");
        }
    }

    private static async Task<SubmissionOutcome> SendAsync(
        SqlGatewaySession session, SqlPlan plan, AssembledSql dml, CancellationToken ct)
    {
        try
        {
            var result = await session.ExecuteAsync(dml.Text, ct);
            return result.JobId is { } jobId
                ? new Submitted(jobId)
                : new SubmissionUnknown("The gateway took the statements but named no job.", Sent: true);
        }
        catch (GatewayError refusal) when (refusal.IsDuplicate)
        {
            return new Submitted(plan.JobId);
        }
        catch (GatewayError lost) when (lost.IsLostSubmission)
        {
            return new SubmissionUnknown(
                $"The gateway lost the cluster while it submitted the job: {lost.Message}", Sent: true);
        }
        catch (GatewayError refusal)
        {
            var refused = SqlContext.Refused(refusal, dml);
            return new SubmissionRefused(refused.Sentence, refused.At);
        }
        catch (GatewayUnreachable lost)
        {
            return new SubmissionUnknown(lost.Message, Sent: true);
        }
    }
}
