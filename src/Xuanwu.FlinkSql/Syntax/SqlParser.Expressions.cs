namespace Xuanwu.FlinkSql.Syntax;

// Precedence, from loose to tight, as Calcite's operator table has it.
internal sealed partial class SqlParser
{
    private const int OrLevel = 1;
    private const int AndLevel = 2;
    private const int NotLevel = 3;
    private const int IsLevel = 4;
    private const int CompareLevel = 5;
    private const int MultisetLevel = 6;
    private const int AddLevel = 7;
    private const int MultiplyLevel = 8;
    private const int UnaryLevel = 9;

    private SqlExpression Expression() => Expression(OrLevel);

    private SqlExpression Expression(int level)
    {
        var start = Here;
        if (!Enter()) return Done(new SqlIdentifier { Parts = [new("", false, start, start)] }, start);
        var left = Prefix(level);
        var wraps = 0; // chains of what is no Binary are deep for those who walk the tree
        while (!failed)
        {
            var next = Continue(left, level, start);
            if (next is null) break;
            if (next is not Binary && ++wraps > MaxDepth) Fail("SQL_TOO_DEEP", "This chain of operators is too long.");
            left = next;
        }

        Leave();
        return left;
    }

    // The expression with the next operator and its operand, or null when none follows that binds so tightly.
    private SqlExpression? Continue(SqlExpression left, int level, int start)
    {
        switch (id)
        {
            case Tok.OR: return Operator("OR", OrLevel);
            case Tok.AND: return Operator("AND", AndLevel);
            case Tok.Equal: return Comparison("=");
            case Tok.NotEqual: return Comparison("<>");
            case Tok.BangEqual:
                if (level <= CompareLevel) TellBangEqual();
                return Comparison("<>");
            case Tok.Less: return Comparison("<");
            case Tok.LessOrEqual: return Comparison("<=");
            case Tok.Greater: return Comparison(">");
            case Tok.GreaterOrEqual: return Comparison(">=");
            case Tok.NullSafeEqual: return Comparison("<=>");
            case Tok.Plus: return Operator("+", AddLevel);
            case Tok.Minus: return Operator("-", AddLevel);
            case Tok.Star: return Operator("*", MultiplyLevel);
            case Tok.Slash: return Operator("/", MultiplyLevel);
            case Tok.Percent: return Operator("%", MultiplyLevel);
            case Tok.Concat: return Operator("||", MultiplyLevel);
            case Tok.IS: return level <= IsLevel ? Is(left, start) : null;
            case Tok.NOT when level <= CompareLevel: return Negated(left, start);
            case Tok.IN when level <= CompareLevel: return InList(left, start, isNot: false);
            case Tok.BETWEEN when level <= CompareLevel: return Range(left, start, isNot: false);
            case Tok.LIKE: return Pattern("LIKE");
            case Tok.ILIKE: return Pattern("ILIKE");
            case Tok.RLIKE: return Pattern("RLIKE");
            case Tok.SIMILAR: return Pattern("SIMILAR TO");
            case Tok.CONTAINS: return Operator("CONTAINS", CompareLevel);
            case Tok.OVERLAPS: return Operator("OVERLAPS", CompareLevel);
            case Tok.EQUALS: return Operator("EQUALS", CompareLevel);
            case Tok.PRECEDES: return Operator("PRECEDES", CompareLevel);
            case Tok.SUCCEEDS: return Operator("SUCCEEDS", CompareLevel);
            case Tok.IMMEDIATELY when Peek() is Tok.PRECEDES or Tok.SUCCEEDS && level <= CompareLevel:
                Advance();
                return Operator(id == Tok.PRECEDES ? "IMMEDIATELY PRECEDES" : "IMMEDIATELY SUCCEEDS", CompareLevel);
            case Tok.MEMBER when level <= CompareLevel:
                Advance();
                Check(Tok.OF);
                return Operator("MEMBER OF", CompareLevel);
            case Tok.SUBMULTISET when level <= CompareLevel:
                Advance();
                Check(Tok.OF);
                return Operator("SUBMULTISET OF", CompareLevel);
            case Tok.MULTISET when level <= MultisetLevel && Peek() is Tok.UNION or Tok.INTERSECT or Tok.EXCEPT:
                Advance();
                var word = $"MULTISET {SqlWords.Spelling(id)}";
                Advance();
                if (Accept(Tok.ALL)) word += " ALL";
                else if (Accept(Tok.DISTINCT)) word += " DISTINCT";
                return With(word, Expression(AddLevel));
            case Tok.FORMAT when Peek() == Tok.JSON:
                Advance();
                Advance();
                if (Accept(Tok.ENCODING)) Name();
                return Done(new Unary { Operator = "FORMAT JSON", Operand = left }, start);
            case Tok.OpenBracket:
                Advance();
                var index = Expression();
                Expect(Tok.CloseBracket);
                return Done(new ItemAccess { Operand = left, Index = index }, start);
            case Tok.Dot when Peek() == Tok.Star && left is not Literal:
                Advance();
                Advance();
                return Done(new Star { Of = left }, start);
            case Tok.Dot:
                Advance();
                return Done(new FieldAccess { Operand = left, Name = Name() }, start);
            default:
                return null;
        }

        SqlExpression? Operator(string text, int own)
        {
            if (level > own) return null;
            Advance();
            return With(text, Expression(own + 1));
        }

        SqlExpression? Comparison(string text)
        {
            if (level > CompareLevel) return null;
            Advance();
            if (id is Tok.ANY or Tok.SOME or Tok.ALL && Peek() == Tok.Open)
            {
                text = $"{text} {(id == Tok.ALL ? "ALL" : "ANY")}";
                Advance();
                return With(text, BracketList());
            }

            return With(text, Expression(CompareLevel + 1));
        }

        SqlExpression? Pattern(string text) => level > CompareLevel ? null : Like(left, text, start);

        SqlExpression With(string text, SqlExpression right) =>
            Done(new Binary { Operator = text, Left = left, Right = right }, start);
    }

    private void Check(Tok token)
    {
        if (!At(token)) Fail();
    }

    private void TellBangEqual()
    {
        var span = new SqlSpan(Here, 2);
        Tell("SQL_BANG_EQUAL", "Flink SQL has no != operator; unequal is <>.", span, new("Write <>", [new(span, "<>")]));
    }

    // The operator word itself is here; of SIMILAR TO the first one.
    private Binary Like(SqlExpression left, string text, int start)
    {
        var isSimilar = id == Tok.SIMILAR;
        Advance();
        if (isSimilar) Expect(Tok.TO);
        var right = Expression(MultisetLevel);
        var escape = Accept(Tok.ESCAPE) ? Expression(MultisetLevel) : null;
        return Done(new Binary { Operator = text, Left = left, Right = right, Escape = escape }, start);
    }

    private SqlExpression? Negated(SqlExpression left, int start)
    {
        switch (Peek())
        {
            case Tok.IN:
                Advance();
                return InList(left, start, isNot: true);
            case Tok.BETWEEN:
                Advance();
                return Range(left, start, isNot: true);
            case Tok.LIKE or Tok.ILIKE or Tok.RLIKE or Tok.SIMILAR:
                Advance();
                return Like(left, id == Tok.SIMILAR ? "NOT SIMILAR TO" : $"NOT {SqlWords.Spelling(id)}", start);
            case Tok.SUBMULTISET:
                Advance();
                Advance();
                Expect(Tok.OF);
                return Done(
                    new Binary { Operator = "NOT SUBMULTISET OF", Left = left, Right = Expression(MultisetLevel) }, start);
            default:
                return null;
        }
    }

    private In InList(SqlExpression left, int start, bool isNot)
    {
        Advance();
        var list = BracketList();
        var query = (list as QueryExpression)?.Query;
        return Done(
            new In
            {
                Operand = left,
                IsNot = isNot,
                Query = query,
                Values = query is not null ? [] : list is Row row ? row.Items : [list],
            },
            start);
    }

    // (a, b) as a Row, whatever their number, or (query) as a QueryExpression.
    private SqlExpression BracketList()
    {
        var start = Here;
        Expect(Tok.Open);
        if (failed) return Done(new Row(), start);
        if (BeginsQuery())
        {
            var query = Query();
            Expect(Tok.Close);
            return Done(new QueryExpression { Query = query }, start);
        }

        var mark = expressions.Count;
        do expressions.Add(QueryOrExpression());
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        var items = Cut(expressions, mark);
        return items is [QueryExpression { Word: null } only] ? only : Done(new Row { Items = items }, start);
    }

    private Between Range(SqlExpression left, int start, bool isNot)
    {
        Advance();
        if (!Accept(Tok.ASYMMETRIC)) Accept(Tok.SYMMETRIC);
        var low = Expression(MultisetLevel);
        Expect(Tok.AND);
        return Done(new Between { Operand = left, IsNot = isNot, Low = low, High = Expression(MultisetLevel) }, start);
    }

    private SqlExpression Is(SqlExpression left, int start)
    {
        Advance();
        var isNot = Accept(Tok.NOT);
        if (Accept(Tok.DISTINCT))
        {
            Expect(Tok.FROM);
            var right = Expression(CompareLevel + 1);
            return Done(
                new Binary
                {
                    Operator = isNot ? "IS NOT DISTINCT FROM" : "IS DISTINCT FROM",
                    Left = left,
                    Right = right,
                },
                start);
        }

        var what = "";
        if (Accept(Tok.NULL)) what = "NULL";
        else if (Accept(Tok.TRUE)) what = "TRUE";
        else if (Accept(Tok.FALSE)) what = "FALSE";
        else if (Accept(Tok.UNKNOWN)) what = "UNKNOWN";
        else if (Accept(Tok.EMPTY)) what = "EMPTY";
        else if (Accept(Tok.A))
        {
            Expect(Tok.SET);
            what = "A SET";
        }
        else if (Accept(Tok.JSON))
        {
            what = "JSON";
            if (id is Tok.VALUE or Tok.OBJECT or Tok.ARRAY or Tok.SCALAR)
            {
                what = $"JSON {SqlWords.Spelling(id)}";
                Advance();
            }
        }
        else
        {
            Fail();
        }

        return Done(new Unary { Operator = isNot ? $"IS NOT {what}" : $"IS {what}", Operand = left }, start);
    }

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
        return Done(new SqlIdentifier { Parts = [new(pool.Of(TextSpan(token)), false, token.Start, token.End)] }, start);
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
