using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>What a store holds, and its sizes.</summary>
public sealed class EventStoreOptions
{
    private readonly Dictionary<Aggregate, StreamKind> _kinds = [];
    private readonly List<StreamView> _inlineViews = [];

    /// <summary>The batch tables that commits may enlist rows of.</summary>
    public IReadOnlyList<BatchTable> BatchTables { get; init; } = [];

    /// <summary>So many recent streams keep their state and views in memory.</summary>
    public int CachedStreams { get; init; } = 20_000;

    /// <summary>Most commits in one transaction.</summary>
    public int MaxBatch { get; init; } = 256;

    /// <summary>Roughly the most bytes of events and views in one transaction; a larger commit goes alone.</summary>
    public int MaxBatchBytes { get; init; } = 8 << 20;

    /// <summary>Most commits that wait; further callers wait before they are let in.</summary>
    public int MaxWaiting { get; init; } = 4096;

    /// <summary>So long a batch tries to reach the database before its commits fail.</summary>
    public TimeSpan ReconnectFor { get; init; } = TimeSpan.FromSeconds(5);

    internal IReadOnlyList<StreamView> InlineViews => _inlineViews;

    /// <summary>A kind of stream and the views that its commits fold.</summary>
    public EventStoreOptions Add<TState, TEvent>(
        Aggregate<TState, TEvent> aggregate, params StreamView<TEvent>[] inlineViews)
        where TState : notnull
        where TEvent : class
    {
        if (_kinds.Values.Any(kind => kind.Aggregate.Alias == aggregate.Alias))
            throw new ArgumentException($"There is an aggregate '{aggregate.Alias}' already.", nameof(aggregate));
        foreach (var view in inlineViews)
        {
            if (_inlineViews.Any(other => other.Name == view.Name))
                throw new ArgumentException($"There is a view '{view.Name}' already.", nameof(inlineViews));
        }

        _kinds.Add(aggregate, new StreamKind(aggregate, _inlineViews.Count, inlineViews));
        _inlineViews.AddRange(inlineViews);
        return this;
    }

    internal StreamKind KindOf(Aggregate aggregate) =>
        _kinds.TryGetValue(aggregate, out var kind) ? kind : throw new ArgumentException(
            $"The aggregate '{aggregate.Alias}' is not among the options of this store; add it there.");
}

/// <summary>An aggregate with its inline views; the first of them is number <c>FirstView</c> of the store's.</summary>
internal sealed record StreamKind(Aggregate Aggregate, int FirstView, IReadOnlyList<StreamView> Views)
{
    /// <summary>
    /// The stream's version and, for each view, its document and version, as one statement and so of one moment.
    /// </summary>
    public string SelectViews { get; } =
        $"SELECT s.version{string.Concat(Views.Select((_, i) => $", v{i}.data, v{i}.mt_version"))} "
        + "FROM xuanwu.mt_streams s"
        + string.Concat(Views.Select((view, i) => $" LEFT JOIN {view.Table} v{i} ON v{i}.id = s.id"))
        + " WHERE s.id = $1";
}
