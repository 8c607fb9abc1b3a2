using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Checks;

/// <summary>A table that a statement reads.</summary>
/// <param name="Name">Its name as written.</param>
/// <param name="Node">The <see cref="NamedTable"/>, <see cref="TableArgument"/> or <see cref="TableQuery"/>.</param>
/// <param name="Join">The join whose right side it is; null for others.</param>
internal sealed record TableReference(SqlIdentifier Name, SqlNode Node, Join? Join)
{
    public NamedTable? Named => Node as NamedTable;

    public HintList? Hints => Named?.Hints;

    /// <summary>
    /// Whether it is looked up at a time of the left side: FOR SYSTEM_TIME AS OF a column, or of PROCTIME(), and not of
    /// a constant, which is time travel.
    /// </summary>
    public bool IsTemporal => Named?.AsOf is SqlIdentifier or FieldAccess || Named?.AsOf is Call call && call.Is("PROCTIME");
}

/// <summary>Finds the tables that queries read; names of WITH hide them.</summary>
internal sealed class TableReferences
{
    private readonly List<TableReference> found = [];
    private readonly List<HashSet<string>> scopes = [];

    private TableReferences()
    {
    }

    /// <summary>In the order of the text.</summary>
    public static List<TableReference> Of(SqlNode? node)
    {
        var references = new TableReferences();
        if (node is not null) references.Visit(node, null);
        return references.found;
    }

    private void Visit(SqlNode node, Join? join)
    {
        switch (node)
        {
            case OrderedQuery query:
                Ordered(query);
                return;
            case SetOperation set:
                var sides = new Stack<SqlQuery>();
                SqlQuery left = set;
                while (left is SetOperation deeper)
                {
                    sides.Push(deeper.Right);
                    left = deeper.Left;
                }

                Visit(left, null);
                while (sides.TryPop(out var side)) Visit(side, null);
                return;
            case Join chain:
                Joined(chain);
                return;
            case NamedTable table:
                Add(table.Name, table, join);
                break;
            case TableArgument { Name: { } name } argument:
                Add(name, argument, join);
                break;
            case TableQuery table:
                Add(table.Name, table, join);
                break;
        }

        node.ForEachChild(child => Visit(child, null));
    }

    private void Ordered(OrderedQuery query)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        scopes.Add(names);
        foreach (var common in query.With)
        {
            if (query.IsRecursive) names.Add(common.Name.Text);
            Visit(common.Query, null);
            names.Add(common.Name.Text);
        }

        Visit(query.Body, null);
        foreach (var item in query.OrderBy) Visit(item, null);
        scopes.RemoveAt(scopes.Count - 1);
    }

    // Chains of joins are deep on the left.
    private void Joined(Join chain)
    {
        var joins = new Stack<Join>();
        SqlTable left = chain;
        while (left is Join deeper)
        {
            joins.Push(deeper);
            left = deeper.Left;
        }

        Visit(left, null);
        while (joins.TryPop(out var join))
        {
            Visit(join.Right, join);
            if (join.On is not null) Visit(join.On, null);
            if (join.Match is not null) Visit(join.Match, null);
        }
    }

    private void Add(SqlIdentifier name, SqlNode node, Join? join)
    {
        if (name.Parts.Count == 0) return; // in a broken statement
        if (name.Parts.Count == 1 && scopes.Exists(scope => scope.Contains(name.Parts[0].Text))) return;
        found.Add(new(name, node, join));
    }
}
