using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Xuanwu.Flink.Gateway;
using Rows = Xuanwu.Flink.Gateway.Rows;

namespace Xuanwu.Cli;

/// <summary>
/// Writes the changes of a result as they come: lines of JSON, or a table whose columns are as wide as the first batch
/// asks for.
/// </summary>
internal sealed class RowWriter(Terminal terminal, int statement, bool json)
{
    private const int WidestColumn = 40;

    private int[]? widths;
    private bool told;

    /// <summary>Changes written so far.</summary>
    public long Written { get; private set; }

    public void Write(Rows page, long? limit)
    {
        if (page is { JobId: { } job, IsQuery: not true })
        {
            if (!told) Tell(job);
            return;
        }

        var changes = limit is { } most ? page.Changes.Take((int)Math.Min(most - Written, int.MaxValue)) : page.Changes;
        var batch = changes.ToList();
        if (batch.Count == 0) return;
        Written += batch.Count;
        if (json) foreach (var each in batch) terminal.Line(Line(page.Columns, each));
        else Table(page.Columns, batch);
    }

    public void End()
    {
        if (!json && widths is not null)
        {
            terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Written} rows"));
        }
    }

    private void Tell(string job)
    {
        told = true;
        if (json) terminal.Line(new { statement, jobId = job });
        else terminal.Out.WriteLine($"job {job}");
    }

    private void Table(IReadOnlyList<ResultColumn> columns, List<ChangelogRow> batch)
    {
        var cells = batch.Select(row => row.Fields.Select(SqlValue.Show).ToArray()).ToList();
        if (widths is null)
        {
            widths =
            [
                .. columns.Select((column, at) => Math.Min(
                    WidestColumn,
                    cells.Select(row => at < row.Length ? row[at].Length : 0).Append(column.Name.Length).Max())),
            ];
            terminal.Out.WriteLine($"op  {Cells(columns.Select(column => column.Name))}".TrimEnd());
            terminal.Out.WriteLine($"--  {Cells(widths.Select(width => new string('-', width)))}".TrimEnd());
        }

        foreach (var (row, values) in batch.Zip(cells))
        {
            terminal.Rows.Write(new Text(row.Op, Colour(row.Kind)));
            terminal.Out.WriteLine($"  {Cells(values)}".TrimEnd());
        }
    }

    private string Cells(IEnumerable<string> cells) =>
        string.Join("  ", cells.Select((cell, at) => at < widths!.Length ? cell.PadRight(widths[at]) : cell));

    private static Style Colour(RowKind kind) => new(kind switch
    {
        RowKind.Insert => Color.Green,
        RowKind.Delete or RowKind.UpdateBefore => Color.Red,
        _ => Color.Yellow,
    });

    private object Line(IReadOnlyList<ResultColumn> columns, ChangelogRow row)
    {
        var fields = new JsonObject();
        foreach (var (column, value) in columns.Zip(row.Fields)) fields[column.Name] = Json(value);
        return new { statement, op = row.Op, row = fields };
    }

    // Numbers that JSON readers would round stay exact as texts.
    private static JsonNode? Json(object? value) => value switch
    {
        null => null,
        bool it => JsonValue.Create(it),
        sbyte or short or int or float or double when double.IsFinite(
            Convert.ToDouble(value, CultureInfo.InvariantCulture)) => JsonValue.Create(
            Convert.ToDouble(value, CultureInfo.InvariantCulture)),
        long it when Math.Abs(it) < 1L << 53 => JsonValue.Create(it),
        byte[] it => JsonValue.Create(Convert.ToBase64String(it)),
        IReadOnlyList<KeyValuePair<string, object?>> row =>
            new JsonObject(row.Select(each => KeyValuePair.Create(each.Key, Json(each.Value)))),
        IReadOnlyDictionary<string, object?> map =>
            new JsonObject(map.Select(each => KeyValuePair.Create(each.Key, Json(each.Value)))),
        IReadOnlyList<object?> list => new JsonArray([.. list.Select(Json)]),
        _ => JsonValue.Create(SqlValue.Show(value)),
    };
}
