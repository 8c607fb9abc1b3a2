namespace Xuanwu.FlinkSql.Syntax;

/// <summary>
/// A query: <see cref="Select"/>, <see cref="SetOperation"/>, <see cref="Values"/>, <see cref="TableQuery"/>, or an
/// <see cref="OrderedQuery"/> around one of them. Brackets around a query are not in the tree and not in its span.
/// </summary>
public abstract class SqlQuery : SqlNode;

/// <summary>WITH before a query, or ORDER BY, LIMIT, OFFSET, FETCH after it.</summary>
public sealed class OrderedQuery : SqlQuery
{
    public bool IsRecursive { get; internal set; }

    /// <summary>The common table expressions, each seen by the ones after it and by the body.</summary>
    public IReadOnlyList<CommonTable> With { get; internal set; } = [];

    public SqlQuery Body { get; internal set; } = null!;

    public IReadOnlyList<SortItem> OrderBy { get; internal set; } = [];

    /// <summary>The number after LIMIT or FETCH; null for LIMIT ALL and without.</summary>
    public SqlExpression? Limit { get; internal set; }

    public SqlExpression? Offset { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, With);
        Each(visit, Body);
        Each(visit, OrderBy);
        if (Offset is not null && Limit is not null && Offset.Start < Limit.Start)
        {
            visit(Offset);
            visit(Limit);
            return;
        }

        Each(visit, Limit);
        Each(visit, Offset);
    }
}

/// <summary>name [(columns)] AS (query) of WITH.</summary>
public sealed class CommonTable : SqlNode
{
    public SqlName Name { get; internal set; }

    public IReadOnlyList<SqlName> Columns { get; internal set; } = [];

    public SqlQuery Query { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Query);
}

/// <summary>UNION, INTERSECT, EXCEPT. Chains are deep on the left, however long: walk the left side in a loop.</summary>
public sealed class SetOperation : SqlQuery
{
    /// <summary>UNION, INTERSECT or EXCEPT.</summary>
    public string Operator { get; internal set; } = "";

    public bool IsAll { get; internal set; }

    public SqlQuery Left { get; internal set; } = null!;

    public SqlQuery Right { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Left);
        Each(visit, Right);
    }
}

/// <summary>VALUES (1, 'a'), (2, 'b').</summary>
public sealed class Values : SqlQuery
{
    /// <summary>Mostly a <see cref="Row"/> each; VALUES 1, 2 has bare expressions.</summary>
    public IReadOnlyList<SqlExpression> Rows { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Rows);
}

/// <summary>TABLE t as a query: all its rows.</summary>
public sealed class TableQuery : SqlQuery
{
    public SqlIdentifier Name { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Name);
}

/// <summary>SELECT … FROM ….</summary>
public sealed class Select : SqlQuery
{
    public HintList? Hints { get; internal set; }

    public bool IsDistinct { get; internal set; }

    public IReadOnlyList<SelectItem> Items { get; internal set; } = [];

    /// <summary>Joins and commas are <see cref="Join"/>; null without FROM.</summary>
    public SqlTable? From { get; internal set; }

    public SqlExpression? Where { get; internal set; }

    /// <summary>Also GROUPING SETS, ROLLUP and CUBE as <see cref="Call"/>, whose arguments are <see cref="Row"/>s.</summary>
    public IReadOnlyList<SqlExpression> GroupBy { get; internal set; } = [];

    public SqlExpression? Having { get; internal set; }

    public IReadOnlyList<WindowSpecification> Windows { get; internal set; } = [];

    public SqlExpression? Qualify { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Hints);
        Each(visit, Items);
        Each(visit, From);
        Each(visit, Where);
        Each(visit, GroupBy);
        Each(visit, Having);
        Each(visit, Windows);
        Each(visit, Qualify);
    }
}

/// <summary>expression [AS alias]; the expression may be a <see cref="Star"/>.</summary>
public sealed class SelectItem : SqlNode
{
    public SqlExpression Expression { get; internal set; } = null!;

    public SqlName? Alias { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Expression);
}

/// <summary>/*+ NAME(…), NAME(…) */.</summary>
public sealed class HintList : SqlNode
{
    public IReadOnlyList<Hint> Hints { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Hints);
}

/// <summary>One hint.</summary>
public sealed class Hint : SqlNode
{
    public SqlName Name { get; internal set; }

    /// <summary>'key'='value' pairs, as of OPTIONS and LOOKUP.</summary>
    public IReadOnlyList<SqlOption> Options { get; internal set; } = [];

    /// <summary>Names and literals, as of BROADCAST(t).</summary>
    public IReadOnlyList<SqlExpression> Arguments { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Options);
        Each(visit, Arguments);
    }
}

/// <summary>What stands in FROM.</summary>
public abstract class SqlTable : SqlNode
{
    /// <summary>The name after [AS].</summary>
    public SqlName? Alias { get; internal set; }

    /// <summary>The columns of AS t(a, b).</summary>
    public IReadOnlyList<SqlName> Columns { get; internal set; } = [];

    /// <summary>MATCH_RECOGNIZE (…) after the table.</summary>
    public MatchRecognize? Match { get; internal set; }
}

/// <summary>A table or view by its name.</summary>
public sealed class NamedTable : SqlTable
{
    public SqlIdentifier Name { get; internal set; } = null!;

    /// <summary>OPTIONS hints.</summary>
    public HintList? Hints { get; internal set; }

    /// <summary>
    /// The expression of FOR SYSTEM_TIME AS OF: a time attribute of the left side makes it a lookup or temporal join, a
    /// constant makes it time travel.
    /// </summary>
    public SqlExpression? AsOf { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Hints);
        Each(visit, AsOf);
        Each(visit, Match);
    }
}

/// <summary>[LATERAL] (SELECT …).</summary>
public sealed class DerivedTable : SqlTable
{
    public bool IsLateral { get; internal set; }

    public SqlQuery Query { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Query);
        Each(visit, Match);
    }
}

/// <summary>[LATERAL] TABLE(f(…)), f(…), UNNEST(…).</summary>
public sealed class FunctionTable : SqlTable
{
    public bool IsLateral { get; internal set; }

    public Call Call { get; internal set; } = null!;

    /// <summary>WITH ORDINALITY of UNNEST.</summary>
    public bool HasOrdinality { get; internal set; }

    /// <summary>FOR SYSTEM_TIME AS OF of a function such as TABLE(…).</summary>
    public SqlExpression? AsOf { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Call);
        Each(visit, AsOf);
        Each(visit, Match);
    }
}

public enum JoinKind
{
    /// <summary>A comma.</summary>
    Comma,
    Cross,
    Inner,
    Left,
    Right,
    Full,

    /// <summary>LEFT SEMI JOIN.</summary>
    LeftSemi,

    /// <summary>LEFT ANTI JOIN.</summary>
    LeftAnti,
}

/// <summary>
/// A join, which with <see cref="SqlTable.Alias"/> stood in brackets. Chains are deep on the left, however long: walk
/// the left side in a loop.
/// </summary>
public sealed class Join : SqlTable
{
    public JoinKind Kind { get; internal set; }

    public bool IsNatural { get; internal set; }

    public SqlTable Left { get; internal set; } = null!;

    public SqlTable Right { get; internal set; } = null!;

    public SqlExpression? On { get; internal set; }

    public IReadOnlyList<SqlName> Using { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Left);
        Each(visit, Right);
        Each(visit, On);
        Each(visit, Match);
    }
}

/// <summary>MATCH_RECOGNIZE (…).</summary>
public sealed class MatchRecognize : SqlNode
{
    public IReadOnlyList<SqlExpression> PartitionBy { get; internal set; } = [];

    public IReadOnlyList<SortItem> OrderBy { get; internal set; } = [];

    public IReadOnlyList<SelectItem> Measures { get; internal set; } = [];

    /// <summary>ALL ROWS PER MATCH, else one.</summary>
    public bool HasAllRows { get; internal set; }

    /// <summary>What stands between the brackets of PATTERN.</summary>
    public SqlSpan Pattern { get; internal set; }

    /// <summary>The variables of the pattern in their order, each once.</summary>
    public IReadOnlyList<SqlName> Variables { get; internal set; } = [];

    /// <summary>The interval of WITHIN.</summary>
    public SqlExpression? Within { get; internal set; }

    /// <summary>Variable AS condition: the condition is the expression, the variable its alias.</summary>
    public IReadOnlyList<SelectItem> Define { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, PartitionBy);
        Each(visit, OrderBy);
        Each(visit, Measures);
        Each(visit, Within);
        Each(visit, Define);
    }
}
