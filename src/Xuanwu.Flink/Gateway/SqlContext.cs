using System.Globalization;
using System.Text.RegularExpressions;
using Xuanwu.Flink.Settings;
using Xuanwu.FlinkSql;

namespace Xuanwu.Flink.Gateway;

/// <summary>
/// What a script's statements are run in: the one way to begin for a deployment, a try and the command line. Settings,
/// then catalogs, functions and temporary tables that are injected, then the script's own SET, USE and DDL.
/// </summary>
/// <param name="Properties">Settings that the session is opened with.</param>
/// <param name="Catalogs">CREATE CATALOG statements, see <see cref="CreateCatalog"/>; they may hold secrets.</param>
/// <param name="Functions">CREATE FUNCTION and ADD JAR statements that the script needs and does not have.</param>
/// <param name="TemporaryTables">CREATE TEMPORARY TABLE statements, which shadow tables of catalogs.</param>
/// <param name="Preparation">The script's own statements that prepare the session, in their order.</param>
public sealed partial record SqlContext(
    IReadOnlyDictionary<string, string> Properties,
    IReadOnlyList<string> Catalogs,
    IReadOnlyList<string> Functions,
    IReadOnlyList<string> TemporaryTables,
    IReadOnlyList<StatementText> Preparation)
{
    /// <summary>A context of settings alone.</summary>
    public static SqlContext Of(IReadOnlyDictionary<string, string> properties) => new(properties, [], [], [], []);

    /// <summary>Neither settings nor statements: both may hold secrets.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"SQL context of {Catalogs.Count} catalogs, {Functions.Count} functions, {TemporaryTables.Count} tables, "
        + $"{Preparation.Count} statements");

    /// <summary>Opens a session and brings it into this state; one that does not get there is closed.</summary>
    public async Task<ContextOutcome> OpenAsync(SqlGateway gateway, CancellationToken ct, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(gateway);
        SqlGatewaySession session;
        try
        {
            session = await gateway.OpenSessionAsync(Properties, ct, name);
        }
        catch (GatewayUnreachable lost)
        {
            return new ContextUnknown(lost.Message);
        }
        catch (GatewayError refusal)
        {
            return new ContextRefused($"The SQL gateway opened no session: {refusal.Message}", At: null);
        }

        ContextOutcome? failed = null;
        try
        {
            failed = await PrepareAsync(session, ct);
        }
        finally
        {
            if (failed is not null || ct.IsCancellationRequested) await session.CloseAsync(CancellationToken.None);
        }

        return failed ?? new ContextReady(session);
    }

    /// <summary>
    /// The statement as a gateway takes it: its parser knows only the quoted form of SET, Flink's client others too.
    /// </summary>
    public static string Sent(StatementText statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        return statement.Kind == StatementKind.Set && SetOption.TryParse(statement, out var option, out _)
            && option is not null
            ? option.Render()
            : statement.Text;
    }

    /// <summary>
    /// A refusal in terms of its author's script: positions in the gateway's words are those of the text that it was
    /// sent.
    /// </summary>
    public static ContextRefused Refused(GatewayError refusal, AssembledSql sent)
    {
        ArgumentNullException.ThrowIfNull(refusal);
        ArgumentNullException.ThrowIfNull(sent);
        var sentence = GatewayError.Position().Replace(Unplaced().Replace(refusal.Message, ""), match =>
            sent.Origin(Number(match, 1), Number(match, 2)) is { } at ? at.ToString() : match.Value);
        var place = refusal.Line > 0 ? sent.Origin(refusal.Line, refusal.Column) : null;
        return new(sentence, place ?? sent.Origin(1, 1));

        static int Number(Match match, int group) =>
            int.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);
    }

    private async Task<ContextOutcome?> PrepareAsync(SqlGatewaySession session, CancellationToken ct)
    {
        var injected = Catalogs.Select(sql => ("catalog", sql))
            .Concat(Functions.Select(sql => ("function", sql)))
            .Concat(TemporaryTables.Select(sql => ("temporary table", sql)));
        foreach (var (what, sql) in injected)
        {
            var failed = await TryAsync(
                session,
                sql,
                refusal => new($"A {what} cannot be injected: {Masked(refusal.Message, sql)}", At: null),
                ct);
            if (failed is not null) return failed;
        }

        foreach (var statement in Preparation)
        {
            var failed = await TryAsync(
                session, Sent(statement), refusal => Refused(refusal, AssembledSql.Of(statement)), ct);
            if (failed is not null) return failed;
        }

        return null;
    }

    private static async Task<ContextOutcome?> TryAsync(
        SqlGatewaySession session, string text, Func<GatewayError, ContextRefused> refused, CancellationToken ct)
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
            return new ContextUnknown(lost.Message);
        }
    }

    // Flink hides what it takes for secrets in its messages; what we take for one is hidden whatever Flink does.
    private static string Masked(string message, string statement)
    {
        foreach (Match property in Property().Matches(statement))
        {
            var (key, value) = (
                property.Groups[1].Value, property.Groups[2].Value.Replace("''", "'", StringComparison.Ordinal));
            if (value.Length > 0 && SecretKeys.IsSecret(key))
            {
                message = message.Replace(value, "******", StringComparison.Ordinal);
            }
        }

        return message;
    }

    [GeneratedRegex(@"\A(SQL validation failed\. )?From line \d+, column \d+ to line \d+, column \d+: ")]
    private static partial Regex Unplaced();

    [GeneratedRegex("'((?:[^']|'')*)'\\s*=\\s*'((?:[^']|'')*)'")]
    private static partial Regex Property();
}

/// <summary>What came of opening a context.</summary>
public abstract record ContextOutcome
{
    private protected ContextOutcome()
    {
    }
}

/// <summary>A session in that state.</summary>
public sealed record ContextReady(SqlGatewaySession Session) : ContextOutcome;

/// <summary>The gateway refused something; it will again.</summary>
/// <param name="Sentence">What is wrong.</param>
/// <param name="At">Where in the script, when it is there.</param>
public sealed record ContextRefused(string Sentence, SqlPosition? At) : ContextOutcome;

/// <summary>Nothing that can be believed came back; another try is harmless.</summary>
public sealed record ContextUnknown(string Reason) : ContextOutcome;
