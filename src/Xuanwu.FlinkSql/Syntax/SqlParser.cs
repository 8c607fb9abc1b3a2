using System.Runtime.CompilerServices;

namespace Xuanwu.FlinkSql.Syntax;

// Recursive descent over the tokens of a script, one method a rule, in the order of Flink's own grammar
// (parserImpls.ftl on Calcite's Parser.jj).
//
// Never back: a rule decides by the tokens ahead, at most a few, so time is linear. Where a bracket may hold a query, a
// row or a join, the inside is read first and then seen for what it is.
//
// Errors: the first one in a statement ends it. Fail() tells it and moves to the statement's semicolon; every rule on
// the stack then sees a semicolon where it hoped for something else, and returns what it has. So no rule checks for
// errors, and a broken statement still gives a tree of what was read. What is wrong but clear (a reserved word as a
// name, double quotes, a missing semicolon) is told without ending anything.
//
// What was expected is not noted at first, because noting costs more than reading. A statement that fails is read a
// second time, noting; only the second reading is kept.
//
// Depth: each rule that can hold itself passes through Enter(), which refuses more than MaxDepth levels, and before
// that what the thread's stack cannot hold. Chains of operators, joins and UNIONs are loops, not levels.
internal sealed partial class SqlParser
{
    private const int MaxDepth = 500;

    private readonly string source;
    private readonly SqlToken[] tokens;
    private readonly List<SqlDiagnostic> diagnostics;
    private readonly NamePool pool = new();

    private readonly List<SqlExpression> expressions = [];
    private readonly List<SqlName> names = [];

    private int pos;
    private Tok id;
    private int lastEnd;
    private int depth;

    // failed: the statement (or INSERT of a set) has ended in an error. erred: something in it has, so it is to be read
    // again. noting: this is the second reading.
    private bool failed;
    private bool erred;
    private bool noting;
    private readonly List<string> expected = [];
    private int expectedAt;

    public SqlParser(string source, SqlToken[] tokens, List<SqlDiagnostic> diagnostics)
    {
        (this.source, this.tokens, this.diagnostics) = (source, tokens, diagnostics);
        id = tokens[0].Id;
    }

    /// <summary>How often a token was passed: what time is linear in.</summary>
    public int Steps { get; private set; }

    public List<SqlStatement> Script()
    {
        var statements = new List<SqlStatement>();
        while (true)
        {
            while (id == Tok.Semicolon) Advance();
            if (id == Tok.End) return statements;
            statements.Add(Statement());
        }
    }

    private SqlStatement Statement()
    {
        var (start, told) = (pos, diagnostics.Count);
        var statement = OneStatement();
        if (erred)
        {
            diagnostics.RemoveRange(told, diagnostics.Count - told);
            MoveTo(start);
            noting = true;
            statement = OneStatement();
            noting = false;
        }

        statement.IsWhole = diagnostics.Count == told;
        statement.End = Math.Max(statement.End, pos == start ? lastEnd : tokens[pos - 1].End);
        return statement;
    }

    private SqlStatement OneStatement()
    {
        (depth, failed, erred, expectedAt) = (0, false, false, -1);
        expressions.Clear();
        names.Clear();
        var start = pos;
        var statement = StatementBody();
        if (!failed && id is not (Tok.Semicolon or Tok.End))
        {
            if (BeginsStatement() && pos > start) TellMissingSemicolon();
            else Fail();
        }

        return statement;
    }

    private void TellMissingSemicolon() =>
        diagnostics.Add(new(
            "SQL_MISSING_SEMICOLON",
            $"A new statement begins with {Words(pos)}, but the one before it does not end; put a semicolon between "
            + "them.",
            tokens[pos].Start,
            tokens[pos].Length)
        {
            Expected = [";"],
            Fix = new("Put a semicolon", [new(new(lastEnd, 0), ";")]),
        });

    private void Advance()
    {
        Steps++;
        lastEnd = tokens[pos].End;
        if (id != Tok.End) id = tokens[++pos].Id;
    }

    private void MoveTo(int position)
    {
        pos = position;
        id = tokens[pos].Id;
        lastEnd = pos > 0 ? tokens[pos - 1].End : 0;
    }

    private Tok Peek(int ahead = 1)
    {
        var at = pos + ahead;
        return at < tokens.Length ? tokens[at].Id : Tok.End; // room after the last token is Tok.End
    }

    private int Here => tokens[pos].Start;

    private bool At(Tok token)
    {
        if (id == token) return true;
        if (noting) Note(token);
        return false;
    }

    private bool Accept(Tok token)
    {
        if (!At(token)) return false;
        Advance();
        return true;
    }

    // Two words or none.
    private bool Accept(Tok first, Tok second)
    {
        if (!At(first) || Peek() != second) return false;
        Advance();
        Advance();
        return true;
    }

    private bool Expect(Tok token)
    {
        if (Accept(token)) return true;
        Fail();
        return false;
    }

    private void Expect(Tok first, Tok second)
    {
        if (Expect(first)) Expect(second);
    }

    private T Done<T>(T node, int start)
        where T : SqlNode
    {
        node.Start = start;
        node.End = Math.Max(start, lastEnd);
        return node;
    }

    // The items that were put on a list since a mark, taken off it. Lists are shared by all rules, as stacks.
    private static T[] Cut<T>(List<T> list, int mark)
    {
        var length = list.Count - mark;
        if (length <= 0) return [];
        var items = new T[length];
        list.CopyTo(mark, items, 0, length);
        list.RemoveRange(mark, length);
        return items;
    }

    private bool Enter()
    {
        if (depth < MaxDepth && RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            depth++;
            return true;
        }

        Fail("SQL_TOO_DEEP", $"This is nested more than {MaxDepth} levels deep; name inner queries by views or WITH.");
        return false;
    }

    private void Leave() => depth--;

    private string TextOf(in SqlToken token) => source.Substring(token.Start, token.Length);
}
