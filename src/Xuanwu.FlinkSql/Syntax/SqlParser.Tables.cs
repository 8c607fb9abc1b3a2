namespace Xuanwu.FlinkSql.Syntax;

// What stands in FROM.
internal sealed partial class SqlParser
{
    private SqlTable From()
    {
        var start = Here;
        return Commas(Joined(), start);
    }

    private SqlTable Commas(SqlTable left, int start)
    {
        while (Accept(Tok.Comma))
        {
            var right = Joined();
            left = Done(new Join { Kind = JoinKind.Comma, Left = left, Right = right }, start);
        }

        return left;
    }

    private SqlTable Joined()
    {
        var start = Here;
        return Joins(Table(), start);
    }

    private SqlTable Joins(SqlTable left, int start)
    {
        while (!failed)
        {
            var isNatural = Accept(Tok.NATURAL);
            if (JoinWord() is not { } kind)
            {
                if (isNatural) Fail();
                break;
            }

            var join = new Join { Kind = kind, IsNatural = isNatural, Left = left, Right = Table() };
            if (Accept(Tok.ON)) join.On = Expression();
            else if (Accept(Tok.USING)) join.Using = NamesInBrackets();
            left = Done(join, start);
        }

        return left;
    }

    private JoinKind? JoinWord()
    {
        switch (id)
        {
            case Tok.JOIN:
                Advance();
                return JoinKind.Inner;
            case Tok.INNER:
                Advance();
                Expect(Tok.JOIN);
                return JoinKind.Inner;
            case Tok.CROSS:
                Advance();
                Expect(Tok.JOIN);
                return JoinKind.Cross;
            case Tok.LEFT:
                Advance();
                var kind = Accept(Tok.SEMI) ? JoinKind.LeftSemi : Accept(Tok.ANTI) ? JoinKind.LeftAnti : JoinKind.Left;
                if (kind == JoinKind.Left) Accept(Tok.OUTER);
                Expect(Tok.JOIN);
                return kind;
            case Tok.RIGHT or Tok.FULL:
                var isRight = id == Tok.RIGHT;
                Advance();
                Accept(Tok.OUTER);
                Expect(Tok.JOIN);
                return isRight ? JoinKind.Right : JoinKind.Full;
            default:
                if (noting) foreach (var word in new[] { "JOIN", "LEFT", "INNER", "CROSS" }) Note(word);
                return null;
        }
    }

    private SqlTable Table()
    {
        var start = Here;
        if (!Enter()) return Done(new NamedTable { Name = NoName() }, start);
        var isLateral = Accept(Tok.LATERAL);
        var table = id switch
        {
            Tok.Open => TableInBrackets(isLateral, start),
            Tok.TABLE => TableFunction(isLateral, start),
            Tok.UNNEST => Unnest(isLateral, start),
            _ => NameOrFunction(isLateral, start),
        };
        Leave();
        return AfterTable(table, start);
    }

    private SqlIdentifier NoName() => Done(new SqlIdentifier { Parts = [new("", false, lastEnd, lastEnd)] }, lastEnd);

    // A name, or since 2.x a table function without TABLE( ) around it.
    private SqlTable NameOrFunction(bool isLateral, int start)
    {
        var name = Identifier();
        if (id == Tok.Open) return Done(new FunctionTable
        {
            IsLateral = isLateral,
            Call = CallOf(name, Tok.Name,
            start)
        }, start);
        var table = new NamedTable { Name = name };
        if (id == Tok.HintStart) table.Hints = Hints();
        table.AsOf = AsOf();
        return Done(table, start);
    }

    private SqlExpression? AsOf()
    {
        if (id != Tok.FOR || Peek() != Tok.SYSTEM_TIME) return null;
        Advance();
        Advance();
        Expect(Tok.AS, Tok.OF);
        return Expression(AddLevel);
    }

    // TABLE(f(x))
    private FunctionTable TableFunction(bool isLateral, int start)
    {
        Advance();
        Expect(Tok.Open);
        Accept(Tok.SPECIFIC);
        var at = Here;
        var name = IsName(id) || !IsCallable(id) ? Identifier() : ReservedFunction();
        var call = failed ? new Call { Name = name } : CallOf(name, Tok.Name, at);
        Expect(Tok.Close);
        return Done(new FunctionTable { IsLateral = isLateral, Call = call }, start);
    }

    private FunctionTable Unnest(bool isLateral, int start)
    {
        var at = Here;
        var name = ReservedFunction();
        Expect(Tok.Open);
        var mark = expressions.Count;
        do expressions.Add(QueryOrExpression());
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        var call = Done(new Call { Name = name, HasBrackets = true, Arguments = Cut(expressions, mark) }, at);
        var table = new FunctionTable { IsLateral = isLateral, Call = call };
        table.HasOrdinality = Accept(Tok.WITH, Tok.ORDINALITY);
        return Done(table, start);
    }

    // (SELECT …), ((SELECT …) UNION …), (a JOIN b ON …)
    private SqlTable TableInBrackets(bool isLateral, int start)
    {
        Advance();
        if (BeginsQuery())
        {
            var query = Query();
            Expect(Tok.Close);
            return Done(new DerivedTable { IsLateral = isLateral, Query = query }, start);
        }

        var at = Here;
        var inner = Table();
        if (inner is DerivedTable { Alias: null, IsLateral: false } first && ContinuesQuery())
        {
            var query = QueryFrom(first.Query, at);
            Expect(Tok.Close);
            return Done(new DerivedTable { IsLateral = isLateral, Query = query }, start);
        }

        inner = Commas(Joins(inner, at), at);
        Expect(Tok.Close);
        if (inner is DerivedTable { Alias: null } only) Done(only, start);
        return inner;
    }

    private SqlTable AfterTable(SqlTable table, int start)
    {
        if (failed) return table;
        var before = pos;
        if (table is FunctionTable function) function.AsOf = AsOf();
        if (id == Tok.MATCH_RECOGNIZE) table.Match = Match();
        while (id is Tok.PIVOT or Tok.UNPIVOT && Peek() is Tok.Open or Tok.INCLUDE or Tok.EXCLUDE) Pivot();
        Sample();
        if (table.Alias is null && Alias() is { } alias)
        {
            table.Alias = alias;
            if (id == Tok.Open) table.Columns = NamesInBrackets();
            Sample();
        }

        return pos == before ? table : Done(table, Math.Min(start, table.Start));
    }

    // TABLESAMPLE BERNOULLI (10) REPEATABLE (1)
    private void Sample()
    {
        if (!Accept(Tok.TABLESAMPLE)) return;
        if (Accept(Tok.SUBSTITUTE))
        {
            Expect(Tok.Open);
            Text();
            Expect(Tok.Close);
            return;
        }

        if (!Accept(Tok.BERNOULLI)) Expect(Tok.SYSTEM);
        Expect(Tok.Open);
        Number();
        Expect(Tok.Close);
        if (!Accept(Tok.REPEATABLE)) return;
        Expect(Tok.Open);
        Accept(Tok.Minus);
        Number();
        Expect(Tok.Close);
    }

    // PIVOT and UNPIVOT are in Calcite's grammar, which Flink's is built on, though its planner has no use for them.
    private void Pivot()
    {
        Advance();
        if (Accept(Tok.INCLUDE) || Accept(Tok.EXCLUDE)) Expect(Tok.NULLS);
        Expect(Tok.Open);
        do
        {
            Expression(MultisetLevel);
            Alias();
        }
        while (Accept(Tok.Comma));
        Expect(Tok.FOR);
        if (id == Tok.Open) NamesInBrackets();
        else Name();
        Expect(Tok.IN);
        Expect(Tok.Open);
        do
        {
            Expression();
            if (Accept(Tok.AS)) Expression();
            else MaybeName();
        }
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        Expect(Tok.Close);
    }

    private MatchRecognize Match()
    {
        var start = Here;
        Advance();
        Expect(Tok.Open);
        var match = new MatchRecognize();
        if (Accept(Tok.PARTITION, Tok.BY)) match.PartitionBy = PartitionBy();
        if (id == Tok.ORDER) match.OrderBy = OrderBy();
        if (Accept(Tok.MEASURES)) match.Measures = Measures();
        if (Accept(Tok.ONE)) PerMatch();
        else if (Accept(Tok.ALL)) AllPerMatch(match);
        if (Accept(Tok.AFTER)) AfterMatch();
        Expect(Tok.PATTERN, Tok.Open);
        var from = Here;
        var mark = names.Count;
        Accept(Tok.Caret);
        if (!failed) Alternatives();
        Accept(Tok.Dollar);
        match.Pattern = SqlSpan.Between(from, lastEnd);
        Expect(Tok.Close);
        match.Variables = [.. Cut(names, mark).DistinctBy(name => name.Text)];
        if (Accept(Tok.WITHIN)) match.Within = Expression();
        if (Accept(Tok.SUBSET)) Subsets();
        Expect(Tok.DEFINE);
        match.Define = Defines();
        Expect(Tok.Close);
        return Done(match, start);
    }

    private SelectItem[] Measures()
    {
        var items = new List<SelectItem>();
        do
        {
            var start = Here;
            var expression = Expression();
            Expect(Tok.AS);
            items.Add(Done(new SelectItem { Expression = expression, Alias = Name() }, start));
        }
        while (Accept(Tok.Comma));
        return [.. items];
    }

    private void PerMatch()
    {
        Expect(Tok.ROW);
        Expect(Tok.PER, Tok.MATCH);
    }

    private void AllPerMatch(MatchRecognize match)
    {
        match.HasAllRows = true;
        Expect(Tok.ROWS);
        Expect(Tok.PER, Tok.MATCH);
        if (Accept(Tok.SHOW) || Accept(Tok.OMIT)) Expect(Tok.EMPTY, Tok.MATCHES);
        else if (Accept(Tok.WITH)) Expect(Tok.UNMATCHED, Tok.ROWS);
    }

    private void AfterMatch()
    {
        Expect(Tok.MATCH, Tok.SKIP);
        if (Accept(Tok.PAST))
        {
            Expect(Tok.LAST, Tok.ROW);
            return;
        }

        Expect(Tok.TO);
        if (Accept(Tok.NEXT))
        {
            Expect(Tok.ROW);
            return;
        }

        if (id is Tok.FIRST or Tok.LAST && IsName(Peek())) Advance();
        Name();
    }

    // A | B C+? (D E){2,3} {- F -} PERMUTE(G, H)
    private void Alternatives()
    {
        if (!Enter()) return;
        do
        {
            do PatternFactor();
            while (!failed && (IsName(id) || id is Tok.Open or Tok.OpenBrace));
        }
        while (Accept(Tok.Bar));
        Leave();
    }

    private void PatternFactor()
    {
        if (Accept(Tok.Open))
        {
            Alternatives();
            Expect(Tok.Close);
        }
        else if (Accept(Tok.OpenBrace))
        {
            Expect(Tok.Minus);
            Alternatives();
            Expect(Tok.Minus, Tok.CloseBrace);
        }
        else if (id == Tok.PERMUTE && Peek() == Tok.Open)
        {
            Advance();
            Advance();
            do Alternatives();
            while (Accept(Tok.Comma));
            Expect(Tok.Close);
        }
        else
        {
            names.Add(Name());
        }

        if (id == Tok.OpenBrace && Peek() is Tok.Number or Tok.Comma)
        {
            Advance();
            if (id == Tok.Number) Advance();
            if (Accept(Tok.Comma) && id == Tok.Number) Advance();
            Expect(Tok.CloseBrace);
        }
        else if (!Accept(Tok.Star) && !Accept(Tok.Plus) && !Accept(Tok.Question))
        {
            return;
        }

        Accept(Tok.Question);
    }

    private void Subsets()
    {
        do
        {
            Name();
            Expect(Tok.Equal);
            NamesInBrackets();
        }
        while (Accept(Tok.Comma));
    }

    private SelectItem[] Defines()
    {
        var items = new List<SelectItem>();
        do
        {
            var start = Here;
            var name = Name();
            Expect(Tok.AS);
            items.Add(Done(new SelectItem { Alias = name, Expression = Expression() }, start));
        }
        while (Accept(Tok.Comma));
        return [.. items];
    }
}
