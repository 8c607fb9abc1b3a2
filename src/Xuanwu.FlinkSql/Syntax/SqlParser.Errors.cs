namespace Xuanwu.FlinkSql.Syntax;

internal sealed partial class SqlParser
{
    private const int MostExpected = 12;

    // Words that a statement begins with, and that can be misspelt or follow a missing semicolon.
    private bool BeginsStatement() => id switch
    {
        Tok.CREATE or Tok.INSERT or Tok.DROP or Tok.ALTER or Tok.SELECT or Tok.EXECUTE or Tok.UPSERT or Tok.SHOW
            or Tok.EXPLAIN or Tok.USE or Tok.BEGIN or Tok.WITH or Tok.DESCRIBE or Tok.UPDATE or Tok.DELETE or Tok.CALL
            or Tok.VALUES or Tok.RESET or Tok.SET or Tok.END => true,
        Tok.TRUNCATE or Tok.ANALYZE or Tok.REPLACE => Peek() == Tok.TABLE,
        Tok.COMPILE => Peek() is Tok.PLAN or Tok.AND,
        Tok.LOAD or Tok.UNLOAD => Peek() == Tok.MODULE,
        Tok.ADD or Tok.REMOVE => Peek() == Tok.JAR,
        Tok.STOP => Peek() == Tok.JOB,
        _ => false,
    };

    private void Note(Tok token) => Note(token switch
    {
        Tok.Name or Tok.QuotedName => "a name",
        Tok.Text => "a text in single quotes",
        Tok.Number => "a number",
        _ => SqlWords.Spelling(token),
    });

    private void Note(string what)
    {
        if (!noting) return;
        if (expectedAt != pos)
        {
            expected.Clear();
            expectedAt = pos;
        }

        if (!expected.Contains(what)) expected.Add(what);
    }

    // The token here cannot follow what stands before it.
    private void Fail()
    {
        if (failed) return;
        if (id == Tok.Unknown && diagnostics.Any(known => known.Start == Here))
        {
            Stop(); // the lexer has told it
            return;
        }

        var could = expectedAt == pos ? expected.ToArray() : [];
        var (at, length) = id == Tok.End ? (lastEnd, 0) : (Here, tokens[pos].Length);
        if (noting && Misspelt(could) is { } misspelt)
        {
            diagnostics.Add(misspelt);
        }
        else if (noting && IsReserved(id) && could.Contains("a name"))
        {
            diagnostics.Add(ReservedWord());
        }
        else
        {
            diagnostics.Add(new("SQL_EXPECTED", Sentence(could), at, length) { Expected = could });
        }

        Stop();
    }

    private void Fail(string code, string message) => Fail(code, message, Here, tokens[pos].Length);

    private void Fail(string code, string message, int start, int length)
    {
        if (failed) return;
        diagnostics.Add(new(code, message, start, length));
        Stop();
    }

    // Tells what is wrong and goes on: the tree is clear all the same.
    private void Tell(string code, string message, SqlSpan at, SqlFix? fix = null)
    {
        if (!failed) diagnostics.Add(new(code, message, at.Start, at.Length) { Fix = fix });
    }

    private void Stop()
    {
        failed = erred = true;
        var end = lastEnd;
        while (id is not (Tok.Semicolon or Tok.End)) Advance();
        lastEnd = end;
    }

    private string Sentence(string[] could)
    {
        var found = id switch
        {
            Tok.End => "the text ends",
            Tok.Semicolon => "the statement ends",
            _ => $"there is {Words(pos)}",
        };
        var hint = id == Tok.Unknown && source[Here] == '#' ? " A comment begins with --."
            : IsBehindText(pos) || IsBehindText(pos - 1) ? " A quote inside a text is doubled: 'it''s'." : "";
        if (could.Length == 0 || could.Length > MostExpected)
        {
            return id is Tok.End or Tok.Semicolon
                ? $"Here {found}, but it is not complete.{hint}"
                : $"{Words(pos)} cannot stand here.{hint}";
        }

        var list = could.Length == 1 ? could[0] : $"{string.Join(", ", could[..^1])} or {could[^1]}";
        return $"Expected {list}, but {found}.{hint}";
    }

    // A word right behind a closing quote, as in 'it's bad', whose author may have meant the quote as a character.
    private bool IsBehindText(int at) =>
        at > 0 && tokens[at - 1].Id == Tok.Text && tokens[at - 1].End == tokens[at].Start
        && tokens[at].Id is Tok.Name or >= Tok.FirstWord;

    // A token as its author sees it, cut where it is long.
    private string Words(int at)
    {
        var text = TextOf(tokens[at]);
        return text.Length > 40 ? text[..40] + "…" : text;
    }

    private static bool IsReserved(Tok token) => token >= Tok.FirstWord && SqlWords.IsReserved(token);

    private SqlDiagnostic ReservedWord()
    {
        var token = tokens[pos];
        var word = TextOf(token);
        return new(
            "SQL_RESERVED_WORD",
            $"{word} is a reserved word of Flink SQL; as a name it stands in backquotes: `{word}`.",
            token.Start,
            token.Length)
        {
            Expected = ["a name"],
            Fix = new($"Write `{word}`", [new(new(token.Start, token.Length), $"`{word}`")]),
        };
    }

    // A name where a keyword was expected, and one keyword is nearly it. Often it is the name before: SELECT a FORM t
    // reads FORM as an alias, and stumbles over t.
    private SqlDiagnostic? Misspelt(string[] could)
    {
        if (id == Tok.Name && Nearest(TextOf(tokens[pos]), could) is { } here) return Told(pos, here);
        if (pos > 0 && tokens[pos - 1].Id == Tok.Name && Nearest(TextOf(tokens[pos - 1]), Common) is { } before)
        {
            return Told(pos - 1, before);
        }

        return null;

        SqlDiagnostic Told(int at, string word)
        {
            var token = tokens[at];
            return new(
                "SQL_MISSPELT_KEYWORD",
                $"{TextOf(token)} is no keyword; {word} seems to be meant.",
                token.Start,
                token.Length)
            {
                Expected = at == pos ? could : [word],
                Fix = new($"Write {word}", [new(new(token.Start, token.Length), word)]),
            };
        }
    }

    private static readonly string[] Common =
    [
        "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "HAVING", "JOIN", "LEFT", "INNER", "UNION", "LIMIT", "INTO",
        "VALUES", "TABLE", "VIEW", "PRIMARY", "WATERMARK", "PARTITIONED", "METADATA", "ENFORCED", "COMMENT", "LIKE",
    ];

    private static string? Nearest(string word, string[] candidates)
    {
        if (word.Length < 3) return null;
        string? nearest = null;
        var least = word.Length <= 4 ? 2 : 3; // fewer than these
        foreach (var candidate in candidates)
        {
            if (!char.IsAsciiLetterUpper(candidate[0]) || Math.Abs(candidate.Length - word.Length) >= least) continue;
            var distance = Dictionary.Nearest.HalfEdits(word.ToUpperInvariant(), candidate, 2 * least) / 2;
            if (distance < least) (nearest, least) = (candidate, distance);
        }

        return nearest;
    }
}
