using Microsoft.Extensions.Logging;

namespace Xuanwu.Messaging;

/// <summary>Handles one claimed message and says what becomes of it. Never throws.</summary>
internal sealed class Worker(
    MessageBus bus, MessageTypes types, MessageBusOptions options,
    IReadOnlyDictionary<Type, MessageHandlers.Handle> handlers, ILogger logger)
{
    /// <param name="message">What to handle.</param>
    /// <param name="giveBack">Cancelled when the node stops or its claims are no longer its own.</param>
    public async Task<Settlement> HandleAsync(Claimed message, CancellationToken giveBack)
    {
        if (giveBack.IsCancellationRequested) return new Settlement(message, Outcome.Release);
        if (!types.TryFind(message.Type, out var route))
        {
            return Settlement.Dead(message, "UnknownMessageType",
                $"No message type is registered as '{message.Type}'. It was written by another version of the program "
                + "or the type was renamed: register a type of that name and replay the message, or discard it.",
                message.Attempts + 1);
        }

        if (route.Retry.IsLast(message.Attempts))
        {
            return Settlement.Dead(message, "NodeDied",
                $"The node died in each of {message.Attempts} attempts; the message may be what kills it. Look into "
                + "the nodes' logs before you replay it.", message.Attempts);
        }

        object body;
        try
        {
            body = types.Read(route, message.Body);
        }
        catch (Exception unreadable) // also what a constructor of the type throws
        {
            return Settlement.Dead(message, "UnreadableBody",
                $"The body does not fit {route.Type.Name}: {unreadable.Message} Make the type accept what was stored "
                + "and replay the message, or discard it.", message.Attempts + 1);
        }

        return await HandleAsync(message, route, body, giveBack);
    }

    private async Task<Settlement> HandleAsync(Claimed message, Route route, object body, CancellationToken giveBack)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(giveBack);
        limit.CancelAfter(route.TimeLimit);
        var results = new Results(bus, types, options, message);
        try
        {
            var returned = await handlers[route.Type](body, results.Context, options.Services, limit.Token);
            await results.AddAsync(returned, limit.Token);
            return results.ToSettlement();
        }
        catch (Exception) when (giveBack.IsCancellationRequested)
        {
            return new Settlement(message, Outcome.Release);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested)
        {
            return Settlement.Failed(message, route.Retry, new Failure.Retry(), "TimeLimit",
                $"The handler did not finish within {route.TimeLimit.TotalSeconds:0.###} s.");
        }
        catch (Exception failed)
        {
            var failure = Classify(failed);
            var settlement = Settlement.Failed(message, route.Retry, failure, failed.GetType().Name, failed.Message);
            logger.LogWarning(
                "{Type} {Id} of {Key} failed in attempt {Attempt} ({Fault}: {Reason}); {Outcome}", message.Type,
                message.Id, message.Key, settlement.Attempts, settlement.Fault, settlement.Reason,
                settlement.Outcome == Outcome.Dead ? "given up" : $"again in {settlement.Delay}");
            return settlement;
        }
    }

    private Failure Classify(Exception failed)
    {
        try
        {
            return options.Classify?.Invoke(failed) ?? new Failure.Retry();
        }
        catch (Exception itself)
        {
            logger.LogError(itself, "Classifying an exception failed");
            return new Failure.Retry();
        }
    }

    /// <summary>What the handler returned, in order.</summary>
    private sealed class Results(MessageBus bus, MessageTypes types, MessageBusOptions options, Claimed message)
    {
        private readonly List<OutgoingRow> _sent = [];
        private PutBack? _putBack;
        private int _count;

        public MessageContext Context { get; } = new()
        {
            Id = message.Id,
            Queue = message.Queue,
            Key = message.Key,
            Type = message.Type,
            Attempt = message.Attempts + 1,
            Lap = message.Lap,
            CorrelationId = message.CorrelationId ?? message.Id.ToString(),
            CausedBy = message.CausedBy,
            By = message.By,
            EnqueuedAt = message.EnqueuedAt,
        };

        public async ValueTask AddAsync(object? result, CancellationToken ct)
        {
            switch (result)
            {
                case null:
                    break;
                case PutBack once when _putBack is null:
                    if (once.Queue is not null) bus.CheckQueue(once.Queue);
                    _putBack = once;
                    break;
                case PutBack:
                    throw new InvalidOperationException($"The handler of {message.Type} returned PutBack twice.");
                case Outgoing outgoing:
                    Send(outgoing);
                    break;
                case Later or To:
                    Send(Unwrap(result, message.Key, null));
                    break;
                case IEnumerable<object?> many:
                    foreach (var each in many) await AddAsync(each, ct);
                    break;
                default:
                    if (types.IsRegistered(result.GetType())) Send(new Outgoing(result, message.Key));
                    else await RunAsync(result, ct);
                    break;
            }
        }

        public Settlement ToSettlement() => _putBack is null
            ? new Settlement(message, Outcome.Done) { Sent = _sent }
            : new Settlement(message, Outcome.PutBack) { Delay = _putBack.Delay, Queue = _putBack.Queue, Sent = _sent };

        private static Outgoing Unwrap(object result, string key, TimeSpan? delay) => result switch
        {
            Later later => Unwrap(later.Message, key, later.Delay),
            To to => Unwrap(to.Message, to.Key, delay),
            _ => new Outgoing(result, key, delay),
        };

        private void Send(Outgoing outgoing)
        {
            _count++;
            _sent.Add(bus.ToRow(outgoing with
            {
                CorrelationId = outgoing.CorrelationId ?? Context.CorrelationId,
                CausedBy = outgoing.CausedBy ?? message.Id.ToString(),
                By = outgoing.By ?? message.By,
            }));
        }

        private async Task RunAsync(object result, CancellationToken ct)
        {
            if (options.OnResult is null)
                throw new ArgumentException(
                    $"The handler of {message.Type} returned {result.GetType().Name}, which is not a registered "
                    + "message, and MessageBusOptions.OnResult, which would take it, is not set.");
            await options.OnResult(result, Context with { Result = _count++ }, ct);
        }
    }
}
