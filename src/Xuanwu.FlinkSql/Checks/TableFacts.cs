using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A table's place: catalog, database, name.</summary>
public readonly record struct TablePath(string Catalog, string Database, string Name)
{
    public override string ToString() => $"{Catalog}.{Database}.{Name}";
}

/// <summary>A column of a table that a script declares, with all that LIKE brought in.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Definition">Where it is declared.</param>
internal sealed record ColumnFacts(string Name, ColumnDefinition Definition)
{
    public ColumnKind Kind => Definition.Kind;

    public SqlType? Type => Definition.Type;

    /// <summary>x AS PROCTIME().</summary>
    public bool IsProctime => Definition.Expression is Call call && call.Is("PROCTIME");

    /// <summary>Whether an INSERT writes it: not when it is computed or VIRTUAL.</summary>
    public bool IsWritten => Kind == ColumnKind.Physical || (Kind == ColumnKind.Metadata && !Definition.IsVirtual);
}

/// <summary>An option with where it is written.</summary>
internal sealed record OptionFacts(string Key, string Value, SqlOption Node);

/// <summary>What a script says of one table or view.</summary>
internal sealed class TableFacts
{
    public required TablePath Path { get; init; }

    /// <summary>The name as it is written where the table is declared.</summary>
    public required SqlIdentifier Name { get; init; }

    /// <summary>CREATE TABLE; null for a view.</summary>
    public CreateTable? Create { get; init; }

    /// <summary>CREATE VIEW; null for a table.</summary>
    public CreateView? View { get; init; }

    /// <summary>In the table's order; null when they are not all known, as of CREATE TABLE AS.</summary>
    public IReadOnlyList<ColumnFacts>? Columns { get; set; }

    /// <summary>All options: its own, those of LIKE, those that ALTER TABLE has set.</summary>
    public Dictionary<string, OptionFacts> Options { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The columns of PRIMARY KEY; null without one.</summary>
    public IReadOnlyList<string>? PrimaryKey { get; set; }

    public IReadOnlyList<WatermarkDefinition> Watermarks { get; set; } = [];

    public IReadOnlyList<string> PartitionedBy { get; set; } = [];

    /// <summary>Whether LIKE names a table that the script does not declare, so that more may be there than is seen.
    /// </summary>
    public bool IsLikeUnknown { get; set; }

    public List<TableReference> Reads { get; } = [];

    public List<SqlStatement> Writes { get; } = [];

    /// <summary>The connector; null in a catalog that knows its tables itself, and in the form of Flink 1.10.</summary>
    public string? Connector => Options.GetValueOrDefault("connector")?.Value;

    public bool IsRead => Reads.Exists(reference => !reference.IsTemporal);

    public bool IsLookedUp => Reads.Exists(reference => reference.IsTemporal);

    public bool IsWritten => Writes.Count > 0;

    public ColumnFacts? Column(string name) => Columns?.FirstOrDefault(column => column.Name == name);

    /// <summary>Whether the column carries time that windows can use; null when that is not known.</summary>
    public bool? IsTime(string column)
    {
        if (Columns is null || IsLikeUnknown) return null;
        return Column(column)?.IsProctime == true
            || Watermarks.Any(watermark => watermark.Column.ToString() == column);
    }
}
