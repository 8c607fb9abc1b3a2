using Xuanwu.Domain;
using Xuanwu.Messaging;
using Xuanwu.Server.GraphQL;
using Xuanwu.Server.Http;

namespace Xuanwu.Server.Operations;

public sealed record DeadLetterInput(long Number);

public sealed record DeadLetterPayload(DeadLetter? DeadLetter, IReadOnlyList<Error>? Errors);

public static class OperationsMutations
{
    /// <summary>Sends a message that was given up once more, at the tail of its key.</summary>
    public static async Task<DeadLetterPayload> ReplayDeadLetter(
        DeadLetterInput input, Caller caller, MessageBus bus, CancellationToken ct) =>
        await ResolveAsync(input, await bus.DeadLetters.ReplayAsync(input.Number, caller.User, ct), bus, ct);

    /// <summary>Lets a message that was given up rest for good.</summary>
    public static async Task<DeadLetterPayload> DiscardDeadLetter(
        DeadLetterInput input, Caller caller, MessageBus bus, CancellationToken ct) =>
        await ResolveAsync(input, await bus.DeadLetters.DiscardAsync(input.Number, caller.User, ct), bus, ct);

    private static async Task<DeadLetterPayload> ResolveAsync(
        DeadLetterInput input, bool done, MessageBus bus, CancellationToken ct)
    {
        var letter = await bus.DeadLetters.FindAsync(input.Number, ct);
        if (done || letter is { Resolution: not null }) return new(letter, Errors: null);
        return new(letter, Error.Of(
            new Rejection("DEAD_LETTER_UNKNOWN", "There is no dead letter with this number.", "number")));
    }
}
