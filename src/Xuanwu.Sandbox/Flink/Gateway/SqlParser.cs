namespace Xuanwu.Sandbox.Flink.Gateway;

/// <summary>
/// Reads statements just as far as the sandbox acts on them: names, options, and which tables a query reads.
/// Expressions are passed over with no more than their parentheses checked, so a query that Flink would refuse for an
/// expression is taken here.
/// </summary>
internal sealed class SqlParser
{
    private static readonly string[] AfterFrom =
        ["WHERE", "GROUP", "SELECT", "ORDER", "HAVING", "UNION", "ON", "LIMIT", "WINDOW"];

    private readonly List<SqlToken> tokens;
    private int at;

    private SqlParser(List<SqlToken> tokens) => this.tokens = tokens;

    private SqlToken Current => tokens[at];

    /// <summary>Reads the one statement of a request; a semicolon may end it.</summary>
    /// <exception cref="FlinkFailure">In the words of Flink's SqlParserException.</exception>
    public static SqlStatement Parse(string sql)
    {
        var parser = new SqlParser(SqlTokens.Read(sql));
        var statement = parser.Statement();
        parser.Accept(";");
        if (parser.Current.Kind == SqlTokenKind.End) return statement;
        if (parser.tokens[Math.Max(0, parser.at - 1)].Is(";"))
        {
            throw new FlinkFailure("java.lang.UnsupportedOperationException", "Unsupported SQL query! Only accepts a "
                + "single SQL statement.");
        }

        throw SqlErrors.Encountered(parser.Current, "<EOF>", "\";\"");
    }

    /// <summary>Reads a script: statements, each ended by a semicolon.</summary>
    public static IReadOnlyList<SqlStatement> ParseScript(string sql)
    {
        var parser = new SqlParser(SqlTokens.Read(sql));
        var statements = new List<SqlStatement>();
        while (parser.Current.Kind != SqlTokenKind.End)
        {
            if (parser.Accept(";")) continue;
            statements.Add(parser.Statement());
        }

        return statements;
    }

    private SqlStatement Statement()
    {
        var first = Current;
        switch (first.Kind == SqlTokenKind.Word ? first.Value.ToUpperInvariant() : first.Value)
        {
            case "SET":
                at++;
                return Set();
            case "RESET":
                at++;
                return new ResetStatement(AtEnd ? null : Text());
            case "CREATE":
                at++;
                return Create();
            case "DROP":
                at++;
                return Drop();
            case "USE":
                at++;
                return Use();
            case "INSERT":
                return Insert();
            case "EXECUTE":
                at++;
                return Execute();
            case "BEGIN":
                at++;
                Expect("STATEMENT");
                Expect("SET");
                return new BeginStatementSet();
            case "END":
                at++;
                return new EndStatementSet();
            case "EXPLAIN":
                return Explain();
            case "SHOW":
                at++;
                return Show();
            case "DESCRIBE" or "DESC":
                at++;
                return Accept("JOB") ? new DescribeJob(Text()) : Describe();
            case "STOP":
                at++;
                Expect("JOB");
                return Stop();
            case "ALTER" or "LOAD" or "UNLOAD" or "ADD" or "REMOVE" or "ANALYZE" or "TRUNCATE":
                SkipStatement();
                return new TakenStatement(first.Value.ToUpperInvariant());
            case "SELECT" or "WITH" or "VALUES" or "(" or "TABLE":
                return new SelectStatement(Query());
            default:
                throw SqlErrors.Encountered(
                    first, "\"ABORT\"", "\"ALTER\"", "\"CREATE\"", "\"DROP\"", "\"EXECUTE\"", "\"EXPLAIN\"",
                    "\"INSERT\"", "\"SELECT\"",
                    "\"SET\"", "\"SHOW\"", "\"USE\"", "\"VALUES\"", "\"WITH\"");
        }
    }

    private bool AtEnd => Current.Kind == SqlTokenKind.End || Current.Is(";");

    private SetStatement Set()
    {
        if (AtEnd) return new SetStatement(null, null);
        var key = Text();
        Expect("=");
        return new SetStatement(key, Text());
    }

    private SqlStatement Create()
    {
        if (Accept("OR")) Expect("REPLACE");
        var temporary = Accept("TEMPORARY");
        Accept("SYSTEM");
        var kind = Current;
        if (Accept("TABLE")) return Table(temporary);
        if (Accept("VIEW"))
        {
            var ifNotExists = IfNotExists();
            var name = Name();
            if (Current.Is("(")) SkipParentheses();
            if (Accept("COMMENT")) Text();
            Expect("AS");
            return new CreateView(name, temporary, ifNotExists, Query());
        }

        if (Accept("CATALOG"))
        {
            var ifNotExists = IfNotExists();
            var name = Name();
            if (Accept("COMMENT")) Text();
            return new CreateCatalog(name.Parts[^1], ifNotExists, Options());
        }

        if (Accept("DATABASE"))
        {
            var ifNotExists = IfNotExists();
            var name = Name();
            if (Accept("COMMENT")) Text();
            if (Current.Is("WITH")) Options();
            return new CreateDatabase(name, ifNotExists);
        }

        if (Accept("FUNCTION"))
        {
            IfNotExists();
            var name = Name();
            SkipStatement();
            return new CreateFunction(name);
        }

        throw SqlErrors.Encountered(kind, "\"CATALOG\"", "\"DATABASE\"", "\"FUNCTION\"", "\"TABLE\"", "\"VIEW\"");
    }

    private CreateTable Table(bool temporary)
    {
        var ifNotExists = IfNotExists();
        var name = Name();
        var columns = Current.Is("(") ? Columns() : [];
        if (Accept("COMMENT")) Text();
        if (Accept("DISTRIBUTED"))
        {
            while (!AtEnd && !Current.Is("WITH") && !Current.Is("AS") && !Current.Is("PARTITIONED")) at++;
        }

        if (Accept("PARTITIONED"))
        {
            Expect("BY");
            SkipParentheses();
        }

        var options = Current.Is("WITH") ? Options() : new Dictionary<string, string>();
        SqlName? like = null;
        if (Accept("LIKE"))
        {
            like = Name();
            if (Current.Is("(")) SkipParentheses();
        }

        return new CreateTable(name, temporary, ifNotExists, columns, options, like, Accept("AS") ? Query() : null);
    }

    private List<SqlColumn> Columns()
    {
        var columns = new List<SqlColumn>();
        Expect("(");
        while (true)
        {
            var first = Current;
            var constraint = first.Kind == SqlTokenKind.Word
                && (first.Is("PRIMARY") || first.Is("WATERMARK") || first.Is("CONSTRAINT") || first.Is("UNIQUE"));
            if (!first.IsName) throw SqlErrors.Encountered(first, "<IDENTIFIER>", "\"WATERMARK\"", "\"PRIMARY\"");
            at++;
            var type = new List<string>();
            for (var depth = 0; depth > 0 || (!Current.Is(",") && !Current.Is(")")); at++)
            {
                if (Current.Kind == SqlTokenKind.End) throw SqlErrors.Encountered(Current, "\")\"", "\",\"");
                if (Current.Is("(") || Current.Is("<")) depth++;
                else if (Current.Is(")") || (Current.Is(">") && depth > 0)) depth--;
                type.Add(Current.Value);
            }

            if (type.Count == 0) throw SqlErrors.Encountered(Current, "<IDENTIFIER>");
            if (!constraint) columns.Add(new SqlColumn(first.Value, TypeOf(type)));
            if (Accept(")")) return columns;
            Expect(",");
        }
    }

    // The type ends where the column's other clauses begin.
    private static string TypeOf(List<string> words)
    {
        var end = words.FindIndex(
            word => word.ToUpperInvariant() is "NOT" or "NULL" or "COMMENT" or "METADATA" or "PRIMARY" or "AS");
        return string.Concat(end < 0 ? words : words[..end]).ToUpperInvariant();
    }

    private DropStatement Drop()
    {
        Accept("TEMPORARY");
        Accept("SYSTEM");
        var kind = Current;
        if (!Accept("TABLE") && !Accept("VIEW") && !Accept("CATALOG") && !Accept("DATABASE") && !Accept("FUNCTION"))
        {
            throw SqlErrors.Encountered(kind, "\"CATALOG\"", "\"DATABASE\"", "\"FUNCTION\"", "\"TABLE\"", "\"VIEW\"");
        }

        var ifExists = Accept("IF");
        if (ifExists) Expect("EXISTS");
        var name = Name();
        if (!Accept("RESTRICT")) Accept("CASCADE");
        return new DropStatement(kind.Value.ToUpperInvariant(), name, ifExists);
    }

    private SqlStatement Use()
    {
        if (Accept("CATALOG")) return new UseCatalog(Name().Parts[^1]);
        if (!Accept("MODULES")) return new UseDatabase(Name());
        SkipStatement();
        return new TakenStatement("USE MODULES");
    }

    private InsertStatement Insert()
    {
        Expect("INSERT");
        if (!Accept("OVERWRITE")) Expect("INTO");
        Accept("TABLE");
        var target = Name();
        if (Accept("PARTITION")) SkipParentheses();
        if (Current.Is("(") && !StartsQuery(tokens[at + 1])) SkipParentheses();
        return new InsertStatement(target, Query());
    }

    private SqlStatement Execute()
    {
        if (!Accept("STATEMENT"))
        {
            return Current.Is("INSERT") ? Insert() : new SelectStatement(Query());
        }

        Expect("SET");
        Expect("BEGIN");
        var inserts = new List<InsertStatement>();
        while (!Current.Is("END"))
        {
            if (Accept(";")) continue;
            if (!Current.Is("INSERT")) throw SqlErrors.Encountered(Current, "\"END\"", "\"INSERT\"");
            inserts.Add(Insert());
            if (!Current.Is(";")) throw SqlErrors.Encountered(Current, "\";\"");
        }

        at++;
        return inserts.Count > 0
            ? new StatementSet(inserts)
            : throw SqlErrors.Encountered(tokens[at - 1], "\"INSERT\"");
    }

    private ExplainStatement Explain()
    {
        Expect("EXPLAIN");
        var from = at;
        if (Accept("PLAN")) Expect("FOR");
        else
        {
            while (Current.Is("ESTIMATED_COST") || Current.Is("CHANGELOG_MODE") || Current.Is("JSON_EXECUTION_PLAN")
                || Current.Is("PLAN_ADVICE") || Current.Is(","))
            {
                at++;
            }
        }

        if (Current.Is("STATEMENT"))
        {
            at--;
            tokens[at] = tokens[at] with { Kind = SqlTokenKind.Word, Value = "EXECUTE" };
        }

        var statement = Statement();
        return statement is InsertStatement or StatementSet or SelectStatement
            ? new ExplainStatement(statement, string.Join(' ', tokens[from..at].Select(token => token.Value)))
            : throw SqlErrors.Encountered(tokens[from], "\"INSERT\"", "\"SELECT\"", "\"STATEMENT\"");
    }

    private ShowStatement Show()
    {
        var words = new List<string>();
        while (!AtEnd && Current.Kind == SqlTokenKind.Word && words.Count < 2)
        {
            var word = Current.Value.ToUpperInvariant();
            if (words.Count == 1 && words[0] is not ("CREATE" or "CURRENT" or "USER" or "FULL")) break;
            words.Add(word);
            at++;
        }

        if (words.Count == 0)
        {
            throw SqlErrors.Encountered(Current, "\"CATALOGS\"", "\"DATABASES\"", "\"TABLES\"", "\"JOBS\"");
        }
        var name = words[0] == "CREATE" ? Name() : null;
        SkipStatement();
        return new ShowStatement(string.Join(' ', words), name);
    }

    private DescribeStatement Describe()
    {
        Accept("EXTENDED");
        return new DescribeStatement(Name());
    }

    private StopJob Stop()
    {
        var id = Text();
        var (savepoint, drain) = (false, false);
        while (Accept("WITH"))
        {
            if (Accept("SAVEPOINT")) savepoint = true;
            else if (Accept("DRAIN")) drain = true;
            else throw SqlErrors.Encountered(Current, "\"DRAIN\"", "\"SAVEPOINT\"");
        }

        return new StopJob(id, savepoint, drain);
    }

    /// <summary>
    /// Passes over a query and collects the tables after FROM and JOIN. A FROM within a function's parentheses
    /// (EXTRACT, TRIM) is not one: each open parenthesis remembers whether a query began in it.
    /// </summary>
    private SqlQuery Query()
    {
        var start = at;
        if (!StartsQuery(Current))
        {
            throw SqlErrors.Encountered(Current, "\"SELECT\"", "\"TABLE\"", "\"VALUES\"", "\"WITH\"", "\"(\"");
        }

        var names = new List<SqlName>();
        var local = new HashSet<string>();
        var inQuery = new Stack<bool>([true]);
        var inFrom = new Stack<bool>([false]);
        for (; Current.Kind != SqlTokenKind.End && !(Current.Is(";") && inQuery.Count == 1); at++)
        {
            var token = Current;
            if (token.Is("("))
            {
                var nested = StartsQuery(tokens[at + 1]) && tokens[at + 1].Value != "("
                    || (inFrom.Peek() && tokens[at + 1].Value == "(");
                inQuery.Push(nested);
                inFrom.Push(false);
            }
            else if (token.Is(")"))
            {
                if (inQuery.Count == 1) throw SqlErrors.Encountered(token, "<EOF>");
                inQuery.Pop();
                inFrom.Pop();
            }
            else if (token.Kind != SqlTokenKind.Word && !token.Is(",")) continue;
            else if (token.Is("AS") && tokens[at + 1].Is("(") && at > start && tokens[at - 1].IsName
                && StartsQuery(tokens[at + 2]))
            {
                local.Add(tokens[at - 1].Value);
            }
            else if (token.Is("TABLE") && tokens[at + 1].IsName && tokens[at - 1].Value is "(" or ",")
            {
                Collect(names, local); // TUMBLE(TABLE orders, …)
            }
            else if (!inQuery.Peek()) continue;
            else if ((token.Is("FROM") && !tokens[at - 1].Is("DISTINCT")) || token.Is("JOIN"))
            {
                inFrom.Pop();
                inFrom.Push(true);
                Collect(names, local);
            }
            else if (token.Is(",") && inFrom.Peek()) Collect(names, local);
            else if (Array.Exists(AfterFrom, token.Is))
            {
                inFrom.Pop();
                inFrom.Push(false);
            }
        }

        if (inQuery.Count > 1) throw SqlErrors.Encountered(Current, "\")\"");
        return new SqlQuery(names, tokens[start..at]);
    }

    // The table right behind the current token, if it is a name and not a function or a subquery.
    private void Collect(List<SqlName> names, HashSet<string> local)
    {
        var after = tokens[at + 1];
        if (after.Kind == SqlTokenKind.End || after.Is(";") || (after.Is(")") && Current.Is("FROM")))
        {
            throw SqlErrors.Encountered(after);
        }
        if (!after.IsName || after.Is("LATERAL") || after.Is("UNNEST") || after.Is("SELECT")) return;
        if (after.Is("TABLE") && tokens[at + 2].Is("(")) return;

        at++;
        var name = Name();
        at--;
        if (tokens[at + 1].Is("(")) return;
        if (name.Parts.Count == 1 && local.Contains(name.Parts[0])) return;
        names.Add(name);
    }

    private static bool StartsQuery(SqlToken token) =>
        token.Is("SELECT") || token.Is("WITH") || token.Is("VALUES") || token.Is("(") || token.Is("TABLE");

    private bool IfNotExists()
    {
        if (!Accept("IF")) return false;
        Expect("NOT");
        Expect("EXISTS");
        return true;
    }

    private Dictionary<string, string> Options()
    {
        var options = new Dictionary<string, string>(StringComparer.Ordinal);
        Expect("WITH");
        Expect("(");
        do
        {
            if (Current.Kind != SqlTokenKind.Text) throw SqlErrors.Encountered(Current, "<QUOTED_STRING>");
            var key = Text();
            Expect("=");
            options[key] = Text();
        }
        while (Accept(","));
        Expect(")");
        return options;
    }

    private SqlName Name()
    {
        var first = Current;
        var parts = new List<string>();
        do
        {
            if (!Current.IsName) throw SqlErrors.Encountered(Current, "<IDENTIFIER>", "<BACK_QUOTED_IDENTIFIER>");
            parts.Add(Current.Value);
            at++;
        }
        while (Accept("."));
        return new SqlName(parts, first with { End = tokens[at - 1].End });
    }

    // A quoted text; SET takes bare words as well.
    private string Text()
    {
        var token = Current;
        if (token.Kind is SqlTokenKind.End or SqlTokenKind.Symbol)
        {
            throw SqlErrors.Encountered(token, "<QUOTED_STRING>");
        }
        var end = token.End;
        var value = token.Value;
        at++;
        while (token.Kind != SqlTokenKind.Text && Current.Start == end && !AtEnd && !Current.Is("=") && !Current.Is(",")
            && !Current.Is(")"))
        {
            value += Current.Value;
            end = Current.End;
            at++;
        }

        return value;
    }

    private void SkipParentheses()
    {
        Expect("(");
        for (var depth = 1; depth > 0; at++)
        {
            if (Current.Kind == SqlTokenKind.End) throw SqlErrors.Encountered(Current, "\")\"");
            if (Current.Is("(")) depth++;
            if (Current.Is(")")) depth--;
        }
    }

    private void SkipStatement()
    {
        while (!AtEnd) at++;
    }

    private bool Accept(string word)
    {
        if (!Current.Is(word)) return false;
        at++;
        return true;
    }

    private void Expect(string word)
    {
        if (!Accept(word)) throw SqlErrors.Encountered(Current, $"\"{word}\"");
    }
}
