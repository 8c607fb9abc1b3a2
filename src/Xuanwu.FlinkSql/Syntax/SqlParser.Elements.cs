namespace Xuanwu.FlinkSql.Syntax;

// What definitions are made of: columns, constraints, watermarks, options.
internal sealed partial class SqlParser
{
    // ( element, … ), or ( name, … ) for the columns of a query.
    private (IReadOnlyList<TableElement> Elements, IReadOnlyList<SqlIdentifier> Names) TableElements()
    {
        var elements = new List<TableElement>();
        var columns = new List<SqlIdentifier>();
        var watermarks = 0;
        Expect(Tok.Open);
        do
        {
            var start = Here;
            if (id == Tok.WATERMARK && Peek() == Tok.FOR)
            {
                var watermark = Watermark();
                elements.Add(watermark);
                if (watermarks++ > 0) TellSecondWatermark(watermark);
                continue;
            }

            if (BeginsConstraint())
            {
                elements.Add(TableConstraint());
                continue;
            }

            var name = Identifier();
            if (id is Tok.Comma or Tok.Close && (elements.Count == 0 || columns.Count > 0))
            {
                columns.Add(name);
            }
            else if (columns.Count > 0)
            {
                if (noting)
                {
                    Note(Tok.Comma);
                    Note(Tok.Close);
                }

                Fail();
            }
            else
            {
                elements.Add(Column(name, start));
            }
        }
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        return (elements, columns);
    }

    private bool BeginsConstraint() => id switch
    {
        Tok.CONSTRAINT => true,
        Tok.PRIMARY => Peek() == Tok.KEY,
        Tok.UNIQUE => Peek() == Tok.Open,
        _ => false,
    };

    private void TellSecondWatermark(WatermarkDefinition watermark) =>
        Tell("SQL_SECOND_WATERMARK", "A table has one watermark at most.", watermark.Span);

    private WatermarkDefinition Watermark()
    {
        var start = Here;
        Advance();
        Expect(Tok.FOR);
        var column = Identifier();
        Expect(Tok.AS);
        return Done(new WatermarkDefinition { Column = column, Expression = PlainExpression() }, start);
    }

    // An expression that is no query, as computed columns and watermarks want it.
    private SqlExpression PlainExpression()
    {
        var expression = Expression();
        if (expression is QueryExpression { Word: null })
        {
            Tell("SQL_QUERY_NOT_HERE", "A query cannot stand here.", expression.Span);
        }

        return expression;
    }

    // name has been read: type …, or AS expression.
    private ColumnDefinition Column(SqlIdentifier name, int start)
    {
        var column = new ColumnDefinition { Name = name };
        if (Accept(Tok.AS))
        {
            column.Kind = ColumnKind.Computed;
            column.Expression = PlainExpression();
        }
        else
        {
            column.Type = Type();
            var from = Here;
            if (Accept(Tok.METADATA))
            {
                column.Kind = ColumnKind.Metadata;
                if (Accept(Tok.FROM)) column.MetadataKey = Text();
                column.IsVirtual = Accept(Tok.VIRTUAL);
                column.MetadataSpan = SqlSpan.Between(from, lastEnd);
            }
            else if (BeginsColumnConstraint())
            {
                column.Constraint = Constraint(Here, hasColumns: false);
            }
        }

        if (Accept(Tok.COMMENT)) column.Comment = Text();
        return Done(column, start);
    }

    private bool BeginsColumnConstraint() =>
        At(Tok.PRIMARY) || At(Tok.CONSTRAINT) || At(Tok.UNIQUE);

    private ConstraintDefinition TableConstraint() => Constraint(Here, hasColumns: true);

    private ConstraintDefinition Constraint(int start, bool hasColumns)
    {
        var constraint = new ConstraintDefinition();
        if (Accept(Tok.CONSTRAINT)) constraint.Name = Name();
        if (Accept(Tok.PRIMARY))
        {
            constraint.IsPrimaryKey = true;
            Expect(Tok.KEY);
        }
        else
        {
            Expect(Tok.UNIQUE);
        }

        if (hasColumns) constraint.Columns = NamesInBrackets();
        if (Accept(Tok.NOT, Tok.ENFORCED)) constraint.IsEnforced = false;
        else if (Accept(Tok.ENFORCED)) constraint.IsEnforced = true;
        return Done(constraint, start);
    }

    // What Flink checks right after parsing.
    private void CheckTable(CreateTable table)
    {
        if (failed) return;
        CheckConstraints(table.Elements);
        if (table.ColumnNames.Count > 0 && table.Query is null)
        {
            Tell("SQL_COLUMN_TYPE", "A column has a type; names alone are for CREATE TABLE … AS.",
                SqlSpan.Between(table.ColumnNames[0].Start, table.ColumnNames[^1].End));
        }
    }

    private void CheckConstraints(IReadOnlyList<TableElement> elements)
    {
        var keys = 0;
        foreach (var element in elements)
        {
            var constraint = element as ConstraintDefinition ?? (element as ColumnDefinition)?.Constraint;
            if (constraint is null) continue;
            if (!constraint.IsPrimaryKey)
            {
                Tell("SQL_UNIQUE", "Flink has no UNIQUE constraint.", constraint.Span);
                continue;
            }

            if (keys++ > 0)
            {
                Tell("SQL_SECOND_PRIMARY_KEY", "A table has one primary key at most.", constraint.Span);
            }
        }
    }

    // ('k' = 'v', …)
    private OptionList Options()
    {
        var start = Here;
        Expect(Tok.Open);
        var list = new List<SqlOption>();
        if (id != Tok.Close)
        {
            do
            {
                if (id == Tok.Close && list.Count > 0 && !failed)
                {
                    var comma = new SqlSpan(lastEnd - 1, 1);
                    Tell("SQL_TRAILING_COMMA", "No option follows this comma.", comma,
                        new("Remove the comma", [new(comma, "")]));
                    break;
                }

                list.Add(Option());
            }
            while (Accept(Tok.Comma));
        }

        Expect(Tok.Close);
        return Done(new OptionList { Options = list }, start);
    }

    private SqlOption Option()
    {
        var start = Here;
        if (IsName(id) && !failed && OptionKeyEnd() is { } end)
        {
            // A key without quotes is clear, so the rest of the options is still read.
            var written = SqlSpan.Between(Here, tokens[pos + end - 1].End);
            var text = written.Of(source);
            Tell("SQL_OPTION_KEY", $"The key of an option stands in single quotes: '{text}'.", written,
                new($"Write '{text}'", [new(written, $"'{text}'")]));
            while (id != Tok.Equal) Advance();
            var bare = Done(new Literal { Kind = LiteralKind.Text, Value = text }, start);
            Advance();
            return Done(new SqlOption { Key = bare, Value = Text() }, start);
        }

        var key = Text();
        Expect(Tok.Equal);
        var value = OptionValue();
        return Done(new SqlOption { Key = key, Value = value }, start);
    }

    private int? OptionKeyEnd()
    {
        var ahead = 1;
        while (ahead < 64 && Peek(ahead) is Tok.Dot or Tok.Minus) ahead += 2;
        return Peek(ahead) == Tok.Equal ? ahead : null;
    }

    private Literal OptionValue()
    {
        if (id is Tok.Number or Tok.TRUE or Tok.FALSE && !failed && Peek() is Tok.Comma or Tok.Close)
        {
            var span = new SqlSpan(Here, tokens[pos].Length);
            var text = span.Of(source);
            Tell("SQL_OPTION_VALUE", $"The value of an option stands in single quotes: '{text}'.", span,
                new($"Write '{text}'", [new(span, $"'{text}'")]));
            Advance();
            return Done(new Literal { Kind = LiteralKind.Text, Value = text }, span.Start);
        }

        return Text();
    }

    private Literal[] Keys()
    {
        Expect(Tok.Open);
        var keys = new List<Literal>();
        if (id != Tok.Close)
        {
            do keys.Add(Text());
            while (Accept(Tok.Comma));
        }

        Expect(Tok.Close);
        return [.. keys];
    }

    private LikeClause Like()
    {
        var start = Here;
        var like = new LikeClause { Name = Identifier() };
        if (Accept(Tok.Open))
        {
            var features = new List<(string, string)>();
            do
            {
                var strategy = id;
                if (!Accept(Tok.INCLUDING) && !Accept(Tok.EXCLUDING)) Expect(Tok.OVERWRITING);
                var feature = id;
                if (!Accept(Tok.ALL) && !Accept(Tok.CONSTRAINTS) && !Accept(Tok.DISTRIBUTION) && !Accept(Tok.GENERATED)
                    && !Accept(Tok.METADATA) && !Accept(Tok.OPTIONS) && !Accept(Tok.PARTITIONS))
                {
                    Expect(Tok.WATERMARKS);
                }

                if (!failed) features.Add((SqlWords.Spelling(strategy), SqlWords.Spelling(feature)));
            }
            while (!failed && id != Tok.Close);
            Expect(Tok.Close);
            like.Features = features;
        }

        return Done(like, start);
    }

    // BY HASH(a) INTO 4 BUCKETS, INTO 4 BUCKETS
    private Distribution DistributedBy()
    {
        var start = Here;
        var distribution = new Distribution();
        if (Accept(Tok.BY))
        {
            if (Accept(Tok.HASH)) distribution.Algorithm = "HASH";
            else if (Accept(Tok.RANGE)) distribution.Algorithm = "RANGE";
            distribution.Columns = NamesInBrackets();
        }
        else if (!At(Tok.INTO))
        {
            Fail();
        }

        if (Accept(Tok.INTO))
        {
            distribution.Buckets = Number();
            if (!failed && !distribution.Buckets.Value.All(char.IsAsciiDigit))
            {
                Tell("SQL_BUCKETS", "The number of buckets is a positive whole number.", distribution.Buckets.Span);
            }

            Expect(Tok.BUCKETS);
        }

        return Done(distribution, start);
    }

    // PARTITION (a = 'x', b = 1)
    private PartitionSpecification Partition(bool mustHaveValues)
    {
        var start = Here;
        Expect(Tok.PARTITION, Tok.Open);
        var values = new List<PartitionValue>();
        do
        {
            var at = Here;
            var value = new PartitionValue { Column = Name() };
            if (Accept(Tok.Equal)) value.Value = Expression(AddLevel);
            else if (mustHaveValues) Fail();
            values.Add(Done(value, at));
        }
        while (Accept(Tok.Comma));
        Expect(Tok.Close);
        return Done(new PartitionSpecification { Values = values }, start);
    }
}
