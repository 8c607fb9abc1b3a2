namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>A statement, as far as a job's submission depends on it.</summary>
internal abstract record SqlStatement
{
    /// <summary>Whether configure-session takes it: what changes the session and gives no result.</summary>
    public virtual bool Configures => false;
}

internal sealed record SetStatement(string? Key, string? Value) : SqlStatement;

internal sealed record ResetStatement(string? Key) : SqlStatement;

internal sealed record CreateTable(
    SqlName Name, bool Temporary, bool IfNotExists, IReadOnlyList<SqlColumn> Columns,
    IReadOnlyDictionary<string, string> Options,
    SqlName? Like, SqlQuery? As) : SqlStatement
{
    public override bool Configures => As is null;
}

internal sealed record CreateView(SqlName Name, bool Temporary, bool IfNotExists, SqlQuery Query) : SqlStatement
{
    public override bool Configures => true;
}

internal sealed record CreateCatalog(string Name, bool IfNotExists, IReadOnlyDictionary<string, string> Options)
    : SqlStatement
{
    public override bool Configures => true;
}

internal sealed record CreateDatabase(SqlName Name, bool IfNotExists) : SqlStatement
{
    public override bool Configures => true;
}

internal sealed record CreateFunction(SqlName Name) : SqlStatement
{
    public override bool Configures => true;
}

/// <param name="Kind">TABLE, VIEW, CATALOG, DATABASE or FUNCTION.</param>
internal sealed record DropStatement(string Kind, SqlName Name, bool IfExists) : SqlStatement
{
    public override bool Configures => true;
}

internal sealed record UseCatalog(string Name) : SqlStatement
{
    public override bool Configures => true;
}

internal sealed record UseDatabase(SqlName Name) : SqlStatement
{
    public override bool Configures => true;
}

/// <summary>ALTER, LOAD MODULE, ADD JAR and the like: taken, without effect here.</summary>
internal sealed record TakenStatement(string Kind) : SqlStatement
{
    public override bool Configures => true;
}

internal sealed record InsertStatement(SqlName Target, SqlQuery Query) : SqlStatement;

internal sealed record StatementSet(IReadOnlyList<InsertStatement> Inserts) : SqlStatement;

internal sealed record BeginStatementSet : SqlStatement;

internal sealed record EndStatementSet : SqlStatement;

internal sealed record SelectStatement(SqlQuery Query) : SqlStatement;

internal sealed record ExplainStatement(SqlStatement Statement, string Text) : SqlStatement;

internal sealed record ShowStatement(string What, SqlName? Name) : SqlStatement;

internal sealed record DescribeStatement(SqlName Name) : SqlStatement;

internal sealed record DescribeJob(string JobId) : SqlStatement;

internal sealed record StopJob(string JobId, bool WithSavepoint, bool WithDrain) : SqlStatement;

/// <summary>A table's name as written: one to three parts.</summary>
internal sealed record SqlName(IReadOnlyList<string> Parts, SqlToken At)
{
    public override string ToString() => string.Join('.', Parts);
}

internal sealed record SqlColumn(string Name, string Type);

/// <summary>A query: the tables it reads, and its tokens for the little that is made of them.</summary>
internal sealed record SqlQuery(IReadOnlyList<SqlName> Tables, IReadOnlyList<SqlToken> Tokens);
