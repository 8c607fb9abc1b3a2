using System.Buffers;

namespace Xuanwu.GraphQL.Execution;

/// <summary>
/// The responses to one request, in order: one for a query or mutation, one per event for a subscription, none when
/// the request was refused. One reader at a time; dispose it to let the source of events go.
/// </summary>
/// <remarks>
/// Read until <see cref="NextAsync"/> is false, then look at <see cref="Errors"/>: when there are any, the request was
/// refused or its source of events failed, and clients are told so; when there are none, the stream is complete.
/// </remarks>
public abstract class ResponseStream : IAsyncDisposable
{
    /// <summary>How the request fared before its first response.</summary>
    public ExecutionOutcome Outcome { get; protected init; } = ExecutionOutcome.Executed;

    /// <summary>Whether it is a subscription, with any number of responses.</summary>
    public bool IsSubscription { get; protected init; }

    /// <summary>Why there are no responses, or no more; empty for a stream that has simply ended.</summary>
    public IReadOnlyList<GraphQLError> Errors { get; protected set; } = [];

    /// <summary>
    /// Waits for the next response and writes it as UTF-8 JSON; false when there is none. Throws
    /// <see cref="OperationCanceledException"/> when the client has gone.
    /// </summary>
    public abstract ValueTask<bool> NextAsync(IBufferWriter<byte> output);

    /// <summary>Writes <see cref="Errors"/> as a response without data.</summary>
    public void WriteErrors(IBufferWriter<byte> output) => ResponseWriter.WriteErrors(output, Errors);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}

/// <summary>A request that is not run.</summary>
internal sealed class RefusedStream : ResponseStream
{
    public RefusedStream(
        ExecutionOutcome outcome, IReadOnlyList<GraphQLError> errors, bool isSubscription = false) =>
        (Outcome, Errors, IsSubscription) = (outcome, errors, isSubscription);

    public override ValueTask<bool> NextAsync(IBufferWriter<byte> output) => ValueTask.FromResult(false);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A query or mutation: run when its one response is asked for.</summary>
internal sealed class SingleResponse(Func<IBufferWriter<byte>, ValueTask<ExecutionOutcome>> run) : ResponseStream
{
    private bool asked;

    public override async ValueTask<bool> NextAsync(IBufferWriter<byte> output)
    {
        if (asked) return false;
        asked = true;
        await run(output);
        return true;
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
