using System.Reflection;

namespace Xuanwu.GraphQL.Types;

// A C# type with the nullability of every part, as the schema sees it: Nullable<T> and T? are both "T or nothing".
internal sealed record ClrType(Type Type, bool IsNullable, ClrType[] Arguments)
{
    public static ClrType Of(PropertyInfo property) => From(new NullabilityInfoContext().Create(property));

    public static ClrType Of(ParameterInfo parameter) => From(new NullabilityInfoContext().Create(parameter));

    public static ClrType NotNull(Type type) =>
        new(type, false, [.. type.GetGenericArguments().Select(NotNull)]);

    /// <summary>The type inside Task, ValueTask or a delegate that gives one.</summary>
    public ClrType Awaited => IsAsync ? Arguments[^1] is { IsAsync: true } inner ? inner.Awaited : Arguments[^1] : this;

    public bool IsAsync => Type.IsGenericType && Type.GetGenericTypeDefinition() is var open
        && (open == typeof(Task<>) || open == typeof(ValueTask<>));

    /// <summary>What an IAsyncEnumerable gives; null when the type is none.</summary>
    public ClrType? Event => Type.IsGenericType && Type.GetGenericTypeDefinition() == typeof(IAsyncEnumerable<>)
        ? Arguments[0] : null;

    /// <summary>What a collection holds; null when the type is no collection.</summary>
    public ClrType? Item
    {
        get
        {
            if (Type == typeof(string) || Type == typeof(byte[])) return null;
            if (Type.IsArray) return Arguments.Length == 1 ? Arguments[0] : NotNull(Type.GetElementType()!);
            var sequence = Sequence(Type);
            if (sequence is null) return null;
            var item = sequence.GetGenericArguments()[0];
            if (Arguments.Length == 1 && Arguments[0].Underlying == (Nullable.GetUnderlyingType(item) ?? item))
            {
                return Arguments[0];
            }

            return Arguments.Length == 2 && item == typeof(KeyValuePair<,>).MakeGenericType(
                Arguments[0].Type, Arguments[1].Type)
                ? new ClrType(item, false, Arguments)
                : NotNull(item);
        }
    }

    /// <summary>The type without Nullable.</summary>
    public Type Underlying => Nullable.GetUnderlyingType(Type) ?? Type;

    private static Type? Sequence(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IEnumerable<>)
            ? type
            : type.GetInterfaces().FirstOrDefault(
                it => it.IsGenericType && it.GetGenericTypeDefinition() == typeof(IEnumerable<>));

    private static ClrType From(NullabilityInfo info)
    {
        var underlying = Nullable.GetUnderlyingType(info.Type);
        ClrType[] arguments = info.ElementType is { } element
            ? [From(element)]
            : [.. info.GenericTypeArguments.Select(From)];
        if (underlying is not null)
        {
            return new ClrType(info.Type, true, arguments is [{ } only] ? only.Arguments : []);
        }

        var isNullable = !info.Type.IsValueType
            && (info.ReadState == NullabilityState.Nullable || info.WriteState == NullabilityState.Nullable);
        return new ClrType(info.Type, isNullable, arguments);
    }
}
