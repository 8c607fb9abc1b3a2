using System.Globalization;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

/// <summary>A data type. Its text is as Flink's DESCRIBE prints it: DECIMAL(10, 2), ROW&lt;`a` INT&gt; NOT NULL.</summary>
/// <param name="Name">In capitals; see <see cref="SqlType.Name"/>.</param>
public sealed record DataType(string Name)
{
    public static readonly DataType String = new("STRING");
    public static readonly DataType Boolean = new("BOOLEAN");
    public static readonly DataType Int = new("INT");
    public static readonly DataType BigInt = new("BIGINT");
    public static readonly DataType Double = new("DOUBLE");
    public static readonly DataType Date = new("DATE");
    public static readonly DataType Time = new("TIME") { Precision = 0 };

    /// <summary>Length or precision.</summary>
    public int? Precision { get; init; }

    public int? Scale { get; init; }

    public bool IsNullable { get; init; } = true;

    /// <summary>Element of ARRAY and MULTISET; key and value of MAP.</summary>
    public IReadOnlyList<DataType> Arguments { get; init; } = [];

    /// <summary>The fields of ROW and STRUCTURED.</summary>
    public IReadOnlyList<(string Name, DataType Type)> Fields { get; init; } = [];

    public bool IsNumeric => Name is "TINYINT" or "SMALLINT" or "INT" or "BIGINT" or "FLOAT" or "DOUBLE" or "DECIMAL";

    public bool IsText => Name is "STRING" or "CHAR" or "VARCHAR";

    /// <summary>TIMESTAMP and TIMESTAMP_LTZ.</summary>
    public bool IsTimestamp => Name is "TIMESTAMP" or "TIMESTAMP_LTZ";

    public static DataType Timestamp(int precision) => new("TIMESTAMP") { Precision = precision };

    public static DataType TimestampLtz(int precision) => new("TIMESTAMP_LTZ") { Precision = precision };

    public static DataType Decimal(int precision, int scale) => new("DECIMAL") { Precision = precision, Scale = scale };

    public static DataType ArrayOf(DataType element) => new("ARRAY") { Arguments = [element] };

    /// <summary>The type that is written, with the precision that Flink gives one written without.</summary>
    public static DataType Of(SqlType type)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (type is { Name: "VARCHAR" or "VARBINARY", Precision: null })
        {
            // Without a length they are as long as can be.
            return new(type.Name == "VARCHAR" ? "STRING" : "BYTES") { IsNullable = type.IsNullable ?? true };
        }

        var (precision, scale) = type.Name switch
        {
            "DECIMAL" => (type.Precision ?? 10, type.Scale ?? 0),
            "TIMESTAMP" or "TIMESTAMP_LTZ" => (type.Precision ?? 6, type.Scale),
            "TIME" => (type.Precision ?? 0, type.Scale),
            "CHAR" or "VARCHAR" or "BINARY" or "VARBINARY" => (type.Precision ?? 1, type.Scale),
            _ => (type.Precision, type.Scale),
        };
        return new(type.Name)
        {
            Precision = precision,
            Scale = scale,
            IsNullable = type.IsNullable ?? true,
            Arguments = [.. type.Arguments.Select(Of)],
            Fields = [.. type.Fields.Select(field => (field.Name.Text, Of(field.Type)))],
        };
    }

    /// <summary>The type of both: what CASE, COALESCE and UNION make of two types; null when they have none in
    /// common.</summary>
    public static DataType? Common(DataType? a, DataType? b)
    {
        if (a is null || b is null) return null;
        if (a.Name == b.Name && a.Precision == b.Precision && a.Scale == b.Scale) return a.IsNullable ? a : b;
        if (a.IsText && b.IsText) return String;
        if (a.IsTimestamp && a.Name == b.Name) return a.Precision >= b.Precision ? a : b;
        if (!a.IsNumeric || !b.IsNumeric) return null;
        if (a.Name is "DOUBLE" or "FLOAT" || b.Name is "DOUBLE" or "FLOAT")
        {
            return a.Name == "FLOAT" && b.Name == "FLOAT" ? a : Double;
        }

        if (a.Name != "DECIMAL" && b.Name != "DECIMAL") return Size(a) >= Size(b) ? a : b;
        var (left, right) = (a.AsDecimal(), b.AsDecimal());
        var scale = Math.Max(left.Scale!.Value, right.Scale!.Value);
        var whole = Math.Max(
            left.Precision!.Value - left.Scale.Value, right.Precision!.Value - right.Scale.Value);
        return Decimal(Math.Min(38, whole + scale), scale);
    }

    /// <summary>A whole number as the decimal that holds it.</summary>
    internal DataType AsDecimal() => Name switch
    {
        "DECIMAL" => this with { Precision = Precision ?? 10, Scale = Scale ?? 0 },
        "TINYINT" => Decimal(3, 0),
        "SMALLINT" => Decimal(5, 0),
        "INT" => Decimal(10, 0),
        _ => Decimal(19, 0),
    };

    private static int Size(DataType type) => type.Name switch { "TINYINT" => 1, "SMALLINT" => 2, "INT" => 4, _ => 8 };

    public override string ToString()
    {
        var text = Name switch
        {
            "ARRAY" or "MULTISET" or "MAP" => $"{Name}<{string.Join(", ", Arguments)}>",
            "ROW" => $"ROW<{string.Join(", ", Fields.Select(field => $"{SqlQuote.Name(field.Name)} {field.Type}"))}>",
            _ when Precision is { } precision && Scale is { } scale =>
                string.Create(CultureInfo.InvariantCulture, $"{Name}({precision}, {scale})"),
            _ when Precision is { } precision => string.Create(CultureInfo.InvariantCulture, $"{Name}({precision})"),
            _ => Name,
        };
        return IsNullable ? text : text + " NOT NULL";
    }
}
