using System.Globalization;

namespace Xuanwu.Sandbox.Flink.Gateway;

internal enum SqlTokenKind
{
    Word,
    Quoted,
    Text,
    Number,
    Symbol,
    End,
}

/// <summary>A token with its place: offsets in the text, line and column from one.</summary>
internal readonly record struct SqlToken(SqlTokenKind Kind, string Value, int Start, int End, int Line, int Column)
{
    public bool Is(string word) => Kind is SqlTokenKind.Word or SqlTokenKind.Symbol
        && Value.Equals(word, StringComparison.OrdinalIgnoreCase);

    public bool IsName => Kind is SqlTokenKind.Word or SqlTokenKind.Quoted;
}

/// <summary>Cuts SQL text into tokens; comments and hints fall away.</summary>
internal static class SqlTokens
{
    /// <exception cref="FlinkFailure">A string, an identifier or a comment has no end, or a character belongs to no
    /// token.</exception>
    public static List<SqlToken> Read(string sql)
    {
        var tokens = new List<SqlToken>();
        var (at, line, lineStart) = (0, 1, 0);
        while (true)
        {
            while (at < sql.Length && char.IsWhiteSpace(sql[at]))
            {
                if (sql[at] == '\n') (line, lineStart) = (line + 1, at + 1);
                at++;
            }

            var (start, startLine, column) = (at, line, at - lineStart + 1);
            if (at == sql.Length)
            {
                tokens.Add(new SqlToken(SqlTokenKind.End, "<EOF>", at, at, line, column));
                return tokens;
            }

            var first = sql[at];
            if (sql.AsSpan(at).StartsWith("--"))
            {
                while (at < sql.Length && sql[at] != '\n') at++;
                continue;
            }

            if (sql.AsSpan(at).StartsWith("/*"))
            {
                var close = sql.IndexOf("*/", at + 2, StringComparison.Ordinal);
                if (close < 0) throw SqlErrors.Parse("Lexical error: a comment has no end", startLine, column);
                CountLines(sql, at, close + 2, ref line, ref lineStart);
                at = close + 2;
                continue;
            }

            SqlTokenKind kind;
            string value;
            if (first is '\'' or '`' or '"')
            {
                (value, at) = Delimited(sql, at, startLine, column);
                kind = first == '\'' ? SqlTokenKind.Text : SqlTokenKind.Quoted;
                CountLines(sql, start, at, ref line, ref lineStart);
            }
            else if (char.IsLetter(first) || first is '_' or '$')
            {
                while (at < sql.Length && (char.IsLetterOrDigit(sql[at]) || sql[at] is '_' or '$')) at++;
                (kind, value) = (SqlTokenKind.Word, sql[start..at]);
            }
            else if (char.IsAsciiDigit(first))
            {
                while (at < sql.Length && (char.IsLetterOrDigit(sql[at]) || sql[at] == '.')) at++;
                (kind, value) = (SqlTokenKind.Number, sql[start..at]);
            }
            else if ("(),;.=<>!+-*/%|&^~?:[]{}@#\\".Contains(first, StringComparison.Ordinal))
            {
                at++;
                (kind, value) = (SqlTokenKind.Symbol, first.ToString());
            }
            else
            {
                throw SqlErrors.Parse(string.Create(CultureInfo.InvariantCulture,
                    $"Lexical error at line {startLine}, column {column}.  Encountered: \"{first}\" ({(int)first}), "
                        + $"after : \"\""),
                    startLine, column);
            }

            tokens.Add(new SqlToken(kind, value, start, at, startLine, column));
        }
    }

    private static (string Value, int End) Delimited(string sql, int start, int line, int column)
    {
        var quote = sql[start];
        for (var at = start + 1; at < sql.Length; at++)
        {
            if (sql[at] != quote) continue;
            if (at + 1 < sql.Length && sql[at + 1] == quote)
            {
                at++;
                continue;
            }

            return (
                sql[(start + 1)..at].Replace(new string(quote, 2), quote.ToString(), StringComparison.Ordinal), at + 1);
        }

        throw SqlErrors.Parse(string.Create(CultureInfo.InvariantCulture,
            $"Lexical error at line {line}, column {column}.  Encountered: <EOF> after : "
                + $"\"{sql[start..Math.Min(sql.Length, start + 20)]}\""),
            line, column);
    }

    private static void CountLines(string sql, int from, int to, ref int line, ref int lineStart)
    {
        for (var at = from; at < to; at++)
        {
            if (sql[at] == '\n') (line, lineStart) = (line + 1, at + 1);
        }
    }
}

/// <summary>Errors in the words of Flink's parser and validator.</summary>
internal static class SqlErrors
{
    public static FlinkFailure Parse(string message, int line, int column) => new(new JavaThrowable(
        "org.apache.flink.table.api.SqlParserException", "SQL parse failed. " + message,
        new JavaThrowable("org.apache.calcite.sql.parser.SqlParseException", message, null,
            "org.apache.flink.sql.parser.impl.FlinkSqlParserImpl.convertException(FlinkSqlParserImpl.java:490)"),
        string.Create(CultureInfo.InvariantCulture,
            $"org.apache.flink.table.planner.parse.CalciteParser.parseSqlList(CalciteParser.java:82) [line {line}, "
                + $"column {column}]")));

    public static FlinkFailure Encountered(SqlToken token, params string[] expected)
    {
        var was = token.Kind == SqlTokenKind.Text ? $"\\'{token.Value}\\'" : token.Value;
        var wanted = expected.Length == 0
            ? ""
            : "\nWas expecting one of:\n" + string.Concat(expected.Select(each => $"    {each} ...\n")) + "    ";
        return Parse(string.Create(CultureInfo.InvariantCulture,
            $"Encountered \"{was}\" at line {token.Line}, column {token.Column}.{wanted}"), token.Line, token.Column);
    }

    public static FlinkFailure ObjectNotFound(SqlToken at, string name, string? within) => Validation(string.Create(
        CultureInfo.InvariantCulture,
        $"SQL validation failed. From line {at.Line}, column {at.Column} to line {at.Line}, column "
            + $"{at.Column + at.End - at.Start - 1}: "
        + $"Object '{name}' not found{(within is null ? "" : $" within '{within}'")}"));

    public static FlinkFailure Validation(string message, JavaThrowable? cause = null) => new(new JavaThrowable(
        "org.apache.flink.table.api.ValidationException", message, cause,
        "org.apache.flink.table.planner.calcite.FlinkPlannerImpl.validate(FlinkPlannerImpl.scala:193)",
        "org.apache.flink.table.planner.operations."
        + "SqlNodeToOperationConversion.convert(SqlNodeToOperationConversion.java:261)"));
}
