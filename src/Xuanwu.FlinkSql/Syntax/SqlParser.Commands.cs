namespace Xuanwu.FlinkSql.Syntax;

// Statements of a name or a text: SET, USE, SHOW, DESCRIBE and their like; UPDATE, DELETE, CALL.
internal sealed partial class SqlParser
{
    private bool IfNotExists()
    {
        if (id != Tok.IF || Peek() != Tok.NOT || Peek(2) != Tok.EXISTS) return false;
        Advance();
        Advance();
        Advance();
        return true;
    }

    private bool IfExists() => Accept(Tok.IF, Tok.EXISTS);

    // SET ['k' = 'v'], and as the client takes it: SET k = v.
    private SetStatement Set(int start)
    {
        var set = new SetStatement { Kind = id == Tok.SET ? SqlKind.Set : SqlKind.Reset };
        Advance();
        if (id is Tok.Semicolon or Tok.End) return Done(set, start);
        (set.Key, set.KeySpan) = SetPart(isKey: true);
        if (set.Kind == SqlKind.Set)
        {
            Expect(Tok.Equal);
            if (!failed) (set.Value, set.ValueSpan) = SetPart(isKey: false);
        }

        return Done(set, start);
    }

    // A text, or tokens without a blank between: what the client's expression takes for a key or value.
    private (string Text, SqlSpan Span) SetPart(bool isKey)
    {
        var from = Here;
        if (id is Tok.Text or Tok.DoubleQuoted)
        {
            var text = Text();
            return (text.Value, text.Span);
        }

        if (id is Tok.Semicolon or Tok.End or Tok.Equal)
        {
            if (noting) Note(isKey ? "a key" : "a value");
            Fail();
        }

        while (id is not (Tok.Semicolon or Tok.End) && !(isKey && id == Tok.Equal) && (Here == from || Here == lastEnd))
        {
            Advance();
        }

        var span = SqlSpan.Between(from, Math.Max(from, lastEnd));
        return (span.Of(source), span);
    }

    private Use UseStatement(int start)
    {
        Advance();
        if (id == Tok.CATALOG && IsName(Peek()))
        {
            Advance();
            return Done(new Use { Kind = SqlKind.UseCatalog, Names = [SimpleIdentifier()] }, start);
        }

        if (!Accept(Tok.MODULES)) return Done(new Use { Kind = SqlKind.UseDatabase, Names = [Identifier()] }, start);
        var list = new List<SqlIdentifier>();
        do list.Add(SimpleIdentifier());
        while (Accept(Tok.Comma));
        return Done(new Use { Kind = SqlKind.UseModules, Names = list }, start);
    }

    private Command Module(int start)
    {
        var command = new Command { Kind = id == Tok.LOAD ? SqlKind.LoadModule : SqlKind.UnloadModule };
        Advance();
        Expect(Tok.MODULE);
        command.Name = SimpleIdentifier();
        if (command.Kind == SqlKind.LoadModule && Accept(Tok.WITH)) command.Options = Options();
        return Done(command, start);
    }

    private Command StopJob(int start)
    {
        Advance();
        Expect(Tok.JOB);
        var command = new Command { Kind = SqlKind.StopJob, Text = Text() };
        var hasSavepoint = Accept(Tok.WITH, Tok.SAVEPOINT);
        var at = Here;
        if (Accept(Tok.WITH))
        {
            Expect(Tok.DRAIN);
            if (!hasSavepoint)
            {
                Tell("SQL_DRAIN_WITHOUT_SAVEPOINT", "WITH DRAIN stands only after WITH SAVEPOINT.",
                    SqlSpan.Between(at, lastEnd));
            }
        }

        return Done(command, start);
    }

    private Command Analyze(int start)
    {
        Advance();
        Expect(Tok.TABLE);
        var command = new Command { Kind = SqlKind.AnalyzeTable, Name = Identifier() };
        if (id == Tok.PARTITION) command.Partition = Partition(mustHaveValues: false);
        Expect(Tok.COMPUTE, Tok.STATISTICS);
        if (Accept(Tok.FOR))
        {
            if (Accept(Tok.ALL))
            {
                Expect(Tok.COLUMNS);
            }
            else
            {
                Expect(Tok.COLUMNS);
                var mark = names.Count;
                do names.Add(Name());
                while (Accept(Tok.Comma));
                command.Columns = Cut(names, mark);
            }
        }

        return Done(command, start);
    }

    private Update UpdateStatement(int start)
    {
        Advance();
        var update = new Update { Kind = SqlKind.Update, Target = Identifier() };
        if (id == Tok.HintStart) update.Hints = Hints();
        update.Alias = Alias();
        Expect(Tok.SET);
        var mark = expressions.Count;
        do
        {
            var at = Here;
            SqlExpression column = Identifier();
            Expect(Tok.Equal);
            expressions.Add(Done(new Binary { Operator = "=", Left = column, Right = Expression() }, at));
        }
        while (Accept(Tok.Comma));
        update.Assignments = Cut(expressions, mark);
        if (Accept(Tok.WHERE)) update.Where = Expression();
        return Done(update, start);
    }

    private Delete DeleteStatement(int start)
    {
        Advance();
        Expect(Tok.FROM);
        var delete = new Delete { Kind = SqlKind.Delete, Target = Identifier() };
        if (id == Tok.HintStart) delete.Hints = Hints();
        delete.Alias = Alias();
        if (Accept(Tok.WHERE)) delete.Where = Expression();
        return Done(delete, start);
    }

    private CallStatement CallProcedure(int start)
    {
        Advance();
        var at = Here;
        var name = Identifier();
        var call = failed ? new Call { Name = name } : CallOf(name, Tok.Name, at);
        return Done(new CallStatement { Kind = SqlKind.Call, Call = call }, start);
    }

    private Command Show(int start)
    {
        Advance();
        var command = new Command();
        switch (id)
        {
            case Tok.CATALOGS: Listed(SqlKind.ShowCatalogs, hasFrom: false); break;
            case Tok.DATABASES: Listed(SqlKind.ShowDatabases); break;
            case Tok.TABLES: Listed(SqlKind.ShowTables); break;
            case Tok.VIEWS: Listed(SqlKind.ShowViews); break;
            case Tok.FUNCTIONS: Listed(SqlKind.ShowFunctions); break;
            case Tok.PROCEDURES: Listed(SqlKind.ShowProcedures); break;
            case Tok.MODELS: Listed(SqlKind.ShowModels); break;
            case Tok.CONNECTIONS: Listed(SqlKind.ShowConnections); break;
            case Tok.MODULES: Word(SqlKind.ShowModules); break;
            case Tok.JARS: Word(SqlKind.ShowJars); break;
            case Tok.JOBS: Word(SqlKind.ShowJobs); break;
            case Tok.MATERIALIZED:
                Advance();
                Check(Tok.TABLES);
                Listed(SqlKind.ShowMaterializedTables);
                break;
            case Tok.USER:
                Advance();
                command.HasMore = true;
                Check(Tok.FUNCTIONS);
                Listed(SqlKind.ShowFunctions);
                break;
            case Tok.FULL:
                Advance();
                command.HasMore = true;
                Check(Tok.MODULES);
                Word(SqlKind.ShowModules);
                break;
            case Tok.CURRENT:
                Advance();
                if (id == Tok.CATALOG) Word(SqlKind.ShowCurrentCatalog);
                else if (At(Tok.DATABASE)) Word(SqlKind.ShowCurrentDatabase);
                else Fail();
                break;
            case Tok.COLUMNS:
                Word(SqlKind.ShowColumns);
                if (!Accept(Tok.FROM)) Expect(Tok.IN);
                command.Name = Identifier();
                Pattern();
                break;
            case Tok.PARTITIONS:
                Word(SqlKind.ShowPartitions);
                command.Name = Identifier();
                if (id == Tok.PARTITION) command.Partition = Partition(mustHaveValues: true);
                break;
            case Tok.CREATE:
                Advance();
                ShowCreate(command);
                break;
            default:
                if (noting)
                {
                    foreach (var word in new[]
                    {
                        "TABLES", "VIEWS", "DATABASES", "CATALOGS", "FUNCTIONS", "COLUMNS", "CREATE", "PARTITIONS",
                        "MODULES", "JARS", "JOBS", "CURRENT",
                    })
                    {
                        Note(word);
                    }
                }

                Fail();
                break;
        }

        return Done(command, start);

        void Word(SqlKind kind)
        {
            command.Kind = kind;
            if (!failed) Advance();
        }

        void Listed(SqlKind kind, bool hasFrom = true)
        {
            Word(kind);
            if (hasFrom && (Accept(Tok.FROM) || Accept(Tok.IN))) command.Name = Identifier();
            Pattern();
        }

        void Pattern()
        {
            var isNot = Accept(Tok.NOT);
            if (Accept(Tok.LIKE) || Accept(Tok.ILIKE)) command.Text = Text();
            else if (isNot) Fail();
        }
    }

    private void ShowCreate(Command command)
    {
        var isOrAlter = Accept(Tok.OR, Tok.ALTER);
        command.Kind = id switch
        {
            Tok.TABLE when !isOrAlter => SqlKind.ShowCreateTable,
            Tok.VIEW when !isOrAlter => SqlKind.ShowCreateView,
            Tok.CATALOG when !isOrAlter => SqlKind.ShowCreateCatalog,
            Tok.MODEL when !isOrAlter => SqlKind.ShowCreateModel,
            Tok.CONNECTION when !isOrAlter => SqlKind.ShowCreateConnection,
            Tok.MATERIALIZED => SqlKind.ShowCreateMaterializedTable,
            _ => SqlKind.Unknown,
        };
        if (command.Kind == SqlKind.Unknown)
        {
            if (noting) foreach (var word in new[] { "TABLE", "VIEW", "CATALOG", "MODEL", "MATERIALIZED" }) Note(word);
            Fail();
            return;
        }

        Advance();
        if (command.Kind == SqlKind.ShowCreateMaterializedTable) Expect(Tok.TABLE);
        command.Name = Identifier();
    }

    private Command Describe(int start)
    {
        Advance();
        var command = new Command { Kind = SqlKind.DescribeTable };
        if (id == Tok.JOB && Peek() is Tok.Text)
        {
            Advance();
            command.Kind = SqlKind.DescribeJob;
            command.Text = Text();
            return Done(command, start);
        }

        var next = Peek();
        if (IsName(next) || next == Tok.EXTENDED)
        {
            command.Kind = id switch
            {
                Tok.CATALOG => SqlKind.DescribeCatalog,
                Tok.DATABASE => SqlKind.DescribeDatabase,
                Tok.FUNCTION => SqlKind.DescribeFunction,
                Tok.MODEL => SqlKind.DescribeModel,
                Tok.CONNECTION => SqlKind.DescribeConnection,
                _ => SqlKind.DescribeTable,
            };
            if (command.Kind != SqlKind.DescribeTable) Advance();
        }

        command.HasMore = Accept(Tok.EXTENDED);
        command.Name = Identifier();
        return Done(command, start);
    }
}
