using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Analysis;

// What a query reads.
internal sealed partial class SqlAnalyzer
{
    // A common table expression that is in sight, with what it reads.
    private sealed record Sight(CommonTable Table, ReadSet Reads, Sight? Outer);

    private List<Read> Reads(SqlQuery? query, SqlStatement statement)
    {
        var reads = new ReadSet();
        if (query is not null) Query(query, null, reads, statement);
        return reads.Items;
    }

    private void Query(SqlQuery query, Sight? sight, ReadSet reads, SqlStatement statement)
    {
        if (query is OrderedQuery { With.Count: > 0 } with)
        {
            foreach (var common in with.With)
            {
                var own = new ReadSet();
                // WITH RECURSIVE sees itself, and reads nothing new by that.
                var inner = with.IsRecursive ? new Sight(common, new(), sight) : sight;
                if (common.Query is not null) Query(common.Query, inner, own, statement);
                sight = new(common, own, sight);
            }

            if (with.Body is not null) Query(with.Body, sight, reads, statement);
            foreach (var item in with.OrderBy) Inside(item, sight, reads, statement);
            return;
        }

        Inside(query, sight, reads, statement);
    }

    // All below a node, itself included; queries with a WITH of their own apart.
    private void Inside(SqlNode root, Sight? sight, ReadSet reads, SqlStatement statement)
    {
        var floor = open.Count;
        open.Push(root);
        while (open.Count > floor)
        {
            var node = open.Pop();
            switch (node)
            {
                case OrderedQuery { With.Count: > 0 } with when node != root:
                    Query(with, sight, reads, statement);
                    continue;
                case NamedTable table when table.Name is not null:
                    Name(statement, table, table.Name, sight, reads, table.AsOf is not null);
                    break;
                case TableArgument { Name: { } name } argument:
                    Name(statement, argument, name, sight, reads, isLookup: false);
                    break;
                case TableQuery { Name: { } name } explicitly:
                    Name(statement, explicitly, name, sight, reads, isLookup: false);
                    break;
                case Call { Name: { } name }:
                    Called(name);
                    break;
                case SqlIdentifier or Literal:
                    continue;
            }

            var first = children.Count;
            node.ForEachChild(collect);
            for (var i = children.Count - 1; i >= first; i--) open.Push(children[i]);
            children.RemoveRange(first, children.Count - first);
        }
    }

    private void Name(
        SqlStatement statement, SqlNode node, SqlIdentifier name, Sight? sight, ReadSet reads, bool isLookup)
    {
        var role = isLookup ? TableRoles.Lookup : TableRoles.Source;
        if (name.Parts.Count == 1)
        {
            for (var common = sight; common is not null; common = common.Outer)
            {
                if (common.Table.Name.Text != name.Last.Text) continue;
                var reference = new TableReference(statement, node, name, null, common.Table, role);
                references.Add(reference);
                analysis.Bindings[node] = reference;
                reads.Add(common.Reads.Items, isLookup);
                return;
            }
        }

        var symbol = Refer(statement, node, name, role);
        if (symbol.Kind == TableKind.View) reads.Add(symbol.Reads, isLookup);
        else reads.Add(new(symbol, name.ToString(), isLookup));
    }

    private void Called(SqlIdentifier name)
    {
        var text = name.ToString();
        if (calledOnce.Add(text)) called.Add(text);
    }
}

/// <summary>Base tables in the order in which they are read, each name once; a lookup anywhere makes it one.</summary>
internal sealed class ReadSet
{
    private readonly Dictionary<(TableSymbol, string), int> places = [];

    public List<Read> Items { get; } = [];

    public void Add(IReadOnlyList<Read> more, bool isLookup)
    {
        foreach (var read in more) Add(isLookup && !read.IsLookup ? read with { IsLookup = true } : read);
    }

    public void Add(Read read)
    {
        if (places.TryAdd((read.Table, read.Name), Items.Count)) Items.Add(read);
        else if (read.IsLookup) Items[places[(read.Table, read.Name)]] = read;
    }
}
