using System.Linq.Expressions;
using System.Reflection;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Types;

/// <summary>Attributes of a property and, for positional records, of the parameter it was made from.</summary>
internal sealed class MemberMarks
{
    private readonly PropertyInfo property;
    private readonly ParameterInfo? parameter;

    public MemberMarks(PropertyInfo property)
    {
        this.property = property;
        parameter = property.DeclaringType!.GetConstructors().SelectMany(it => it.GetParameters())
            .FirstOrDefault(it => it.Name == property.Name);
    }

    public string? Deprecation => CodeFirstSchema.Deprecation(property) ?? Get<DeprecatedAttribute>()?.Reason;

    public bool Has<T>()
        where T : Attribute => Get<T>() is not null;

    public T? Get<T>()
        where T : Attribute => property.GetCustomAttribute<T>() ?? parameter?.GetCustomAttribute<T>();
}

// Fields that read a property: by a delegate on the getter, made once for the exact types.
internal static class FieldFactory
{
    /// <summary>Whether a property holds work to be done only when it is selected.</summary>
    public static bool IsDeferred(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Func<,>)
        && type.GetGenericArguments()[0] == typeof(CancellationToken);

    public static Field FromProperty(
        PropertyInfo property, Type parent, Output output, string? name = null, string? deprecation = null) =>
        new(name ?? Naming.Camel(property.Name), output.Type, [])
        {
            Description = XmlDocs.Of(property),
            DeprecationReason = deprecation,
            Runner = (FieldRunner)typeof(FieldFactory)
                .GetMethod(nameof(Runner), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(parent, property.PropertyType)
                .Invoke(null, [property, output.Completion])!,
        };

    /// <summary>The runner for a method's return type: plain, Task or ValueTask.</summary>
    public static FieldRunner ForMethod<T>(Resolver<T> resolver, object completion)
    {
        var open = typeof(T).IsGenericType ? typeof(T).GetGenericTypeDefinition() : null;
        if (open != typeof(Task<>) && open != typeof(ValueTask<>))
        {
            return new ResolverRunner<T>(resolver, (Completion<T>)completion);
        }

        var runner = open == typeof(Task<>) ? typeof(TaskRunner<>) : typeof(ValueTaskRunner<>);
        return (FieldRunner)Activator.CreateInstance(
            runner.MakeGenericType(typeof(T).GetGenericArguments()), resolver, completion)!;
    }

    private static FieldRunner Runner<TParent, TValue>(PropertyInfo property, object completion)
    {
        if (IsDeferred(typeof(TValue)) || ClrType.NotNull(typeof(TValue)).IsAsync)
        {
            return ForAsync<TParent, TValue>(property, completion);
        }

        var getter = property.GetMethod!;
        if (typeof(TParent).IsValueType)
        {
            var reader = getter.CreateDelegate(
                typeof(StructGetter<,>).MakeGenericType(typeof(TParent), typeof(TValue)));
            return (FieldRunner)Activator.CreateInstance(
                typeof(StructGetterRunner<,>).MakeGenericType(typeof(TParent), typeof(TValue)), reader, completion)!;
        }

        return (FieldRunner)Activator.CreateInstance(
            typeof(GetterRunner<,>).MakeGenericType(typeof(TParent), typeof(TValue)),
            getter.CreateDelegate<Func<TParent, TValue>>(),
            completion)!;
    }

    private static FieldRunner ForAsync<TParent, TValue>(PropertyInfo property, object completion)
    {
        var source = Expression.Parameter(typeof(object));
        var request = Expression.Parameter(typeof(RequestContext));
        var arguments = Expression.Parameter(typeof(object?[]));
        Expression value = Expression.Property(Expression.Convert(source, typeof(TParent)), property);
        if (IsDeferred(typeof(TValue)))
        {
            value = Expression.Invoke(value, Expression.Property(request, nameof(RequestContext.Cancellation)));
        }

        var resolver = Expression.Lambda(
            typeof(Resolver<>).MakeGenericType(value.Type), value, source, request, arguments);
        return (FieldRunner)typeof(FieldFactory).GetMethod(nameof(ForMethod))!.MakeGenericMethod(value.Type)
            .Invoke(null, [resolver.Compile(), completion])!;
    }
}
