using System.Globalization;
using System.Text.Json;
using Xuanwu.Flink.Rest;

namespace Xuanwu.Flink.Gateway;

/// <summary>A type of Flink SQL as the gateway writes it (LogicalTypeJsonSerializer).</summary>
/// <param name="Root">
/// The type's root in Flink's spelling (org.apache.flink.table.types.logical.LogicalTypeRoot), such as INTEGER,
/// TIMESTAMP_WITH_LOCAL_TIME_ZONE or INTERVAL_DAY_TIME; one that a later Flink added is kept as it is.
/// </param>
/// <param name="Nullable">Whether NULL is among its values.</param>
public sealed record LogicalType(string Root, bool Nullable = true)
{
    private const int MaxDepth = 64;

    /// <summary>Characters or bytes of CHAR, VARCHAR, BINARY and VARBINARY.</summary>
    public int Length { get; init; }

    /// <summary>Digits of DECIMAL, of a second's fraction in times, of the leading field in intervals.</summary>
    public int Precision { get; init; }

    /// <summary>Digits of DECIMAL after the point.</summary>
    public int Scale { get; init; }

    /// <summary>Fields of an interval, such as DAY_TO_SECOND.</summary>
    public string? Resolution { get; init; }

    /// <summary>Type of ARRAY's and MULTISET's elements, and of MAP's values.</summary>
    public LogicalType? Element { get; init; }

    /// <summary>Type of MAP's keys.</summary>
    public LogicalType? Key { get; init; }

    /// <summary>Fields of ROW.</summary>
    public IReadOnlyList<(string Name, LogicalType Type)> Fields { get; init; } = [];

    /// <summary>The type as one writes it in SQL.</summary>
    public override string ToString() => Nullable ? Bare() : $"{Bare()} NOT NULL";

    /// <summary>Reads the gateway's form; what is not a type is one of root UNKNOWN.</summary>
    internal static LogicalType Read(JsonElement json) => Read(json, depth: 0);

    private static LogicalType Read(JsonElement json, int depth)
    {
        if (json.Text("type") is not { } root || depth > MaxDepth) return new("UNKNOWN");
        return new(root, json.Get("nullable").ValueKind is not JsonValueKind.False)
        {
            Length = (int)(json.Number("length") ?? 0),
            Precision = (int)(json.Number("precision") ?? 0),
            Scale = (int)(json.Number("scale") ?? 0),
            Resolution = json.Text("resolution"),
            Element = Inner(root == "MAP" ? "valueType" : "elementType"),
            Key = Inner("keyType"),
            Fields =
            [
                .. json.Items("fields").Select(field =>
                    (field.Text("name") ?? "", Read(field.Get("fieldType"), depth + 1))),
            ],
        };

        LogicalType? Inner(string name) =>
            json.Get(name) is { ValueKind: JsonValueKind.Object } inner ? Read(inner, depth + 1) : null;
    }

    private string Bare() => Root switch
    {
        "INTEGER" => "INT",
        "VARCHAR" when Length == int.MaxValue => "STRING",
        "VARBINARY" when Length == int.MaxValue => "BYTES",
        "CHAR" or "VARCHAR" or "BINARY" or "VARBINARY" => Sized(Root, Length),
        "DECIMAL" => string.Create(CultureInfo.InvariantCulture, $"DECIMAL({Precision}, {Scale})"),
        "TIME_WITHOUT_TIME_ZONE" => Sized("TIME", Precision),
        "TIMESTAMP_WITHOUT_TIME_ZONE" => Sized("TIMESTAMP", Precision),
        "TIMESTAMP_WITH_TIME_ZONE" => Sized("TIMESTAMP", Precision) + " WITH TIME ZONE",
        "TIMESTAMP_WITH_LOCAL_TIME_ZONE" => Sized("TIMESTAMP_LTZ", Precision),
        "INTERVAL_YEAR_MONTH" or "INTERVAL_DAY_TIME" =>
            $"INTERVAL {(Resolution ?? Root["INTERVAL_".Length..]).Replace('_', ' ')}",
        "ARRAY" or "MULTISET" => $"{Root}<{Element}>",
        "MAP" => $"MAP<{Key}, {Element}>",
        "ROW" => $"ROW<{string.Join(", ", Fields.Select(field => $"`{field.Name}` {field.Type}"))}>",
        _ => Root,
    };

    private static string Sized(string name, int size) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}({size})");
}
