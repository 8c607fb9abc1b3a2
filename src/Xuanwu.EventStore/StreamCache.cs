using System.Diagnostics.CodeAnalysis;

namespace Xuanwu.EventStore;

/// <summary>What is remembered of a stream. All values in it are immutable.</summary>
/// <param name="Kind">Which aggregate the state belongs to.</param>
/// <param name="Version">The version that state and views are of.</param>
/// <param name="State">Null: not known.</param>
/// <param name="Views">Of the kind's inline views, in order; null: not known.</param>
internal sealed record CachedStream(StreamKind Kind, long Version, object? State, object?[]? Views);

/// <summary>
/// States and views of recent streams. Nothing here is ever trusted: a decision or view made from it is stored only if
/// the stream is still at the version it was made from. So other nodes need not tell us of their commits; a conflict
/// removes the entry, and the next load reads.
/// </summary>
internal sealed class StreamCache(int capacity)
{
    private readonly Lock _lock = new();
    private readonly Recent<CachedStream> _streams = new(capacity);
    private long _generation;

    /// <summary>Of the inline views' tables, see <see cref="Reset"/>.</summary>
    public long Generation => Volatile.Read(ref _generation);

    public bool TryGet(Guid id, [NotNullWhen(true)] out CachedStream? stream)
    {
        lock (_lock) return _streams.TryGet(id, out stream);
    }

    /// <summary>Remembers, unless a newer version is there or what was read is of an earlier generation.</summary>
    public void Put(Guid id, CachedStream stream, long generation)
    {
        lock (_lock)
        {
            if (generation != _generation) return;
            if (_streams.TryGet(id, out var there))
            {
                if (there.Version > stream.Version) return;
                if (there.Version == stream.Version && there.Kind == stream.Kind)
                    stream = stream with { State = stream.State ?? there.State, Views = stream.Views ?? there.Views };
            }

            _streams.Set(id, stream);
        }
    }

    public void Remove(Guid id)
    {
        lock (_lock) _streams.Remove(id);
    }

    /// <summary>Forgets everything: the tables of inline views were made anew, and what was folded on the old ones must
    /// not be written into the new.</summary>
    public void Reset(long generation)
    {
        lock (_lock)
        {
            if (generation == _generation) return;
            _generation = generation;
            _streams.Clear();
        }
    }
}

/// <summary>
/// A bounded map of what was used recently. Entries are put into the young half; when that is full, it becomes the old
/// half and the previous old half is dropped. What is used in the old half moves to the young one. Not synchronized.
/// </summary>
internal sealed class Recent<TValue>(int capacity)
{
    private readonly int _half = Math.Max(1, capacity / 2);
    private Dictionary<Guid, TValue> _young = [];
    private Dictionary<Guid, TValue> _old = [];

    public bool TryGet(Guid id, [MaybeNullWhen(false)] out TValue value)
    {
        if (_young.TryGetValue(id, out value)) return true;
        if (!_old.Remove(id, out value)) return false;
        Add(id, value);
        return true;
    }

    public void Set(Guid id, TValue value)
    {
        _old.Remove(id);
        Add(id, value);
    }

    public void Remove(Guid id)
    {
        _young.Remove(id);
        _old.Remove(id);
    }

    public void Clear()
    {
        _young.Clear();
        _old.Clear();
    }

    private void Add(Guid id, TValue value)
    {
        if (_young.Count >= _half && !_young.ContainsKey(id)) (_old, _young) = (_young, []);
        _young[id] = value;
    }
}
