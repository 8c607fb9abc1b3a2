using Xuanwu.Domain;
using Xuanwu.EventStore;
using Xuanwu.Messaging;

namespace Xuanwu.Server.Commands;

/// <summary>What a command came to: accepted (with or without events, now or by an earlier command of the same key), or
/// refused.</summary>
public readonly record struct CommandResult(Rejection? Rejection)
{
    public static readonly CommandResult Accepted = new(Rejection: null);
}

/// <summary>
/// Runs commands: load, decide, commit; once more when another writer was first. A command with a key is applied once,
/// however
/// often it is sent.
/// </summary>
public sealed class CommandRunner(EventStore.EventStore store, MessageBus bus, TimeProvider clock)
{
    private const int MaxTries = 25;

    public async Task<CommandResult> RunAsync(
        Who who, string? key, Func<CommandScope, ValueTask<Rejection?>> command, CancellationToken ct)
    {
        if (who.CommandId is { } id
            && Texts.Check("COMMAND_ID_INVALID", "command id", id, "commandId", Texts.ShortText) is { } wrong)
        {
            return new(wrong);
        }

        if (key is not null && await store.FindCommandAsync(key, ct) is not null) return CommandResult.Accepted;
        for (var tries = 1; ; tries++)
        {
            var scope = new CommandScope(store, bus.Outbox, ct);
            if (await command(scope) is { } rejection) return new(rejection);
            if (scope.IsEmpty) return CommandResult.Accepted;
            var outcome = await store.CommitAsync(scope.ToCommit(who, clock.GetUtcNow(), key), ct);
            if (outcome is not Conflict conflict) return CommandResult.Accepted;
            if (tries == MaxTries)
            {
                return new(new Rejection("TOO_BUSY", $"Others kept changing {conflict.StreamId}; try again."));
            }
        }
    }
}
