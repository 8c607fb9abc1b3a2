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
        Tell("SQL_BANG_EQUAL", "Flink SQL has no != operator; unequal is <>.", span, new("Write <>", [new(span,
            "<>")]));
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
                    new Binary { Operator = "NOT SUBMULTISET OF", Left = left, Right = Expression(MultisetLevel) },
                        start);
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
}
