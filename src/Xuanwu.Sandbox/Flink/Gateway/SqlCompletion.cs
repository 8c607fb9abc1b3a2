using System.Globalization;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Flink.Rest;

namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>complete-statement: what may continue the word at a position. A GET that carries a body.</summary>
internal static class SqlCompletion
{
    private static readonly string[] Words =
    [
        "ALTER", "AS", "BEGIN", "CATALOG", "CREATE", "DATABASE", "DESCRIBE", "DROP", "END", "EXECUTE", "EXPLAIN",
        "FROM", "FUNCTION", "GROUP BY", "HAVING", "INSERT INTO", "JOIN", "LIMIT", "ORDER BY", "RESET", "SELECT",
        "SET", "SHOW", "STATEMENT", "TABLE", "UNION", "USE", "VALUES", "VIEW", "WHERE", "WITH",
    ];

    public static JsonObject Candidates(RestCall call, SqlSession session)
    {
        call.Accepts("CompleteStatementRequestBody", "statement", "position");
        var statement = call.Text("statement") ?? "";
        var position = int.TryParse(call.Text("position"), CultureInfo.InvariantCulture, out var number)
            ? number
            : statement.Length;
        var before = statement[..Math.Clamp(position, 0, statement.Length)];
        var start = before.Length;
        while (start > 0 && IsPart(before[start - 1])) start--;
        var prefix = before[start..];
        lock (session.Gate)
        {
            var names = session.Catalogs.Here.Select(each => each.Name).Concat(session.Catalogs.Names).Concat(Words)
                .Where(name => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase));
            return new JsonObject { ["candidates"] = new JsonArray([.. names.Select(name => (JsonNode)name)]) };
        }
    }

    private static bool IsPart(char letter) => char.IsLetterOrDigit(letter) || letter is '_' or '.' or '`';
}
