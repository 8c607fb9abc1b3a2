using System.Globalization;
using System.Text.RegularExpressions;
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
public static partial class SqlSubmission
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

        SqlGatewaySession session;
        try
        {
            session = await gateway.OpenSessionAsync(plan.Session(), ct);
        }
        catch (GatewayUnreachable lost)
        {
            return new SubmissionUnknown(lost.Message, Sent: false);
        }
        catch (GatewayError refusal)
        {
            return new SubmissionRefused($"The SQL gateway opened no session: {refusal.Message}", At: null);
        }

        var outcome = await PrepareAsync(session, plan, job, ct) ?? await SendAsync(session, plan, job.Dml(), ct);

        // A session that may still be submitting is left to its time-out: closing it would interrupt the submission.
        if (outcome is not SubmissionUnknown { Sent: true }) await session.CloseAsync(ct);
        return outcome;
    }

    private static async Task<SubmissionOutcome?> PrepareAsync(
        SqlGatewaySession session, SqlPlan plan, SqlJob job, CancellationToken ct)
    {
        foreach (var catalog in plan.Catalogs)
        {
            var failed = await TryAsync(
                catalog,
                refusal => new SubmissionRefused(
                    $"A catalog cannot be injected: {Masked(refusal.Message, catalog)}", At: null));
            if (failed is not null) return failed;
        }

        foreach (var statement in job.Preparation)
        {
            var failed = await TryAsync(Text(statement), refusal => Refused(refusal, AssembledSql.Of(statement)));
            if (failed is not null) return failed;
        }

        return null;

        async Task<SubmissionOutcome?> TryAsync(string text, Func<GatewayError, SubmissionOutcome> refused)
        {
            try
            {
                await session.ExecuteAsync(text, ct);
                return null;
            }
            catch (GatewayError refusal)
            {
                return refused(refusal);
            }
            catch (GatewayUnreachable lost)
            {
                return new SubmissionUnknown(lost.Message, Sent: false);
            }
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
            return Refused(refusal, dml);
        }
        catch (GatewayUnreachable lost)
        {
            return new SubmissionUnknown(lost.Message, Sent: true);
        }
    }

    // The gateway's parser takes the quoted form only, Flink's client takes others too.
    private static string Text(StatementText statement) =>
        statement.Kind == StatementKind.Set && SetOption.TryParse(statement, out var option, out _)
            && option is not null
            ? option.Render()
            : statement.Text;

    // Positions in the gateway's words are those of the text that it was sent; its author needs those of the script.
    private static SubmissionRefused Refused(GatewayError refusal, AssembledSql sent)
    {
        var sentence = GatewayError.Position().Replace(Unplaced().Replace(refusal.Message, ""), match =>
            sent.Origin(Number(match, 1), Number(match, 2)) is { } at ? at.ToString() : match.Value);
        var place = refusal.Line > 0 ? sent.Origin(refusal.Line, refusal.Column) : null;
        return new(sentence, place ?? sent.Origin(1, 1));

        static int Number(Match match, int group) =>
            int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    // Flink hides what it takes for secrets in its messages; what we take for one is hidden whatever Flink does.
    private static string Masked(string message, string catalog)
    {
        foreach (Match property in Property().Matches(catalog))
        {
            var (key, value) = (
                property.Groups[1].Value, property.Groups[2].Value.Replace("''", "'", StringComparison.Ordinal));
            if (value.Length > 0 && SecretKeys.IsSecret(key))
            {
                message = message.Replace(
                    value, "******", StringComparison.Ordinal);
            }
        }

        return message;
    }

    [GeneratedRegex(@"\A(SQL validation failed\. )?From line \d+, column \d+ to line \d+, column \d+: ")]
    private static partial Regex Unplaced();

    [GeneratedRegex("'((?:[^']|'')*)'\\s*=\\s*'((?:[^']|'')*)'")]
    private static partial Regex Property();
}
