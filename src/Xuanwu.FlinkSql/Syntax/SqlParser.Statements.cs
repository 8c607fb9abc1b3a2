namespace Xuanwu.FlinkSql.Syntax;

internal sealed partial class SqlParser
{
    private static readonly string[] Beginnings =
    [
        "SELECT", "INSERT", "CREATE", "WITH", "ALTER", "DROP", "SET", "RESET", "USE", "SHOW", "DESCRIBE", "EXPLAIN",
        "EXECUTE", "BEGIN", "END", "LOAD", "UNLOAD", "ADD", "REMOVE", "ANALYZE", "TRUNCATE", "UPDATE", "DELETE", "CALL",
        "STOP", "COMPILE", "VALUES", "REPLACE",
    ];

    private SqlStatement StatementBody()
    {
        var start = Here;
        switch (id)
        {
            case Tok.SELECT or Tok.WITH or Tok.VALUES or Tok.Open or Tok.TABLE:
                return Done(new QueryStatement { Kind = SqlKind.Select, Query = Query() }, start);
            case Tok.INSERT or Tok.UPSERT: return InsertStatement(start);
            case Tok.CREATE: return Create(start);
            case Tok.REPLACE:
                Advance();
                return CreateTableStatement(
                    new CreateTable { IsReplacing = true, IsTemporary = Accept(Tok.TEMPORARY) }, start, isReplace: true);
            case Tok.ALTER: return Alter(start);
            case Tok.DROP: return Drop(start);
            case Tok.SET or Tok.RESET: return Set(start);
            case Tok.USE: return UseStatement(start);
            case Tok.SHOW: return Show(start);
            case Tok.DESCRIBE or Tok.DESC: return Describe(start);
            case Tok.EXPLAIN: return Explain(start);
            case Tok.EXECUTE: return Execute(start);
            case Tok.STATEMENT: return SetOfInserts(start);
            case Tok.COMPILE: return Compile(start);
            case Tok.BEGIN:
                Advance();
                Expect(Tok.STATEMENT, Tok.SET);
                return Done(new Command { Kind = SqlKind.BeginStatementSet }, start);
            case Tok.END:
                Advance();
                if (Accept(Tok.STATEMENT)) Expect(Tok.SET);
                return Done(new Command { Kind = SqlKind.EndStatementSet }, start);
            case Tok.LOAD or Tok.UNLOAD: return Module(start);
            case Tok.ADD or Tok.REMOVE:
                var kind = id == Tok.ADD ? SqlKind.AddJar : SqlKind.RemoveJar;
                Advance();
                Expect(Tok.JAR);
                return Done(new Command { Kind = kind, Text = Text() }, start);
            case Tok.STOP: return StopJob(start);
            case Tok.ANALYZE: return Analyze(start);
            case Tok.TRUNCATE:
                Advance();
                Expect(Tok.TABLE);
                return Done(new Command { Kind = SqlKind.TruncateTable, Name = Identifier() }, start);
            case Tok.UPDATE: return UpdateStatement(start);
            case Tok.DELETE: return DeleteStatement(start);
            case Tok.CALL: return CallProcedure(start);
            case Tok.HELP: return ClientCommand(SqlKind.Help, start);
            case Tok.QUIT or Tok.EXIT: return ClientCommand(SqlKind.Quit, start);
            case Tok.CLEAR: return ClientCommand(SqlKind.Clear, start);
            default:
                if (noting) foreach (var word in Beginnings) Note(word);
                FailAtBeginning();
                return Done(new Command { Kind = SqlKind.Unknown }, start);
        }
    }

    private void FailAtBeginning()
    {
        if (noting && id != Tok.Unknown && Misspelt(Beginnings) is null)
        {
            Fail("SQL_NO_STATEMENT", $"No statement of Flink SQL begins with {Words(pos)}.");
        }
        else
        {
            Fail();
        }
    }

    private Command ClientCommand(SqlKind kind, int start)
    {
        Advance();
        return Done(new Command { Kind = kind }, start);
    }

    private Insert InsertStatement(int start)
    {
        var insert = new Insert { Kind = SqlKind.Insert, IsUpsert = id == Tok.UPSERT };
        if (!Accept(Tok.UPSERT)) Expect(Tok.INSERT);
        if (!Accept(Tok.INTO))
        {
            insert.IsOverwrite = !insert.IsUpsert && Accept(Tok.OVERWRITE);
            if (!insert.IsOverwrite) Fail();
        }

        if (id == Tok.TABLE && IsName(Peek()))
        {
            var span = SqlSpan.Between(Here, tokens[pos + 1].Start);
            Tell("SQL_HIVE_DIALECT", "INSERT … TABLE t is of the Hive dialect; Flink SQL has no TABLE here.", span,
                new("Remove TABLE", [new(span, "")]));
            Advance();
        }

        insert.Target = Identifier();
        if (id == Tok.HintStart) insert.Hints = Hints();
        if (id == Tok.PARTITION) insert.Partition = Partition(mustHaveValues: false);
        if (id == Tok.Open && !BeginsQuery(1) && Peek() != Tok.Open) insert.Columns = IdentifiersInBrackets();
        insert.Query = failed ? NoQuery() : Query();
        if (id == Tok.ON && Peek() == Tok.CONFLICT)
        {
            Advance();
            Advance();
            Expect(Tok.DO);
            var word = id;
            if (Accept(Tok.ERROR) || Accept(Tok.NOTHING) || Accept(Tok.DEDUPLICATE))
            {
                insert.OnConflict = SqlWords.Spelling(word);
            }
            else
            {
                Fail();
            }
        }

        return Done(insert, start);
    }

    // STATEMENT SET BEGIN insert; insert; END. A broken INSERT does not break the set.
    private StatementSet SetOfInserts(int start)
    {
        var set = new StatementSet { Kind = SqlKind.StatementSet };
        Expect(Tok.STATEMENT, Tok.SET);
        var begin = Here;
        if (!Expect(Tok.BEGIN)) return Done(set, start);
        var inserts = new List<Insert>();
        while (true)
        {
            if (inserts.Count > 0 && id != Tok.END) Accept(Tok.Semicolon);
            if (inserts.Count > 0 && Accept(Tok.END)) break;
            if (id == Tok.End)
            {
                Fail("SQL_STATEMENT_SET_OPEN", "The statement set that begins here has no END; put 'END' after the "
                    + "semicolon of its last INSERT.", begin, 5);
                break;
            }

            if (id is not (Tok.INSERT or Tok.UPSERT))
            {
                if (noting) Note(Tok.INSERT);
                if (noting && inserts.Count > 0) Note(Tok.END);
                Fail();
                if (id == Tok.End || inserts.Count == 0) break;
                failed = false;
                Advance();
                continue;
            }

            var told = diagnostics.Count;
            var insert = InsertStatement(Here);
            inserts.Add(insert);
            if (!failed && id != Tok.Semicolon)
            {
                if (id is Tok.INSERT or Tok.UPSERT or Tok.END) TellMissingSemicolonInSet();
                else Check(Tok.Semicolon);
            }

            if (diagnostics.Count > told) insert.IsWhole = false;
            if (id != Tok.End) failed = false;
        }

        set.Inserts = inserts;
        return Done(set, start);
    }

    private void TellMissingSemicolonInSet()
    {
        diagnostics.Add(new(
            "SQL_MISSING_SEMICOLON",
            "Each INSERT of a statement set ends with a semicolon, also the last one.",
            lastEnd,
            0)
        {
            Expected = [";"],
            Fix = new("Put a semicolon", [new(new(lastEnd, 0), ";")]),
        });
    }

    private SqlStatement Execute(int start)
    {
        Advance();
        if (id == Tok.PLAN)
        {
            Advance();
            return Done(new Command { Kind = SqlKind.ExecutePlan, Text = Text() }, start);
        }

        if (id == Tok.STATEMENT) return SetOfInserts(start);
        if (id is Tok.INSERT or Tok.UPSERT)
        {
            var insert = InsertStatement(start);
            insert.IsExecute = true;
            return insert;
        }

        if (noting) foreach (var word in new[] { "STATEMENT", "INSERT", "PLAN" }) Note(word);
        return Done(new QueryStatement { Kind = SqlKind.Select, IsExecute = true, Query = Query() }, start);
    }

    private WrapperStatement Explain(int start)
    {
        var explain = new WrapperStatement { Kind = SqlKind.Explain };
        Advance();
        if (id == Tok.PLAN && Peek() == Tok.FOR)
        {
            Advance();
            Advance();
        }
        else if (id is Tok.ESTIMATED_COST or Tok.CHANGELOG_MODE or Tok.JSON_EXECUTION_PLAN or Tok.PLAN_ADVICE)
        {
            explain.Details = ExplainDetails();
        }

        explain.Inner = Explained();
        return Done(explain, start);
    }

    private string[] ExplainDetails()
    {
        var details = new List<string>();
        do
        {
            if (id is not (Tok.ESTIMATED_COST or Tok.CHANGELOG_MODE or Tok.JSON_EXECUTION_PLAN or Tok.PLAN_ADVICE))
            {
                if (noting)
                {
                    Note(Tok.ESTIMATED_COST);
                    Note(Tok.CHANGELOG_MODE);
                    Note(Tok.JSON_EXECUTION_PLAN);
                    Note(Tok.PLAN_ADVICE);
                }

                Fail();
                break;
            }

            var word = SqlWords.Spelling(id);
            if (details.Contains(word))
            {
                Tell("SQL_DUPLICATE_DETAIL", $"{word} stands here twice.", new(Here, tokens[pos].Length));
            }

            details.Add(word);
            Advance();
        }
        while (Accept(Tok.Comma));
        return [.. details];
    }

    private SqlStatement Explained()
    {
        var start = Here;
        switch (id)
        {
            case Tok.STATEMENT:
                return SetOfInserts(start);
            case Tok.EXECUTE:
                return Execute(start);
            case Tok.INSERT or Tok.UPSERT:
                return InsertStatement(start);
            case Tok.CREATE or Tok.REPLACE:
                var inner = StatementBody();
                if (inner.Kind is not (SqlKind.CreateTableAs or SqlKind.ReplaceTableAs))
                {
                    Tell("SQL_NOT_EXPLAINED", "EXPLAIN takes queries, INSERT, statement sets and CREATE TABLE … AS.",
                        SqlSpan.Between(start, Math.Max(start, lastEnd)));
                }

                return inner;
            default:
                return Done(new QueryStatement { Kind = SqlKind.Select, Query = Query() }, start);
        }
    }

    private WrapperStatement Compile(int start)
    {
        Advance();
        var compile = new WrapperStatement { Kind = SqlKind.CompilePlan };
        if (Accept(Tok.AND))
        {
            compile.Kind = SqlKind.CompileAndExecutePlan;
            Expect(Tok.EXECUTE);
        }

        Expect(Tok.PLAN);
        compile.File = Text();
        if (compile.Kind == SqlKind.CompilePlan) compile.IfNotExists = IfNotExists();
        Expect(Tok.FOR);
        compile.Inner = id == Tok.STATEMENT ? SetOfInserts(Here) : InsertStatement(Here);
        return Done(compile, start);
    }

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
