using System.Buffers;
using System.Globalization;

namespace Xuanwu.GraphQL.Execution;

// A response in parts (incremental delivery, https://github.com/graphql/graphql-spec/pull/1110). The first part has all
// that is not deferred and announces, as "pending", what is. Deferred fragments run one after the other, since what
// resolvers share in a request is not made for several threads; each is sent as "incremental" data for the object that
// it was announced for, and "completed". A fragment may announce others.
internal sealed class IncrementalStream(
    Func<RequestContext, IReadOnlyList<object>?, Executor> execute,
    object source,
    RequestContext context,
    EngineOptions options,
    CancellationToken client)
    : ResponseStream
{
    private readonly CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(client);
    private readonly Queue<Part> waiting = new();
    private bool started;
    private int nextId;

    public override async ValueTask<bool> NextAsync(IBufferWriter<byte> output)
    {
        if (started && waiting.Count == 0) return false;
        try
        {
            if (!started) await StartAsync(output);
            else await ContinueAsync(output);
            return true;
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !client.IsCancellationRequested)
        {
            var late = new GraphQLError(
                $"The request exceeded the time limit of {options.Timeout.TotalSeconds:0.###} seconds.")
            {
                Code = ErrorCodes.Timeout,
            };
            if (nextId == 0) ResponseWriter.WriteErrors(output, [late]);
            else WriteLate(output, late);
            waiting.Clear();
            return true;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await limit.CancelAsync();
        limit.Dispose();
    }

    private async Task StartAsync(IBufferWriter<byte> output)
    {
        started = true;
        limit.CancelAfter(options.Timeout);
        context.Cancellation = limit.Token;
        using var executor = execute(context, null);
        await executor.RunAsync(source);
        var announced = Announce(executor);
        using var head = new JsonBuffer();
        head.Byte((byte)'{');
        if (executor.Errors.Count > 0)
        {
            head.Raw("\"errors\":"u8);
            ResponseWriter.Write(head, executor.Errors);
            head.Byte((byte)',');
        }

        head.Raw("\"data\":"u8);
        output.Write(head.Written);
        executor.Data.WriteTo(output);
        using var tail = new JsonBuffer();
        WritePending(tail, announced);
        if (announced.Count > 0) tail.Raw(",\"hasNext\":true"u8);
        tail.Byte((byte)'}');
        output.Write(tail.Written);
    }

    private async Task ContinueAsync(IBufferWriter<byte> output)
    {
        var part = waiting.Peek();
        // As each event of a subscription, each part has loaders of its own.
        var own = new RequestContext(context.Services) { Cancellation = limit.Token };
        using var executor = execute(own, part.It.Path);
        await executor.RunPartAsync(part.It.Selection, part.It.Source);
        waiting.Dequeue();
        var data = new ArrayBufferWriter<byte>();
        executor.Data.WriteTo(data);
        var failed = data.WrittenSpan.SequenceEqual("null"u8);
        var announced = failed ? [] : Announce(executor);
        using var json = new JsonBuffer();
        json.Byte((byte)'{');
        if (!failed)
        {
            json.Raw("\"incremental\":[{\"id\":"u8);
            json.String(part.Id);
            WriteErrors(json, executor.Errors);
            json.Raw(",\"data\":"u8);
            json.Raw(data.WrittenSpan);
            json.Raw("}],"u8);
        }

        json.Raw("\"completed\":[{\"id\":"u8);
        json.String(part.Id);
        if (failed) WriteErrors(json, executor.Errors);
        json.Raw("}]"u8);
        WritePending(json, announced);
        json.Raw(waiting.Count > 0 ? ",\"hasNext\":true}"u8 : ",\"hasNext\":false}"u8);
        output.Write(json.Written);
    }

    private List<Part> Announce(Executor executor)
    {
        var announced = executor.Later
            .Select(it => new Part((nextId++).ToString(CultureInfo.InvariantCulture), it)).ToList();
        foreach (var it in announced) waiting.Enqueue(it);
        return announced;
    }

    private void WriteLate(IBufferWriter<byte> output, GraphQLError late)
    {
        using var json = new JsonBuffer();
        json.Raw("{\"completed\":["u8);
        var isFirst = true;
        foreach (var it in waiting)
        {
            json.Raw(isFirst ? "{\"id\":"u8 : ",{\"id\":"u8);
            isFirst = false;
            json.String(it.Id);
            WriteErrors(json, [late]);
            json.Byte((byte)'}');
        }

        json.Raw("],\"hasNext\":false}"u8);
        output.Write(json.Written);
    }

    private static void WriteErrors(JsonBuffer json, IReadOnlyList<GraphQLError> errors)
    {
        if (errors.Count == 0) return;
        json.Raw(",\"errors\":"u8);
        ResponseWriter.Write(json, errors);
    }

    private static void WritePending(JsonBuffer json, List<Part> announced)
    {
        if (announced.Count == 0) return;
        json.Raw(",\"pending\":["u8);
        for (var i = 0; i < announced.Count; i++)
        {
            json.Raw(i == 0 ? "{\"id\":"u8 : ",{\"id\":"u8);
            json.String(announced[i].Id);
            json.Raw(",\"path\":"u8);
            ResponseWriter.WriteValue(json, announced[i].It.Path);
            if (announced[i].It.Label is { } label)
            {
                json.Raw(",\"label\":"u8);
                json.String(label);
            }

            json.Byte((byte)'}');
        }

        json.Byte((byte)']');
    }

    private sealed record Part(string Id, LaterPart It);
}
