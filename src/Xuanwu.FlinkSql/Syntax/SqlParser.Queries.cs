namespace Xuanwu.FlinkSql.Syntax;

internal sealed partial class SqlParser
{
    // Whether a query begins at the token so far ahead, not counting a bracket.
    private bool BeginsQuery(int ahead = 0) => Peek(ahead) switch
    {
        Tok.SELECT or Tok.VALUES or Tok.WITH => true,
        Tok.TABLE => IsName(Peek(ahead + 1)),
        _ => false,
    };

    private bool ContinuesQuery() => id is
        Tok.UNION or Tok.INTERSECT or Tok.EXCEPT or Tok.MINUS or Tok.ORDER or Tok.LIMIT or Tok.OFFSET or Tok.FETCH;

    private Select NoQuery() => Done(new Select(), lastEnd);

    // [WITH …] query [ORDER BY …] [LIMIT …]
    private SqlQuery Query()
    {
        var start = Here;
        if (!Enter()) return NoQuery();
        var with = Array.Empty<CommonTable>();
        var isRecursive = false;
        if (Accept(Tok.WITH))
        {
            isRecursive = Accept(Tok.RECURSIVE);
            with = CommonTables();
        }

        var body = Operations(QueryTerm(), start, isTight: false);
        var query = Ordered(body, with, isRecursive, start);
        Leave();
        return query;
    }

    // The query whose first part has been read already, brackets around it and all.
    private SqlQuery QueryFrom(SqlQuery first, int start) => Ordered(Operations(first, start, isTight: false), [], false, start);

    private SqlQuery Operations(SqlQuery left, int start, bool isTight)
    {
        while (!failed && (id == Tok.INTERSECT || (!isTight && id is Tok.UNION or Tok.EXCEPT or Tok.MINUS)))
        {
            if (id == Tok.MINUS)
            {
                var span = new SqlSpan(Here, tokens[pos].Length);
                Tell("SQL_MINUS", "Flink SQL has no MINUS between queries; write EXCEPT.", span,
                    new("Write EXCEPT", [new(span, "EXCEPT")]));
            }

            var word = id == Tok.MINUS ? "EXCEPT" : SqlWords.Spelling(id);
            Advance();
            var isAll = Accept(Tok.ALL);
            if (!isAll) Accept(Tok.DISTINCT);
            var at = Here;
            var right = QueryTerm();
            if (word != "INTERSECT") right = Operations(right, at, isTight: true);
            left = Done(new SetOperation { Operator = word, IsAll = isAll, Left = left, Right = right }, start);
        }

        return left;
    }

    private SqlQuery QueryTerm()
    {
        var start = Here;
        switch (id)
        {
            case Tok.SELECT:
                return SelectQuery();
            case Tok.VALUES:
                return ValuesQuery();
            case Tok.TABLE:
                Advance();
                return Done(new TableQuery { Name = Identifier() }, start);
            case Tok.Open:
                Advance();
                var query = Query();
                Expect(Tok.Close);
                return query;
            default:
                if (noting) foreach (var word in new[] { "SELECT", "VALUES", "WITH", "(" }) Note(word);
                Fail();
                return NoQuery();
        }
    }

    private SqlQuery Ordered(SqlQuery body, CommonTable[] with, bool isRecursive, int start)
    {
        var orderBy = id == Tok.ORDER ? OrderBy() : [];
        SqlExpression? limit = null;
        SqlExpression? offset = null;
        var any = with.Length > 0 || orderBy.Length > 0;
        while (!failed)
        {
            if (limit is null && Accept(Tok.LIMIT))
            {
                limit = id == Tok.ALL ? null : Bound();
                if (limit is null) Advance();
            }
            else if (offset is null && Accept(Tok.OFFSET))
            {
                offset = Bound();
                if (!Accept(Tok.ROW)) Accept(Tok.ROWS);
            }
            else if (limit is null && Accept(Tok.FETCH))
            {
                if (!Accept(Tok.FIRST)) Expect(Tok.NEXT);
                limit = Bound();
                if (!Accept(Tok.ROW)) Expect(Tok.ROWS);
                Expect(Tok.ONLY);
            }
            else
            {
                break;
            }

            any = true;
        }

        return any
            ? Done(
                new OrderedQuery
                {
                    With = with,
                    IsRecursive = isRecursive,
                    Body = body,
                    OrderBy = orderBy,
                    Limit = limit,
                    Offset = offset,
                },
                start)
            : body;
    }

    private SqlExpression Bound()
    {
        if (id == Tok.Question) return Primary();
        return Number();
    }

    private CommonTable[] CommonTables()
    {
        var list = new List<CommonTable>();
        do
        {
            var start = Here;
            var name = Name();
            var columns = id == Tok.Open ? NamesInBrackets() : [];
            Expect(Tok.AS);
            Expect(Tok.Open);
            var query = failed ? NoQuery() : Query();
            Expect(Tok.Close);
            list.Add(Done(new CommonTable { Name = name, Columns = columns, Query = query }, start));
        }
        while (Accept(Tok.Comma));
        return [.. list];
    }

    private Values ValuesQuery()
    {
        var start = Here;
        Advance();
        var rows = new List<SqlExpression>();
        do
        {
            var at = Here;
            if (id == Tok.ROW && Peek() == Tok.Open)
            {
                Advance();
                rows.Add(RowOf(at));
            }
            else if (id == Tok.Open && !BeginsQuery(1))
            {
                rows.Add(RowOf(at));
            }
            else
            {
                rows.Add(Expression());
            }
        }
        while (Accept(Tok.Comma));
        return Done(new Values { Rows = [.. rows] }, start);
    }

    private Select SelectQuery()
    {
        var start = Here;
        Advance();
        var hints = id == Tok.HintStart ? Hints() : null;
        Accept(Tok.STREAM);
        var isDistinct = Accept(Tok.DISTINCT);
        if (!isDistinct) Accept(Tok.ALL);
        var select = new Select { Hints = hints, IsDistinct = isDistinct, Items = SelectItems() };
        if (Accept(Tok.FROM))
        {
            select.From = From();
            if (Accept(Tok.WHERE)) select.Where = Expression();
            if (Accept(Tok.GROUP)) select.GroupBy = GroupBy();
            if (Accept(Tok.HAVING)) select.Having = Expression();
            if (Accept(Tok.WINDOW)) select.Windows = Windows();
            if (Accept(Tok.QUALIFY)) select.Qualify = Expression();
        }

        return Done(select, start);
    }

    private SelectItem[] SelectItems()
    {
        var items = new List<SelectItem>();
        do
        {
            var start = Here;
            SqlExpression expression = id == Tok.Star ? StarHere() : QueryOrExpression();
            if (id == Tok.Dot && Peek() == Tok.Star && !failed)
            {
                Advance();
                Advance();
                expression = Done(new Star { Of = expression }, start);
            }

            items.Add(Done(new SelectItem { Expression = expression, Alias = Alias() }, start));
        }
        while (Accept(Tok.Comma));
        return [.. items];
    }

    private SqlExpression[] GroupBy()
    {
        Expect(Tok.BY);
        if (!Accept(Tok.ALL)) Accept(Tok.DISTINCT);
        var mark = expressions.Count;
        do expressions.Add(GroupItem());
        while (Accept(Tok.Comma));
        return Cut(expressions, mark);
    }

    private SqlExpression GroupItem()
    {
        var start = Here;
        switch (id)
        {
            case Tok.GROUPING when Peek() == Tok.SETS:
                var name = ReservedFunction();
                Advance();
                return GroupingCall(name, start);
            case Tok.ROLLUP or Tok.CUBE when Peek() == Tok.Open:
                return GroupingCall(ReservedFunction(), start);
            case Tok.Open when Peek() == Tok.Close:
                return EmptyRow();
            default:
                return Expression();
        }
    }

    private Call GroupingCall(SqlIdentifier name, int start)
    {
        if (!Enter()) return Done(new Call { Name = name }, start);
        Expect(Tok.Open);
        var mark = expressions.Count;
        do expressions.Add(GroupItem());
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        Leave();
        return Done(new Call { Name = name, HasBrackets = true, Arguments = Cut(expressions, mark) }, start);
    }

    private SortItem[] OrderBy()
    {
        Expect(Tok.ORDER, Tok.BY);
        return SortItems();
    }

    private SortItem[] SortItems()
    {
        var items = new List<SortItem>();
        do items.Add(SortItemHere());
        while (Accept(Tok.Comma));
        return [.. items];
    }

    private SortItem SortItemHere()
    {
        var start = Here;
        var item = new SortItem { Expression = Expression() };
        item.IsDescending = Accept(Tok.DESC);
        if (!item.IsDescending) Accept(Tok.ASC);
        if (Accept(Tok.NULLS))
        {
            item.NullsFirst = Accept(Tok.FIRST);
            if (item.NullsFirst == false) Expect(Tok.LAST);
        }

        return Done(item, start);
    }

    private WindowSpecification[] Windows()
    {
        var list = new List<WindowSpecification>();
        do
        {
            var start = Here;
            var name = Name();
            Expect(Tok.AS);
            list.Add(Window(name, start));
        }
        while (Accept(Tok.Comma));
        return [.. list];
    }

    private WindowSpecification Window(SqlName? name, int start)
    {
        var window = new WindowSpecification { Name = name };
        Expect(Tok.Open);
        if (IsName(id)) window.Base = Name();
        if (Accept(Tok.PARTITION, Tok.BY)) window.PartitionBy = PartitionBy();
        if (id == Tok.ORDER) window.OrderBy = OrderBy();
        if (id is Tok.ROWS or Tok.RANGE)
        {
            var from = Here;
            var mark = expressions.Count;
            Advance();
            if (Accept(Tok.BETWEEN))
            {
                FrameBound();
                Expect(Tok.AND);
                FrameBound();
            }
            else
            {
                FrameBound();
            }

            window.Bounds = Cut(expressions, mark);
            window.Frame = SqlSpan.Between(from, lastEnd);
        }

        if (Accept(Tok.EXCLUDE))
        {
            if (Accept(Tok.CURRENT)) Expect(Tok.ROW);
            else if (Accept(Tok.NO)) Expect(Tok.OTHERS);
            else if (!Accept(Tok.GROUP)) Expect(Tok.TIES);
        }

        if (Accept(Tok.ALLOW) || Accept(Tok.DISALLOW)) Expect(Tok.PARTIAL);
        Expect(Tok.Close);
        return Done(window, start);
    }

    private void FrameBound()
    {
        if (Accept(Tok.CURRENT))
        {
            Expect(Tok.ROW);
            return;
        }

        if (!Accept(Tok.UNBOUNDED)) expressions.Add(Expression(MultisetLevel));
        if (!Accept(Tok.PRECEDING)) Expect(Tok.FOLLOWING);
    }

    private SqlExpression[] PartitionBy()
    {
        var mark = expressions.Count;
        do expressions.Add(Expression());
        while (Accept(Tok.Comma));
        return Cut(expressions, mark);
    }

    private HintList Hints()
    {
        var start = Here;
        Advance();
        var hints = new List<Hint>();
        do
        {
            var at = Here;
            var name = Name();
            var hint = new Hint { Name = name };
            if (Accept(Tok.Open))
            {
                if (id == Tok.Close) { }
                else if (Peek() == Tok.Equal || (Peek() == Tok.Dot && IsHintOption())) hint.Options = HintOptions();
                else hint.Arguments = HintArguments();
                Expect(Tok.Close);
            }

            hints.Add(Done(hint, at));
        }
        while (Accept(Tok.Comma));
        Expect(Tok.HintEnd);
        return Done(new HintList { Hints = [.. hints] }, start);
    }

    // 'k' = 'v' always has its sign next; a.b = 'v' after a few dots.
    private bool IsHintOption()
    {
        var ahead = 1;
        while (Peek(ahead) == Tok.Dot && ahead < 32) ahead += 2;
        return Peek(ahead) == Tok.Equal;
    }

    private SqlOption[] HintOptions()
    {
        var options = new List<SqlOption>();
        do
        {
            var start = Here;
            Literal key;
            if (IsName(id))
            {
                var name = Identifier();
                key = Done(new Literal { Kind = LiteralKind.Text, Value = name.ToString() }, start);
            }
            else
            {
                key = Text();
            }

            Expect(Tok.Equal);
            var value = id == Tok.Number ? Number() : Text();
            options.Add(Done(new SqlOption { Key = key, Value = value }, start));
        }
        while (Accept(Tok.Comma));
        return [.. options];
    }

    private SqlExpression[] HintArguments()
    {
        var mark = expressions.Count;
        do expressions.Add(id is Tok.Text or Tok.Number ? Primary() : Identifier());
        while (Accept(Tok.Comma));
        return Cut(expressions, mark);
    }
}
