using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Execution;

[SuppressMessage(
    "Design", "CA1001", Justification = "A semaphore has nothing to dispose of while nobody asks for its wait handle.")]
public sealed partial class GraphQLEngine
{
    /// <summary>
    /// Runs a request of any kind as a stream of responses (specification, section 6.2.3 for subscriptions). What is
    /// wrong with the request is in the stream's errors. A subscription's resolver sees a cancellation that lasts as
    /// long as the subscription; every event is executed with a <see cref="RequestContext"/> of its own, which has the
    /// same services, and with a time limit of its own. Throws <see cref="OperationCanceledException"/> when the client
    /// has gone.
    /// </summary>
    public async ValueTask<ResponseStream> SubscribeAsync(
        GraphQLRequest request, RequestContext context, CancellationToken cancellationToken = default)
    {
        var outcome = Plan(request, context, out var plan, out var variables, out var errors);
        if (plan is null) return new RefusedStream(outcome, errors);
        if (plan.Defers)
        {
            return new IncrementalStream(
                (given, start) => new Executor(plan, variables, given, options, start), Root, context, options,
                cancellationToken);
        }

        if (plan.Kind != OperationKind.Subscription)
        {
            return new SingleResponse(
                output => RunAsync(plan, Root, variables, context, output, cancellationToken));
        }

        var lifetime = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            context.Cancellation = lifetime.Token;
            var events = await CreateSourceEventStreamAsync(plan, variables, context);
            return new EventStream(
                events.GetAsyncEnumerator(lifetime.Token),
                (it, output, ct) =>
                    RunEventAsync(plan, it, variables, new RequestContext(context.Services), output, ct),
                thrown => FieldError(plan, thrown),
                lifetime);
        }
        catch (Exception thrown)
        {
            var gone = cancellationToken.IsCancellationRequested;
            await lifetime.CancelAsync();
            lifetime.Dispose();
            if (thrown is OperationCanceledException && gone) throw;
            return new RefusedStream(ExecutionOutcome.Refused, [FieldError(plan, thrown)], true);
        }
    }

    // A request beyond the limit is refused and may come again. An event cannot: it waits for its turn, and does not
    // take that of a request.
    private async ValueTask<ExecutionOutcome> RunEventAsync(
        OperationPlan plan,
        object happened,
        VariableValues variables,
        RequestContext context,
        IBufferWriter<byte> output,
        CancellationToken cancellationToken)
    {
        await eventSlots.WaitAsync(cancellationToken);
        try
        {
            return await RunAsync(plan, happened, variables, context, output, cancellationToken, isEvent: true);
        }
        finally
        {
            eventSlots.Release();
        }
    }

    private async ValueTask<IAsyncEnumerable<object?>> CreateSourceEventStreamAsync(
        OperationPlan plan, VariableValues variables, RequestContext context)
    {
        var field = plan.Root.Fields[0]; // validation has seen to it that there is one
        if (field.Field.Events is not { } source)
        {
            throw new InvalidOperationException($"The field {field.Field.Name} has no source of events.");
        }

        var opening = source.OpenAsync(Root, context, field.Arguments ?? ArgumentBinder.Bind(field, variables));
        if (opening.IsCompleted) return await opening;
        try
        {
            return await opening.AsTask().WaitAsync(options.Timeout, context.Cancellation);
        }
        catch (TimeoutException)
        {
            throw new GraphQLException(
                $"The events were not there within {options.Timeout.TotalSeconds:0.###} seconds.", ErrorCodes.Timeout);
        }
    }

    private GraphQLError FieldError(OperationPlan plan, Exception thrown)
    {
        var field = plan.Root.Fields[0];
        var source = plan.Document.Source;
        return options.ErrorOf(thrown, () => field.ResponseName) with
        {
            Path = [field.ResponseName],
            Locations = thrown is ArgumentFault { Start: var at }
                ? [source.Locate(at)]
                : [.. field.Nodes.Select(it => source.Locate(it.Start))],
        };
    }
}
