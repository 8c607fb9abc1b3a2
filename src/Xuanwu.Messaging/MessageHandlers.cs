using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Xuanwu.Messaging;

/// <summary>The composition of messages and handlers is wrong; the message says what to change.</summary>
public sealed class WrongHandlers(string message) : Exception(message);

/// <summary>
/// Which code handles which message. By convention a handler is a static class <c>&lt;Message&gt;Handler</c> with one
/// public static method <c>Handle(TMessage message, services…, CancellationToken ct)</c>. Services come from the
/// service provider, a scope for each message; a parameter of type <see cref="MessageContext"/> is given the message's.
/// It may return anything: void, Task, ValueTask, an object or many, null. What is returned happens next.
/// </summary>
public sealed class MessageHandlers
{
    private readonly Dictionary<Type, List<(string Where, MethodInfo? Method, Handle? Handle)>> _found = [];

    internal delegate ValueTask<object?> Handle(
        object message, MessageContext context, IServiceProvider? services, CancellationToken ct);

    /// <summary>Adds every handler of the assembly.</summary>
    public MessageHandlers AddFrom(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes().Where(type =>
            type is { IsAbstract: true, IsSealed: true } && type.Name.EndsWith("Handler", StringComparison.Ordinal)))
        {
            if (MethodOf(type) is { } method && method.GetParameters() is [var first, ..]
                && first.ParameterType.Name + "Handler" == type.Name)
                Add(type);
        }

        return this;
    }

    /// <summary>Adds one static handler class.</summary>
    public MessageHandlers Add(Type handler)
    {
        var method = MethodOf(handler);
        if (method?.GetParameters() is not [var first, ..])
            throw new WrongHandlers(
                $"{handler.Name} needs one public static method Handle whose first parameter is the message.");
        Add(first.ParameterType, (handler.Name, method, null));
        return this;
    }

    /// <summary>Adds a function.</summary>
    public MessageHandlers Add<T>(Func<T, MessageContext, CancellationToken, Task<object?>> handle)
    {
        Add(typeof(T), ("a function", null, async (message, context, _, ct) => await handle((T)message, context, ct)));
        return this;
    }

    private void Add(Type message, (string, MethodInfo?, Handle?) handler)
    {
        if (!_found.TryGetValue(message, out var there)) _found.Add(message, there = []);
        there.Add(handler);
    }

    private static MethodInfo? MethodOf(Type handler)
    {
        var methods = handler.GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(method => method.Name is "Handle" or "HandleAsync").ToArray();
        return methods.Length > 1
            ? throw new WrongHandlers($"{handler.Name} has {methods.Length} methods Handle; keep one.")
            : methods.FirstOrDefault();
    }

    /// <summary>Checks everything that can be wrong and binds each handler once.</summary>
    internal IReadOnlyDictionary<Type, Handle> Bind(MessageTypes types, IServiceProvider? services)
    {
        var bound = new Dictionary<Type, Handle>();
        foreach (var route in types.Routes)
        {
            var found = _found.GetValueOrDefault(route.Type) ?? [];
            if (found.Count == 0)
                throw new WrongHandlers(
                    $"The message {route.Type.Name} is registered but nothing handles it. Write a static class "
                    + $"{route.Type.Name}Handler with a method Handle({route.Type.Name} message, …).");
            if (found.Count > 1)
                throw new WrongHandlers(
                    $"The message {route.Type.Name} is handled by "
                    + $"{string.Join(" and by ", found.Select(f => f.Where))}. "
                    + "One message has one handler; a second effect is a second message.");
            bound.Add(route.Type, found[0].Handle ?? BindMethod(found[0].Method!, services));
        }

        return bound;
    }

    private static Handle BindMethod(MethodInfo method, IServiceProvider? services)
    {
        var parameters = method.GetParameters().Skip(1).Select(parameter => parameter.ParameterType).ToArray();
        var knows = services?.GetService<IServiceProviderIsService>();
        foreach (var type in parameters.Where(IsFromServices))
        {
            if (services is null || (knows is not null ? !knows.IsService(type) : services.GetService(type) is null))
                throw new WrongHandlers(
                    $"{method.DeclaringType!.Name}.{method.Name} asks for {type.Name}, which is not among the "
                    + "services. Register it in the composition, or take the parameter away.");
        }

        var invoker = MethodInvoker.Create(method);
        var result = ResultOf(method.ReturnType);
        var scoped = parameters.Any(IsFromServices);
        return async (message, context, provider, ct) =>
        {
            if (!scoped) return await result(invoker.Invoke(null, Arguments(message, context, null, ct)));
            await using var scope = provider!.GetService<IServiceScopeFactory>()?.CreateAsyncScope();
            var from = scope?.ServiceProvider ?? provider!;
            return await result(invoker.Invoke(null, Arguments(message, context, from, ct)));
        };

        Span<object?> Arguments(object message, MessageContext context, IServiceProvider? from, CancellationToken ct)
        {
            var arguments = new object?[parameters.Length + 1];
            arguments[0] = message;
            for (var i = 0; i < parameters.Length; i++)
            {
                arguments[i + 1] = parameters[i] == typeof(CancellationToken) ? ct
                    : parameters[i] == typeof(MessageContext) ? context
                    : from!.GetRequiredService(parameters[i]);
            }

            return arguments;
        }
    }

    private static bool IsFromServices(Type parameter) =>
        parameter != typeof(CancellationToken) && parameter != typeof(MessageContext);

    private static Func<object?, ValueTask<object?>> ResultOf(Type type)
    {
        if (type == typeof(Task))
            return async returned =>
            {
                await (Task)returned!;
                return null;
            };
        if (type == typeof(ValueTask))
            return async returned =>
            {
                await (ValueTask)returned!;
                return null;
            };
        var generic = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        if (generic != typeof(Task<>) && generic != typeof(ValueTask<>)) return ValueTask.FromResult;
        var adapter = generic == typeof(Task<>) ? nameof(OfTask) : nameof(OfValueTask);
        return typeof(MessageHandlers).GetMethod(adapter, BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type.GetGenericArguments()[0]).CreateDelegate<Func<object?, ValueTask<object?>>>();
    }

    private static async ValueTask<object?> OfTask<T>(object? returned) => await (Task<T>)returned!;

    private static async ValueTask<object?> OfValueTask<T>(object? returned) => await (ValueTask<T>)returned!;
}
