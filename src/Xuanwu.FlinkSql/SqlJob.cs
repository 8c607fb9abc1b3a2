using static Xuanwu.FlinkSql.StatementKind;

namespace Xuanwu.FlinkSql;

/// <summary>
/// A script as one job: what prepares the session, then all its INSERTs. They run as one statement set, one job with
/// one id, one savepoint and one state, wherever they stand in the script; so what would change the meaning of an
/// INSERT before it may not follow it.
/// </summary>
/// <param name="Preparation">SET, RESET, USE, DDL, ADD JAR, modules, in their order. What only shows something is left
/// out.</param>
/// <param name="Inserts">Every INSERT, also those of statement sets, in their order; at least one.</param>
public sealed record SqlJob(IReadOnlyList<StatementText> Preparation, IReadOnlyList<StatementText> Inserts)
{
    /// <summary>The one statement that runs them all.</summary>
    public AssembledSql Dml() => AssembledSql.OfInserts(Inserts);

    /// <summary>Reads a script as a job; exactly one of the two is set.</summary>
    public static (SqlJob? Job, SqlError? Error) Read(string text)
    {
        var script = SplitScript.Split(text);
        if (script.Error is not null) return (null, script.Error);

        var preparation = new List<StatementText>();
        var inserts = new List<StatementText>();
        StatementText? set = null;
        foreach (var statement in script.Statements)
        {
            var wrong = Misplaced(statement, set, afterInsert: inserts.Count > 0);
            if (wrong is not null) return (null, wrong);
            switch (statement.Kind)
            {
                case Insert:
                    inserts.Add(statement);
                    break;
                case StatementSet:
                    if (statement.Body.FirstOrDefault(each => each.Kind != Insert) is { } other)
                    {
                        return (null, NotInSet(other));
                    }

                    inserts.AddRange(statement.Body);
                    break;
                case BeginStatementSet:
                    set = statement;
                    break;
                case EndStatementSet:
                    set = null;
                    break;
                case Show or Describe or Explain:
                    break;
                default:
                    preparation.Add(statement);
                    break;
            }
        }

        if (set is not null)
        {
            return (null, new(
                "SQL_STATEMENT_SET_OPEN",
                "The statement set that begins here has no END; put 'END;' after its last INSERT.",
                set.Start));
        }

        return inserts.Count > 0
            ? (new(preparation, inserts), null)
            : (null, new(
                "SQL_NO_INSERT",
                "The script has no INSERT, so there is nothing to run; add an INSERT INTO.",
                script.Statements.Count > 0 ? script.Statements[^1].Start : SqlPosition.Start));
    }

    private static SqlError? Misplaced(StatementText statement, StatementText? set, bool afterInsert)
    {
        if (set is not null && statement.Kind is not (Insert or EndStatementSet)) return NotInSet(statement);
        return statement.Kind switch
        {
            Select => Wrong(
                "SQL_QUERY_AT_TOP",
                "A query at the top level shows its rows to somebody who looks on, and a job has nobody; write its "
                + "result to a table with INSERT INTO."),
            CreateTableAs => Wrong(
                "SQL_STARTS_OWN_JOB",
                "CREATE TABLE … AS would start a job of its own; write CREATE TABLE and INSERT INTO instead."),
            CreateMaterializedTable or ExecutePlan or CompilePlan or Update or Delete or Truncate or Analyze or Call =>
                Wrong(
                    "SQL_STARTS_OWN_JOB",
                    $"{Words()} would start a job of its own; a script is one job, made of its INSERTs."),
            StopJob => Wrong("SQL_NOT_FOR_JOBS", "STOP JOB is not for a job's script; use stopJob."),
            ClientCommand => Wrong(
                "SQL_NOT_FOR_JOBS", $"{Words()} is a command of Flink's interactive client; remove it."),
            EndStatementSet when set is null => Wrong(
                "SQL_END_ALONE",
                "This END closes no statement set; remove it, or put BEGIN STATEMENT SET; before its INSERTs."),
            Reset when SetOption.ResetKey(statement) is null => Wrong(
                "SQL_RESET_ALL",
                "RESET without a key would also drop the job's own parameters; name the key to reset."),
            Set when !SetOption.TryParse(statement, out _, out var invalid) => invalid,
            Set or Reset or Use or Alter or Drop or LoadModule or UnloadModule or RemoveJar or Other when afterInsert =>
                Wrong(
                    "SQL_AFTER_INSERT",
                    $"{Words()} follows an INSERT, but all INSERTs of a script run together as one job; move it "
                    + "before the first INSERT."),
            _ => null,
        };

        SqlError Wrong(string code, string message) => new(code, message, statement.Start);
        string Words() => string
            .Join(' ', statement.Text.Split((char[]?)null, 3, StringSplitOptions.RemoveEmptyEntries).Take(2))
            .ToUpperInvariant();
    }

    private static SqlError NotInSet(StatementText statement) =>
        new(
            "SQL_NOT_IN_SET",
            "Only INSERT may stand in a statement set; move this statement before it.",
            statement.Start);
}
