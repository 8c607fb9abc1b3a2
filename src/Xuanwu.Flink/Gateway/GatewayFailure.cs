using System.Text.RegularExpressions;

namespace Xuanwu.Flink.Gateway;

/// <summary>The gateway answered that a call or a statement failed.</summary>
public sealed partial class GatewayError : Exception
{
    internal GatewayError(string stackTrace)
        : base(Sentence(RootCause.Of(stackTrace)))
    {
        ServerTrace = stackTrace;
        Cause = RootCause.Of(stackTrace);

        // The position is in the text of one of the causes, and not always in that of the innermost one.
        if (Position().Matches(stackTrace) is [.., var last])
        {
            (Line, Column) = (Number(last, 1), Number(last, 2));
        }
    }

    /// <summary>The innermost cause.</summary>
    public RootCause Cause { get; }

    /// <summary>Line of the statement, from 1; 0 when the gateway names none.</summary>
    public int Line { get; }

    /// <summary>Column of the statement, from 1; 0 when the gateway names none.</summary>
    public int Column { get; }

    /// <summary>The stack trace as the gateway sent it.</summary>
    internal string ServerTrace { get; }

    /// <summary>
    /// The session or operation is gone: the gateway was started anew, or the session was idle for too long.
    /// </summary>
    internal bool IsForgotten => Forgotten().IsMatch(Message);

    /// <summary>The job id is taken: an earlier submission of ours came through.</summary>
    internal bool IsDuplicate => ServerTrace.Contains("DuplicateJobSubmissionException", StringComparison.Ordinal);

    /// <summary>
    /// The job was on its way to the cluster when the connection between the gateway and the cluster failed: it may
    /// have arrived.
    /// </summary>
    internal bool IsLostSubmission =>
        Submitting().IsMatch(ServerTrace) && (
            Unconnected().IsMatch(Cause.Class ?? "") || NotReady().IsMatch(Cause.Message));

    [GeneratedRegex(@"(?<!to )line (\d{1,7}), column (\d{1,7})")]
    internal static partial Regex Position();

    private static int Number(Match match, int group) =>
        int.Parse(match.Groups[group].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);

    // What Flink's planner writes for its users says all without the name of its exception's class.
    // The parser adds a list of all the words that might have stood there, some hundred lines.
    private static string Sentence(RootCause cause)
    {
        var sentence = cause.Message.Length > 0 && Speaking().IsMatch(cause.Class ?? "")
            ? cause.Message
            : cause.ToString();
        var list = sentence.IndexOf("\nWas expecting", StringComparison.Ordinal);
        return list < 0 ? sentence : sentence[..list].TrimEnd();
    }

    [GeneratedRegex(@"\.(SqlParserException|SqlParseException|ParseException|SqlValidatorException"
        + "|CalciteContextException|ValidationException"
        + "|TableException|CatalogException|TableAlreadyExistException|TableNotExistException|DatabaseNotExistException"
        + @"|SqlExecutionException|SqlGatewayException|IllegalConfigurationException|FlinkRuntimeException)\z")]
    private static partial Regex Speaking();

    [GeneratedRegex("Session '.*' does not exist|Can not find the submitted operation")]
    private static partial Regex Forgotten();

    [GeneratedRegex("JobSubmissionException|Failed to submit|RestClusterClient|Failed to execute sql")]
    private static partial Regex Submitting();

    [GeneratedRegex(@"\.(TimeoutException|\w*ConnectException|\w*ConnectTimeoutException|ConnectionClosedException"
        + "|ClosedChannelException"
        + @"|UnknownHostException|NativeIoException|RetryException|LeaderRetrievalException|SocketException)\z")]
    private static partial Regex Unconnected();

    [GeneratedRegex("Service temporarily unavailable|Connection refused|Connection reset|503")]
    private static partial Regex NotReady();
}

/// <summary>Nothing that can be believed came back from the gateway.</summary>
public class GatewayUnreachable : Exception
{
    internal GatewayUnreachable(string reason, Exception? cause = null)
        : base(reason, cause)
    {
    }
}

/// <summary>
/// The gateway itself said that it does not know the session or the operation: it was started anew, or the session was
/// idle for too long. Whatever the session held is to be built again in a new one.
/// </summary>
public sealed class SessionLost : GatewayUnreachable
{
    internal SessionLost(string said, Exception? cause = null)
        : base($"The gateway has forgotten the session: {said}", cause)
    {
    }
}
