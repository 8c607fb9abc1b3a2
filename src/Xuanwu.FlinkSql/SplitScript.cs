namespace Xuanwu.FlinkSql;

/// <summary>
/// A script cut into its statements.
/// </summary>
/// <param name="Statements">In their order; those before the error when there is one. Empty statements are left
/// out.</param>
/// <param name="Error">A quote, comment, hint or statement set that has no end.</param>
public sealed record SplitScript(IReadOnlyList<StatementText> Statements, SqlError? Error)
{
    /// <summary>
    /// Cuts a script at its semicolons: those outside of quotes, comments and EXECUTE STATEMENT SET BEGIN … END.
    /// Nothing is lost: each statement is the slice of the text between its two positions, and between statements are
    /// only blanks, comments and semicolons. Whether a statement is valid is Flink's to say.
    /// </summary>
    public static SplitScript Split(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new SqlSplitter(text).Split();
    }
}

/// <summary>One pass over a text.</summary>
internal ref struct SqlSplitter(string text)
{
    private readonly string text = text;
    private SqlScanner scanner = new(text);
    private SqlLines lines = new(text);
    private SqlError? error;
    private SqlToken token;

    public SplitScript Split()
    {
        var statements = new List<StatementText>();
        token = scanner.Next();
        while (NextStatement(inSet: false) is { } statement) statements.Add(statement);
        return new(statements, error);
    }

    // Null at the end of the text or at an error. Leaves the token after the statement's semicolon. Sets do not nest.
    private StatementText? NextStatement(bool inSet)
    {
        while (token.Kind == SqlTokenKind.Semicolon) token = scanner.Next();
        if (token.Kind is SqlTokenKind.End || IsBroken()) return null;

        var head = new SqlHead();
        IReadOnlyList<StatementText> body = [];
        var start = lines.Of(token.Start);
        var end = token.End;
        var depth = 0;
        while (token.Kind is not (SqlTokenKind.Semicolon or SqlTokenKind.End))
        {
            if (IsBroken()) return null;
            if (token.Kind == SqlTokenKind.Open) depth++;
            else if (token.Kind == SqlTokenKind.Close) depth--;
            head.Add(scanner, token, depth);
            end = token.End;
            token = scanner.Next();
            if (inSet || !head.BeginsSet) continue;

            if (Body(start) is not { } inner) return null;
            body = inner;
            head.BeginsSet = false;
            end = token.End;
            token = scanner.Next();
        }

        var kind = head.Kind;
        var statement = new StatementText(kind, text[start.Offset..end], start, lines.Of(end)) { Body = body };
        if (token.Kind == SqlTokenKind.Semicolon) token = scanner.Next();
        return statement;
    }

    // The statements up to END, which is then the present token; null at an error.
    private List<StatementText>? Body(SqlPosition start)
    {
        var body = new List<StatementText>();
        while (true)
        {
            while (token.Kind == SqlTokenKind.Semicolon) token = scanner.Next();
            if (scanner.Is(token, "END")) return body;
            if (NextStatement(inSet: true) is { } statement)
            {
                body.Add(statement);
                continue;
            }

            error ??= new(
                "SQL_STATEMENT_SET_OPEN",
                "The statement set that begins here has no END; put '; END' after its last INSERT.", start);
            return null;
        }
    }

    private bool IsBroken()
    {
        if (token.Kind != SqlTokenKind.Broken) return false;
        var (code, message, offset) = scanner.Error!.Value;
        error = new(code, message, lines.Of(offset));
        return true;
    }
}
