using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>What a statement came to: rows under columns, and the job when one was submitted.</summary>
internal sealed record SqlResult(
    IReadOnlyList<SqlColumn> Columns, IReadOnlyList<JsonNode?[]> Rows, string Kind = "SUCCESS_WITH_CONTENT",
    string? JobId = null,
    bool IsQuery = false)
{
    public static readonly SqlResult Ok =
        new([new SqlColumn("result", "STRING")], [[JsonValue.Create("OK")]], "SUCCESS");

    public static SqlResult OfJob(string jobId) =>
        new([new SqlColumn("job id", "STRING")], [[JsonValue.Create(jobId)]], "SUCCESS_WITH_CONTENT", jobId);

    public static SqlResult Texts(string column, IEnumerable<string> values) =>
        new([new SqlColumn(column, "STRING")],
            [.. values.Select(value => new JsonNode?[] { JsonValue.Create(value) })]);

    /// <summary>A table of texts.</summary>
    public static SqlResult Table(IReadOnlyList<string> columns, IEnumerable<string?[]> rows) => new(
        [.. columns.Select(column => new SqlColumn(column, "STRING"))],
        [.. rows.Select(
            row => Array.ConvertAll(row, value => (JsonNode?)(value is null ? null : JsonValue.Create(value))))]);

    /// <summary>The type as the gateway writes a LogicalType.</summary>
    public static JsonObject LogicalType(string type)
    {
        var open = type.IndexOf('(', StringComparison.Ordinal);
        var name = open < 0 ? type : type[..open];
        var numbers = open < 0 ? [] : type[(open + 1)..].TrimEnd(')').Split(',');
        int Number(int index, int otherwise) =>
            index < numbers.Length && int.TryParse(numbers[index], out var number) ? number : otherwise;
        var logical = new JsonObject { ["type"] = name, ["nullable"] = true };
        switch (name)
        {
            case "STRING":
                logical["type"] = "VARCHAR";
                logical["length"] = int.MaxValue;
                break;
            case "VARCHAR" or "CHAR" or "BINARY" or "VARBINARY":
                logical["length"] = Number(0, 1);
                break;
            case "INT":
                logical["type"] = "INTEGER";
                break;
            case "DECIMAL":
                logical["precision"] = Number(0, 10);
                logical["scale"] = Number(1, 0);
                break;
            case var timestamp when timestamp.StartsWith("TIMESTAMP", StringComparison.Ordinal):
                logical["type"] = timestamp.Contains("LTZ", StringComparison.Ordinal)
                    ? "TIMESTAMP_WITH_LOCAL_TIME_ZONE"
                    : "TIMESTAMP_WITHOUT_TIME_ZONE";
                logical["precision"] = Number(0, 6);
                break;
        }

        return logical;
    }
}
