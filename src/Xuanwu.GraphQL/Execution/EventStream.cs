using System.Buffers;

namespace Xuanwu.GraphQL.Execution;

// A subscription that runs (specification, section 6.2.3.2, MapSourceToResponseEvent): each event of the source is
// the root value of one execution of the operation's selection. Nothing is read ahead: while a response is on its way
// to the client, the source is not asked, and how much it may gather meanwhile is the source's to bound.
internal sealed class EventStream : ResponseStream
{
    private readonly IAsyncEnumerator<object?> events;
    private readonly Func<object, IBufferWriter<byte>, CancellationToken, ValueTask<ExecutionOutcome>> run;
    private readonly Func<Exception, GraphQLError> toError;
    private readonly CancellationTokenSource lifetime;
    private bool over;
    private bool isDisposed;

    public EventStream(
        IAsyncEnumerator<object?> events,
        Func<object, IBufferWriter<byte>, CancellationToken, ValueTask<ExecutionOutcome>> run,
        Func<Exception, GraphQLError> toError,
        CancellationTokenSource lifetime)
    {
        (this.events, this.run, this.toError, this.lifetime) = (events, run, toError, lifetime);
        IsSubscription = true;
    }

    public override async ValueTask<bool> NextAsync(IBufferWriter<byte> output)
    {
        if (over) return false;
        object? happened;
        try
        {
            lifetime.Token.ThrowIfCancellationRequested();
            if (!await events.MoveNextAsync())
            {
                over = true;
                return false;
            }

            happened = events.Current;
        }
        catch (Exception thrown) when (thrown is not OperationCanceledException || !lifetime.IsCancellationRequested)
        {
            over = true;
            Errors = [toError(thrown)];
            return false;
        }

        await run(happened ?? EventSource.Nothing, output, lifetime.Token);
        return true;
    }

    public override async ValueTask DisposeAsync()
    {
        if (isDisposed) return;
        over = isDisposed = true;
        await lifetime.CancelAsync();
        try
        {
            await events.DisposeAsync();
        }
        catch (OperationCanceledException)
        {
            // how an iterator ends that waits for its token
        }
        finally
        {
            lifetime.Dispose();
        }
    }
}
