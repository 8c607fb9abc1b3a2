namespace Xuanwu.FlinkSql.Syntax;

/// <summary>
/// A node of the tree of a script. It knows where it stands: <see cref="Start"/> is where its first token begins and
/// <see cref="End"/> where its last one ends, so <c>node.Span.Of(script.Text)</c> is what its author wrote, comments
/// within it too. In a statement with errors, nodes may lack parts: what the grammar demands may then be null or empty
/// all the same. A tree does not change once it is parsed.
/// </summary>
public abstract class SqlNode
{
    /// <summary>UTF-16 code units of the script before the node.</summary>
    public int Start { get; internal set; }

    /// <summary>Where the node ends (exclusive).</summary>
    public int End { get; internal set; }

    public SqlSpan Span => SqlSpan.Between(Start, End);

    /// <summary>Calls back with each child, in the order of the text; null children are left out.</summary>
    public abstract void ForEachChild(Action<SqlNode> visit);

    /// <summary>
    /// The node and all below it, parents before children, in the order of the text. Uses no call stack, so any tree
    /// can be walked.
    /// </summary>
    public IEnumerable<SqlNode> DescendantsAndSelf()
    {
        var open = new Stack<SqlNode>();
        var children = new List<SqlNode>();
        open.Push(this);
        while (open.TryPop(out var node))
        {
            yield return node;
            node.ForEachChild(children.Add);
            for (var i = children.Count - 1; i >= 0; i--) open.Push(children[i]);
            children.Clear();
        }
    }

    private protected static void Each(Action<SqlNode> visit, SqlNode? node)
    {
        if (node is not null) visit(node);
    }

    private protected static void Each(Action<SqlNode> visit, IReadOnlyList<SqlNode> nodes)
    {
        for (var i = 0; i < nodes.Count; i++) visit(nodes[i]);
    }
}

/// <summary>A simple name.</summary>
/// <param name="Text">The name itself: without its backquotes, doubled ones inside being one.</param>
/// <param name="IsQuoted">Whether it stands in backquotes.</param>
/// <param name="Start">Where it begins, with its backquote.</param>
/// <param name="End">Where it ends (exclusive), with its backquote.</param>
public readonly record struct SqlName(string Text, bool IsQuoted, int Start, int End)
{
    public SqlSpan Span => SqlSpan.Between(Start, End);

    public override string ToString() => Text;
}
