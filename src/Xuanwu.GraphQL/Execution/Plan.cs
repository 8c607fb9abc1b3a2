using System.Text;
using Xuanwu.GraphQL.Language;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// What is written for one object type: fields merged, conditions decided, names encoded. The first field's prefix has
// the opening brace and every other one's the comma, so that an object is prefix, value, prefix, value, brace.
internal sealed class SelectionPlan(ObjectType type)
{
    public ObjectType Type { get; } = type;

    public byte[] TypeName { get; } = Encoding.UTF8.GetBytes($"\"{type.Name}\"");

    public FieldPlan[] Fields { get; set; } = [];

    /// <summary>What is left for later parts of the response.</summary>
    public DeferredPlan[] Later { get; init; } = [];

    public bool Execute(Executor executor, object source)
    {
        var fields = Fields;
        if (fields.Length == 0)
        {
            executor.Out.Raw("{}"u8);
            if (Later.Length > 0) executor.LeaveForLater(Later, source);
            return true;
        }

        var depth = executor.PushPath();
        var scopes = executor.ScopeDepth;
        var started = 0;
        for (var i = 0; i < fields.Length;)
        {
            try
            {
                while (i < fields.Length)
                {
                    var field = fields[i];
                    executor.At(depth, field);
                    executor.Out.Raw(field.Prefix);
                    started = executor.Out.Length;
                    if (!field.Runner.Run(executor, field, source))
                    {
                        executor.PopPath(depth);
                        return false;
                    }

                    i++;
                }
            }
            catch (Exception thrown) when (!executor.IsOver(thrown))
            {
                executor.Unwind(depth, scopes, started);
                if (!executor.Fail(fields[i], thrown))
                {
                    executor.PopPath(depth);
                    return false;
                }

                i++;
            }
        }

        executor.Out.Byte((byte)'}');
        executor.PopPath(depth);
        if (Later.Length > 0) executor.LeaveForLater(Later, source);
        return true;
    }
}

/// <summary>A fragment marked with @defer.</summary>
internal sealed record DeferredPlan(string? Label, SelectionPlan Selection);

// One response key of a selection: the field, its arguments and what is selected below it.
internal sealed class FieldPlan
{
    private readonly Lock extending = new();
    private SelectionPlan[] byType = [];

    public required SelectionPlan Owner { get; init; }

    public required Field Field { get; init; }

    public required FieldRunner Runner { get; init; }

    public required string ResponseName { get; init; }

    /// <summary>The first is the one whose arguments count; all are merged below.</summary>
    public required FieldNode[] Nodes { get; init; }

    public required byte[] Prefix { get; init; }

    public required PlanCompiler Compiler { get; init; }

    /// <summary>Arguments that need no variables, bound once; null when they must be bound per request.</summary>
    public object?[]? Arguments { get; init; }

    /// <summary>Where the request keeps its bound arguments.</summary>
    public int ArgumentSlot { get; init; }

    public bool IsNonNull => Field.Type.IsNonNull;

    /// <summary>The selection below this field for an object type; planned when first met.</summary>
    public SelectionPlan For(ObjectType type)
    {
        var known = Volatile.Read(ref byType);
        if (known.Length > 0 && ReferenceEquals(known[0].Type, type)) return known[0];
        foreach (var it in known)
        {
            if (ReferenceEquals(it.Type, type)) return it;
        }

        lock (extending)
        {
            foreach (var it in byType)
            {
                if (ReferenceEquals(it.Type, type)) return it;
            }

            var made = Compiler.Below(type, Nodes);
            Volatile.Write(ref byType, [.. byType, made]);
            return made;
        }
    }
}

/// <summary>A step of a response path: a field, or an index when the field is null.</summary>
internal struct PathEntry
{
    public FieldPlan? Field;
    public int Index;
}
