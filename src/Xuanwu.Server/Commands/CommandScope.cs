using Xuanwu.Domain;
using Xuanwu.EventStore;
using Xuanwu.Messaging;

namespace Xuanwu.Server.Commands;

/// <summary>
/// What one command does: the streams that it decided on and the messages that follow, committed together or not at
/// all.
/// A stream that is decided on twice is decided the second time on what the first came to.
/// </summary>
public sealed class CommandScope(EventStore.EventStore store, Outbox outbox, CancellationToken ct)
{
    private readonly Dictionary<Guid, Change> _changes = [];
    private readonly List<Outgoing> _messages = [];

    public bool IsEmpty => _changes.Values.All(change => change.Count == 0);

    public async ValueTask<TState> LoadAsync<TState, TEvent>(Aggregate<TState, TEvent> aggregate, Guid id)
        where TState : notnull
        where TEvent : class => (await ChangeOf(aggregate, id)).State;

    /// <summary>Decides on the stream; the result is the refusal, or null when the events (or none) were
    /// taken.</summary>
    public async ValueTask<Rejection?> DecideAsync<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate, Guid id, Func<TState, Decision<TEvent>> decide)
        where TState : notnull
        where TEvent : class
    {
        var change = await ChangeOf(aggregate, id);
        switch (decide(change.State))
        {
            case Rejected<TEvent> refused:
                return refused.Why;
            case Decided<TEvent> decided:
                foreach (var happened in decided.Events)
                {
                    change.Add(happened);
                    _messages.AddRange(Policies.On(happened, id));
                }

                return null;
            default:
                throw new InvalidOperationException("A decision is either decided or rejected.");
        }
    }

    /// <summary>The events decided on for this stream so far, in order.</summary>
    public IReadOnlyList<object> Decided(Guid id) => _changes.TryGetValue(id, out var change) ? change.Events : [];

    public Commit ToCommit(Who who, DateTimeOffset at, string? key)
    {
        var commit = new Commit(who, at) { Key = key };
        foreach (var change in _changes.Values) change.AddTo(commit);
        foreach (var message in _messages) commit.Enlist(outbox, message);
        return commit;
    }

    private async ValueTask<Change<TState, TEvent>> ChangeOf<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate, Guid id)
        where TState : notnull
        where TEvent : class
    {
        if (_changes.TryGetValue(id, out var known)) return (Change<TState, TEvent>)known;
        var snapshot = await store.LoadAsync(aggregate, id, ct);
        var change = new Change<TState, TEvent>(aggregate, id, snapshot);
        _changes.Add(id, change);
        return change;
    }

    private abstract class Change
    {
        public abstract IReadOnlyList<object> Events { get; }

        public int Count => Events.Count;

        public abstract void AddTo(Commit commit);
    }

    private sealed class Change<TState, TEvent>(Aggregate<TState, TEvent> aggregate, Guid id, Snapshot<TState> snapshot)
        : Change
        where TState : notnull
        where TEvent : class
    {
        private readonly List<TEvent> _events = [];

        public TState State { get; private set; } = snapshot.State;

        public override IReadOnlyList<object> Events => _events;

        public void Add(TEvent happened)
        {
            _events.Add(happened);
            State = aggregate.Evolve(State, happened);
        }

        public override void AddTo(Commit commit)
        {
            if (_events.Count > 0) commit.Append(aggregate, id, snapshot.Version, _events);
        }
    }
}
