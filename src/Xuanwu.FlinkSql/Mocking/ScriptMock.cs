using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Mocking;

/// <summary>
/// One mock of one script. Tables are written anew where they are declared; those that a catalog would bring are put in
/// front; statements that run are edited, so that the queries stay as their author wrote them.
/// </summary>
internal sealed partial class ScriptMock
{
    private readonly SqlAnalysis analysis;
    private readonly MockOptions options;
    private readonly ColumnUses uses;
    private readonly MockColumns columns;
    private readonly SqlEdits edits = new();
    private readonly List<MockChange> changes = [];
    private readonly List<SqlDiagnostic> diagnostics = [];

    // Tables that are read and written: what is written goes to a table of its own.
    private readonly Dictionary<TableSymbol, string> written = [];

    public ScriptMock(SqlAnalysis analysis, MockOptions options)
    {
        (this.analysis, this.options) = (analysis, options);
        uses = new(analysis);
        columns = new(analysis, uses);
    }

    private SqlScript Script => analysis.Script;

    public MockedSql Run()
    {
        foreach (var table in analysis.Tables)
        {
            if ((table.Roles & TableRoles.Source) != 0 && (table.Roles & TableRoles.Sink) != 0
                && table.Definition is not CreateTable { Query: not null })
            {
                written[table] = MockTable.WithSuffix(Name(table), "__written");
            }
        }

        var front = Front();
        foreach (var statement in Script.Statements) Statement(statement);
        if (front.Length > 0) edits.Insert(0, front);
        return new(
            edits.Apply(Script.Text),
            [.. changes.OrderBy(change => change.Start)],
            [.. diagnostics.OrderBy(told => told.Start)]);
    }

    private void Statement(SqlStatement statement)
    {
        if (!statement.IsWhole) return;
        switch (statement)
        {
            case CreateTable { Query: not null } table: TableAs(table); break;
            case CreateTable table: Table(table); break;
            case CreateView view: Query(view.Query); break;
            case CreateObject { Object: ObjectKind.Catalog } catalog: Catalog(catalog); break;
            case CreateObject { Object: ObjectKind.Database, Options: { } given } database:
                Remove(WithWord(given.Span, "WITH"), database.Name.ToString(),
                    "Its properties belong to the catalog of production.");
                break;
            case CreateObject { Object: ObjectKind.Model or ObjectKind.Connection } it:
                LeaveOut(it, "It would call a service outside; what uses it cannot be tried.");
                break;
            case SetStatement { Key: { } key } set when MockGuarantee.Statements.KeepsState(key):
                LeaveOut(set, "A try keeps no state, and touches none.", key);
                break;
            case StatementSet set: Set(set); break;
            case Command { Kind: SqlKind.BeginStatementSet or SqlKind.EndStatementSet } command
                when options.Sinks == MockSinks.Collect:
                Cut(command, "Each query is collected by itself.");
                break;
            case Insert insert: Insert(insert); break;
            case QueryStatement query: Query(query.Query); break;
            case WrapperStatement { Kind: SqlKind.Explain, Inner: { } inner }: Statement(inner); break;
            default:
                if (MockGuarantee.Statements.ReachOutside(statement.Kind))
                    LeaveOut(statement, "It would change what is outside of the session.");
                break;
        }
    }

    private void Table(CreateTable create)
    {
        // One name may be declared again after DROP: each declaration is written as the table stands at the end.
        var symbol = analysis.Tables.LastOrDefault(table => table.Definition == create)
            ?? analysis.Tables.LastOrDefault(table => table.WrittenName == create.Name.ToString());
        if (symbol is null || symbol.Definition != create)
        {
            Cut(create, "It is declared again further down.");
            return;
        }

        Change(create, Written(symbol), What(symbol), Why(symbol));
        edits.Replace(create.Span, Declaration(symbol));
    }

    // CREATE TABLE … AS, REPLACE TABLE … AS, CREATE MATERIALIZED TABLE.
    private void TableAs(CreateTable create)
    {
        var start = QueryStart(create.Query!);
        var name = create.Name.Span.Of(Script.Text);
        var exists = create.IfNotExists ? "IF NOT EXISTS " : "";
        edits.Replace(
            SqlSpan.Between(create.Start, start),
            $"CREATE TABLE {exists}{name} WITH ('connector' = 'print', 'print-identifier' = "
                + $"{SqlQuote.Text(create.Name.ToString())}) AS\n");
        Change(create, create.Name.ToString(), "print",
            "Nothing is written to production; what the query gives is printed.");
        Query(create.Query!);
    }

    private void Catalog(CreateObject catalog)
    {
        var given = catalog.Options?.Options
            .LastOrDefault(option => option.Key.Value == "default-database")?.Value.Value;
        var name = catalog.Name.Span.Of(Script.Text);
        edits.Replace(catalog.Span, Memory(name, given ?? "default", catalog.IfNotExists));
        Change(catalog, catalog.Name.ToString(), "a catalog in memory", "No catalog of production is opened.");
    }

    private void Set(StatementSet set)
    {
        if (options.Sinks == MockSinks.Print)
        {
            foreach (var insert in set.Inserts) Insert(insert);
            return;
        }

        if (set.Inserts.Count == 0) return;
        edits.Remove(SqlSpan.Between(set.Start, set.Inserts[0].Start));
        foreach (var insert in set.Inserts) Insert(insert);
        edits.Remove(SqlSpan.Between(set.Inserts[^1].End, set.End));
        Change(set, "statement set", "queries one by one", "Each query is collected by itself.");
    }

    private void Insert(Insert insert)
    {
        if (insert.Target is not { Parts.Count: > 0 } || insert.Query is null) return;
        var start = QueryStart(insert.Query);
        if (insert.OnConflict is not null)
        {
            var end = EndWithBrackets(insert.Query);
            edits.Remove(SqlSpan.Between(end, insert.End));
            Change(SqlSpan.Between(end, insert.End), insert.Target.ToString(), "ON CONFLICT left out",
                "print has no conflicts.");
        }

        var sink = analysis.Flows.FirstOrDefault(flow => flow.Statement == insert)?.Sink;
        if (options.Sinks == MockSinks.Collect)
        {
            edits.Remove(SqlSpan.Between(insert.Start, start));
            Change(insert, insert.Target.ToString(), "collected", "The rows are shown and not written.");
        }
        else
        {
            var header = Header(insert, sink);
            var before = Script.Text[insert.Start..start].TrimEnd();
            if (header != before)
            {
                edits.Replace(SqlSpan.Between(insert.Start, insert.Start + before.Length), header);
                Change(insert, insert.Target.ToString(), header,
                    "print takes no hints, no partitions and no OVERWRITE.");
            }
        }

        Query(insert.Query);
    }

    private string Header(Insert insert, TableSymbol? sink)
    {
        var isPlain = insert is { Hints: null, Partition: null, IsOverwrite: false, IsUpsert: false };
        var target = sink is not null && written.TryGetValue(sink, out var other)
            ? other
            : insert.Target.Span.Of(Script.Text);
        if (isPlain && target == insert.Target.Span.Of(Script.Text))
            return Script.Text[insert.Start..QueryStart(insert.Query)].TrimEnd();
        var named = insert.Columns.Select(column => column.Span.Of(Script.Text)).ToArray();
        var set = insert.Partition?.Values.Where(value => value.Value is not null).Select(value => value.Column.Text)
            .ToArray();
        if (named.Length == 0 && set is { Length: > 0 } && sink is not null && columns.Sink(sink) is { } all)
            named = [.. all.Where(column => !set.Contains(column.Name)).Select(column => SqlWords.Quoted(column.Name))];
        return $"{(insert.IsExecute ? "EXECUTE " : "")}INSERT INTO {target}"
            + (named.Length > 0 ? $" ({string.Join(", ", named)})" : "");
    }

    // Within queries: hints with options go, lookups become joins.
    private void Query(SqlNode query)
    {
        foreach (var node in query.DescendantsAndSelf())
        {
            switch (node)
            {
                case NamedTable table:
                    if (table.Hints is { } hints) Hints(hints, table.Name);
                    if (table.AsOf is { } time) Lookup(table, time);
                    break;
                case Select { Hints: { } lookups } when lookups.Hints.Any(hint => Is(hint, "LOOKUP")):
                    RemoveHints(lookups, hint => Is(hint, "LOOKUP"));
                    break;
                case ModelArgument model:
                    diagnostics.Add(
                        Told("SQL_MOCK_MODEL", $"The model {model.Name} is a service outside; a query that asks "
                        + "it cannot be tried.", model.Span));
                    break;
            }
        }
    }

    private void Lookup(NamedTable table, SqlExpression time)
    {
        var from = table.Hints?.End ?? table.Name.End;
        if (table.Hints is { } hints && hints.Start > time.End) from = table.Name.End;
        edits.Remove(SqlSpan.Between(from, EndWithBrackets(time)));
        Change(table, table.Name.ToString(), "joined", "Generated rows have no versions and cannot be looked up.");
    }

    // Brackets around an expression or a query are not in the tree.
    private int EndWithBrackets(SqlNode time)
    {
        var (first, last) = (Script.TokenAt(time.Start), Script.TokenAt(time.End));
        while (first > 0 && Is(first - 1, "(") && Is(last, ")")) (first, last) = (first - 1, last + 1);
        return last > 0 ? Script.Tokens[last - 1].End : time.End;
    }

    private void Hints(HintList hints, SqlIdentifier table)
    {
        if (!hints.Hints.Any(hint => Is(hint, "OPTIONS"))) return;
        RemoveHints(hints, hint => Is(hint, "OPTIONS"));
        Change(hints, table.ToString(), "hint left out", "Its options are those of the connector of production.");
    }

    private void RemoveHints(HintList list, Func<Hint, bool> goes)
    {
        var stay = list.Hints.Where(hint => !goes(hint)).Select(hint => hint.Span.Of(Script.Text)).ToArray();
        edits.Replace(list.Span, stay.Length == 0 ? "" : $"/*+ {string.Join(", ", stay)} */");
    }

    private static bool Is(Hint hint, string name) => hint.Name.Text.Equals(name, StringComparison.OrdinalIgnoreCase);

    private bool Is(int token, string text)
    {
        var at = Script.Tokens[token];
        return Script.Text.AsSpan(at.Start, at.Length).SequenceEqual(text);
    }

    // Brackets around a query are not in its span.
    private int QueryStart(SqlQuery query)
    {
        var token = Script.TokenAt(query.Start);
        while (token > 0 && Is(token - 1, "(")) token--;
        return Script.Tokens[token].Start;
    }

    // A clause with the word before it.
    private SqlSpan WithWord(SqlSpan clause, string word)
    {
        var token = Script.TokenAt(clause.Start) - 1;
        var before = token >= 0 ? Script.Tokens[token] : default;
        var isWord = token >= 0
            && Script.Text.AsSpan(before.Start, before.Length).Equals(word, StringComparison.OrdinalIgnoreCase);
        return SqlSpan.Between(isWord ? before.Start : clause.Start, clause.End);
    }

    private void Remove(SqlSpan span, string subject, string why)
    {
        edits.Remove(span);
        Change(span, subject, "left out", why);
    }

    private void LeaveOut(SqlStatement statement, string why, string? subject = null)
    {
        Cut(statement, why, subject);
        if (statement is not SetStatement)
            diagnostics.Add(Told("SQL_MOCK_LEFT_OUT", $"{statement.Kind.Name().Replace('_', ' ')} is left out. {why}",
                statement.Span));
    }

    private void Cut(SqlStatement statement, string why, string? subject = null)
    {
        edits.Remove(Mapping.ScriptText.WithSemicolon(Script, statement));
        Change(statement, subject ?? statement.Kind.Name(), "left out", why);
    }

    private SqlDiagnostic Told(string code, string message, SqlSpan at)
    {
        var place = Script.PositionOf(at.Start);
        return new(code, message, at.Start, at.Length)
        {
            Severity = SqlSeverity.Warning,
            Line = place.Line,
            Column = place.Column,
        };
    }

    private void Change(TableSymbol table, string subject, string what, string why)
    {
        var at = table.Definition is CreateTable create
            ? create.Span
            : analysis.References.FirstOrDefault(reference => reference.Table == table)?.Name.Span ?? default;
        Change(at, subject, what, why);
    }

    private void Change(SqlNode node, string subject, string what, string why) => Change(node.Span, subject, what, why);

    private void Change(SqlSpan at, string subject, string what, string why)
    {
        var place = Script.PositionOf(at.Start);
        changes.Add(new(subject, what, why, at.Start, at.Length, place.Line, place.Column));
    }
}
