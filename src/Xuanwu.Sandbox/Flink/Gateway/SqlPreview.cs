using System.Globalization;
using System.Text.Json.Nodes;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>
/// Rows for the simplest queries: literals without a table, and columns of one datagen table. Any other query is
/// refused in plain words, since the sandbox computes nothing.
/// </summary>
internal static class SqlPreview
{
    private const int MostRows = 100;

    public static SqlResult Of(SqlQuery query, SqlCatalogs catalogs)
    {
        var sources = SqlPlanner.Sources(query, catalogs).ToList();
        var tokens = query.Tokens;
        if (!tokens[0].Is("SELECT")) throw Refused();

        var from = Enumerable.Range(0, tokens.Count).FirstOrDefault(i => tokens[i].Is("FROM"), tokens.Count);
        var items = Items(tokens, 1, from);
        if (from == tokens.Count)
        {
            var literals = items.Select((item, i) => Literal(item, i)).ToList();
            return new SqlResult(
                [.. literals.Select(literal => literal.Column)], [[.. literals.Select(literal => literal.Value)]],
                IsQuery: true);
        }

        if (sources is not [{ } table] || query.Tables.Count != 1
            || table.Options.GetValueOrDefault("connector") != "datagen")
        {
            throw Refused();
        }

        var limit = MostRows;
        var end = from + 1 + (query.Tables[0].Parts.Count * 2 - 1);
        if (end + 1 < tokens.Count && tokens[end].Is("LIMIT")
            && int.TryParse(tokens[end + 1].Value, CultureInfo.InvariantCulture, out var asked))
        {
            limit = Math.Min(limit, asked);
        }
        else if (end < tokens.Count) throw Refused();

        if (int.TryParse(table.Options.GetValueOrDefault("number-of-rows"), CultureInfo.InvariantCulture, out var rows))
        {
            limit = Math.Min(limit, rows);
        }

        var columns = items is [[{ Value: "*" }]]
            ? table.Columns
            : [.. items.Select(item => item is [var only]
                ? table.Columns.FirstOrDefault(column => column.Name == only.Value)
                    ?? throw SqlErrors.ObjectNotFound(only, only.Value, null)
                : throw Refused())];
        var random = new Random(17);
        return new SqlResult(
            columns,
            [.. Enumerable.Range(0, limit)
                .Select(_ => columns.Select(JsonNode? (column) => Generate(column.Type, random)).ToArray())],
            IsQuery: true);
    }

    private static List<List<SqlToken>> Items(IReadOnlyList<SqlToken> tokens, int start, int end)
    {
        var items = new List<List<SqlToken>> { new() };
        for (var i = start; i < end; i++)
        {
            if (tokens[i].Is(",")) items.Add([]);
            else items[^1].Add(tokens[i]);
        }

        return items;
    }

    private static (SqlColumn Column, JsonNode? Value) Literal(List<SqlToken> item, int index)
    {
        var name = item switch
        {
            [_, { IsName: true } alias] => alias.Value,
            [_, var word, var alias] when word.Is("AS") => alias.Value,
            [_] => string.Create(CultureInfo.InvariantCulture, $"EXPR${index}"),
            _ => throw Refused(),
        };
        return item[0] switch
        {
            { Kind: SqlTokenKind.Text, Value: var text } =>
                (new SqlColumn(name, $"CHAR({text.Length})"), JsonValue.Create(text)),
            { Kind: SqlTokenKind.Number, Value: var number } when long.TryParse(
                number, CultureInfo.InvariantCulture, out var whole) =>
                (new SqlColumn(name, "INT"), JsonValue.Create(whole)),
            var word when word.Is("TRUE") || word.Is("FALSE") =>
                (new SqlColumn(name, "BOOLEAN"), JsonValue.Create(word.Is("TRUE"))),
            _ => throw Refused(),
        };
    }

    private static JsonValue? Generate(string type, Random random) => type.Split('(')[0] switch
    {
        "BOOLEAN" => JsonValue.Create(random.Next(2) == 0),
        "TINYINT" => JsonValue.Create(random.Next(-128, 128)),
        "SMALLINT" => JsonValue.Create(random.Next(short.MinValue, short.MaxValue)),
        "INT" or "INTEGER" => JsonValue.Create(random.Next()),
        "BIGINT" => JsonValue.Create(random.NextInt64()),
        "FLOAT" or "DOUBLE" or "DECIMAL" => JsonValue.Create(Math.Round(random.NextDouble() * 1000, 2)),
        "DATE" => JsonValue.Create("2025-01-01"),
        "TIME" => JsonValue.Create("12:00:00"),
        var time when time.StartsWith("TIMESTAMP", StringComparison.Ordinal) => JsonValue.Create(
            new DateTime(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddSeconds(random.Next(86_400))
                .ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(
            Convert.ToHexStringLower(Enumerable.Range(0, 8).Select(_ => (byte)random.Next(256)).ToArray())),
    };

    private static FlinkFailure Refused() => new(
        "org.apache.flink.table.api.TableException",
        "The sandbox processes no records: it can show literals and columns of one datagen table, but not the result "
            + "of this query.");
}
