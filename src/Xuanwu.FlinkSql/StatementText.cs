namespace Xuanwu.FlinkSql;

/// <summary>One statement of a script.</summary>
/// <param name="Kind">What its leading keywords say that it is.</param>
/// <param name="Text">From its first token to its last: no comments around it, no semicolon, those within
/// untouched.</param>
/// <param name="Start">Where the first token begins.</param>
/// <param name="End">Where the last token ends (exclusive).</param>
public sealed record StatementText(StatementKind Kind, string Text, SqlPosition Start, SqlPosition End)
{
    /// <summary>
    /// The statements between BEGIN and END of a <see cref="StatementKind.StatementSet"/>; else empty.
    /// </summary>
    public IReadOnlyList<StatementText> Body { get; init; } = [];
}

/// <summary>What a statement is, by its leading keywords.</summary>
public enum StatementKind
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>INSERT INTO, INSERT OVERWRITE.</summary>
    Insert,

    /// <summary>EXECUTE STATEMENT SET BEGIN … END, one statement with a body.</summary>
    StatementSet,

    /// <summary>
    /// BEGIN STATEMENT SET, the client's older form; its statements follow until <see cref="EndStatementSet"/>.
    /// </summary>
    BeginStatementSet,

    /// <summary>END of a <see cref="BeginStatementSet"/>.</summary>
    EndStatementSet,

    /// <summary>SELECT, WITH … SELECT, VALUES, or a query in parentheses.</summary>
    Select,

    Set,
    Reset,
    Use,
    CreateTable,

    /// <summary>CREATE TABLE … AS, CREATE OR REPLACE TABLE … AS, REPLACE TABLE … AS: starts a job of its own.</summary>
    CreateTableAs,

    CreateCatalog,
    CreateDatabase,
    CreateView,
    CreateFunction,
    CreateMaterializedTable,
    CreateModel,
    CreateConnection,
    Alter,
    Drop,
    AddJar,
    RemoveJar,
    LoadModule,
    UnloadModule,
    Show,
    Describe,
    Explain,
    CompilePlan,
    ExecutePlan,
    Update,
    Delete,
    Truncate,
    Analyze,
    Call,
    StopJob,

    /// <summary>QUIT, EXIT, CLEAR, HELP: commands of the interactive client.</summary>
    ClientCommand,
}
