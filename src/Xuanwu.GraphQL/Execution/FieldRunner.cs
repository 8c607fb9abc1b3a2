using System.Runtime.CompilerServices;

namespace Xuanwu.GraphQL.Execution;

// How one field of the schema gets its value from the parent and writes it. Made once, when the schema is built, for
// the exact C# types, so that values are never boxed on the way. False means that a null spreads to the parent: the
// error is recorded, and what was written is the caller's to take back. Exceptions are the caller's to catch.
internal abstract class FieldRunner
{
    public static readonly FieldRunner Missing = new MissingRunner();

    /// <summary>Whether it calls code that may take a while, and not merely reads a property.</summary>
    public virtual bool IsResolver => false;

    public abstract bool Run(Executor executor, FieldPlan plan, object source);

    private sealed class MissingRunner : FieldRunner
    {
        public override bool Run(Executor executor, FieldPlan plan, object source) =>
            throw new InvalidOperationException($"The field {plan.Field.Name} has no resolver.");
    }
}

/// <summary>A property of a class, read through a delegate on its getter.</summary>
internal sealed class GetterRunner<TParent, TValue>(Func<TParent, TValue> getter, Completion<TValue> completion)
    : FieldRunner
    where TParent : class
{
    public override bool Run(Executor executor, FieldPlan plan, object source) =>
        completion.Write(executor, plan, getter(Unsafe.As<TParent>(source)));
}

internal delegate TValue StructGetter<TParent, out TValue>(ref TParent parent);

/// <summary>A property of a boxed struct.</summary>
internal sealed class StructGetterRunner<TParent, TValue>(
    StructGetter<TParent, TValue> getter, Completion<TValue> completion)
    : FieldRunner
    where TParent : struct
{
    public override bool Run(Executor executor, FieldPlan plan, object source) =>
        completion.Write(executor, plan, getter(ref Unsafe.Unbox<TParent>(source)));
}

/// <summary>A method: parent, request and bound arguments in, value out.</summary>
internal delegate TValue Resolver<out TValue>(object source, RequestContext request, object?[] arguments);

/// <summary>A method that returns its value at once.</summary>
internal sealed class ResolverRunner<TValue>(Resolver<TValue> resolver, Completion<TValue> completion) : FieldRunner
{
    public override bool IsResolver => true;

    public override bool Run(Executor executor, FieldPlan plan, object source) =>
        completion.Write(executor, plan, resolver(source, executor.Request, executor.Arguments(plan)));
}

/// <summary>A method that returns a Task; its value is written at once when it is there already.</summary>
internal sealed class TaskRunner<TValue>(Resolver<Task<TValue>> resolver, Completion<TValue> completion) : FieldRunner
{
    public override bool IsResolver => true;

    public override bool Run(Executor executor, FieldPlan plan, object source)
    {
        var task = resolver(source, executor.Request, executor.Arguments(plan));
        if (task.IsCompleted) return completion.Write(executor, plan, task.GetAwaiter().GetResult());
        executor.Defer(new DeferredTask<TValue>(task, completion), plan);
        return true;
    }
}

/// <summary>A method that returns a ValueTask; its value is written at once when it is there already.</summary>
internal sealed class ValueTaskRunner<TValue>(Resolver<ValueTask<TValue>> resolver, Completion<TValue> completion)
    : FieldRunner
{
    public override bool IsResolver => true;

    public override bool Run(Executor executor, FieldPlan plan, object source)
    {
        var task = resolver(source, executor.Request, executor.Arguments(plan));
        if (task.IsCompleted) return completion.Write(executor, plan, task.GetAwaiter().GetResult());
        executor.Defer(new DeferredTask<TValue>(task.AsTask(), completion), plan);
        return true;
    }
}

/// <summary>The meta-field __typename: the name of the object type the selection was planned for.</summary>
internal sealed class TypenameRunner : FieldRunner
{
    public override bool Run(Executor executor, FieldPlan plan, object source)
    {
        executor.Out.Raw(plan.Owner.TypeName);
        return true;
    }
}

/// <summary>A value that is not there yet, and where it belongs.</summary>
internal sealed record Deferred(Awaited Value, FieldPlan Plan, Chunk Chunk, PathEntry[] Path, NullScope Scope);

internal abstract class Awaited
{
    public abstract void OnCompleted(Action continuation);

    public abstract bool Write(Executor executor, FieldPlan plan);
}

internal sealed class DeferredTask<TValue>(Task<TValue> task, Completion<TValue> completion) : Awaited
{
    public override void OnCompleted(Action continuation) =>
        task.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(continuation);

    public override bool Write(Executor executor, FieldPlan plan) =>
        completion.Write(executor, plan, task.GetAwaiter().GetResult());
}
