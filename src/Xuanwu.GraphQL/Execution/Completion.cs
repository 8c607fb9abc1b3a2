using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// Writes a value of one C# type as one schema type (specification, section 6.4.3). False means that the position is
// non-null, has no value, and the error is recorded.
internal abstract class Completion<T>
{
    public abstract bool Write(Executor executor, FieldPlan plan, T value);
}

/// <summary>A struct that is never null, written by one call.</summary>
internal sealed class LeafCompletion<T>(Action<JsonBuffer, T> write) : Completion<T>
{
    public override bool Write(Executor executor, FieldPlan plan, T value)
    {
        write(executor.Out, value);
        return true;
    }
}

internal sealed class IntCompletion : Completion<int>
{
    public override bool Write(Executor executor, FieldPlan plan, int value)
    {
        executor.Out.Number(value);
        return true;
    }
}

internal sealed class BooleanCompletion : Completion<bool>
{
    public override bool Write(Executor executor, FieldPlan plan, bool value)
    {
        executor.Out.Boolean(value);
        return true;
    }
}

/// <summary>Floating-point numbers: JSON has neither infinities nor NaN.</summary>
internal sealed class DoubleCompletion(bool nonNull) : Completion<double>
{
    public override bool Write(Executor executor, FieldPlan plan, double value)
    {
        if (!double.IsFinite(value))
        {
            return executor.FailValue(
                plan, nonNull, "Float cannot represent non numeric value: " + value, ErrorCodes.InvalidLeaf);
        }

        executor.Out.Number(value);
        return true;
    }
}

internal sealed class StringCompletion(bool nonNull) : Completion<string?>
{
    public override bool Write(Executor executor, FieldPlan plan, string? value)
    {
        if (value is not null)
        {
            executor.Out.String(value);
            return true;
        }

        if (nonNull) return executor.FailNull(plan);
        executor.Out.Null();
        return true;
    }
}

/// <summary>A class that is written by one call.</summary>
internal sealed class ReferenceLeafCompletion<T>(Action<JsonBuffer, T> write, bool nonNull) : Completion<T?>
    where T : class
{
    public override bool Write(Executor executor, FieldPlan plan, T? value)
    {
        if (value is null)
        {
            if (nonNull) return executor.FailNull(plan);
            executor.Out.Null();
            return true;
        }

        write(executor.Out, value);
        return true;
    }
}

/// <summary>A struct or nothing.</summary>
internal sealed class NullableCompletion<T>(Completion<T> inner, bool nonNull) : Completion<T?>
    where T : struct
{
    public override bool Write(Executor executor, FieldPlan plan, T? value)
    {
        if (value.HasValue) return inner.Write(executor, plan, value.GetValueOrDefault());
        if (nonNull) return executor.FailNull(plan);
        executor.Out.Null();
        return true;
    }
}

/// <summary>A C# enum: names are encoded once.</summary>
internal sealed class EnumCompletion<T> : Completion<T>
    where T : struct, Enum
{
    private readonly Dictionary<T, byte[]> names = [];
    private readonly EnumType type;
    private readonly bool nonNull;

    public EnumCompletion(EnumType type, bool nonNull)
    {
        this.type = type;
        this.nonNull = nonNull;
        foreach (var member in type.Values) names[(T)member.Value] = Encoding.UTF8.GetBytes($"\"{member.Name}\"");
    }

    public override bool Write(Executor executor, FieldPlan plan, T value)
    {
        if (names.TryGetValue(value, out var name))
        {
            executor.Out.Raw(name);
            return true;
        }

        return executor.FailValue(
            plan, nonNull, $"Enum \"{type.Name}\" cannot represent value: {value}", ErrorCodes.InvalidLeaf);
    }
}

/// <summary>An object whose schema type is known from its C# type.</summary>
internal sealed class ObjectCompletion<T>(ObjectType type, bool nonNull) : Completion<T>
{
    public override bool Write(Executor executor, FieldPlan plan, T value)
    {
        if (value is null)
        {
            if (nonNull) return executor.FailNull(plan);
            executor.Out.Null();
            return true;
        }

        return Composite.Write(executor, plan.For(type), value, nonNull);
    }
}

/// <summary>An interface or union: the schema type follows from the value's own C# type.</summary>
internal sealed class AbstractCompletion<T>(NamedType type, IReadOnlyDictionary<Type, ObjectType> known, bool nonNull)
    : Completion<T>
{
    private readonly ConcurrentDictionary<Type, ObjectType?> found = [];

    public override bool Write(Executor executor, FieldPlan plan, T value)
    {
        if (value is null)
        {
            if (nonNull) return executor.FailNull(plan);
            executor.Out.Null();
            return true;
        }

        var concrete = found.GetOrAdd(value.GetType(), Find);
        if (concrete is not null) return Composite.Write(executor, plan.For(concrete), value, nonNull);
        return executor.FailValue(
            plan,
            nonNull,
            $"Abstract type \"{type.Name}\" has no object type for values of {value.GetType().Name}.",
            ErrorCodes.UnknownObjectType);
    }

    private ObjectType? Find(Type runtime)
    {
        for (var it = runtime; it is not null; it = it.BaseType)
        {
            if (known.TryGetValue(it, out var match)) return match;
        }

        return null;
    }
}

internal static class Composite
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Write(Executor executor, SelectionPlan selection, object value, bool nonNull)
    {
        if (nonNull) return selection.Execute(executor, value);
        executor.PushScope();
        if (selection.Execute(executor, value)) executor.PopScope();
        else executor.TakeBack();
        return true;
    }
}

/// <summary>A list; items are written as they are enumerated.</summary>
internal sealed class ListCompletion<TList, T>(Completion<T> item, bool nonNull) : Completion<TList?>
    where TList : class, IEnumerable<T>
{
    public override bool Write(Executor executor, FieldPlan plan, TList? value)
    {
        if (value is null)
        {
            if (nonNull) return executor.FailNull(plan);
            executor.Out.Null();
            return true;
        }

        if (nonNull) return WriteItems(executor, plan, value);
        executor.PushScope();
        if (WriteItems(executor, plan, value)) executor.PopScope();
        else executor.TakeBack();
        return true;
    }

    private bool WriteItems(Executor executor, FieldPlan plan, TList list)
    {
        var output = executor.Out;
        var depth = executor.PushPath();
        output.Byte((byte)'[');
        if (list is IReadOnlyList<T> indexed)
        {
            for (var i = 0; i < indexed.Count; i++)
            {
                if (i > 0) output.Byte((byte)',');
                executor.At(depth, i);
                if (!item.Write(executor, plan, indexed[i])) return Stop(executor, depth);
            }
        }
        else
        {
            var index = 0;
            foreach (var it in list)
            {
                if (index > 0) output.Byte((byte)',');
                executor.At(depth, index++);
                if (!item.Write(executor, plan, it)) return Stop(executor, depth);
            }
        }

        output.Byte((byte)']');
        executor.PopPath(depth);
        executor.Request.Cancellation.ThrowIfCancellationRequested();
        return true;
    }

    private static bool Stop(Executor executor, int depth)
    {
        executor.PopPath(depth);
        return false;
    }
}
