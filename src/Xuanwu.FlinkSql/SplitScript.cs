using Xuanwu.FlinkSql.Syntax;

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

/// <summary>One pass over the tokens of a text.</summary>
internal ref struct SqlSplitter
{
    private readonly string text;
    private readonly SqlToken[] tokens;
    private readonly SqlDiagnostic? broken;
    private SqlLines lines;
    private SqlError? error;
    private int at;

    public SqlSplitter(string text)
    {
        this.text = text;
        lines = new(text);
        var told = new List<SqlDiagnostic>();
        tokens = new SqlLexer(text, told).Run(out _);
        broken = told.Find(each => each.Code.EndsWith("_OPEN", StringComparison.Ordinal));
    }

    private readonly SqlToken Token => tokens[at];

    public SplitScript Split()
    {
        var statements = new List<StatementText>();
        while (NextStatement(inSet: false) is { } statement) statements.Add(statement);
        return new(statements, error);
    }

    // Null at the end of the text or at an error. Leaves the token after the statement's semicolon. Sets do not nest.
    private StatementText? NextStatement(bool inSet)
    {
        while (Token.Id == Tok.Semicolon) at++;
        if (IsBroken() || Token.Id == Tok.End) return null;

        var head = new SqlHead();
        IReadOnlyList<StatementText> body = [];
        var start = lines.Of(Token.Start);
        var end = Token.End;
        var depth = 0;
        while (Token.Id is not (Tok.Semicolon or Tok.End))
        {
            if (IsBroken() || (Token.Id == Tok.HintStart && !SkipHint())) return null;
            if (Token.Id == Tok.Open) depth++;
            else if (Token.Id == Tok.Close) depth--;
            head.Add(text, Token, depth);
            end = Token.End;
            at++;
            if (inSet || !head.BeginsSet) continue;

            if (Body(start) is not { } inner) return null;
            body = inner;
            head.BeginsSet = false;
            end = Token.End;
            at++;
        }

        if (IsBroken()) return null;
        var kind = head.Kind;
        var statement = new StatementText(kind, text[start.Offset..end], start, lines.Of(end)) { Body = body };
        if (Token.Id == Tok.Semicolon) at++;
        return statement;
    }

    // The statements up to END, which is then the present token; null at an error.
    private List<StatementText>? Body(SqlPosition start)
    {
        var body = new List<StatementText>();
        while (true)
        {
            while (Token.Id == Tok.Semicolon) at++;
            if (Token.Id == Tok.END) return body;
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

    // To the end of the hint, whose semicolons end nothing.
    private bool SkipHint()
    {
        var start = Token.Start;
        while (Token.Id != Tok.HintEnd)
        {
            if (IsBroken()) return false;
            if (Token.Id == Tok.End)
            {
                error = new(
                    "SQL_HINT_OPEN", "The hint that begins here with /*+ has no end; close it with */.",
                        lines.Of(start));
                return false;
            }

            at++;
        }

        return true;
    }

    private bool IsBroken()
    {
        if (broken is null || (Token.Id != Tok.End && Token.End <= broken.Start)) return false;
        error = new(broken.Code, broken.Message, lines.Of(broken.Start));
        return true;
    }
}
