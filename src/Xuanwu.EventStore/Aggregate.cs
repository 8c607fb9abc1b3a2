namespace Xuanwu.EventStore;

/// <summary>A kind of stream; see <see cref="Aggregate{TState,TEvent}"/>.</summary>
public abstract class Aggregate
{
    private protected Aggregate(string alias) => Alias = Names.Check(alias, "alias of an aggregate");

    /// <summary>Stored in <c>mt_streams.type</c>.</summary>
    public string Alias { get; }

    internal abstract Type EventRoot { get; }
}

/// <summary>How a stream of <typeparamref name="TEvent"/> folds into <typeparamref name="TState"/>.</summary>
/// <param name="alias">Name of the kind of stream as it is stored, such as <c>job</c>.</param>
/// <param name="absent">The state of a stream that does not exist.</param>
/// <param name="evolve">Pure; throws for an event that it does not know.</param>
public sealed class Aggregate<TState, TEvent>(string alias, TState absent, Func<TState, TEvent, TState> evolve)
    : Aggregate(alias)
    where TState : notnull
    where TEvent : class
{
    public TState Absent { get; } = absent;

    public Func<TState, TEvent, TState> Evolve { get; } = evolve;

    internal override Type EventRoot => typeof(TEvent);
}

/// <summary>A view of the streams of <typeparamref name="TEvent"/>.</summary>
public abstract class StreamView<TEvent> : StreamView
    where TEvent : class
{
    private protected StreamView(string name, Type viewType) : base(name, viewType)
    {
    }

    internal override Type EventRoot => typeof(TEvent);

    internal abstract object? Fold(object? view, Recorded<TEvent> happened);

    internal override object? Fold(object? view, in Envelope envelope) =>
        Fold(view, envelope.Typed<TEvent>());
}

/// <summary>
/// A view of one stream each: one document per stream, folded by the commit itself (inline) or behind it by the
/// projection daemon. Stored as Marten stores a single-stream projection: table <c>mt_doc_&lt;name&gt;</c> with
/// <c>mt_version</c> = version of the stream.
/// </summary>
/// <param name="name">Lower-case name, part of the table's name.</param>
/// <param name="evolve">Pure. A null view is one that is not there (yet); null as the answer removes it.</param>
public sealed class StreamView<TView, TEvent>(string name, Func<TView?, Recorded<TEvent>, TView?> evolve)
    : StreamView<TEvent>(name, typeof(TView))
    where TView : class
    where TEvent : class
{
    public Func<TView?, Recorded<TEvent>, TView?> Evolve { get; } = evolve;

    internal override object? Fold(object? view, Recorded<TEvent> happened) => Evolve((TView?)view, happened);
}

/// <summary>See <see cref="StreamView{TView,TEvent}"/>.</summary>
public abstract class StreamView
{
    private protected StreamView(string name, Type viewType) =>
        (Name, ViewType) = (Names.Check(name, "name of a view"), viewType);

    public string Name { get; }

    /// <summary>Qualified name of the table.</summary>
    public string Table => $"xuanwu.mt_doc_{Name}";

    /// <summary>Name of the row in <c>mt_event_progression</c>, as Marten names a projection's only shard.</summary>
    public string ProgressName => $"{Name}:All";

    internal Type ViewType { get; }

    internal abstract Type EventRoot { get; }

    internal abstract object? Fold(object? view, in Envelope envelope);
}

internal static class Names
{
    public static string Check(string name, string what)
    {
        var right = name.Length is > 0 and <= 40 && char.IsAsciiLetterLower(name[0])
            && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_');
        return right ? name : throw new ArgumentException(
            $"'{name}' is not a {what}: a lower-case letter, then lower-case letters, digits and _, at most 40.");
    }
}
