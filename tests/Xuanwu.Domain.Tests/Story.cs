using System.Text.Json;
using System.Text.Json.Serialization;

namespace Xuanwu.Domain.Tests;

/// <summary>
/// What a story needs to know of an aggregate: how it folds, and which of its decisions a command asks for.
/// </summary>
public sealed record Aggregate<TState, TEvent>(
    TState Absent, Func<TState, TEvent, TState> Evolve, Func<TState, object, Decision<TEvent>> Decide)
    where TEvent : notnull
{
    public TState Fold(TState state, IEnumerable<TEvent> events) => events.Aggregate(state, Evolve);

    public Story<TState, TEvent> Given(params TEvent[] past) => new(this, Fold(Absent, past));
}

/// <summary>
/// Given(events).When(command).Then(events): events, because state is nobody's business but the aggregate's.
/// </summary>
public sealed record Story<TState, TEvent>(Aggregate<TState, TEvent> Aggregate, TState State)
    where TEvent : notnull
{
    public Outcome<TState, TEvent> When(object command) => new(this, Aggregate.Decide(State, command));

    public Outcome<TState, TEvent> WhenDeciding(Func<TState, Decision<TEvent>> decide) => new(this, decide(State));
}

public sealed record Outcome<TState, TEvent>(Story<TState, TEvent> Story, Decision<TEvent> Decision)
    where TEvent : notnull
{
    /// <summary>Exactly these events were decided. Gives the story as it is after them.</summary>
    public Story<TState, TEvent> Then(params TEvent[] expected)
    {
        var decided = Assert.IsType<Decided<TEvent>>(Decision);
        Assert.Equal(expected.Select(Print), decided.Events.Select(Print));
        return Story with { State = Story.Aggregate.Fold(Story.State, decided.Events) };
    }

    public void ThenNothing() => Then();

    /// <summary>It was refused with this code, and with a sentence that a person can act on.</summary>
    public Rejection ThenRejected(string code, string? path = null)
    {
        var why = Assert.IsType<Rejected<TEvent>>(Decision).Why;
        Assert.Equal((code, path), (why.Code, why.Path));
        Assert.EndsWith(".", why.Message, StringComparison.Ordinal);
        return why;
    }

    // By content: records compare the dictionaries and lists inside them by reference.
    private static string Print(TEvent happened) => $"{happened.GetType().Name} {Printed.Of(happened)}";
}

/// <summary>A value by its content, whatever collections it is made of.</summary>
public static class Printed
{
    private static readonly JsonSerializerOptions Options = new()
    {
        Converters = { new JsonStringEnumConverter() },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Of(object value) => JsonSerializer.Serialize(value, value.GetType(), Options);
}
