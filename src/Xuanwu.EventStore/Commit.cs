using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>
/// All or nothing: events for one or several streams, rows of batch tables, and an idempotency key. A value to be built
/// once, committed once, and not touched again.
/// </summary>
/// <param name="who">Who asked for it.</param>
/// <param name="at">When it was decided; the time of its events.</param>
public sealed class Commit(Who who, DateTimeOffset at)
{
    private readonly List<StreamAppend> _streams = [];
    private readonly List<(BatchTable Table, object Row)> _rows = [];

    public Who Who { get; } = who;

    public DateTimeOffset At { get; } = at.ToUniversalTime();

    /// <summary>Scope and id of the command: a second commit with the same key is not applied.</summary>
    public string? Key { get; init; }

    internal IReadOnlyList<StreamAppend> Streams => _streams;

    internal IReadOnlyList<(BatchTable Table, object Row)> Rows => _rows;

    /// <summary>Events for a stream that is at <paramref name="expectedVersion"/> (0: it must not exist).</summary>
    /// <exception cref="ArgumentException">No events, or a second time the same stream.</exception>
    public Commit Append<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate, Guid id, long expectedVersion, IReadOnlyList<TEvent> events)
        where TState : notnull
        where TEvent : class
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedVersion);
        if (events.Count == 0) throw new ArgumentException("An append needs at least one event.", nameof(events));
        if (_streams.Any(stream => stream.Id == id))
            throw new ArgumentException($"Stream {id} is in this commit already.", nameof(id));
        _streams.Add(new StreamAppend<TState, TEvent>(aggregate, id, expectedVersion, events));
        return this;
    }

    /// <summary>A row that is written if and only if the commit is accepted.</summary>
    public Commit Enlist(BatchTable table, object row)
    {
        _rows.Add((table, row));
        return this;
    }
}

/// <summary>What became of a commit: an answer, not a fault.</summary>
public abstract record CommitOutcome;

/// <summary>It is stored durably.</summary>
/// <param name="Streams">The new version of each stream, in the order of the appends.</param>
/// <param name="FirstSequence">Of its first event; 0 when it had none.</param>
/// <param name="LastSequence">Of its last event; 0 when it had none.</param>
public sealed record Committed(IReadOnlyList<StreamVersion> Streams, long FirstSequence, long LastSequence) : CommitOutcome;

/// <summary>Nothing was stored: a stream is not at the version that the decision was made on. Load and decide
/// again.</summary>
public sealed record Conflict(Guid StreamId, long Expected, long Actual) : CommitOutcome;

/// <summary>Nothing was stored: a commit with this key has been applied before.</summary>
/// <param name="Key">The key.</param>
/// <param name="At">When the first one was decided.</param>
/// <param name="Sequence">Of its last event; null when it had none.</param>
public sealed record Repeated(string Key, DateTimeOffset At, long? Sequence) : CommitOutcome;

public readonly record struct StreamVersion(Guid StreamId, long Version);
