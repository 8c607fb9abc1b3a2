namespace Xuanwu.Domain;

/// <summary>
/// What a command comes to: events, nothing, or a rejection. All three are values; exceptions are for bugs.
/// </summary>
public abstract record Decision<TEvent>
{
    public static implicit operator Decision<TEvent>(TEvent happened) => new Decided<TEvent>([happened]);

    public static implicit operator Decision<TEvent>(TEvent[] happened) => new Decided<TEvent>(happened);

    public static implicit operator Decision<TEvent>(NoEvents _) => new Decided<TEvent>([]);

    public static implicit operator Decision<TEvent>(Rejection rejection) => new Rejected<TEvent>(rejection);
}

/// <summary>The events that follow; none when the command has nothing left to do.</summary>
public sealed record Decided<TEvent>(IReadOnlyList<TEvent> Events) : Decision<TEvent>;

/// <summary>The command is refused.</summary>
public sealed record Rejected<TEvent>(Rejection Why) : Decision<TEvent>;

/// <summary>Repeating a command decides this.</summary>
public readonly record struct NoEvents;

/// <summary>Why a command is refused: a stable code for programs and a sentence for people.</summary>
/// <param name="Code">A stable code, such as JOB_NAME_TAKEN.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Path">The part of the input that is wrong, when one part is.</param>
public sealed record Rejection(string Code, string Message, string? Path = null);

/// <summary>The words that decisions end with.</summary>
public static class Decisions
{
    public static NoEvents Nothing => default;

    public static Rejection Reject(string code, string message, string? path = null) => new(code, message, path);
}

/// <summary>A release that does not know the past must not decide.</summary>
public sealed class UnknownEvent(object happened)
    : Exception($"{happened.GetType().Name} is not an event that this release can fold.");
