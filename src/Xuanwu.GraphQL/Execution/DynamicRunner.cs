using System.Collections;
using System.Text;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// A field of a schema from text: its resolver gives any object, which is written by the field's schema type.
internal sealed class DynamicRunner(NamedType owner, Field field, SdlResolvers resolvers) : FieldRunner
{
    /// <summary>Marks an argument that was not given, and has no default.</summary>
    public static readonly object Absent = new();

    private readonly DynamicCompletion completion = new(field.Type, resolvers);

    public override bool IsResolver => true;

    public override bool Run(Executor executor, FieldPlan plan, object source)
    {
        var value = resolvers.Resolve(Call(owner, field, source, executor.Arguments(plan), executor.Request));
        if (value is not Task<object?> task) return completion.Write(executor, plan, value);
        if (task.IsCompleted) return completion.Write(executor, plan, task.GetAwaiter().GetResult());
        executor.Defer(new DeferredTask<object?>(task, completion), plan);
        return true;
    }

    public static FieldCall Call(
        NamedType owner, Field field, object source, object?[] bound, RequestContext request)
    {
        var arguments = new Dictionary<string, object?>(bound.Length);
        for (var i = 0; i < bound.Length; i++)
        {
            if (!ReferenceEquals(bound[i], Absent)) arguments[field.Arguments[i].Name] = bound[i];
        }

        return new FieldCall(owner, field, source, arguments, request);
    }
}

internal sealed class DynamicCompletion(SchemaType type, SdlResolvers resolvers) : Completion<object?>
{
    public override bool Write(Executor executor, FieldPlan plan, object? value) =>
        Write(executor, plan, value, type.Nullable, type.IsNonNull);

    private bool Write(Executor executor, FieldPlan plan, object? value, SchemaType expected, bool nonNull)
    {
        if (value is null)
        {
            if (nonNull) return executor.FailNull(plan);
            executor.Out.Null();
            return true;
        }

        if (value is GraphQLException known) return executor.FailValue(plan, nonNull, known.Message, known.Error.Code);
        if (value is Exception) return executor.FailValue(plan, nonNull, "Unexpected Execution Error", null);
        switch (expected)
        {
            case ListType list:
                return WriteList(executor, plan, value, list, nonNull);
            case ScalarType scalar:
                var start = executor.Out.Length;
                if (scalar.Codec.TryWrite(executor.Out, value)) return true;
                executor.Out.Truncate(start);
                return Misfit(executor, plan, nonNull, $"{scalar.Codec.Expectation} {value}");
            case EnumType names:
                if (!names.TryGetByValue(value, out var member))
                {
                    return Misfit(executor, plan, nonNull, $"Enum \"{names}\" cannot represent value: {value}");
                }

                executor.Out.Raw(Encoding.UTF8.GetBytes($"\"{member.Name}\""));
                return true;
            case ObjectType it:
                return Composite.Write(executor, plan.For(it), value, nonNull);
            default:
                return WriteAbstract(executor, plan, value, expected.Named, nonNull);
        }
    }

    private bool WriteAbstract(Executor executor, FieldPlan plan, object value, NamedType expected, bool nonNull)
    {
        var name = resolvers.TypeName(value, expected);
        if (name is not null && executor.Schema.TryGetType(name, out var type) && type is ObjectType it
            && executor.Schema.IsSubtype(expected, it))
        {
            return Composite.Write(executor, plan.For(it), value, nonNull);
        }

        return executor.FailValue(
            plan,
            nonNull,
            name is null
                ? $"Abstract type \"{expected}\" must resolve to an Object type at runtime."
                : $"Runtime Object type \"{name}\" is not a possible type for \"{expected}\".",
            ErrorCodes.UnknownObjectType);
    }

    private bool WriteList(Executor executor, FieldPlan plan, object value, ListType list, bool nonNull)
    {
        if (value is string or IDictionary || value is not IEnumerable items)
        {
            return Misfit(
                executor, plan, nonNull, $"Expected a list for field \"{plan.Owner.Type}.{plan.Field.Name}\".");
        }

        if (!nonNull) executor.PushScope();
        var depth = executor.PushPath();
        var index = 0;
        executor.Out.Byte((byte)'[');
        foreach (var item in items)
        {
            if (index > 0) executor.Out.Byte((byte)',');
            executor.At(depth, index++);
            if (Write(executor, plan, item, list.Item.Nullable, list.Item.IsNonNull)) continue;
            executor.PopPath(depth);
            if (nonNull) return false;
            executor.TakeBack();
            return true;
        }

        executor.Out.Byte((byte)']');
        executor.PopPath(depth);
        if (!nonNull) executor.PopScope();
        return true;
    }

    private static bool Misfit(Executor executor, FieldPlan plan, bool nonNull, string message) =>
        executor.FailValue(plan, nonNull, message, ErrorCodes.InvalidLeaf);
}
