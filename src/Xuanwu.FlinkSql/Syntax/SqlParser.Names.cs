namespace Xuanwu.FlinkSql.Syntax;

internal sealed partial class SqlParser
{
    private static readonly string[] Types =
    [
        "STRING", "BOOLEAN", "TINYINT", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL", "DATE", "TIME",
        "TIMESTAMP", "TIMESTAMP_LTZ", "BYTES", "CHAR", "VARCHAR", "BINARY", "VARBINARY", "ARRAY", "MAP", "MULTISET",
        "ROW",
    ];

    private static bool IsName(Tok id) =>
        id is Tok.Name or Tok.QuotedName || (id >= Tok.FirstWord && !SqlWords.IsReserved(id));

    // Reserved words that end or join clauses. Where one stands in the place of a name, the name is missing; any other
    // reserved word is a name whose author forgot the backquotes.
    private static bool IsStructural(Tok id) => id is
        Tok.SELECT or Tok.FROM or Tok.WHERE or Tok.GROUP or Tok.HAVING or Tok.ORDER or Tok.UNION or Tok.INTERSECT
        or Tok.EXCEPT or Tok.WINDOW or Tok.LIMIT or Tok.FETCH or Tok.JOIN or Tok.LEFT or Tok.RIGHT or Tok.FULL
        or Tok.INNER or Tok.CROSS or Tok.NATURAL or Tok.ON or Tok.USING or Tok.AS or Tok.WITH or Tok.INTO or Tok.AND
        or Tok.OR or Tok.NOT or Tok.IN or Tok.IS or Tok.BETWEEN or Tok.LIKE or Tok.CASE or Tok.WHEN or Tok.THEN
        or Tok.ELSE or Tok.END or Tok.CREATE or Tok.INSERT or Tok.DROP or Tok.ALTER or Tok.EXECUTE or Tok.BY or Tok.OVER
        or Tok.QUALIFY or Tok.MATCH_RECOGNIZE or Tok.LATERAL or Tok.FOR or Tok.DISTINCT or Tok.ALL or Tok.NULL
        or Tok.BEGIN or Tok.UPDATE or Tok.DELETE or Tok.PRIMARY or Tok.CONSTRAINT or Tok.UNNEST or Tok.EXISTS
        or Tok.TABLESAMPLE or Tok.UNIQUE or Tok.TRUE or Tok.FALSE or Tok.CAST;

    // Whether a reserved word stands here as a name. The word after it decides where the word itself has a use.
    private bool IsForgottenQuote() =>
        id >= Tok.FirstWord && SqlWords.IsReserved(id) && !IsStructural(id);

    private SqlName Name()
    {
        var token = tokens[pos];
        if (IsName(id))
        {
            Advance();
            return NameOf(token);
        }

        if (noting) Note("a name");
        if (!failed && IsForgottenQuote())
        {
            diagnostics.Add(ReservedWord());
            Advance();
            return NameOf(token);
        }

        if (!failed && id == Tok.DoubleQuoted)
        {
            var name = source.Substring(token.Start + 1, token.Length - 2);
            var span = new SqlSpan(token.Start, token.Length);
            Tell("SQL_DOUBLE_QUOTES", SqlDiagnostic.NoDoubleQuotes, span,
                new($"Write {SqlQuote.Name(name)}", [new(span, SqlQuote.Name(name))]));
            Advance();
            return new(name, true, token.Start, token.End);
        }

        Fail();
        return new("", false, lastEnd, lastEnd);
    }

    private SqlName NameOf(in SqlToken token)
    {
        var text = source.AsSpan(token.Start, token.Length);
        if (token.Id != Tok.QuotedName) return new(pool.Of(text), false, token.Start, token.End);
        text = text.Length > 1 && text[^1] == '`' ? text[1..^1] : text[1..];
        var name = text.Contains('`')
            ? text.ToString().Replace("``", "`", StringComparison.Ordinal)
            : pool.Of(text);
        return new(name, true, token.Start, token.End);
    }

    private SqlName? MaybeName() => IsName(id) ? Name() : null;

    // [AS] name
    private SqlName? Alias()
    {
        if (Accept(Tok.AS)) return Name();
        return IsName(id) ? Name() : null;
    }

    // a.b.c; stops before .* and leaves the dot.
    private SqlIdentifier Identifier()
    {
        var start = Here;
        var mark = names.Count;
        names.Add(Name());
        while (id == Tok.Dot && Peek() != Tok.Star && !failed)
        {
            Advance();
            names.Add(Name());
        }

        return Done(new SqlIdentifier { Parts = Cut(names, mark) }, start);
    }

    private SqlIdentifier SimpleIdentifier()
    {
        var start = Here;
        return Done(new SqlIdentifier { Parts = [Name()] }, start);
    }

    // (a, b)
    private SqlName[] NamesInBrackets()
    {
        Expect(Tok.Open);
        var mark = names.Count;
        do names.Add(Name());
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        return Cut(names, mark);
    }

    // (a, b.c)
    private SqlIdentifier[] IdentifiersInBrackets()
    {
        Expect(Tok.Open);
        var list = new List<SqlIdentifier>();
        do list.Add(Identifier());
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        return [.. list];
    }

    // 'text', and 'pieces' on lines of their own, which are one text.
    private Literal Text()
    {
        var start = Here;
        var first = tokens[pos];
        if (id == Tok.DoubleQuoted && !failed)
        {
            var content = source.Substring(first.Start + 1, first.Length - 2);
            var span = new SqlSpan(first.Start, first.Length);
            Tell("SQL_DOUBLE_QUOTES", SqlDiagnostic.NoDoubleQuotes, span,
                new($"Write {SqlQuote.Text(content)}", [new(span, SqlQuote.Text(content))]));
            Advance();
            return Done(new Literal { Kind = LiteralKind.Text, Value = content }, start);
        }

        var kind = id == Tok.BinaryText ? LiteralKind.Binary : LiteralKind.Text;
        if (id != Tok.BinaryText && !Expect(Tok.Text)) return Done(new Literal(), start);
        if (kind == LiteralKind.Binary) Advance();
        var value = Content(first);
        while (id == Tok.Text && HasLineBreak(lastEnd, Here))
        {
            value += Content(tokens[pos]);
            Advance();
        }

        return Done(new Literal { Kind = kind, Value = value }, start);
    }

    private bool HasLineBreak(int from, int to) => source.AsSpan(from, to - from).IndexOfAny('\n', '\r') >= 0;

    private string Content(in SqlToken token)
    {
        var text = source.AsSpan(token.Start, token.Length);
        text = text[(text.IndexOf('\'') + 1)..];
        if (text.Length > 0 && text[^1] == '\'') text = text[..^1];
        return text.Contains('\'')
            ? text.ToString().Replace("''", "'", StringComparison.Ordinal)
            : pool.Of(text);
    }

    private Literal Number()
    {
        var start = Here;
        var token = tokens[pos];
        return Expect(Tok.Number)
            ? Done(new Literal { Kind = LiteralKind.Number, Value = pool.Of(TextSpan(token)) }, start)
            : Done(new Literal { Kind = LiteralKind.Number }, start);
    }

    private ReadOnlySpan<char> TextSpan(in SqlToken token) => source.AsSpan(token.Start, token.Length);

    // A type of a column or field.
    private SqlType Type()
    {
        var start = Here;
        if (!Enter()) return Done(new SqlType(), start);
        var type = TypeName();
        while (!failed)
        {
            // INT NOT NULL ARRAY: what stands before the ARRAY is about the element.
            var ahead = id == Tok.NOT && Peek() == Tok.NULL ? 2 : id == Tok.NULL ? 1 : 0;
            if (Peek(ahead) is not (Tok.ARRAY or Tok.MULTISET)) break;
            type.IsNullable = Nullability();
            Done(type, start);
            var word = id;
            Advance();
            type = Done(
                new SqlType { Name = SqlWords.Spelling(word), Arguments = [type], IsPostfix = true }, start);
        }

        type.IsNullable = Nullability();
        Leave();
        return Done(type, start);
    }

    private bool? Nullability()
    {
        if (Accept(Tok.NULL)) return true;
        return Accept(Tok.NOT, Tok.NULL) ? false : null;
    }

    private SqlType TypeName()
    {
        var start = Here;
        var type = new SqlType();
        var word = id;
        switch (word)
        {
            case Tok.STRING or Tok.BYTES or Tok.BOOLEAN or Tok.TINYINT or Tok.SMALLINT or Tok.BIGINT or Tok.FLOAT
                or Tok.REAL or Tok.DATE or Tok.BITMAP:
                Advance();
                type.Name = word == Tok.REAL ? "FLOAT" : SqlWords.Spelling(word);
                break;
            case Tok.INT or Tok.INTEGER:
                Advance();
                type.Name = "INT";
                break;
            case Tok.DOUBLE:
                Advance();
                Accept(Tok.PRECISION);
                type.Name = "DOUBLE";
                break;
            case Tok.DECIMAL or Tok.DEC or Tok.NUMERIC:
                Advance();
                type.Name = "DECIMAL";
                Precision(type, hasScale: true);
                break;
            case Tok.CHAR or Tok.CHARACTER:
                Advance();
                type.Name = Accept(Tok.VARYING) ? "VARCHAR" : "CHAR";
                Precision(type, hasScale: false);
                break;
            case Tok.BINARY:
                Advance();
                type.Name = Accept(Tok.VARYING) ? "VARBINARY" : "BINARY";
                Precision(type, hasScale: false);
                break;
            case Tok.VARCHAR or Tok.VARBINARY or Tok.TIMESTAMP_LTZ:
                Advance();
                type.Name = SqlWords.Spelling(word);
                Precision(type, hasScale: false);
                break;
            case Tok.TIME or Tok.TIMESTAMP:
                Advance();
                type.Name = SqlWords.Spelling(word);
                Precision(type, hasScale: false);
                Zone(type);
                break;
            case Tok.ARRAY or Tok.MULTISET:
                Advance();
                type.Name = SqlWords.Spelling(word);
                Expect(Tok.Less);
                type.Arguments = [Type()];
                Expect(Tok.Greater);
                break;
            case Tok.MAP when Peek() == Tok.Less:
                Advance();
                type.Name = "MAP";
                Expect(Tok.Less);
                var key = Type();
                Expect(Tok.Comma);
                type.Arguments = [key, Type()];
                Expect(Tok.Greater);
                break;
            case Tok.ROW:
                Advance();
                type.Name = "ROW";
                RowFields(type);
                break;
            case Tok.RAW:
                Advance();
                type.Name = "RAW";
                Expect(Tok.Open);
                Text();
                Expect(Tok.Comma);
                Text();
                Expect(Tok.Close);
                break;
            case Tok.STRUCTURED:
                Advance();
                type.Name = "STRUCTURED";
                Expect(Tok.Less);
                Text();
                if (Accept(Tok.Comma)) type.Fields = Fields();
                Expect(Tok.Greater);
                break;
            default:
                if (!IsName(id) && !failed)
                {
                    if (noting) foreach (var name in Types) Note(name);
                    Fail();
                    break;
                }

                type.Name = Identifier().ToString();
                if (type.Name.Equals("VARIANT", StringComparison.OrdinalIgnoreCase)) type.Name = "VARIANT";
                Precision(type, hasScale: true);
                break;
        }

        return Done(type, start);
    }

    private void Precision(SqlType type, bool hasScale)
    {
        if (!Accept(Tok.Open)) return;
        type.Precision = Integer();
        if (hasScale && Accept(Tok.Comma))
        {
            if (!Accept(Tok.Minus)) Accept(Tok.Plus);
            type.Scale = Integer();
        }

        Expect(Tok.Close);
    }

    private int? Integer()
    {
        var number = Number();
        return int.TryParse(number.Value, System.Globalization.CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    // WITH TIME ZONE, WITH LOCAL TIME ZONE, WITHOUT TIME ZONE
    private void Zone(SqlType type)
    {
        if (id == Tok.WITHOUT && Peek() == Tok.TIME)
        {
            Advance();
            Expect(Tok.TIME, Tok.ZONE);
        }
        else if (id == Tok.WITH && Peek() == Tok.LOCAL)
        {
            Advance();
            Advance();
            Expect(Tok.TIME, Tok.ZONE);
            type.Name += "_LTZ";
        }
        else if (id == Tok.WITH && Peek() == Tok.TIME)
        {
            Advance();
            Expect(Tok.TIME, Tok.ZONE);
            type.Name += " WITH TIME ZONE";
        }
    }

    // ROW<a INT, b STRING 'comment'>, ROW(a INT), ROW<>
    private void RowFields(SqlType type)
    {
        if (Accept(Tok.NotEqual)) return;
        var close = id == Tok.Open ? Tok.Close : Tok.Greater;
        if (!Accept(Tok.Open)) Expect(Tok.Less);
        if (id != close) type.Fields = Fields();
        Expect(close);
    }

    private SqlField[] Fields()
    {
        var fields = new List<SqlField>();
        do
        {
            var start = Here;
            var name = Name();
            var type = Type();
            var comment = id == Tok.Text ? Text() : null;
            fields.Add(Done(new SqlField { Name = name, Type = type, Comment = comment }, start));
        }
        while (Accept(Tok.Comma));
        return [.. fields];
    }
}
