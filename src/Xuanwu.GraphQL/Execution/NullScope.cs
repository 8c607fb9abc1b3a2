namespace Xuanwu.GraphQL.Execution;

// A nullable value that has holes inside. When a hole cannot be filled because of a non-null type, the null spreads
// to the nearest of these, and everything still running inside it no longer matters.
internal sealed class NullScope(Chunk chunk, int start, NullScope? parent)
{
    private bool dead;

    /// <summary>Length of the chunk when the value was complete.</summary>
    public int End { get; set; } = -1;

    public bool IsDead
    {
        get
        {
            for (var scope = this; scope is not null; scope = scope.Parent)
            {
                if (scope.dead) return true;
            }

            return false;
        }
    }

    private NullScope? Parent { get; } = parent;

    /// <summary>The value was taken back while it was written; nothing needs an edit.</summary>
    public void Abandon() => dead = true;

    /// <summary>Replaces the complete value by null.</summary>
    public void Nullify()
    {
        if (dead) return;
        dead = true;
        chunk.Nullify(start, End);
    }
}
