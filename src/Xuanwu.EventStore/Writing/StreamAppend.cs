namespace Xuanwu.EventStore;

/// <summary>Events for one stream of a commit.</summary>
internal abstract class StreamAppend(Aggregate aggregate, Guid id, long expectedVersion, int count)
{
    public Aggregate Aggregate { get; } = aggregate;

    public Guid Id { get; } = id;

    public long ExpectedVersion { get; } = expectedVersion;

    public long NewVersion => ExpectedVersion + count;

    /// <summary>The state of a stream that does not exist.</summary>
    public abstract object AbsentState { get; }

    /// <summary>
    /// Folds and serializes, on the caller's thread, all that the writer will send.
    /// </summary>
    /// <param name="kind">The registered aggregate.</param>
    /// <param name="known">The stream at the expected version as far as it is known; its views are, if it has
    /// any.</param>
    /// <param name="commit">The commit that this belongs to.</param>
    /// <param name="headers">Of the commit, serialized.</param>
    /// <param name="types">Names and bodies.</param>
    public abstract PreparedStream Prepare(
        StreamKind kind, CachedStream known, Commit commit, Headers headers, EventTypes types);
}

internal sealed class StreamAppend<TState, TEvent>(
    Aggregate<TState, TEvent> aggregate, Guid id, long expectedVersion, IReadOnlyList<TEvent> events)
    : StreamAppend(aggregate, id, expectedVersion, events.Count)
    where TState : notnull
    where TEvent : class
{
    public override object AbsentState => aggregate.Absent;

    public override PreparedStream Prepare(
        StreamKind kind, CachedStream known, Commit commit, Headers headers, EventTypes types)
    {
        var rows = new EventRow[events.Count];
        var state = known.State;
        var views = known.Views is null || kind.Views.Count == 0 ? [] : (object?[])known.Views.Clone();
        var correlation = commit.Who.CorrelationId?.ToString();
        for (var i = 0; i < rows.Length; i++)
        {
            var happened = events[i];
            var type = types.Of(happened.GetType());
            var row = rows[i] = new EventRow(
                Guid.CreateVersion7(commit.At), ExpectedVersion + i + 1, type, type.Write(happened));
            if (state is not null) state = aggregate.Evolve((TState)state, happened);
            if (views.Length == 0) continue;
            var recorded = new Recorded<TEvent>(Id, row.Version, 0, row.Id, commit.At, commit.Who.User, headers.Command,
                headers.CommandId, correlation, commit.Who.CausationId, happened);
            for (var v = 0; v < views.Length; v++) views[v] = ((StreamView<TEvent>)kind.Views[v]).Fold(views[v], recorded);
        }

        var documents = new byte[]?[views.Length];
        for (var v = 0; v < views.Length; v++)
        {
            if (views[v] is { } view)
                documents[v] = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(
                    view, types.Json.GetTypeInfo(kind.Views[v].ViewType));
        }

        return new PreparedStream(this, kind, rows, documents, new CachedStream(kind, NewVersion, state, views));
    }
}

/// <summary>An event as it will be sent.</summary>
internal readonly record struct EventRow(Guid Id, long Version, EventType Type, byte[] Body);

/// <param name="Append">What it was made from.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="Events">Rows of mt_events.</param>
/// <param name="Documents">Of the kind's views in order; null: the view is removed.</param>
/// <param name="After">What the stream will be when this is stored.</param>
internal sealed record PreparedStream(
    StreamAppend Append, StreamKind Kind, EventRow[] Events, byte[]?[] Documents, CachedStream After);
