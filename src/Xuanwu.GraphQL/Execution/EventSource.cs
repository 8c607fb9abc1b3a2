using System.Runtime.CompilerServices;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Execution;

// Where the events of a subscription's root field come from (specification, section 6.2.3.1).
internal abstract class EventSource
{
    /// <summary>Stands for an event that is null: root values never are.</summary>
    public static readonly object Nothing = new();

    /// <summary>Asks the field's resolver for its events. Exceptions are the caller's to catch.</summary>
    public abstract ValueTask<IAsyncEnumerable<object?>> OpenAsync(
        object root, RequestContext request, object?[] arguments);
}

/// <summary>A static method that returns an IAsyncEnumerable, at once or after a while.</summary>
internal sealed class MethodEvents<T>(Resolver<ValueTask<IAsyncEnumerable<T>>> resolver) : EventSource
{
    public override async ValueTask<IAsyncEnumerable<object?>> OpenAsync(
        object root, RequestContext request, object?[] arguments)
    {
        var events = await resolver(root, request, arguments);
        return events as IAsyncEnumerable<object?> ?? Boxed(events);
    }

    private static async IAsyncEnumerable<object?> Boxed(
        IAsyncEnumerable<T> events, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await foreach (var it in events.WithCancellation(cancellation)) yield return it;
    }
}

/// <summary>Each event is the value of the subscription's one root field.</summary>
internal sealed class EventRunner<T>(Completion<T> completion) : FieldRunner
{
    public override bool Run(Executor executor, FieldPlan plan, object source) =>
        completion.Write(executor, plan, ReferenceEquals(source, EventSource.Nothing) ? default! : (T)source);
}

/// <summary>A subscription field of a schema from text: each event is the root value of its response.</summary>
internal sealed class DynamicEvents(NamedType owner, Field field, SdlResolvers resolvers) : EventSource
{
    public override async ValueTask<IAsyncEnumerable<object?>> OpenAsync(
        object root, RequestContext request, object?[] arguments)
    {
        var answer = resolvers.Subscribe(DynamicRunner.Call(owner, field, root, arguments, request));
        if (answer is Task<object?> task) answer = await task;
        if (answer is Exception refused) throw refused;
        return answer as IAsyncEnumerable<object?> ?? throw new GraphQLException(
            $"Subscription field must return Async Iterable. Received: {answer ?? "null"}.");
    }
}
