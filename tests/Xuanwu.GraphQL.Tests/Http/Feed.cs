using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests.Http;

// A schema with one stream of numbers that the test writes, and signals for its beginning and its end.
internal sealed class Feed
{
    private readonly Channel<object?> events = Channel.CreateUnbounded<object?>();
    private readonly Channel<bool> started = Channel.CreateUnbounded<bool>();
    private readonly Channel<bool> ended = Channel.CreateUnbounded<bool>();

    public Feed() => Engine = new GraphQLEngine(SdlSchema.Build(
        """
        type Query { ping: String slow: String big: String }
        type Mutation { wish: Boolean }
        type Subscription { tick: Int flood: String refused: Int }
        """,
        new SdlResolvers
        {
            Resolve = call => call.Field.Name switch
            {
                "ping" => "pong",
                "wish" => true,
                "slow" => Slow(call.Request.Cancellation),
                "flood" or "big" => new string('x', 100_000),
                _ => call.Source,
            },
            Subscribe = call => call.Field.Name switch
            {
                "tick" => Ticks(call.Request.Cancellation),
                "flood" => Flood(call.Request.Cancellation),
                _ => new GraphQLException("No.", "REFUSED"),
            },
        }));

    public GraphQLEngine Engine { get; }

    public void Send(int it) => events.Writer.TryWrite(it);

    public void Complete() => events.Writer.Complete();

    public void Break(Exception reason) => events.Writer.Complete(reason);

    public Task StartedAsync() => started.Reader.ReadAsync().AsTask().WaitAsync(SocketClient.Limit);

    public Task EndedAsync() => ended.Reader.ReadAsync().AsTask().WaitAsync(SocketClient.Limit);

    private async Task<object?> Slow(CancellationToken ct)
    {
        started.Writer.TryWrite(true);
        try
        {
            await new TaskCompletionSource().Task.WaitAsync(ct);
            return null;
        }
        finally
        {
            ended.Writer.TryWrite(true);
        }
    }

    private async IAsyncEnumerable<object?> Ticks([EnumeratorCancellation] CancellationToken ct)
    {
        started.Writer.TryWrite(true);
        try
        {
            await foreach (var it in events.Reader.ReadAllAsync(ct)) yield return it;
        }
        finally
        {
            ended.Writer.TryWrite(true);
        }
    }

    private async IAsyncEnumerable<object?> Flood([EnumeratorCancellation] CancellationToken ct)
    {
        started.Writer.TryWrite(true);
        try
        {
            while (!ct.IsCancellationRequested)
            {
                await Task.Yield();
                yield return 1;
            }
        }
        finally
        {
            ended.Writer.TryWrite(true);
        }
    }
}
