namespace Xuanwu.FlinkSql.Syntax;

/// <summary>
/// A statement of a script, without the semicolon after it. Its class follows its form, its <see cref="Kind"/> says
/// exactly what it is.
/// </summary>
public abstract class SqlStatement : SqlNode
{
    public SqlKind Kind { get; internal set; }

    /// <summary>Whether it was read without an error, so that its tree is whole.</summary>
    public bool IsWhole { get; internal set; } = true;
}

/// <summary>What a CREATE, ALTER, DROP or DESCRIBE is about.</summary>
public enum ObjectKind
{
    Catalog,
    Database,
    Table,
    MaterializedTable,
    View,
    Function,
    Model,
    Connection,
}

/// <summary>
/// CREATE TABLE in all forms, REPLACE TABLE … AS, CREATE [OR ALTER] MATERIALIZED TABLE.
/// </summary>
public sealed class CreateTable : SqlStatement
{
    public bool IsTemporary { get; internal set; }

    /// <summary>CREATE OR REPLACE, REPLACE; of a materialized table CREATE OR ALTER.</summary>
    public bool IsReplacing { get; internal set; }

    public bool IfNotExists { get; internal set; }

    public SqlIdentifier Name { get; internal set; } = null!;

    /// <summary>The list in brackets with both brackets; null without one.</summary>
    public SqlSpan? ElementsSpan { get; internal set; }

    /// <summary>Columns, watermark and constraints in their order.</summary>
    public IReadOnlyList<TableElement> Elements { get; internal set; } = [];

    /// <summary>The names of a list without types, (a, b), which orders the columns of an AS query.</summary>
    public IReadOnlyList<SqlIdentifier> ColumnNames { get; internal set; } = [];

    public Literal? Comment { get; internal set; }

    public Distribution? Distribution { get; internal set; }

    /// <summary>From PARTITIONED to the bracket that closes its columns; null without one.</summary>
    public SqlSpan? PartitionedBySpan { get; internal set; }

    public IReadOnlyList<SqlName> PartitionedBy { get; internal set; } = [];

    /// <summary>USING CONNECTION.</summary>
    public SqlIdentifier? Connection { get; internal set; }

    /// <summary>WITH (…).</summary>
    public OptionList? Options { get; internal set; }

    public LikeClause? Like { get; internal set; }

    /// <summary>FRESHNESS of a materialized table.</summary>
    public SqlExpression? Freshness { get; internal set; }

    /// <summary>FULL or CONTINUOUS; null without.</summary>
    public string? RefreshMode { get; internal set; }

    /// <summary>What stands after START_MODE =; null without.</summary>
    public SqlExpression? StartMode { get; internal set; }

    /// <summary>The query after AS.</summary>
    public SqlQuery? Query { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Elements);
        Each(visit, ColumnNames);
        Each(visit, Comment);
        Each(visit, Distribution);
        Each(visit, Connection);
        Each(visit, Options);
        Each(visit, Like);
        Each(visit, Freshness);
        Each(visit, StartMode);
        Each(visit, Query);
    }
}

/// <summary>CREATE [OR REPLACE] [TEMPORARY] VIEW.</summary>
public sealed class CreateView : SqlStatement
{
    public bool IsTemporary { get; internal set; }

    public bool IsReplacing { get; internal set; }

    public bool IfNotExists { get; internal set; }

    public SqlIdentifier Name { get; internal set; } = null!;

    public IReadOnlyList<SqlName> Columns { get; internal set; } = [];

    public Literal? Comment { get; internal set; }

    public SqlQuery Query { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Comment);
        Each(visit, Query);
    }
}

/// <summary>CREATE CATALOG, DATABASE, FUNCTION, MODEL, CONNECTION.</summary>
public sealed class CreateObject : SqlStatement
{
    public ObjectKind Object { get; internal set; }

    public bool IsTemporary { get; internal set; }

    /// <summary>TEMPORARY SYSTEM.</summary>
    public bool IsSystem { get; internal set; }

    public bool IfNotExists { get; internal set; }

    public SqlIdentifier Name { get; internal set; } = null!;

    public Literal? Comment { get; internal set; }

    public OptionList? Options { get; internal set; }

    /// <summary>The class of a function.</summary>
    public Literal? ClassName { get; internal set; }

    /// <summary>JAVA, SCALA, SQL, PYTHON; null without.</summary>
    public string? Language { get; internal set; }

    /// <summary>The paths after USING JAR or USING ARTIFACT.</summary>
    public IReadOnlyList<Literal> Jars { get; internal set; } = [];

    /// <summary>INPUT of a model.</summary>
    public IReadOnlyList<TableElement> Input { get; internal set; } = [];

    /// <summary>OUTPUT of a model.</summary>
    public IReadOnlyList<TableElement> Output { get; internal set; } = [];

    /// <summary>The query after AS of a model.</summary>
    public SqlQuery? Query { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Input);
        Each(visit, Output);
        Each(visit, ClassName);
        Each(visit, Jars);
        Each(visit, Comment);
        Each(visit, Options);
        Each(visit, Query);
    }
}

public enum AlterAction
{
    Rename,
    RenameColumn,

    /// <summary>SET (options).</summary>
    Set,

    /// <summary>RESET (keys).</summary>
    Reset,
    Comment,

    /// <summary>ADD with <see cref="AlterObject.Elements"/>.</summary>
    Add,

    /// <summary>MODIFY with <see cref="AlterObject.Elements"/>.</summary>
    Modify,
    AddDistribution,
    ModifyDistribution,
    DropDistribution,
    DropColumns,
    DropPrimaryKey,
    DropConstraint,
    DropWatermark,
    AddPartitions,
    DropPartitions,

    /// <summary>AS query, and AS 'class' of a function.</summary>
    As,
    Suspend,
    Resume,
    Refresh,
    SetFreshness,
    SetRefreshMode,
    SetStartMode,
}

/// <summary>ALTER of anything.</summary>
public sealed class AlterObject : SqlStatement
{
    public ObjectKind Object { get; internal set; }

    public bool IsTemporary { get; internal set; }

    public bool IsSystem { get; internal set; }

    public bool IfExists { get; internal set; }

    public SqlIdentifier Name { get; internal set; } = null!;

    public AlterAction Action { get; internal set; }

    /// <summary>The name after RENAME TO, or after RENAME column TO.</summary>
    public SqlIdentifier? NewName { get; internal set; }

    /// <summary>SET (…), or WITH (…) of RESUME.</summary>
    public OptionList? Options { get; internal set; }

    /// <summary>The keys of RESET.</summary>
    public IReadOnlyList<Literal> Keys { get; internal set; } = [];

    /// <summary>What ADD and MODIFY name.</summary>
    public IReadOnlyList<TableElement> Elements { get; internal set; } = [];

    /// <summary>The columns of DROP and RENAME, the constraint of DROP CONSTRAINT.</summary>
    public IReadOnlyList<SqlIdentifier> Columns { get; internal set; } = [];

    public IReadOnlyList<PartitionSpecification> Partitions { get; internal set; } = [];

    public Distribution? Distribution { get; internal set; }

    /// <summary>The comment, the class of a function, or the value of SET FRESHNESS and START_MODE.</summary>
    public SqlExpression? Value { get; internal set; }

    /// <summary>FULL or CONTINUOUS; the language of a function.</summary>
    public string? Word { get; internal set; }

    public SqlQuery? Query { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Columns);
        Each(visit, NewName);
        Each(visit, Options);
        Each(visit, Keys);
        Each(visit, Elements);
        Each(visit, Partitions);
        Each(visit, Distribution);
        Each(visit, Value);
        Each(visit, Query);
    }
}

/// <summary>DROP of anything.</summary>
public sealed class DropObject : SqlStatement
{
    public ObjectKind Object { get; internal set; }

    public bool IsTemporary { get; internal set; }

    public bool IsSystem { get; internal set; }

    public bool IfExists { get; internal set; }

    public SqlIdentifier Name { get; internal set; } = null!;

    public bool IsCascade { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Name);
}

/// <summary>USE CATALOG c, USE [c.]d, USE MODULES a, b.</summary>
public sealed class Use : SqlStatement
{
    public IReadOnlyList<SqlIdentifier> Names { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Names);
}

/// <summary>SET ['key' = 'value'], RESET ['key']; keys and values may stand without quotes, as the client takes them.</summary>
public sealed class SetStatement : SqlStatement
{
    /// <summary>The key without quotes; null for a bare SET or RESET.</summary>
    public string? Key { get; internal set; }

    /// <summary>The key as written.</summary>
    public SqlSpan KeySpan { get; internal set; }

    /// <summary>The value without quotes; null without one.</summary>
    public string? Value { get; internal set; }

    /// <summary>The value as written.</summary>
    public SqlSpan ValueSpan { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
    }
}

/// <summary>INSERT INTO, INSERT OVERWRITE, UPSERT INTO.</summary>
public sealed class Insert : SqlStatement
{
    public bool IsOverwrite { get; internal set; }

    public bool IsUpsert { get; internal set; }

    /// <summary>EXECUTE INSERT.</summary>
    public bool IsExecute { get; internal set; }

    public SqlIdentifier Target { get; internal set; } = null!;

    /// <summary>OPTIONS after the target.</summary>
    public HintList? Hints { get; internal set; }

    public PartitionSpecification? Partition { get; internal set; }

    /// <summary>(a, b) after the target; parts of rows as a.b.</summary>
    public IReadOnlyList<SqlIdentifier> Columns { get; internal set; } = [];

    public SqlQuery Query { get; internal set; } = null!;

    /// <summary>ERROR, NOTHING or DEDUPLICATE of ON CONFLICT DO; null without.</summary>
    public string? OnConflict { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Target);
        Each(visit, Hints);
        Each(visit, Partition);
        Each(visit, Columns);
        Each(visit, Query);
    }
}

/// <summary>[EXECUTE] STATEMENT SET BEGIN insert; insert; END.</summary>
public sealed class StatementSet : SqlStatement
{
    public IReadOnlyList<Insert> Inserts { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Inserts);
}

/// <summary>A query as a statement.</summary>
public sealed class QueryStatement : SqlStatement
{
    /// <summary>EXECUTE SELECT.</summary>
    public bool IsExecute { get; internal set; }

    public SqlQuery Query { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Query);
}

/// <summary>EXPLAIN, COMPILE PLAN, COMPILE AND EXECUTE PLAN: a statement in a statement.</summary>
public sealed class WrapperStatement : SqlStatement
{
    /// <summary>The details of EXPLAIN in capitals.</summary>
    public IReadOnlyList<string> Details { get; internal set; } = [];

    /// <summary>The file of a plan.</summary>
    public Literal? File { get; internal set; }

    public bool IfNotExists { get; internal set; }

    public SqlStatement Inner { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, File);
        Each(visit, Inner);
    }
}

/// <summary>UPDATE t SET a = 1 [WHERE …].</summary>
public sealed class Update : SqlStatement
{
    public SqlIdentifier Target { get; internal set; } = null!;

    public HintList? Hints { get; internal set; }

    public SqlName? Alias { get; internal set; }

    /// <summary>Column = value, each a <see cref="Binary"/>.</summary>
    public IReadOnlyList<SqlExpression> Assignments { get; internal set; } = [];

    public SqlExpression? Where { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Target);
        Each(visit, Hints);
        Each(visit, Assignments);
        Each(visit, Where);
    }
}

/// <summary>DELETE FROM t [WHERE …].</summary>
public sealed class Delete : SqlStatement
{
    public SqlIdentifier Target { get; internal set; } = null!;

    public HintList? Hints { get; internal set; }

    public SqlName? Alias { get; internal set; }

    public SqlExpression? Where { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Target);
        Each(visit, Hints);
        Each(visit, Where);
    }
}

/// <summary>CALL procedure(…).</summary>
public sealed class CallStatement : SqlStatement
{
    public Call Call { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Call);
}

/// <summary>
/// What has a name or a text and nothing more: SHOW …, DESCRIBE …, TRUNCATE TABLE, ANALYZE TABLE, LOAD and UNLOAD
/// MODULE, ADD and REMOVE JAR, EXECUTE PLAN, STOP JOB, BEGIN STATEMENT SET, END, HELP, QUIT, CLEAR; also what begins no
/// statement (<see cref="SqlKind.Unknown"/>).
/// </summary>
public sealed class Command : SqlStatement
{
    /// <summary>The table, database, catalog, module … that it names.</summary>
    public SqlIdentifier? Name { get; internal set; }

    /// <summary>The pattern of LIKE, the path of a jar or plan, the id of a job.</summary>
    public Literal? Text { get; internal set; }

    public OptionList? Options { get; internal set; }

    public PartitionSpecification? Partition { get; internal set; }

    /// <summary>The columns of ANALYZE TABLE … FOR COLUMNS.</summary>
    public IReadOnlyList<SqlName> Columns { get; internal set; } = [];

    /// <summary>EXTENDED of DESCRIBE, FULL of SHOW MODULES, USER of SHOW FUNCTIONS.</summary>
    public bool HasMore { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Partition);
        Each(visit, Text);
        Each(visit, Options);
    }
}
