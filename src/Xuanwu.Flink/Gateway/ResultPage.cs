using System.Globalization;
using System.Text.Json;
using Xuanwu.Flink.Rest;

namespace Xuanwu.Flink.Gateway;

/// <summary>What a row does to the result before it (org.apache.flink.types.RowKind).</summary>
public enum RowKind
{
    Insert,
    UpdateBefore,
    UpdateAfter,
    Delete,
}

/// <summary>A change of a result; its values by column, see <see cref="SqlValue"/>.</summary>
public sealed record ChangelogRow(RowKind Kind, IReadOnlyList<object?> Fields)
{
    /// <summary>Flink's short form of the kind: +I, -U, +U or -D.</summary>
    public string Op => Kind switch
    {
        RowKind.UpdateBefore => "-U",
        RowKind.UpdateAfter => "+U",
        RowKind.Delete => "-D",
        _ => "+I",
    };
}

/// <summary>A column of a result.</summary>
public sealed record ResultColumn(string Name, LogicalType Type, string? Comment);

/// <summary>One look at an operation's result.</summary>
public abstract record ResultPage
{
    private protected ResultPage()
    {
    }

    internal static ResultPage? Read(JsonElement json) => json.Text("resultType") switch
    {
        "NOT_READY" => new NotReady(),
        "PAYLOAD" or "EOS" => Rows.Of(json),
        _ => null,
    };
}

/// <summary>The operation has no result yet.</summary>
public sealed record NotReady : ResultPage;

/// <summary>The statement failed; every further look says the same.</summary>
public sealed record Failed(GatewayError Error) : ResultPage;

/// <summary>A batch of the result, perhaps an empty one.</summary>
/// <param name="Columns">Columns of the result.</param>
/// <param name="Changes">The batch.</param>
/// <param name="JobId">The job that the statement started, when it did.</param>
/// <param name="IsQuery">Whether the rows are a query's; null when the gateway's version does not tell.</param>
/// <param name="Next">Token of the next batch; null when this is the last.</param>
public sealed record Rows(
    IReadOnlyList<ResultColumn> Columns,
    IReadOnlyList<ChangelogRow> Changes,
    string? JobId,
    bool? IsQuery,
    long? Next) : ResultPage
{
    internal static Rows Of(JsonElement json)
    {
        var results = json.Get("results");
        var columns = results.Items("columns")
            .Select(each => new ResultColumn(
                each.Text("name") ?? "", LogicalType.Read(each.Get("logicalType")), each.Text("comment")))
            .ToList();
        var changes = results.Items("data")
            .Select(row => new ChangelogRow(
                Kind(row.Text("kind")),
                [.. row.Items("fields").Select((field, at) => SqlValue.Read(field, TypeOf(at)))]))
            .ToList();

        // In version 1 the id is only a row under this column.
        var asRow = columns is [{ Name: "job id" }] && changes is [{ Fields: [string id, ..] }, ..] ? id : null;
        return new(
            columns,
            changes,
            json.Text("jobID") ?? asRow,
            json.Get("isQueryResult").ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => null,
            },
            json.Text("resultType") is "EOS" ? null : NextOf(json));

        LogicalType TypeOf(int at) => at < columns.Count ? columns[at].Type : new("UNKNOWN");
    }

    private static RowKind Kind(string? name) => name switch
    {
        "UPDATE_BEFORE" => RowKind.UpdateBefore,
        "UPDATE_AFTER" => RowKind.UpdateAfter,
        "DELETE" => RowKind.Delete,
        _ => RowKind.Insert,
    };

    // The gateway does not know the proxy before it, so its address for the next batch is only good for the token in
    // it.
    private static long? NextOf(JsonElement json)
    {
        if (json.Text("nextResultUri") is not { } address) return null;
        var last = address.Split('?')[0].Split('/')[^1];
        return long.TryParse(last, NumberStyles.None, CultureInfo.InvariantCulture, out var token) ? token : null;
    }
}
