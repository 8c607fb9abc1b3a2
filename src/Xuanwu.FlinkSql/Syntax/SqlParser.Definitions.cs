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
        if (Accept(Tok.JAVA) || Accept(Tok.SCALA) || Accept(Tok.SQL)
            || Accept(Tok.PYTHON)) return SqlWords.Spelling(word);
        Fail();
        return null;
    }
}
