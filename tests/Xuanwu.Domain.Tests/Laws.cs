using FsCheck;
using FsCheck.Fluent;

namespace Xuanwu.Domain.Tests;

/// <summary>
/// What holds for every aggregate, tried on generated sequences of commands from few names and numbers, so that they
/// meet.
/// </summary>
public static class Laws
{
    /// <summary>
    /// In every state that commands can lead to, each command decides the same when it is asked again, its events can
    /// be folded, and sent a second time it decides Nothing or is rejected. Then <paramref name="holds"/> holds of all
    /// events.
    /// </summary>
    public static void Hold<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate, Gen<object> command, Func<IReadOnlyList<TEvent>, bool> holds)
        where TEvent : notnull
    {
        var commands = Arb.From(
            command.ListOf().Select(list => new Sequence([.. list])),
            sequence => sequence.Commands.Select((_, at) => new Sequence([.. sequence.Commands
                .Where((_, i) => i != at)])));
        Prop.ForAll(commands, sequence => holds(Play(aggregate, sequence.Commands)))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(1000).WithEndSize(60));
    }

    private static List<TEvent> Play<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate, IReadOnlyList<object> commands)
        where TEvent : notnull
    {
        var journal = new List<TEvent>();
        var state = aggregate.Absent;
        foreach (var command in commands)
        {
            var decision = aggregate.Decide(state, command);
            Assert.Equal(Print(decision), Print(aggregate.Decide(state, command)));
            if (decision is not Decided<TEvent> decided) continue;

            state = aggregate.Fold(state, decided.Events);
            journal.AddRange(decided.Events);
            if (aggregate.Decide(state, command) is Decided<TEvent> { Events: { Count: > 0 } again })
            {
                Assert.Fail($"{command} decided {Print(again)} when it was repeated.");
            }
        }

        // What is read back from the journal is what was decided on.
        Assert.Equal(Printed.Of(state!), Printed.Of(aggregate.Fold(aggregate.Absent, journal)!));
        return journal;
    }

    private static string Print<TEvent>(Decision<TEvent> decision) => decision switch
    {
        Decided<TEvent> decided => Print(decided.Events),
        _ => decision.ToString()!,
    };

    private static string Print<TEvent>(IEnumerable<TEvent> events) =>
        string.Join("; ", events.Select(it => $"{it!.GetType().Name} {Printed.Of(it)}"));

    private sealed record Sequence(IReadOnlyList<object> Commands)
    {
        public override string ToString() => string.Concat(Commands.Select(command => $"\n  {command}"));
    }
}
