using System.Globalization;
using System.Text;
using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mocking;

/// <summary>A column of a mocked table.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">Its type as text.</param>
/// <param name="Data">Its type; null when it is not known.</param>
/// <param name="Expression">What it is computed by; null for one that is generated or written.</param>
internal sealed record MockColumn(string Name, string Type, DataType? Data, string? Expression);

/// <summary>
/// Writes the tables of a mocked script. A source is a datagen table; where a column must take certain texts, which
/// datagen cannot, or has a type that it does not generate, the datagen table gets another name and a view over it
/// makes the column.
/// </summary>
internal static class MockTable
{
    /// <summary>How many values a key has, so that keys meet.</summary>
    public const int KeyValues = 10;

    /// <summary>CREATE TEMPORARY TABLE of a source, and perhaps a view over it, with semicolons between.</summary>
    public static string Source(
        string name, // as it is to be written, with backquotes where it needs them
        IReadOnlyList<MockColumn> columns,
        IReadOnlyList<string> primaryKey,
        string? watermark,
        Func<string, ColumnUse?> useOf,
        int count,
        int rate)
    {
        var view = columns.Any(column => NeedsView(column, useOf(column.Name), primaryKey));
        var rows = view ? WithSuffix(name, "__rows") : name;
        var lines = new List<string>();
        var settings = new List<(string Key, string Value)>
        {
            ("connector", "datagen"),
            ("number-of-rows", Text(count)),
            ("rows-per-second", Text(rate)),
        };
        var picks = new List<string>();
        foreach (var column in columns)
        {
            var quoted = SqlWords.Quoted(column.Name);
            if (column.Expression is not null)
            {
                lines.Add($"{quoted} AS {column.Expression}");
                continue;
            }

            var use = useOf(column.Name);
            lines.Add($"{quoted} {Generated(column)}");
            settings.AddRange(Settings(column, use, primaryKey, count));
            if (!HasTexts(column, use, primaryKey)) continue;
            picks.Add($"{SqlWords.Quoted(column.Name + "__pick")} INT");
            settings.Add(($"fields.{column.Name}__pick.min", "0"));
            settings.Add(($"fields.{column.Name}__pick.max", Text(use!.Texts.Count)));
        }

        lines.AddRange(picks);
        if (watermark is not null) lines.Add(watermark);
        var text = Create(rows, lines, settings);
        if (!view) return text;
        var select = columns.Select(column => Selected(column, useOf(column.Name), primaryKey));
        return $"{text};\nCREATE TEMPORARY VIEW {name} AS\nSELECT\n  {string.Join(",\n  ", select)}\nFROM {rows}";
    }

    /// <summary>CREATE TEMPORARY TABLE of a sink.</summary>
    public static string Sink(string name, string shown, IReadOnlyList<MockColumn> columns,
        IReadOnlyList<string> primaryKey)
    {
        var lines = columns.Select(column => $"{SqlWords.Quoted(column.Name)} {column.Type}").ToList();
        if (primaryKey.Count > 0)
            lines.Add($"PRIMARY KEY ({string.Join(", ", primaryKey.Select(SqlWords.Quoted))}) NOT ENFORCED");
        return Create(name, lines, [("connector", "print"), ("print-identifier", shown)]);
    }

    /// <summary>The same name with something behind it: `a.b` and a suffix are a.`b__rows`.</summary>
    public static string WithSuffix(string name, string suffix) =>
        name.EndsWith('`') ? name[..^1] + suffix + "`" : name + suffix;

    private static string Create(string name, List<string> lines, List<(string Key, string Value)> settings)
    {
        var text = new StringBuilder("CREATE TEMPORARY TABLE ").Append(name).Append(" (\n  ")
            .AppendJoin(",\n  ", lines).Append("\n) WITH (\n  ");
        text.AppendJoin(",\n  ", settings.Select(each => $"{SqlQuote.Text(each.Key)} = {SqlQuote.Text(each.Value)}"));
        return text.Append("\n)").ToString();
    }

    private static string Selected(MockColumn column, ColumnUse? use, IReadOnlyList<string> primaryKey)
    {
        var quoted = SqlWords.Quoted(column.Name);
        if (column.Expression is not null) return quoted;
        if (!IsGenerated(column.Data)) return $"CAST({quoted} AS {column.Type}) AS {quoted}";
        if (!HasTexts(column, use, primaryKey)) return quoted;
        var pick = SqlWords.Quoted(column.Name + "__pick");
        var cases = use!.Texts.Select((text, at) => $"WHEN {at} THEN {SqlQuote.Text(text)}");
        return $"CAST(CASE {pick} {string.Join(' ', cases)} ELSE {quoted} END AS {column.Type}) AS {quoted}";
    }

    private static bool NeedsView(MockColumn column, ColumnUse? use, IReadOnlyList<string> primaryKey) =>
        column.Expression is null && (!IsGenerated(column.Data) || HasTexts(column, use, primaryKey));

    private static bool HasTexts(MockColumn column, ColumnUse? use, IReadOnlyList<string> primaryKey) =>
        use is { Texts.Count: > 0 } && column.Data?.IsText == true && !primaryKey.Contains(column.Name);

    /// <summary>Whether datagen makes values of a type in every release; bytes it does not.</summary>
    public static bool IsGenerated(DataType? type) => type?.Name is not ("BYTES" or "BINARY" or "VARBINARY");

    // What a column is in the datagen table. NOT NULL stays: datagen gives no nulls unless it is asked to.
    private static string Generated(MockColumn column) => IsGenerated(column.Data) ? column.Type : "STRING";

    private static IEnumerable<(string Key, string Value)> Settings(
        MockColumn column, ColumnUse? use, IReadOnlyList<string> primaryKey, int count)
    {
        var field = $"fields.{column.Name}.";
        var type = column.Data?.Name;
        if (primaryKey is [var only] && only == column.Name && type is "INT" or "BIGINT" or "SMALLINT" or "STRING")
        {
            // A key of its own for each row: what is upserted in production is not changed twice here.
            yield return (field + "kind", "sequence");
            yield return (field + "start", "1");
            yield return (field + "end", Text(Math.Min(count, short.MaxValue)));
        }
        else if (column.Data?.IsNumeric == true)
        {
            var (low, high) = Range(column.Data, use);
            yield return (field + "min", Text(low));
            yield return (field + "max", Text(high));
        }
        else if (type is "STRING" or "VARCHAR")
        {
            // One hexadecimal digit: sixteen values, which meet.
            var length = use?.IsKey == true ? 1 : 8;
            yield return (field + "length", Text(Math.Min(length, column.Data!.Precision ?? length)));
        }
        else if (!IsGenerated(column.Data))
        {
            yield return (field + "length", "8");
        }
    }

    private static (decimal Low, decimal High) Range(DataType type, ColumnUse? use)
    {
        decimal low = 1, high = use?.IsKey == true ? KeyValues : 1000;
        if (use is { Numbers.Count: > 0 })
        {
            // On both sides of what it is compared with, so that a predicate lets some rows through and some not.
            var (least, most) = (use.Numbers.Min(), use.Numbers.Max());
            var around = Math.Max(5, Math.Ceiling((most - least) / 2));
            (low, high) = (Math.Floor(least) - around, Math.Ceiling(most) + around);
            if (least >= 0) low = Math.Max(0, low);
        }

        decimal limit = type.Name switch
        {
            "TINYINT" => sbyte.MaxValue,
            "SMALLINT" => short.MaxValue,
            "INT" => int.MaxValue,
            "DECIMAL" => Power(Math.Min(18, (type.Precision ?? 10) - (type.Scale ?? 0))) - 1,
            _ => 1_000_000_000_000_000m,
        };
        return (Math.Max(-limit, Math.Min(low, limit)), Math.Max(-limit, Math.Min(high, limit)));
    }

    private static decimal Power(int digits)
    {
        var power = 1m;
        for (var digit = 0; digit < digits; digit++) power *= 10;
        return power;
    }

    private static string Text(decimal number) => number.ToString("0", CultureInfo.InvariantCulture);
}
