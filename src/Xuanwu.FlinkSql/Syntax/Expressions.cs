namespace Xuanwu.FlinkSql.Syntax;

/// <summary>An expression, or what may stand where one may: an argument of a call.</summary>
public abstract class SqlExpression : SqlNode;

/// <summary>A name, of one part or of several with dots between: a column, a field of a row, a table, a function.</summary>
public sealed class SqlIdentifier : SqlExpression
{
    /// <summary>Its parts, at least one.</summary>
    public IReadOnlyList<SqlName> Parts { get; internal set; } = [];

    /// <summary>The last part.</summary>
    public SqlName Last => Parts[^1];

    /// <summary>The parts with dots between, without backquotes.</summary>
    public override string ToString() => Parts.Count == 1 ? Parts[0].Text : string.Join('.', Parts);

    public override void ForEachChild(Action<SqlNode> visit)
    {
    }
}

/// <summary>* or t.* in a select list, and * as the argument of COUNT(*).</summary>
public sealed class Star : SqlExpression
{
    /// <summary>What stands before .*; null for a bare star.</summary>
    public SqlExpression? Of { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Of);
}

public enum LiteralKind
{
    /// <summary>'text', also in several pieces on lines of their own.</summary>
    Text,

    /// <summary>X'0f'.</summary>
    Binary,
    Number,

    /// <summary>TRUE, FALSE.</summary>
    Boolean,

    /// <summary>UNKNOWN, the third truth value.</summary>
    Unknown,
    Null,

    /// <summary>DATE '…'.</summary>
    Date,

    /// <summary>TIME '…'.</summary>
    Time,

    /// <summary>TIMESTAMP '…'.</summary>
    Timestamp,

    /// <summary>A unit of time as an argument: EXTRACT(DAY FROM x), TIMESTAMPDIFF(HOUR, a, b).</summary>
    Unit,
}

public sealed class Literal : SqlExpression
{
    public LiteralKind Kind { get; internal set; }

    /// <summary>
    /// What it says: a text without its quotes and with doubled quotes as one, the digits of a number, TRUE or FALSE.
    /// </summary>
    public string Value { get; internal set; } = "";

    public override void ForEachChild(Action<SqlNode> visit)
    {
    }
}

/// <summary>INTERVAL '1' DAY, INTERVAL '1 2' DAY TO HOUR, INTERVAL x HOUR.</summary>
public sealed class IntervalLiteral : SqlExpression
{
    /// <summary>Whether a minus stands before the value.</summary>
    public bool IsNegative { get; internal set; }

    /// <summary>Mostly a text literal.</summary>
    public SqlExpression Value { get; internal set; } = null!;

    /// <summary>YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE or SECOND.</summary>
    public string Unit { get; internal set; } = "";

    /// <summary>The unit after TO; null without one.</summary>
    public string? ToUnit { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Value);
}

/// <summary>? as a parameter of the statement.</summary>
public sealed class DynamicParameter : SqlExpression
{
    public override void ForEachChild(Action<SqlNode> visit)
    {
    }
}

/// <summary>NOT x, -x, +x, and what stands after its operand: x IS NULL, x IS NOT TRUE, x FORMAT JSON.</summary>
public sealed class Unary : SqlExpression
{
    /// <summary>The words or sign in capitals with one blank between: "NOT", "-", "IS NOT NULL".</summary>
    public string Operator { get; internal set; } = "";

    public SqlExpression Operand { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Operand);
}

/// <summary>
/// Two operands with an operator between. Chains such as a AND b AND c are deep on the left, however long they are:
/// walk the left side in a loop.
/// </summary>
public sealed class Binary : SqlExpression
{
    /// <summary>
    /// The sign, or the words in capitals with one blank between: "=", "||", "AND", "NOT LIKE", "IS DISTINCT FROM",
    /// "= ANY".
    /// </summary>
    public string Operator { get; internal set; } = "";

    public SqlExpression Left { get; internal set; } = null!;

    public SqlExpression Right { get; internal set; } = null!;

    /// <summary>The character after ESCAPE of LIKE and SIMILAR TO.</summary>
    public SqlExpression? Escape { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Left);
        Each(visit, Right);
        Each(visit, Escape);
    }
}

/// <summary>x [NOT] BETWEEN low AND high.</summary>
public sealed class Between : SqlExpression
{
    public bool IsNot { get; internal set; }

    public SqlExpression Operand { get; internal set; } = null!;

    public SqlExpression Low { get; internal set; } = null!;

    public SqlExpression High { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Operand);
        Each(visit, Low);
        Each(visit, High);
    }
}

/// <summary>x [NOT] IN (a, b), x [NOT] IN (SELECT …).</summary>
public sealed class In : SqlExpression
{
    public bool IsNot { get; internal set; }

    public SqlExpression Operand { get; internal set; } = null!;

    /// <summary>The values; empty with a <see cref="Query"/>.</summary>
    public IReadOnlyList<SqlExpression> Values { get; internal set; } = [];

    public SqlQuery? Query { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Operand);
        Each(visit, Values);
        Each(visit, Query);
    }
}

/// <summary>CASE [x] WHEN … THEN … [ELSE …] END.</summary>
public sealed class Case : SqlExpression
{
    public SqlExpression? Operand { get; internal set; }

    /// <summary>What stands after WHEN and after THEN, in turn.</summary>
    public IReadOnlyList<SqlExpression> Branches { get; internal set; } = [];

    public SqlExpression? Else { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Operand);
        Each(visit, Branches);
        Each(visit, Else);
    }
}

/// <summary>CAST(x AS type), TRY_CAST(x AS type).</summary>
public sealed class Cast : SqlExpression
{
    public bool IsTry { get; internal set; }

    public SqlExpression Operand { get; internal set; } = null!;

    public SqlType Type { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Operand);
        Each(visit, Type);
    }
}

/// <summary>
/// A call: f(a, b), COUNT(DISTINCT x), SUM(x) FILTER (WHERE …) OVER (…), EXTRACT(DAY FROM x), CURRENT_DATE. Words of
/// the functions that have a syntax of their own (FROM, FOR, PLACING, ON NULL …) are not in the tree; their operands
/// are, in the order of the text.
/// </summary>
public sealed class Call : SqlExpression
{
    public SqlIdentifier Name { get; internal set; } = null!;

    /// <summary>
    /// Also <see cref="NamedArgument"/>, <see cref="TableArgument"/>, <see cref="ModelArgument"/>,
    /// <see cref="QueryExpression"/>, <see cref="Star"/>.
    /// </summary>
    public IReadOnlyList<SqlExpression> Arguments { get; internal set; } = [];

    /// <summary>Whether brackets stand after the name; CURRENT_DATE has none.</summary>
    public bool HasBrackets { get; internal set; }

    public bool IsDistinct { get; internal set; }

    /// <summary>ORDER BY within the brackets, or of WITHIN GROUP.</summary>
    public IReadOnlyList<SortItem> OrderBy { get; internal set; } = [];

    /// <summary>The condition of FILTER (WHERE …).</summary>
    public SqlExpression? Filter { get; internal set; }

    /// <summary>OVER (…).</summary>
    public WindowSpecification? Over { get; internal set; }

    /// <summary>The name after OVER.</summary>
    public SqlName? OverName { get; internal set; }

    /// <summary>The type after RETURNING of the JSON functions.</summary>
    public SqlType? Returning { get; internal set; }

    /// <summary>Whether the function has this name; names of functions do not know case.</summary>
    public bool Is(string name) =>
        Name.Parts.Count == 1 && Name.Parts[0].Text.Equals(name, StringComparison.OrdinalIgnoreCase);

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Arguments);
        Each(visit, OrderBy);
        Each(visit, Returning);
        Each(visit, Filter);
        Each(visit, Over);
    }
}

/// <summary>name => value in a call.</summary>
public sealed class NamedArgument : SqlExpression
{
    public SqlName Name { get; internal set; }

    public SqlExpression Value { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Value);
}

/// <summary>TABLE t [PARTITION BY …] [ORDER BY …] as an argument: the rows of the table go into the function.</summary>
public sealed class TableArgument : SqlExpression
{
    /// <summary>The table; null when it is a query.</summary>
    public SqlIdentifier? Name { get; internal set; }

    /// <summary>TABLE(SELECT …), or (SELECT …) PARTITION BY ….</summary>
    public SqlQuery? Query { get; internal set; }

    public IReadOnlyList<SqlExpression> PartitionBy { get; internal set; } = [];

    public IReadOnlyList<SortItem> OrderBy { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Query);
        Each(visit, PartitionBy);
        Each(visit, OrderBy);
    }
}

/// <summary>MODEL m as an argument.</summary>
public sealed class ModelArgument : SqlExpression
{
    public SqlIdentifier Name { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Name);
}

/// <summary>A query as an expression: (SELECT …), EXISTS (…), UNIQUE (…), ARRAY(…), MAP(…), MULTISET(…), CURSOR(…).</summary>
public sealed class QueryExpression : SqlExpression
{
    /// <summary>EXISTS, UNIQUE, ARRAY, MAP, MULTISET, CURSOR; null for a query in brackets alone.</summary>
    public string? Word { get; internal set; }

    public SqlQuery Query { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Query);
}

/// <summary>a[1], m['k'].</summary>
public sealed class ItemAccess : SqlExpression
{
    public SqlExpression Operand { get; internal set; } = null!;

    public SqlExpression Index { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Operand);
        Each(visit, Index);
    }
}

/// <summary>f(x).name, a[1].name; a.b.c alone is a <see cref="SqlIdentifier"/>.</summary>
public sealed class FieldAccess : SqlExpression
{
    public SqlExpression Operand { get; internal set; } = null!;

    public SqlName Name { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Operand);
}

/// <summary>ROW(a, b) and (a, b).</summary>
public sealed class Row : SqlExpression
{
    public IReadOnlyList<SqlExpression> Items { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Items);
}

/// <summary>ARRAY[…], MULTISET[…], and MAP[key, value, …].</summary>
public sealed class Collection : SqlExpression
{
    /// <summary>ARRAY, MULTISET or MAP.</summary>
    public string Word { get; internal set; } = "";

    public IReadOnlyList<SqlExpression> Items { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Items);
}

/// <summary>(x, y) -> expression.</summary>
public sealed class Lambda : SqlExpression
{
    public IReadOnlyList<SqlName> Parameters { get; internal set; } = [];

    public SqlExpression Body { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Body);
}

/// <summary>An item of ORDER BY.</summary>
public sealed class SortItem : SqlNode
{
    public SqlExpression Expression { get; internal set; } = null!;

    public bool IsDescending { get; internal set; }

    /// <summary>NULLS FIRST is true, NULLS LAST false, neither null.</summary>
    public bool? NullsFirst { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Expression);
}

/// <summary>[name] [PARTITION BY …] [ORDER BY …] [ROWS|RANGE …] of OVER (…) and of WINDOW.</summary>
public sealed class WindowSpecification : SqlNode
{
    /// <summary>The name that WINDOW gives it: WINDOW name AS (…).</summary>
    public SqlName? Name { get; internal set; }

    /// <summary>The window that it builds on.</summary>
    public SqlName? Base { get; internal set; }

    public IReadOnlyList<SqlExpression> PartitionBy { get; internal set; } = [];

    public IReadOnlyList<SortItem> OrderBy { get; internal set; } = [];

    /// <summary>ROWS or RANGE with their bounds, as written; null without.</summary>
    public SqlSpan? Frame { get; internal set; }

    /// <summary>The expressions of the frame's bounds.</summary>
    public IReadOnlyList<SqlExpression> Bounds { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, PartitionBy);
        Each(visit, OrderBy);
        Each(visit, Bounds);
    }
}

/// <summary>A data type as written.</summary>
public sealed class SqlType : SqlNode
{
    /// <summary>
    /// Its name in capitals with one blank between words, as in the documentation: STRING, DECIMAL, TIMESTAMP,
    /// TIMESTAMP_LTZ (also for TIMESTAMP WITH LOCAL TIME ZONE), DOUBLE (also for DOUBLE PRECISION), VARCHAR (also for
    /// CHAR VARYING), ARRAY, MULTISET, MAP, ROW, RAW, STRUCTURED, INTERVAL. A type of somebody's own as written.
    /// </summary>
    public string Name { get; internal set; } = "";

    /// <summary>The first number in brackets: length or precision.</summary>
    public int? Precision { get; internal set; }

    /// <summary>The second number in brackets.</summary>
    public int? Scale { get; internal set; }

    /// <summary>NOT NULL is false, NULL true, neither null (which means true).</summary>
    public bool? IsNullable { get; internal set; }

    /// <summary>The element of ARRAY and MULTISET, key and value of MAP.</summary>
    public IReadOnlyList<SqlType> Arguments { get; internal set; } = [];

    /// <summary>The fields of ROW and STRUCTURED.</summary>
    public IReadOnlyList<SqlField> Fields { get; internal set; } = [];

    /// <summary>Whether it is written behind its element: INT ARRAY.</summary>
    public bool IsPostfix { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Arguments);
        Each(visit, Fields);
    }
}

/// <summary>A field of a row type.</summary>
public sealed class SqlField : SqlNode
{
    public SqlName Name { get; internal set; }

    public SqlType Type { get; internal set; } = null!;

    /// <summary>The text after the type, which is its comment.</summary>
    public Literal? Comment { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Type);
        Each(visit, Comment);
    }
}
