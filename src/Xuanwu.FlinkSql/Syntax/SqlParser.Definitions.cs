namespace Xuanwu.FlinkSql.Syntax;

// CREATE, ALTER, DROP, and what they are made of.
internal sealed partial class SqlParser
{
    private SqlStatement Create(int start)
    {
        Advance();
        var (isReplacing, isAltering) = (false, false);
        if (Accept(Tok.OR))
        {
            isReplacing = Accept(Tok.REPLACE);
            isAltering = !isReplacing && Expect(Tok.ALTER);
        }

        var isTemporary = Accept(Tok.TEMPORARY);
        var isSystem = isTemporary && Accept(Tok.SYSTEM);
        switch (id)
        {
            case Tok.TABLE when !isAltering && !isSystem:
                return CreateTableStatement(
                    new CreateTable { IsReplacing = isReplacing, IsTemporary = isTemporary }, start, isReplace: false);
            case Tok.MATERIALIZED when !isSystem:
                if (isReplacing || isTemporary)
                {
                    Tell("SQL_MATERIALIZED_TABLE",
                        isReplacing
                            ? "A materialized table cannot be replaced; write CREATE OR ALTER MATERIALIZED TABLE."
                            : "A materialized table cannot be temporary.",
                        SqlSpan.Between(start, lastEnd));
                }

                return CreateMaterialized(new CreateTable { IsReplacing = isAltering || isReplacing }, start);
            case Tok.VIEW when !isAltering && !isSystem:
                return CreateViewStatement(
                    new CreateView { IsReplacing = isReplacing, IsTemporary = isTemporary }, start);
            case Tok.CATALOG or Tok.DATABASE or Tok.FUNCTION or Tok.MODEL or Tok.CONNECTION when !isAltering:
                return CreateObjectStatement(
                    new CreateObject { IsTemporary = isTemporary, IsSystem = isSystem }, start);
            case Tok.SYSTEM when !isTemporary && Peek() is Tok.FUNCTION or Tok.CONNECTION:
                Tell("SQL_SYSTEM_NOT_TEMPORARY", "Only a temporary function can be a system function: CREATE TEMPORARY "
                    + "SYSTEM FUNCTION.", new(Here, tokens[pos].Length),
                    new("Write TEMPORARY SYSTEM", [new(new(Here, 0), "TEMPORARY ")]));
                Advance();
                return CreateObjectStatement(new CreateObject { IsSystem = true }, start);
            default:
                if (noting)
                {
                    foreach (var word in new[]
                    {
                        "TABLE", "VIEW", "CATALOG", "DATABASE", "FUNCTION", "MODEL", "CONNECTION", "MATERIALIZED",
                        "TEMPORARY",
                    })
                    {
                        Note(word);
                    }
                }

                Fail();
                return Done(new Command(), start);
        }
    }

    private CreateTable CreateTableStatement(CreateTable table, int start, bool isReplace)
    {
        table.Kind = isReplace ? SqlKind.ReplaceTableAs : SqlKind.CreateTable;
        Expect(Tok.TABLE);
        table.IfNotExists = IfNotExists();
        TableHead(table);
        if (!isReplace && Accept(Tok.USING))
        {
            Expect(Tok.CONNECTION);
            table.Connection = Identifier();
        }

        if (Accept(Tok.WITH)) table.Options = Options();
        if (isReplace)
        {
            Expect(Tok.AS);
            table.Query = failed ? NoQuery() : Query();
        }
        else if (Accept(Tok.LIKE))
        {
            table.Like = Like();
        }
        else if (Accept(Tok.AS))
        {
            table.Query = Query();
            table.Kind = table.IsReplacing ? SqlKind.ReplaceTableAs : SqlKind.CreateTableAs;
            if (table.IsTemporary)
            {
                Tell("SQL_TEMPORARY_AS", "A temporary table cannot be made by AS; write a view, or leave out "
                    + "TEMPORARY.", SqlSpan.Between(start, table.Name.End));
            }
        }

        Done(table, start);
        CheckTable(table);
        return table;
    }

    // TABLE has been read: name, list, COMMENT, DISTRIBUTED, PARTITIONED BY.
    private void TableHead(CreateTable table)
    {
        table.Name = Identifier();
        if (id == Tok.Open)
        {
            var from = Here;
            (table.Elements, table.ColumnNames) = TableElements();
            table.ElementsSpan = SqlSpan.Between(from, lastEnd);
        }

        if (Accept(Tok.COMMENT)) table.Comment = Text();
        if (Accept(Tok.DISTRIBUTED)) table.Distribution = DistributedBy();
        var partitioned = Here;
        if (Accept(Tok.PARTITIONED))
        {
            Expect(Tok.BY);
            table.PartitionedBy = NamesInBrackets();
            table.PartitionedBySpan = SqlSpan.Between(partitioned, lastEnd);
        }
    }

    private CreateTable CreateMaterialized(CreateTable table, int start)
    {
        table.Kind = SqlKind.CreateMaterializedTable;
        Advance();
        Expect(Tok.TABLE);
        table.IfNotExists = IfNotExists();
        TableHead(table);
        if (Accept(Tok.WITH)) table.Options = Options();
        if (Accept(Tok.FRESHNESS))
        {
            Expect(Tok.Equal);
            table.Freshness = Freshness();
        }

        if (Accept(Tok.REFRESH_MODE)) table.RefreshMode = RefreshMode();
        if (Accept(Tok.START_MODE)) table.StartMode = StartMode();
        Expect(Tok.AS);
        table.Query = failed ? NoQuery() : Query();
        Done(table, start);
        CheckTable(table);
        return table;
    }

    private SqlExpression Freshness()
    {
        if (!At(Tok.INTERVAL)) Fail();
        return Expression();
    }

    private string? RefreshMode()
    {
        Expect(Tok.Equal);
        if (Accept(Tok.FULL)) return "FULL";
        return Expect(Tok.CONTINUOUS) ? "CONTINUOUS" : null;
    }

    // FROM_BEGINNING, FROM_NOW(INTERVAL '1' DAY), FROM_TIMESTAMP(TIMESTAMP '…'), RESUME_OR_…
    private SqlExpression StartMode()
    {
        Expect(Tok.Equal);
        if (id is not (Tok.FROM_BEGINNING or Tok.FROM_NOW or Tok.FROM_TIMESTAMP or Tok.RESUME_OR_FROM_BEGINNING
            or Tok.RESUME_OR_FROM_NOW or Tok.RESUME_OR_FROM_TIMESTAMP))
        {
            if (noting)
            {
                Note(Tok.FROM_BEGINNING);
                Note(Tok.FROM_NOW);
                Note(Tok.FROM_TIMESTAMP);
                Note(Tok.RESUME_OR_FROM_BEGINNING);
                Note(Tok.RESUME_OR_FROM_NOW);
                Note(Tok.RESUME_OR_FROM_TIMESTAMP);
            }

            Fail();
            return NoName();
        }

        var start = Here;
        var name = ReservedFunction();
        return id == Tok.Open ? CallOf(name, Tok.Name, start) : Done(new Call { Name = name }, start);
    }

    private CreateView CreateViewStatement(CreateView view, int start)
    {
        view.Kind = SqlKind.CreateView;
        Expect(Tok.VIEW);
        view.IfNotExists = IfNotExists();
        view.Name = Identifier();
        if (id == Tok.Open) view.Columns = NamesInBrackets();
        if (Accept(Tok.COMMENT)) view.Comment = Text();
        Expect(Tok.AS);
        view.Query = failed ? NoQuery() : Query();
        return Done(view, start);
    }

    private ObjectKind Object() => id switch
    {
        Tok.CATALOG => ObjectKind.Catalog,
        Tok.DATABASE => ObjectKind.Database,
        Tok.FUNCTION => ObjectKind.Function,
        Tok.MODEL => ObjectKind.Model,
        Tok.CONNECTION => ObjectKind.Connection,
        Tok.VIEW => ObjectKind.View,
        Tok.MATERIALIZED => ObjectKind.MaterializedTable,
        _ => ObjectKind.Table,
    };

    private CreateObject CreateObjectStatement(CreateObject it, int start)
    {
        it.Object = Object();
        Advance();
        it.IfNotExists = IfNotExists();
        it.Name = it.Object == ObjectKind.Catalog || it.IsSystem ? SimpleIdentifier() : Identifier();
        switch (it.Object)
        {
            case ObjectKind.Catalog:
                it.Kind = SqlKind.CreateCatalog;
                CommentAndOptions(it);
                break;
            case ObjectKind.Database:
                it.Kind = SqlKind.CreateDatabase;
                CommentAndOptions(it);
                break;
            case ObjectKind.Connection:
                it.Kind = SqlKind.CreateConnection;
                CommentAndOptions(it);
                if (it.Options is null) Fail();
                break;
            case ObjectKind.Model:
                it.Kind = SqlKind.CreateModel;
                ModelParts(it);
                break;
            default:
                it.Kind = SqlKind.CreateFunction;
                FunctionParts(it);
                break;
        }

        return Done(it, start);
    }

    private void CommentAndOptions(CreateObject it)
    {
        if (Accept(Tok.COMMENT)) it.Comment = Text();
        if (Accept(Tok.WITH)) it.Options = Options();
    }

    private void ModelParts(CreateObject model)
    {
        if (Accept(Tok.INPUT)) (model.Input, _) = TableElements();
        if (Accept(Tok.OUTPUT)) (model.Output, _) = TableElements();
        CommentAndOptions(model);
        if (!Accept(Tok.AS)) return;
        model.Query = Query();
        if (model.Input.Count == 0 && model.Output.Count == 0) return;
        var columns = model.Input.Count > 0 ? model.Input : model.Output;
        Tell("SQL_MODEL_COLUMNS", "A model made by AS takes its columns from the query; leave out INPUT and OUTPUT.",
            SqlSpan.Between(columns[0].Start, columns[^1].End));
    }

    private void FunctionParts(CreateObject function)
    {
        Expect(Tok.AS);
        function.ClassName = Text();
        var language = pos;
        if (Accept(Tok.LANGUAGE)) function.Language = Language();
        if (Accept(Tok.USING))
        {
            var jars = new List<Literal>();
            do
            {
                if (!Accept(Tok.JAR)) Expect(Tok.ARTIFACT);
                jars.Add(Text());
            }
            while (Accept(Tok.Comma));
            function.Jars = jars;
            if (function.Language is "SQL")
            {
                Tell("SQL_FUNCTION_JAR", $"A function of LANGUAGE {function.Language} has no jar.",
                    SqlSpan.Between(tokens[language].Start, lastEnd));
            }
        }

        if (Accept(Tok.WITH)) function.Options = Options();
    }

    private string? Language()
    {
        var word = id;
        if (Accept(Tok.JAVA) || Accept(Tok.SCALA) || Accept(Tok.SQL) || Accept(Tok.PYTHON)) return SqlWords.Spelling(word);
        Fail();
        return null;
    }

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

    private DropObject Drop(int start)
    {
        Advance();
        var drop = new DropObject { IsTemporary = Accept(Tok.TEMPORARY) };
        drop.IsSystem = Accept(Tok.SYSTEM);
        if (id is not (Tok.CATALOG or Tok.DATABASE or Tok.TABLE or Tok.VIEW or Tok.FUNCTION or Tok.MODEL or Tok.CONNECTION
            or Tok.MATERIALIZED))
        {
            if (noting)
            {
                foreach (var word in new[]
                {
                    "TABLE", "VIEW", "CATALOG", "DATABASE", "FUNCTION", "MODEL", "CONNECTION", "MATERIALIZED",
                })
                {
                    Note(word);
                }
            }

            Fail();
            return Done(drop, start);
        }

        drop.Object = Object();
        Advance();
        if (drop.Object == ObjectKind.MaterializedTable)
        {
            if (drop.IsTemporary)
            {
                Tell("SQL_MATERIALIZED_TABLE", "A materialized table cannot be temporary.",
                    SqlSpan.Between(start, lastEnd));
            }

            Expect(Tok.TABLE);
        }

        drop.Kind = drop.Object switch
        {
            ObjectKind.Catalog => SqlKind.DropCatalog,
            ObjectKind.Database => SqlKind.DropDatabase,
            ObjectKind.Table => SqlKind.DropTable,
            ObjectKind.MaterializedTable => SqlKind.DropMaterializedTable,
            ObjectKind.View => SqlKind.DropView,
            ObjectKind.Function => SqlKind.DropFunction,
            ObjectKind.Model => SqlKind.DropModel,
            _ => SqlKind.DropConnection,
        };
        drop.IfExists = IfExists();
        drop.Name = Identifier();
        if (drop.Object == ObjectKind.Database && !Accept(Tok.RESTRICT)) drop.IsCascade = Accept(Tok.CASCADE);
        return Done(drop, start);
    }
}
