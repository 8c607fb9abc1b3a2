namespace Xuanwu.FlinkSql.Syntax;

/// <summary>An element of a table's list: <see cref="ColumnDefinition"/>, <see cref="WatermarkDefinition"/>,
/// <see cref="ConstraintDefinition"/>.</summary>
public abstract class TableElement : SqlNode;

public enum ColumnKind
{
    /// <summary>name type.</summary>
    Physical,

    /// <summary>name AS expression.</summary>
    Computed,

    /// <summary>name type METADATA [FROM 'key'] [VIRTUAL].</summary>
    Metadata,
}

public sealed class ColumnDefinition : TableElement
{
    public ColumnKind Kind { get; internal set; }

    /// <summary>Its name; in ALTER TABLE also a field within a row: a.b.</summary>
    public SqlIdentifier Name { get; internal set; } = null!;

    /// <summary>Null for a computed column.</summary>
    public SqlType? Type { get; internal set; }

    /// <summary>What a computed column is computed by.</summary>
    public SqlExpression? Expression { get; internal set; }

    /// <summary>From METADATA to VIRTUAL or to the key; null for other kinds.</summary>
    public SqlSpan? MetadataSpan { get; internal set; }

    /// <summary>The key after METADATA FROM; without one the key is the column's name.</summary>
    public Literal? MetadataKey { get; internal set; }

    public bool IsVirtual { get; internal set; }

    /// <summary>PRIMARY KEY NOT ENFORCED behind the type; its columns are empty.</summary>
    public ConstraintDefinition? Constraint { get; internal set; }

    public Literal? Comment { get; internal set; }

    /// <summary>FIRST of ALTER TABLE.</summary>
    public bool IsFirst { get; internal set; }

    /// <summary>The column after AFTER of ALTER TABLE.</summary>
    public SqlIdentifier? After { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Name);
        Each(visit, Type);
        Each(visit, Expression);
        Each(visit, MetadataKey);
        Each(visit, Constraint);
        Each(visit, Comment);
        Each(visit, After);
    }
}

/// <summary>WATERMARK FOR column AS expression.</summary>
public sealed class WatermarkDefinition : TableElement
{
    public SqlIdentifier Column { get; internal set; } = null!;

    public SqlExpression Expression { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Column);
        Each(visit, Expression);
    }
}

/// <summary>[CONSTRAINT name] PRIMARY KEY (columns) NOT ENFORCED, or UNIQUE, which Flink refuses.</summary>
public sealed class ConstraintDefinition : TableElement
{
    public SqlName? Name { get; internal set; }

    /// <summary>Else UNIQUE.</summary>
    public bool IsPrimaryKey { get; internal set; }

    public IReadOnlyList<SqlName> Columns { get; internal set; } = [];

    /// <summary>NOT ENFORCED is false, ENFORCED true, neither null.</summary>
    public bool? IsEnforced { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
    }
}

/// <summary>('key' = 'value', …) with both brackets.</summary>
public sealed class OptionList : SqlNode
{
    public IReadOnlyList<SqlOption> Options { get; internal set; } = [];

    /// <summary>The value of the last option with the key; null without one.</summary>
    public string? this[string key] =>
        Options.LastOrDefault(option => option.Key.Value.Equals(key, StringComparison.Ordinal))?.Value.Value;

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Options);
}

/// <summary>'key' = 'value'.</summary>
public sealed class SqlOption : SqlNode
{
    public Literal Key { get; internal set; } = null!;

    public Literal Value { get; internal set; } = null!;

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Key);
        Each(visit, Value);
    }
}

/// <summary>LIKE table [(INCLUDING ALL …)].</summary>
public sealed class LikeClause : SqlNode
{
    public SqlIdentifier Name { get; internal set; } = null!;

    /// <summary>
    /// INCLUDING, EXCLUDING or OVERWRITING with ALL, CONSTRAINTS, DISTRIBUTION, GENERATED, METADATA, OPTIONS,
    /// PARTITIONS or WATERMARKS, in capitals, in their order.
    /// </summary>
    public IReadOnlyList<(string Strategy, string Feature)> Features { get; internal set; } = [];

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Name);
}

/// <summary>BY [HASH|RANGE] (columns) [INTO n BUCKETS].</summary>
public sealed class Distribution : SqlNode
{
    /// <summary>HASH, RANGE, or null.</summary>
    public string? Algorithm { get; internal set; }

    public IReadOnlyList<SqlName> Columns { get; internal set; } = [];

    public Literal? Buckets { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Buckets);
}

/// <summary>PARTITION (a = 'x', b) [WITH (…)].</summary>
public sealed class PartitionSpecification : SqlNode
{
    public IReadOnlyList<PartitionValue> Values { get; internal set; } = [];

    /// <summary>Only of ALTER TABLE … ADD PARTITION.</summary>
    public OptionList? Options { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit)
    {
        Each(visit, Values);
        Each(visit, Options);
    }
}

/// <summary>column [= value].</summary>
public sealed class PartitionValue : SqlNode
{
    public SqlName Column { get; internal set; }

    public SqlExpression? Value { get; internal set; }

    public override void ForEachChild(Action<SqlNode> visit) => Each(visit, Value);
}
