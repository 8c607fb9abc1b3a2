using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

// One pass over the statements, with the state of a session: current catalog and database, tables, functions. Queries
// are walked for the tables they read; a view is walked once, where it is created, for names in it are resolved there.
// Deep chains (joins, UNIONs, operators) are walked in loops; the parser bounds all other depth.
internal sealed partial class SqlAnalyzer
{
    private readonly SqlAnalysis analysis;
    private readonly Dictionary<TablePath, TableSymbol> tables = [];
    private readonly List<TableSymbol> all = [];
    private readonly List<TableReference> references = [];
    private readonly List<Flow> flows = [];
    private readonly Dictionary<string, string?> functions = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> called = [];
    private readonly HashSet<string> calledOnce = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<string> catalogTypes = [];
    private readonly List<string> jars = [];
    private readonly Stack<SqlNode> open = new();
    private readonly List<SqlNode> children = [];
    private readonly Action<SqlNode> collect;
    private string catalog;
    private string database;
    private int nodes;

    public SqlAnalyzer(SqlAnalysis analysis, SqlSurroundings surroundings)
    {
        this.analysis = analysis;
        (catalog, database) = (surroundings.Catalog, surroundings.Database);
        collect = children.Add;
        foreach (var known in surroundings.Tables)
        {
            tables[known.Path] = new(known.Path, TableKind.Table)
            {
                WrittenName = known.Path.Name,
                DeclaredColumns = known.Columns,
                Options = known.Options,
                PrimaryKey = known.PrimaryKey,
            };
        }
    }

    public void Run()
    {
        foreach (var statement in analysis.Script.Statements) Statement(statement);
        EndJob();
        analysis.Tables = all;
        analysis.References = references;
        analysis.Flows = flows;
        analysis.Lineage = Lines(flows);
        analysis.Needs = Needs();
        analysis.NodeCount = nodes;
    }

    private void Statement(SqlStatement statement)
    {
        switch (statement)
        {
            case Use use: SwitchTo(use); break;
            case CreateTable table: Create(table); break;
            case CreateView view: Create(view); break;
            case CreateObject it: Create(it); break;
            case AlterObject alter: Alter(alter); break;
            case DropObject drop: Drop(drop); break;
            case Insert insert:
                Run(insert);
                if (!isSetOpen) EndJob();
                break;
            case StatementSet set: Run(set); break;
            case QueryStatement query: Run(query); break;
            case WrapperStatement { Kind: SqlKind.CompileAndExecutePlan, Inner: { } inner }: Statement(inner); break;
            case WrapperStatement { Inner: { } inner }: Look(inner); break;
            case Command command: Take(command); break;
            case CallStatement call: Inside(call.Call, null, new(), statement); break;
            case Update update:
                Refer(statement, update, update.Target, TableRoles.Sink);
                Inside(update, null, new(), statement);
                break;
            case Delete delete:
                Refer(statement, delete, delete.Target, TableRoles.Sink);
                Inside(delete, null, new(), statement);
                break;
        }
    }

    private bool isSetOpen;

    // The tables of the job that is being put together, until it ends.
    private readonly HashSet<(TableSymbol, TableRoles)> job = [];

    private void EndJob()
    {
        nodes += job.Count;
        job.Clear();
    }

    private void Take(Command command)
    {
        switch (command.Kind)
        {
            case SqlKind.AddJar when command.Text is { } path:
                jars.Add(path.Value);
                break;
            case SqlKind.BeginStatementSet:
                isSetOpen = true;
                break;
            case SqlKind.EndStatementSet:
                isSetOpen = false;
                EndJob();
                break;
        }
    }

    private void SwitchTo(Use use)
    {
        if (use.Kind == SqlKind.UseModules || use.Names is not [var name, ..]) return;
        if (use.Kind == SqlKind.UseCatalog)
        {
            // A catalog has its own default database, whose name is its maker's to say.
            (catalog, database) = (name.Last.Text, catalog == name.Last.Text ? database : "default");
        }
        else
        {
            (catalog, database) = name.Parts is [var c, var d] ? (c.Text, d.Text) : (catalog, name.Last.Text);
        }
    }

    private TablePath PathOf(SqlIdentifier name) => name.Parts switch
    {
        [var only] => new(catalog, database, only.Text),
        [var d, var table] => new(catalog, d.Text, table.Text),
        [var c, var d, var table, ..] => new(c.Text, d.Text, table.Text),
        _ => new(catalog, database, ""),
    };

    private TableSymbol Find(SqlIdentifier name)
    {
        var path = PathOf(name);
        if (!tables.TryGetValue(path, out var symbol))
        {
            symbol = new(path, TableKind.Unknown);
            tables.Add(path, symbol);
        }

        Remember(symbol, name);
        return symbol;
    }

    private void Remember(TableSymbol symbol, SqlIdentifier name)
    {
        if (symbol.IsListed) return;
        symbol.IsListed = true;
        symbol.WrittenName = name.ToString();
        all.Add(symbol);
    }

    private void Declare(TableSymbol symbol, SqlIdentifier name)
    {
        if (tables.TryGetValue(symbol.Path, out var before) && before.Kind != TableKind.Unknown)
        {
            symbol.Shadowed = symbol.IsTemporary && !before.IsTemporary ? before : before.Shadowed;
        }

        tables[symbol.Path] = symbol;
        Remember(symbol, name);
    }

    private void Create(CreateTable table)
    {
        var symbol = Declared(table);
        if (table.IfNotExists && tables.TryGetValue(symbol.Path, out var known) && known.Kind != TableKind.Unknown)
        {
            symbol = known;
        }
        else
        {
            Declare(symbol, table.Name);
        }

        if (table.Query is null) return;
        Flow(table, table.Query, symbol, table.Name, table);
        if (!isSetOpen) EndJob();
    }

    private void Create(CreateView view)
    {
        var path = PathOf(view.Name);
        if (view.IfNotExists && tables.TryGetValue(path, out var known) && known.Kind != TableKind.Unknown) return;
        var symbol = new TableSymbol(path, TableKind.View)
        {
            Definition = view,
            IsTemporary = view.IsTemporary,
            Query = view.Query,
            Reads = view.Query is null ? [] : Reads(view.Query, view),
        };
        Declare(symbol, view.Name);
    }

    private void Create(CreateObject it)
    {
        switch (it.Object)
        {
            case ObjectKind.Catalog when it.Options is { } options && options["type"] is { } type:
                catalogTypes.Add(type);
                break;
            case ObjectKind.Function:
                functions[it.Name.ToString()] = it.ClassName?.Value;
                foreach (var jar in it.Jars) jars.Add(jar.Value);
                break;
            case ObjectKind.Model when it.Query is { } query:
                Reads(query, it);
                break;
        }
    }

    private void Drop(DropObject drop)
    {
        if (drop.Object == ObjectKind.Function) functions.Remove(drop.Name.ToString());
        if (drop.Object is not (ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedTable)) return;
        if (drop.Name is null || !tables.Remove(PathOf(drop.Name), out var symbol)) return;
        if (symbol.Shadowed is { } shadowed) tables[shadowed.Path] = shadowed;
    }

    private void Alter(AlterObject alter)
    {
        if (alter.Name is null || alter.Object is not
            (ObjectKind.Table or ObjectKind.View or ObjectKind.MaterializedTable))
        {
            return;
        }

        var symbol = Find(alter.Name);
        switch (alter.Action)
        {
            case AlterAction.Rename when alter.NewName is { } name:
                tables.Remove(symbol.Path);
                symbol.Path = PathOf(name) with { Catalog = symbol.Path.Catalog };
                if (name.Parts.Count == 1) symbol.Path = symbol.Path with { Database = PathOf(alter.Name).Database };
                tables[symbol.Path] = symbol;
                break;
            case AlterAction.As when alter.Query is { } query:
                symbol.Query = query;
                symbol.Reads = Reads(query, alter);
                if (symbol.Kind == TableKind.Unknown)
                {
                    symbol.Kind = alter.Object == ObjectKind.View ? TableKind.View : TableKind.MaterializedTable;
                }

                break;
            default:
                Change(symbol, alter);
                break;
        }
    }

    private void Run(Insert insert)
    {
        if (insert.Target is null) return;
        Flow(insert, insert.Query, Find(insert.Target), insert.Target, insert);
    }

    private void Run(StatementSet set)
    {
        foreach (var insert in set.Inserts) Run(insert);
        EndJob();
    }

    private void Run(QueryStatement statement)
    {
        Flow(statement, statement.Query, null, null, statement);
        EndJob();
    }

    private void Flow(SqlStatement statement, SqlQuery query, TableSymbol? sink, SqlIdentifier? name, SqlNode node)
    {
        var at = references.Count;
        var reads = Reads(query, statement);
        foreach (var read in reads)
        {
            read.Table.Roles |= TableRoles.Source | (read.IsLookup ? TableRoles.Lookup : TableRoles.None);
            job.Add((read.Table, read.IsLookup ? TableRoles.Lookup : TableRoles.Source));
        }

        if (sink is not null)
        {
            sink.Roles |= TableRoles.Sink;
            job.Add((sink, TableRoles.Sink));
            var reference = new TableReference(statement, node, name!, sink, null, TableRoles.Sink);
            references.Insert(at, reference);
            analysis.Bindings[node] = reference;
        }

        flows.Add(new(statement, query, sink, name?.ToString(), reads));
    }

    // EXPLAIN and COMPILE PLAN: names are looked up, nothing flows.
    private void Look(SqlStatement statement)
    {
        switch (statement)
        {
            case Insert { Target: { } target } insert:
                Refer(statement, insert, target, TableRoles.Sink);
                Reads(insert.Query, statement);
                break;
            case StatementSet set:
                foreach (var insert in set.Inserts) Look(insert);
                break;
            case QueryStatement { Query: { } query }:
                Reads(query, statement);
                break;
            case CreateTable { Query: { } query }:
                Reads(query, statement);
                break;
        }
    }

    private TableSymbol Refer(SqlStatement statement, SqlNode node, SqlIdentifier name, TableRoles role)
    {
        var symbol = Find(name);
        var reference = new TableReference(statement, node, name, symbol, null, role);
        references.Add(reference);
        analysis.Bindings[node] = reference;
        return symbol;
    }

    private static Lineage Lines(List<Flow> flows)
    {
        var sources = new OrderedSet<string>();
        var sinks = new OrderedSet<string>();
        var lookups = new OrderedSet<string>();
        var edges = new OrderedSet<LineageEdge>();
        foreach (var flow in flows)
        {
            if (flow.SinkName is { } sink) sinks.Add(sink);
            foreach (var read in flow.Reads)
            {
                sources.Add(read.Name);
                if (read.IsLookup) lookups.Add(read.Name);
                if (flow.SinkName is not null) edges.Add(new(read.Name, flow.SinkName));
            }
        }

        return new(sources.Items, sinks.Items, lookups.Items, edges.Items);
    }
}

/// <summary>A set that keeps the order in which its items came.</summary>
internal sealed class OrderedSet<T>
{
    private readonly HashSet<T> known = [];
    private readonly List<T> items = [];

    public IReadOnlyList<T> Items => items;

    public void Add(T item)
    {
        if (known.Add(item)) items.Add(item);
    }
}
