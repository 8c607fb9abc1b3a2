using System.Buffers;
using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Http;

// One connection of graphql-transport-ws.
//
//   opened ──connection_init──► acknowledged ──subscribe──► operations run ──┐
//      │                             │                                       │
//      └─────────────────────────────┴── a reason to close: the first counts ┴──► closing ──client's close, or
//                                                                                 CloseTimeout──► gone
//
// One loop reads; each operation is a task that writes; one semaphore makes messages whole. A receive must never be
// cancelled, since that cuts the connection before the client could be told why: so whoever wants to close says so in
// `closing`, the close frame is sent beside the pending receive, and the loop goes on reading, and drops what it
// reads, until the client has answered. A client that takes no more bytes cannot be told anything: it is cut off.
internal sealed class SocketConnection(
    GraphQLEngine engine,
    WebSocket socket,
    Func<JsonElement, ValueTask<Func<IServiceProvider>?>> accept,
    SocketOptions options)
    : IDisposable
{
    private const int MaxReasonBytes = 123;

    private readonly ConcurrentDictionary<string, SocketOperation> operations = new();
    private readonly SemaphoreSlim sending = new(1, 1);
    private readonly CancellationTokenSource sendLimit = new();
    private readonly TaskCompletionSource<Reason?> closing = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Func<IServiceProvider>? services;
    private bool isInitialised;
    private int alive = 1; // the connection itself, and each operation until its last step

    /// <summary>What the client is told; none when it has gone.</summary>
    private sealed record Reason(int Code, string Text);

    public async Task ServeAsync(CancellationToken stopping)
    {
        if (socket.SubProtocol != GraphQLSocket.Protocol)
        {
            Close(CloseCodes.SubprotocolNotAcceptable, "Subprotocol not acceptable");
        }

        await using var initTimer = new Timer(
            _ =>
            {
                if (!Volatile.Read(ref isInitialised))
                {
                    Close(CloseCodes.InitTimeout, "Connection initialisation timeout");
                }
            },
            null,
            options.InitTimeout,
            Timeout.InfiniteTimeSpan);
        await using var stop = stopping.Register(() => Close(CloseCodes.GoingAway, "The server is stopping"));
        var reading = ReadAsync();

        var reason = await closing.Task;

        foreach (var operation in operations.Values) operation.Cancel();
        if (reason is not null) await SendCloseAsync(reason);
        try
        {
            await reading.WaitAsync(reason is null ? TimeSpan.Zero : options.CloseTimeout, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            socket.Abort();
            await reading;
        }

        Leave();
        await idle.Task;
    }

    public void Dispose()
    {
        sending.Dispose();
        sendLimit.Dispose();
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref alive) == 0) idle.SetResult();
    }

    private void Close(int code, string reason) => closing.TrySetResult(new Reason(code, reason));

    private void Gone() => closing.TrySetResult(null);

    // --- reading

    private async Task ReadAsync()
    {
        using var buffer = new PooledBuffer([]);
        try
        {
            while (true)
            {
                // Waits without memory of its own: most connections wait most of the time.
                var received = await socket.ReceiveAsync(Memory<byte>.Empty, CancellationToken.None);
                while (received.MessageType != WebSocketMessageType.Close && !received.EndOfMessage)
                {
                    received = await socket.ReceiveAsync(buffer.GetMemory(1024), CancellationToken.None);
                    if (closing.Task.IsCompleted) continue;
                    buffer.Advance(received.Count);
                    if (buffer.Written.Length <= options.MaxMessageBytes) continue;
                    Close(CloseCodes.MessageTooBig, $"A message has more than {options.MaxMessageBytes} bytes");
                    buffer.Empty();
                }

                if (received.MessageType == WebSocketMessageType.Close) break;
                if (!closing.Task.IsCompleted) await TryHandleAsync(received.MessageType, buffer.Written);
                buffer.Empty();
            }

            if (!closing.Task.IsCompleted) Close((int)WebSocketCloseStatus.NormalClosure, "");
        }
        catch (Exception thrown) when (IsLoss(thrown))
        {
            Gone();
        }
    }

    private async ValueTask TryHandleAsync(WebSocketMessageType type, ReadOnlyMemory<byte> text)
    {
        try
        {
            await HandleAsync(type, text);
        }
        catch (Exception thrown)
        {
            Fail(thrown);
        }
    }

    private async ValueTask HandleAsync(WebSocketMessageType type, ReadOnlyMemory<byte> text)
    {
        if (type != WebSocketMessageType.Text)
        {
            Close(CloseCodes.BadRequest, "Invalid message received: not text");
            return;
        }

        if (!SocketMessage.TryParse(text, out var message, out var fault))
        {
            Close(CloseCodes.BadRequest, fault);
            return;
        }

        switch (message.Kind)
        {
            case SocketMessageKind.ConnectionInit:
                await InitialiseAsync(message.Payload);
                break;
            case SocketMessageKind.Ping:
                await SendAsync(Pong(message.Payload.Span));
                break;
            case SocketMessageKind.Subscribe:
                Subscribe(message);
                break;
            case SocketMessageKind.Complete when operations.TryRemove(message.Id, out var operation):
                operation.Cancel();
                break;
        }
    }

    private async ValueTask InitialiseAsync(ReadOnlyMemory<byte> payload)
    {
        if (isInitialised)
        {
            Close(CloseCodes.TooManyInits, "Too many initialisation requests");
            return;
        }

        Volatile.Write(ref isInitialised, true);
        services = await accept(payload.IsEmpty ? default : JsonElement.Parse(payload.Span));
        if (services is null) Close(CloseCodes.Forbidden, "Forbidden");
        else await SendAsync("{\"type\":\"connection_ack\"}"u8.ToArray());
    }

    private void Subscribe(SocketMessage message)
    {
        if (services is null)
        {
            Close(CloseCodes.Unauthorized, "Unauthorized");
            return;
        }

        var parsed = RequestParser.FromBody(message.Payload);
        if (parsed.Request is null)
        {
            parsed.Dispose();
            Close(CloseCodes.BadRequest, $"Invalid message received: {parsed.Fault}");
            return;
        }

        var operation = new SocketOperation(message.Id, parsed);
        if (!operations.TryAdd(message.Id, operation))
        {
            operation.Dispose();
            Close(CloseCodes.SubscriberExists, $"Subscriber for {message.Id} already exists");
            return;
        }

        Interlocked.Increment(ref alive);
        var isTooMany = operations.Count > options.MaxOperations;
        _ = Task.Run(() => RunAsync(operation, isTooMany));
    }

    // --- operations

    private async Task RunAsync(SocketOperation operation, bool isTooMany)
    {
        try
        {
            await using var stream = isTooMany
                ? TooMany()
                : await engine.SubscribeAsync(
                    operation.Parsed.Request!, new RequestContext(services!()), operation.Cancellation);
            using var next = operation.Message("next");
            while (await stream.NextAsync(next))
            {
                next.Write("}"u8);
                if (!await SendAsync(next.Written, operation)) return;
                next.Empty();
            }

            operations.TryRemove(new(operation.Id, operation));
            if (stream.Errors.Count == 0)
            {
                await SendAsync(operation.Text("complete"), operation);
                return;
            }

            using var error = operation.Message("error");
            ResponseWriter.WriteList(error, stream.Errors);
            error.Write("}"u8);
            await SendAsync(error.Written, operation);
        }
        catch (OperationCanceledException) when (operation.Cancellation.IsCancellationRequested)
        {
            // the client has completed it, or has gone
        }
        catch (Exception thrown)
        {
            Fail(thrown);
        }
        finally
        {
            operations.TryRemove(new(operation.Id, operation));
            operation.Dispose();
            Leave();
        }
    }

    private RefusedStream TooMany() => new(ExecutionOutcome.Refused, [new GraphQLError(
        $"A connection may run {options.MaxOperations} operations at a time; complete one of them first.")
    {
        Code = ErrorCodes.TooManyOperations,
    }]);

    private void Fail(Exception thrown)
    {
        options.OnError?.Invoke(thrown);
        Close(CloseCodes.InternalError, "Internal server error");
    }

    // --- writing

    /// <summary>False: the client has gone, or does not want to hear of the operation any more.</summary>
    private async ValueTask<bool> SendAsync(ReadOnlyMemory<byte> message, SocketOperation? of = null)
    {
        await sending.WaitAsync();
        try
        {
            if (closing.Task.IsCompleted || of is { Cancellation.IsCancellationRequested: true }) return false;
            sendLimit.CancelAfter(options.SendTimeout);
            await socket.SendAsync(message, WebSocketMessageType.Text, true, sendLimit.Token);
            sendLimit.CancelAfter(Timeout.InfiniteTimeSpan);
            return true;
        }
        catch (Exception thrown) when (IsLoss(thrown))
        {
            Gone();
            return false;
        }
        finally
        {
            sending.Release();
        }
    }

    private async Task SendCloseAsync(Reason reason)
    {
        await sending.WaitAsync();
        try
        {
            if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) return;
            sendLimit.CancelAfter(options.CloseTimeout);
            await socket.CloseOutputAsync(
                (WebSocketCloseStatus)reason.Code, Shorten(reason.Text), sendLimit.Token);
        }
        catch (Exception thrown) when (IsLoss(thrown))
        {
            socket.Abort();
        }
        finally
        {
            sending.Release();
        }
    }

    private static bool IsLoss(Exception thrown) =>
        thrown is WebSocketException or OperationCanceledException or IOException or ObjectDisposedException;

    // A close frame has 125 bytes for code and reason.
    private static string Shorten(string reason)
    {
        while (Encoding.UTF8.GetByteCount(reason) > MaxReasonBytes) reason = reason[..^1];
        return reason.Length > 0 && char.IsHighSurrogate(reason[^1]) ? reason[..^1] : reason;
    }

    private static byte[] Pong(ReadOnlySpan<byte> payload) => payload.IsEmpty
        ? [.. "{\"type\":\"pong\"}"u8]
        : [.. "{\"type\":\"pong\",\"payload\":"u8, .. payload, (byte)'}'];
}

/// <summary>One operation of a connection, from its subscribe message to its end.</summary>
internal sealed class SocketOperation : IDisposable
{
    private readonly CancellationTokenSource ending = new();
    private readonly Lock changing = new();
    private bool isDisposed;

    public SocketOperation(string id, ParsedRequest parsed) =>
        (Id, Parsed, Cancellation) = (id, parsed, ending.Token);

    public string Id { get; }

    public ParsedRequest Parsed { get; }

    public CancellationToken Cancellation { get; }

    /// <summary>Ends it; harmless when it has ended.</summary>
    public void Cancel()
    {
        lock (changing)
        {
            if (!isDisposed) _ = ending.CancelAsync();
        }
    }

    /// <summary>A message about this operation up to the value of its payload; a brace is to follow it.</summary>
    public PooledBuffer Message(string type)
    {
        using var json = new JsonBuffer();
        Begin(json, type);
        json.Raw(",\"payload\":"u8);
        return new PooledBuffer(json.Written.ToArray());
    }

    /// <summary>A whole message without payload.</summary>
    public byte[] Text(string type)
    {
        using var json = new JsonBuffer();
        Begin(json, type);
        json.Byte((byte)'}');
        return json.Written.ToArray();
    }

    public void Dispose()
    {
        lock (changing) isDisposed = true;
        Parsed.Dispose();
        ending.Dispose();
    }

    private void Begin(JsonBuffer json, string type)
    {
        json.Raw("{\"id\":"u8);
        json.String(Id);
        json.Raw(",\"type\":"u8);
        json.String(type);
    }
}
