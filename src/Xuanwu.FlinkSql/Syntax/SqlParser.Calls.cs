namespace Xuanwu.FlinkSql.Syntax;

// Calls, with the functions whose arguments have words between them.
internal sealed partial class SqlParser
{
    // A keyword with a bracket behind it.
    private SqlExpression SpecialCall()
    {
        var start = Here;
        var word = id;
        if (word is Tok.MODEL or Tok.Name) return NameOrCall();
        return CallOf(ReservedFunction(), word, start);
    }

    private Call CallOf(SqlIdentifier name, Tok word, int start)
    {
        var call = new Call { Name = name, HasBrackets = true };
        Expect(Tok.Open);
        var mark = expressions.Count;
        switch (word)
        {
            case Tok.EXTRACT:
                Unit();
                Expect(Tok.FROM);
                expressions.Add(Expression());
                break;
            case Tok.TIMESTAMPADD or Tok.TIMESTAMPDIFF:
                Unit();
                Expect(Tok.Comma);
                Arguments(call);
                break;
            case Tok.FLOOR or Tok.CEIL or Tok.CEILING:
                expressions.Add(Expression());
                if (Accept(Tok.TO)) Unit();
                else if (Accept(Tok.Comma)) Arguments(call);
                break;
            case Tok.POSITION:
                expressions.Add(Expression(MultisetLevel));
                Expect(Tok.IN);
                expressions.Add(Expression(MultisetLevel));
                if (Accept(Tok.FROM)) expressions.Add(Expression());
                break;
            case Tok.TRIM:
                TrimArguments();
                break;
            case Tok.SUBSTRING:
                expressions.Add(Expression());
                if (Accept(Tok.FROM)) FromFor();
                else if (Accept(Tok.Comma)) Arguments(call);
                else Fail();
                break;
            case Tok.OVERLAY:
                expressions.Add(Expression());
                if (Accept(Tok.PLACING))
                {
                    expressions.Add(Expression());
                    Expect(Tok.FROM);
                    FromFor();
                }
                else if (Accept(Tok.Comma))
                {
                    Arguments(call);
                }

                break;
            case Tok.CONVERT or Tok.TRANSLATE:
                expressions.Add(Expression());
                if (Accept(Tok.USING)) Identifier();
                else if (Accept(Tok.Comma)) Arguments(call);
                break;
            case Tok.JSON_EXISTS or Tok.JSON_VALUE or Tok.JSON_QUERY:
                JsonPath(call);
                break;
            case Tok.JSON_OBJECT or Tok.JSON_OBJECTAGG:
                JsonMembers(call);
                break;
            case Tok.JSON_ARRAY or Tok.JSON_ARRAYAGG:
                JsonItems(call);
                break;
            default:
                if (id != Tok.Close) Arguments(call);
                break;
        }

        Expect(Tok.Close);
        call.Arguments = Cut(expressions, mark);
        AfterCall(call);
        return Done(call, start);
    }

    // [DISTINCT] a, b => c, TABLE t … [ORDER BY …]
    private void Arguments(Call call)
    {
        if (Accept(Tok.DISTINCT)) call.IsDistinct = true;
        else Accept(Tok.ALL);
        do expressions.Add(Argument());
        while (Accept(Tok.Comma));
        NullTreatment();
        if (id == Tok.ORDER) call.OrderBy = OrderBy();
        if (Accept(Tok.SEPARATOR)) expressions.Add(Expression());
    }

    private SqlExpression Argument()
    {
        var start = Here;
        if (Peek() == Tok.NamedArrow && (IsName(id) || id >= Tok.FirstWord))
        {
            var name = IsName(id) ? Name() : ReservedFunction().Last;
            Advance();
            return Done(new NamedArgument { Name = name, Value = Argument() }, start);
        }

        switch (id)
        {
            case Tok.Star:
                return StarHere();
            case Tok.TABLE:
                return TableInCall();
            case Tok.MODEL when IsName(Peek()):
                Advance();
                return Done(new ModelArgument { Name = Identifier() }, start);
            default:
                var value = QueryOrExpression();
                if (value is QueryExpression { Word: null } query && id is Tok.PARTITION or Tok.ORDER)
                {
                    return Partitioned(new TableArgument { Query = ((QueryExpression)value).Query }, start);
                }

                return value;
        }
    }

    // TABLE t, TABLE(SELECT …), TABLE t AS a, with PARTITION BY and ORDER BY.
    private TableArgument TableInCall()
    {
        var start = Here;
        Advance();
        var argument = new TableArgument();
        if (Accept(Tok.Open))
        {
            if (BeginsQuery()) argument.Query = Query();
            else argument.Name = Identifier();
            Expect(Tok.Close);
        }
        else
        {
            argument.Name = Identifier();
        }

        if (Accept(Tok.AS)) Name();
        return Partitioned(argument, start);
    }

    private TableArgument Partitioned(TableArgument argument, int start)
    {
        if (Accept(Tok.PARTITION, Tok.BY))
        {
            var by = id == Tok.Open && Peek() == Tok.Close ? EmptyRow() : Expression();
            argument.PartitionBy = by is Row row ? row.Items : [by];
        }

        if (Accept(Tok.ORDER, Tok.BY))
        {
            if (Accept(Tok.Open))
            {
                argument.OrderBy = SortItems();
                Expect(Tok.Close);
            }
            else
            {
                argument.OrderBy = [SortItemHere()];
            }
        }

        return Done(argument, start);
    }

    private Row EmptyRow()
    {
        var start = Here;
        Advance();
        Advance();
        return Done(new Row(), start);
    }

    private void NullTreatment()
    {
        if (!Accept(Tok.IGNORE, Tok.NULLS)) Accept(Tok.RESPECT, Tok.NULLS);
    }

    private void AfterCall(Call call)
    {
        NullTreatment();
        while (id == Tok.WITHIN)
        {
            Advance();
            Accept(Tok.DISTINCT);
            if (!At(Tok.Open)) Expect(Tok.GROUP);
            Expect(Tok.Open);
            if (id == Tok.ORDER)
            {
                call.OrderBy = OrderBy();
            }
            else
            {
                do Expression();
                while (Accept(Tok.Comma));
            }

            Expect(Tok.Close);
        }

        if (id == Tok.FILTER && Peek() == Tok.Open)
        {
            Advance();
            Advance();
            Expect(Tok.WHERE);
            call.Filter = Expression();
            Expect(Tok.Close);
        }

        NullTreatment();
        if (!Accept(Tok.OVER)) return;
        if (id == Tok.Open) call.Over = Window(name: null, Here);
        else call.OverName = Name();
    }

    private void Unit()
    {
        var start = Here;
        var token = tokens[pos];
        if (id != Tok.Name && id < Tok.FirstWord)
        {
            if (noting) Note("a unit of time");
            Fail();
            return;
        }

        Advance();
        expressions.Add(Done(
            new Literal { Kind = LiteralKind.Unit, Value = pool.Of(TextSpan(token)).ToUpperInvariant() }, start));
        if (!Accept(Tok.Open)) return;
        Name();
        Expect(Tok.Close);
    }

    // TRIM(x), TRIM([BOTH|LEADING|TRAILING] [characters] FROM x)
    private void TrimArguments()
    {
        var isSpecial = Accept(Tok.BOTH) || Accept(Tok.LEADING) || Accept(Tok.TRAILING);
        if (!isSpecial || id != Tok.FROM) expressions.Add(Expression());
        if (Accept(Tok.FROM)) expressions.Add(Expression());
        else if (isSpecial) Fail();
    }

    private void FromFor()
    {
        expressions.Add(Expression());
        if (Accept(Tok.FOR)) expressions.Add(Expression());
    }

    // expression, path [PASSING …] [RETURNING type] [wrapper] [… ON EMPTY] [… ON ERROR]
    private void JsonPath(Call call)
    {
        expressions.Add(Expression());
        Expect(Tok.Comma);
        expressions.Add(Expression());
        if (Accept(Tok.PASSING))
        {
            do
            {
                expressions.Add(Expression());
                Expect(Tok.AS);
                Name();
            }
            while (Accept(Tok.Comma));
        }

        if (Accept(Tok.RETURNING)) call.Returning = TypeName();
        while (!failed)
        {
            switch (id)
            {
                case Tok.WITH or Tok.WITHOUT:
                    Advance();
                    if (!Accept(Tok.CONDITIONAL)) Accept(Tok.UNCONDITIONAL);
                    Accept(Tok.ARRAY);
                    Expect(Tok.WRAPPER);
                    break;
                case Tok.DEFAULT:
                    Advance();
                    expressions.Add(Expression());
                    OnEmptyOrError();
                    break;
                case Tok.EMPTY:
                    Advance();
                    if (!Accept(Tok.ARRAY)) Accept(Tok.OBJECT);
                    OnEmptyOrError();
                    break;
                case Tok.NULL or Tok.ERROR or Tok.TRUE or Tok.FALSE or Tok.UNKNOWN:
                    Advance();
                    OnEmptyOrError();
                    break;
                default:
                    return;
            }
        }
    }

    private void OnEmptyOrError()
    {
        Expect(Tok.ON);
        if (!Accept(Tok.EMPTY)) Expect(Tok.ERROR);
    }

    private void OnNull()
    {
        if (id is not (Tok.NULL or Tok.ABSENT)) return;
        Advance();
        Expect(Tok.ON, Tok.NULL);
    }

    // [KEY] k VALUE v, k : v, k, v
    private void JsonMembers(Call call)
    {
        if (id != Tok.Close && !(id is Tok.NULL or Tok.ABSENT && Peek() == Tok.ON))
        {
            do
            {
                if (id == Tok.KEY && Peek() is not (Tok.VALUE or Tok.Colon or Tok.Comma or Tok.Dot)) Advance();
                expressions.Add(Expression());
                if (!Accept(Tok.VALUE) && !Accept(Tok.Colon)) Expect(Tok.Comma);
                expressions.Add(QueryOrExpression());
            }
            while (Accept(Tok.Comma));
        }

        OnNull();
        if (Accept(Tok.RETURNING)) call.Returning = TypeName();
    }

    private void JsonItems(Call call)
    {
        if (id != Tok.Close && !(id is Tok.NULL or Tok.ABSENT && Peek() == Tok.ON))
        {
            do expressions.Add(QueryOrExpression());
            while (Accept(Tok.Comma));
        }

        if (id == Tok.ORDER) call.OrderBy = OrderBy();
        OnNull();
        if (Accept(Tok.RETURNING)) call.Returning = TypeName();
    }
}
