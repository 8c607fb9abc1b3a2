using System.Runtime.CompilerServices;

namespace Xuanwu.GraphQL.Execution;

// The two stacks of a run, response path and nullable scopes, and the errors.
internal sealed partial class Executor
{
    private struct Frame
    {
        public int Start;
        public NullScope? Scope;
    }

    // --- path

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int PushPath()
    {
        if (pathDepth == path.Length) GrowPath();
        return pathDepth++;
    }

    public void PopPath(int depth) => pathDepth = depth;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At(int depth, FieldPlan field) => path[depth].Field = field;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void At(int depth, int index)
    {
        path[depth].Field = null;
        path[depth].Index = index;
    }

    private void GrowPath()
    {
        if (path.Length >= MaxPath)
        {
            throw new GraphQLException("The response is nested too deeply.", ErrorCodes.DocumentTooLarge);
        }

        RuntimeHelpers.EnsureSufficientExecutionStack();
        Array.Resize(ref path, path.Length * 2);
    }

    private object[] Path()
    {
        var steps = new object[start.Count + pathDepth];
        for (var i = 0; i < start.Count; i++) steps[i] = start[i];
        for (var i = 0; i < pathDepth; i++)
        {
            steps[start.Count + i] = path[i].Field is { } field ? field.ResponseName : path[i].Index;
        }

        return steps;
    }

    /// <summary>The response path as spans and logs show it.</summary>
    public string PathText() => string.Join('.', Path());

    // --- nullable scopes

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PushScope()
    {
        if (ScopeDepth == scopes.Length) Array.Resize(ref scopes, ScopeDepth * 2);
        ref var frame = ref scopes[ScopeDepth++];
        frame.Start = Out.Length;
        frame.Scope = null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void PopScope()
    {
        if (scopes[--ScopeDepth].Scope is { } scope) scope.End = Out.Length;
    }

    /// <summary>Ends the innermost scope by null: a non-null value inside it is missing.</summary>
    public void TakeBack()
    {
        ref var frame = ref scopes[--ScopeDepth];
        frame.Scope?.Abandon();
        chunk.Truncate(frame.Start);
        Out.Null();
    }

    private NullScope Materialise()
    {
        NullScope? parent = null;
        for (var i = 0; i < ScopeDepth; i++)
        {
            parent = scopes[i].Scope ??= new NullScope(chunk, scopes[i].Start, parent);
        }

        return parent!;
    }

    /// <summary>After an exception: back to the state in which the field's value was about to be written.</summary>
    public void Unwind(int depth, int scopeDepth, int length)
    {
        while (ScopeDepth > scopeDepth) scopes[--ScopeDepth].Scope?.Abandon();
        chunk.Truncate(length);
        pathDepth = depth + 1;
    }

    // --- later parts

    private List<LaterPart>? later;

    /// <summary>What was left for later parts, without what a null has taken with it.</summary>
    public IEnumerable<LaterPart> Later => later?.Where(it => !it.Scope.IsDead) ?? [];

    /// <summary>Notes that fragments of the object just written are to come later.</summary>
    public void LeaveForLater(DeferredPlan[] fragments, object source)
    {
        var (at, scope) = (Path(), Materialise());
        foreach (var it in fragments) (later ??= []).Add(new LaterPart(it.Label, it.Selection, source, at, scope));
    }

    // --- errors

    /// <summary>Whether the run as a whole has ended: nothing is to be caught any more.</summary>
    public bool IsOver(Exception thrown) =>
        thrown is OperationCanceledException && Request.Cancellation.IsCancellationRequested;

    /// <summary>
    /// Records that the current field failed. Writes null, or gives false when the field is non-null.
    /// </summary>
    public bool Fail(FieldPlan field, Exception thrown)
    {
        Add(field, options.ErrorOf(thrown, PathText), (thrown as ArgumentFault)?.Start);
        if (field.IsNonNull) return false;
        Out.Null();
        return true;
    }

    /// <summary>Records that the current position, of a non-null type, has no value. Always false.</summary>
    public bool FailNull(FieldPlan field)
    {
        Add(field, new GraphQLError(
            $"Cannot return null for non-nullable field {field.Owner.Type.Name}.{field.Field.Name}.")
        {
            Code = ErrorCodes.NonNull,
        });
        return false;
    }

    /// <summary>
    /// Records that the current position has a value that does not fit its type. Writes null, or gives false when
    /// the position is non-null.
    /// </summary>
    public bool FailValue(FieldPlan field, bool nonNull, string message, string? code)
    {
        Add(field, new GraphQLError(message) { Code = code });
        if (nonNull) return false;
        Out.Null();
        return true;
    }

    private void Add(FieldPlan field, GraphQLError error, int? start = null)
    {
        errors ??= [];
        if (errors.Count >= options.MaxErrors) return;
        errors.Add(error with
        {
            Path = Path(),
            Locations = start is { } at
                ? [plan.Document.Source.Locate(at)]
                : [.. field.Nodes.Select(it => plan.Document.Source.Locate(it.Start))],
        });
    }
}

/// <summary>A fragment of one object that is still to be executed.</summary>
internal sealed record LaterPart(
    string? Label, SelectionPlan Selection, object Source, object[] Path, NullScope Scope);
