namespace Xuanwu.FlinkSql.Syntax;

// What stands between operators: names, literals, brackets, CASE, CAST.
internal sealed partial class SqlParser
{
    private SqlExpression Prefix(int level)
    {
        var start = Here;
        switch (id)
        {
            case Tok.NOT:
                Advance();
                return Done(new Unary { Operator = "NOT", Operand = Expression(Math.Max(level, NotLevel)) }, start);
            case Tok.Minus:
                Advance();
                return Done(new Unary { Operator = "-", Operand = Expression(UnaryLevel) }, start);
            case Tok.Plus:
                Advance();
                return Done(new Unary { Operator = "+", Operand = Expression(UnaryLevel) }, start);
            default:
                return Primary();
        }
    }

    private SqlExpression Primary()
    {
        var start = Here;
        var word = id;
        switch (word)
        {
            case Tok.Name or Tok.QuotedName: return NameOrCall();
            case Tok.Text or Tok.BinaryText or Tok.DoubleQuoted: return Text();
            case Tok.Number: return Number();
            case Tok.Open: return Brackets();
            case Tok.Question:
                Advance();
                return Done(new DynamicParameter(), start);
            case Tok.TRUE or Tok.FALSE: return Constant(LiteralKind.Boolean);
            case Tok.NULL: return Constant(LiteralKind.Null);
            case Tok.UNKNOWN: return Constant(LiteralKind.Unknown);
            case Tok.DATE when Peek() == Tok.Text: return Moment(LiteralKind.Date);
            case Tok.TIME when Peek() == Tok.Text: return Moment(LiteralKind.Time);
            case Tok.TIMESTAMP when Peek() == Tok.Text: return Moment(LiteralKind.Timestamp);
            case Tok.TIMESTAMP when Peek() == Tok.WITH && Peek(2) == Tok.LOCAL:
                for (var i = 0; i < 3; i++) Advance();
                Expect(Tok.TIME);
                if (!At(Tok.ZONE)) Fail();
                return Moment(LiteralKind.Timestamp);
            case Tok.INTERVAL: return Interval();
            case Tok.CASE: return CaseExpression();
            case Tok.CAST or Tok.TRY_CAST: return CastCall();
            case Tok.EXISTS or Tok.UNIQUE or Tok.CURSOR:
                Advance();
                return QueryIn(SqlWords.Spelling(word), start);
            case Tok.ARRAY or Tok.MULTISET or Tok.MAP when Peek() == Tok.OpenBracket: return CollectionOf();
            case Tok.ARRAY or Tok.MULTISET or Tok.MAP when Peek() == Tok.Open && BeginsQuery(2):
                Advance();
                return QueryIn(SqlWords.Spelling(word), start);
            case Tok.ROW when Peek() == Tok.Open:
                Advance();
                return RowOf(start);
            case Tok.CURRENT_DATE or Tok.CURRENT_TIME or Tok.CURRENT_TIMESTAMP or Tok.LOCALTIME or Tok.LOCALTIMESTAMP
                or Tok.CURRENT_USER or Tok.SESSION_USER or Tok.SYSTEM_USER or Tok.USER or Tok.CURRENT_CATALOG
                or Tok.CURRENT_ROLE or Tok.CURRENT_PATH or Tok.CURRENT_SCHEMA
                or Tok.CURRENT_DEFAULT_TRANSFORM_GROUP when Peek() != Tok.Open:
                return Done(new Call { Name = ReservedFunction() }, start);
            case Tok.DEFAULT:
                return Done(new Call { Name = ReservedFunction() }, start);
            case Tok.RUNNING or Tok.FINAL when IsCallAhead():
                Advance();
                return Primary();
            case Tok.NEXT when Peek() == Tok.VALUE:
                Advance();
                Advance();
                Expect(Tok.FOR);
                return Identifier();
            case Tok.OpenBrace: return Braces();
            case >= Tok.FirstWord when Peek() == Tok.Open && (IsName(id) || IsCallable(id)):
                return SpecialCall();
            default:
                if (IsName(id)) return NameOrCall();
                if (noting) Note("an expression");
                if (!failed && IsForgottenQuote() && Peek() != Tok.Open) return NameOrCall();
                Fail();
                return Done(new SqlIdentifier { Parts = [new("", false, lastEnd, lastEnd)] }, lastEnd);
        }

        Literal Constant(LiteralKind kind)
        {
            Advance();
            return Done(new Literal { Kind = kind, Value = SqlWords.Spelling(word) }, start);
        }

        Literal Moment(LiteralKind kind)
        {
            Advance();
            return Done(new Literal { Kind = kind, Value = Text().Value }, start);
        }
    }

    private bool IsCallAhead()
    {
        var next = Peek();
        return (IsName(next) || IsCallable(next)) && Peek(2) == Tok.Open;
    }

    // Reserved words that are names of functions, or words of expressions in the form of a call.
    private static bool IsCallable(Tok word) => word is
        Tok.ABS or Tok.AVG or Tok.CARDINALITY or Tok.CEIL or Tok.CEILING or Tok.CHAR or Tok.CHAR_LENGTH
        or Tok.CHARACTER_LENGTH or Tok.COALESCE or Tok.COLLECT or Tok.CONTAINS or Tok.CONVERT or Tok.CORR
        or Tok.COVAR_POP or Tok.COVAR_SAMP or Tok.CUME_DIST or Tok.COUNT or Tok.CURRENT_DATE or Tok.CURRENT_TIME
        or Tok.CURRENT_TIMESTAMP or Tok.DATE or Tok.DAY or Tok.DENSE_RANK or Tok.ELEMENT or Tok.EVERY or Tok.EXP
        or Tok.EXTRACT or Tok.FIRST_VALUE or Tok.FLOOR or Tok.FUSION or Tok.GROUPING or Tok.HASH or Tok.HOUR
        or Tok.INTERSECTION or Tok.LAST_VALUE or Tok.LEFT or Tok.LN or Tok.LOCALTIME or Tok.LOCALTIMESTAMP or Tok.LOWER
        or Tok.MAX or Tok.MIN or Tok.MINUTE or Tok.MOD or Tok.MONTH or Tok.NEXT or Tok.NORMALIZE or Tok.NULLIF
        or Tok.OCTET_LENGTH or Tok.OVERLAY or Tok.PERCENT_RANK or Tok.PERCENTILE_CONT or Tok.PERCENTILE_DISC
        or Tok.POSITION or Tok.POWER or Tok.RANK or Tok.REGR_AVGX or Tok.REGR_AVGY or Tok.REGR_COUNT
        or Tok.REGR_INTERCEPT or Tok.REGR_R2 or Tok.REGR_SLOPE or Tok.REGR_SXX or Tok.REGR_SXY or Tok.REGR_SYY
        or Tok.RIGHT or Tok.ROW_NUMBER or Tok.SECOND or Tok.SOME or Tok.SQRT or Tok.STDDEV_POP or Tok.STDDEV_SAMP
        or Tok.SUBSTRING or Tok.SUM or Tok.TIME or Tok.TIMESTAMP or Tok.TRANSLATE or Tok.TRIM or Tok.UPPER or Tok.USER
        or Tok.VAR_POP or Tok.VAR_SAMP or Tok.WIDTH_BUCKET or Tok.YEAR or Tok.BITMAP or Tok.STRING or Tok.ANY;

    private SqlIdentifier ReservedFunction()
    {
        var start = Here;
        var token = tokens[pos];
        Advance();
        return Done(new SqlIdentifier { Parts = [new(pool.Of(TextSpan(token)), false, token.Start, token.End)] },
            start);
    }

    // a.b.c, a.b.*, a.f(x), x -> e
    private SqlExpression NameOrCall()
    {
        var start = Here;
        var name = Identifier();
        if (id == Tok.Open) return CallOf(name, Tok.Name, start);
        if (id == Tok.Arrow && name.Parts.Count == 1)
        {
            Advance();
            return Done(new Lambda { Parameters = [name.Last], Body = Expression() }, start);
        }

        return name;
    }

    // Query, row or expression in brackets.
    private SqlExpression Brackets()
    {
        var start = Here;
        Advance();
        if (id == Tok.Close && Peek() == Tok.Arrow)
        {
            Advance();
            Advance();
            return Done(new Lambda { Body = Expression() }, start);
        }

        if (BeginsQuery())
        {
            var query = Query();
            Expect(Tok.Close);
            return Done(new QueryExpression { Query = query }, start);
        }

        var first = QueryOrExpression();
        if (id == Tok.Comma)
        {
            var mark = expressions.Count;
            expressions.Add(first);
            while (Accept(Tok.Comma)) expressions.Add(QueryOrExpression());
            Expect(Tok.Close);
            var items = Cut(expressions, mark);
            if (id == Tok.Arrow && items.All(item => item is SqlIdentifier { Parts.Count: 1 }))
            {
                Advance();
                var parameters = Array.ConvertAll(items, item => ((SqlIdentifier)item).Last);
                return Done(new Lambda { Parameters = parameters, Body = Expression() }, start);
            }

            return Done(new Row { Items = items }, start);
        }

        Expect(Tok.Close);
        if (id == Tok.Arrow && first is SqlIdentifier { Parts.Count: 1 } only)
        {
            Advance();
            return Done(new Lambda { Parameters = [only.Last], Body = Expression() }, start);
        }

        if (first is QueryExpression { Word: null }) return Done(first, start);
        return first;
    }

    // ((SELECT …) UNION SELECT …): what began as a bracket turns out to be the first part of a query.
    private SqlExpression QueryOrExpression()
    {
        var start = Here;
        if (BeginsQuery()) return Done(new QueryExpression { Query = Query() }, start);
        var first = Expression();
        if (first is not QueryExpression { Word: null } part || !ContinuesQuery()) return first;
        return Done(new QueryExpression { Query = QueryFrom(part.Query, start) }, start);
    }

    private QueryExpression QueryIn(string word, int start)
    {
        Expect(Tok.Open);
        if (failed) return Done(new QueryExpression { Word = word, Query = NoQuery() }, start);
        var query = Query();
        Expect(Tok.Close);
        return Done(new QueryExpression { Word = word, Query = query }, start);
    }

    private Row RowOf(int start)
    {
        Expect(Tok.Open);
        var mark = expressions.Count;
        if (id != Tok.Close)
        {
            do expressions.Add(id == Tok.Star ? StarHere() : QueryOrExpression());
            while (Accept(Tok.Comma));
        }

        Expect(Tok.Close);
        return Done(new Row { Items = Cut(expressions, mark) }, start);
    }

    private Star StarHere()
    {
        var start = Here;
        Advance();
        return Done(new Star(), start);
    }

    private Collection CollectionOf()
    {
        var start = Here;
        var word = SqlWords.Spelling(id);
        Advance();
        Expect(Tok.OpenBracket);
        var mark = expressions.Count;
        if (id != Tok.CloseBracket)
        {
            do expressions.Add(Expression());
            while (Accept(Tok.Comma));
        }

        Expect(Tok.CloseBracket);
        return Done(new Collection { Word = word, Items = Cut(expressions, mark) }, start);
    }

    private Case CaseExpression()
    {
        var start = Here;
        Advance();
        var operand = id == Tok.WHEN ? null : Expression();
        var mark = expressions.Count;
        if (!At(Tok.WHEN)) Fail();
        while (Accept(Tok.WHEN))
        {
            // WHEN 1, 2 THEN is a list of values to compare with.
            var when = Expression();
            if (id == Tok.Comma && operand is not null)
            {
                var inner = expressions.Count;
                var from = when.Start;
                expressions.Add(when);
                while (Accept(Tok.Comma)) expressions.Add(Expression());
                when = Done(new Row { Items = Cut(expressions, inner) }, from);
            }

            expressions.Add(when);
            Expect(Tok.THEN);
            expressions.Add(Expression());
        }

        var branches = Cut(expressions, mark);
        var other = Accept(Tok.ELSE) ? Expression() : null;
        Expect(Tok.END);
        return Done(new Case { Operand = operand, Branches = branches, Else = other }, start);
    }

    private Cast CastCall()
    {
        var start = Here;
        var isTry = id == Tok.TRY_CAST;
        Advance();
        Expect(Tok.Open);
        var operand = Expression();
        Expect(Tok.AS);
        var type = id == Tok.INTERVAL ? IntervalType() : Type();
        if (Accept(Tok.FORMAT)) Text();
        Expect(Tok.Close);
        return Done(new Cast { IsTry = isTry, Operand = operand, Type = type }, start);
    }

    private SqlType IntervalType()
    {
        var start = Here;
        Advance();
        var (unit, to) = IntervalUnits();
        return Done(new SqlType { Name = to is null ? $"INTERVAL {unit}" : $"INTERVAL {unit} TO {to}" }, start);
    }

    private IntervalLiteral Interval()
    {
        var start = Here;
        Advance();
        var isNegative = Accept(Tok.Minus);
        if (!isNegative) Accept(Tok.Plus);
        SqlExpression value = id switch
        {
            Tok.Text => Text(),
            Tok.Number => Number(),
            Tok.Open => Brackets(),
            Tok.Question => Primary(),
            _ => IsName(id) ? NameOrCall() : Text(),
        };
        var (unit, to) = IntervalUnits();
        return Done(new IntervalLiteral { IsNegative = isNegative, Value = value, Unit = unit, ToUnit = to }, start);
    }

    // DAY, DAY(3), DAY TO SECOND(3), MINUTES
    private (string Unit, string? To) IntervalUnits()
    {
        var unit = IntervalUnit();
        if (unit is null)
        {
            if (noting) foreach (var name in new[] { "YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND" }) Note(name);
            Fail();
            return ("", null);
        }

        UnitPrecision();
        if (!Accept(Tok.TO)) return (unit, null);
        var to = IntervalUnit();
        if (to is null) Fail();
        UnitPrecision();
        return (unit, to);
    }

    private void UnitPrecision()
    {
        if (!Accept(Tok.Open)) return;
        Number();
        if (Accept(Tok.Comma)) Number();
        Expect(Tok.Close);
    }

    private string? IntervalUnit()
    {
        var unit = id switch
        {
            Tok.YEAR or Tok.YEARS => "YEAR",
            Tok.QUARTER or Tok.QUARTERS => "QUARTER",
            Tok.MONTH or Tok.MONTHS => "MONTH",
            Tok.WEEK or Tok.WEEKS => "WEEK",
            Tok.DAY or Tok.DAYS => "DAY",
            Tok.HOUR or Tok.HOURS => "HOUR",
            Tok.MINUTE or Tok.MINUTES => "MINUTE",
            Tok.SECOND or Tok.SECONDS => "SECOND",
            _ => null,
        };
        if (unit is not null) Advance();
        return unit;
    }

    // {fn f(x)}, {d '2020-01-01'}, {t '…'}, {ts '…'}
    private SqlExpression Braces()
    {
        var start = Here;
        Advance();
        var word = IsName(id) ? TextOf(tokens[pos]).ToUpperInvariant() : "";
        if (word is "FN" or "D" or "T" or "TS") Advance();
        else Fail();
        SqlExpression inner = word == "FN" ? Primary() : Text();
        Expect(Tok.CloseBrace);
        if (inner is not Literal text) return Done(inner, start);
        text.Kind = word switch { "D" => LiteralKind.Date, "T" => LiteralKind.Time, _ => LiteralKind.Timestamp };
        return Done(text, start);
    }
}
