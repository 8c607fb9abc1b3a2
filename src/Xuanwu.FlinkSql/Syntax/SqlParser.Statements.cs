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
                    new CreateTable { IsReplacing = true, IsTemporary = Accept(Tok.TEMPORARY) }, start,
                        isReplace: true);
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
}
