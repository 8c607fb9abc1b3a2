using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Api;

namespace Xuanwu.Sandbox.Store;

internal enum ChangeType
{
    Added,
    Modified,
    Deleted,
}

/// <summary>One change of one object, in the order of revisions.</summary>
/// <param name="Type">What happened.</param>
/// <param name="Object">The new version; of a deleted object the last one, with the revision of the deletion.</param>
/// <param name="Previous">The version before, null for an added object.</param>
internal sealed record StoreChange(ChangeType Type, Stored Object, Stored? Previous);

/// <summary>
/// Every object of the cluster. One lock orders all writes, so revisions grow by one and every reader sees the same
/// order. A write is compare-and-set on the version the writer read: there is no other way to lose an update, or to
/// keep one. Each kind has its own bounded log of changes that watches read with a cursor; a cursor older than the log
/// is expired. Observers are called inside the lock, in order: they only take notes.
/// </summary>
internal sealed class ObjectStore(int history)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ResourceKind, Shelf> _shelves =
        Kinds.All.ToDictionary(it => it, _ => new Shelf(history));

    private readonly Dictionary<string, Stored> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Dictionary<string, Stored>> _byOwner = new(StringComparer.Ordinal);
    private readonly List<Action<StoreChange>> _observers = [];
    private long _revision = 1;

    public long Revision
    {
        get
        {
            lock (_gate) return _revision;
        }
    }

    public void Observe(Action<StoreChange> observer)
    {
        lock (_gate) _observers.Add(observer);
    }

    public Stored? Find(ResourceKind kind, string? ns, string name) =>
        Volatile.Read(ref _shelves[kind].Items).GetValueOrDefault(Stored.KeyOf(ns, name));

    public Stored? FindByUid(string uid)
    {
        lock (_gate) return _byUid.GetValueOrDefault(uid);
    }

    /// <summary>The objects that name the uid as an owner.</summary>
    public Stored[] Dependents(string uid)
    {
        lock (_gate) return _byOwner.TryGetValue(uid, out var found) ? [.. found.Values] : [];
    }

    /// <summary>All objects of a kind as of one revision.</summary>
    public (ImmutableSortedDictionary<string, Stored> Items, long Revision) Snapshot(ResourceKind kind)
    {
        lock (_gate) return (_shelves[kind].Items, _revision);
    }

    public IEnumerable<Stored> List(ResourceKind kind, string? ns = null)
    {
        var items = Volatile.Read(ref _shelves[kind].Items).Values;
        return ns is null ? items : items.Where(it => it.Namespace == ns);
    }

    /// <summary>Adds an object, or answers null when the name is taken.</summary>
    public Stored? TryAdd(ResourceKind kind, JsonObject o)
    {
        lock (_gate)
        {
            var shelf = _shelves[kind];
            var metadata = o.Metadata();
            var key = Stored.KeyOf(kind.Namespaced ? metadata.Text("namespace") : null, metadata.Text("name")!);
            if (shelf.Items.ContainsKey(key)) return null;
            var added = Stored.Of(kind, o, ++_revision);
            Put(shelf, added);
            Publish(shelf, new StoreChange(ChangeType.Added, added, null));
            return added;
        }
    }

    /// <summary>
    /// Replaces the version that the writer read. Answers null when another was faster; answers the current version
    /// when nothing would change. A terminating object that loses its last finalizer is removed.
    /// </summary>
    /// <param name="current">The version that the writer read.</param>
    /// <param name="next">The object as it shall be.</param>
    /// <param name="differs">The writer knows that it differs, and need not be compared.</param>
    public Stored? TryReplace(Stored current, JsonObject next, bool differs = false)
    {
        var same = !differs && IsSame(current, next);
        lock (_gate)
        {
            var shelf = _shelves[current.Kind];
            if (!ReferenceEquals(shelf.Items.GetValueOrDefault(current.Key), current)) return null;
            if (same) return current;
            var replaced = Stored.Of(current.Kind, next, ++_revision);
            Forget(current);
            Put(shelf, replaced);
            Publish(shelf, new StoreChange(ChangeType.Modified, replaced, current));
            if (replaced is { Terminating: true, Finalized: true } && !current.Kind.RemovedByController)
            {
                Remove(shelf, replaced);
            }
            return replaced;
        }
    }

    /// <summary>
    /// Changes an object until no other writer interferes; null when it is gone. The change may decline (false).
    /// </summary>
    public Stored? Change(ResourceKind kind, string? ns, string name, Func<JsonObject, bool> change)
    {
        while (Find(kind, ns, name) is { } current)
        {
            var next = current.Parse();
            if (!change(next)) return current;
            if (TryReplace(current, next) is { } done) return done;
        }

        return null;
    }

    /// <summary>Removes the version that the writer read; null when another was faster.</summary>
    public Stored? TryRemove(Stored current)
    {
        lock (_gate)
        {
            var shelf = _shelves[current.Kind];
            return ReferenceEquals(shelf.Items.GetValueOrDefault(current.Key), current) ? Remove(shelf, current) : null;
        }
    }

    /// <summary>
    /// The changes after a revision and the revision they reach; Expired when the log no longer goes back so far. More
    /// is completed by the next change.
    /// </summary>
    public (IReadOnlyList<StoreChange> Changes, long Reached, bool Expired, Task More) After(
        ResourceKind kind, long revision)
    {
        lock (_gate)
        {
            var shelf = _shelves[kind];
            var expired = revision < shelf.Floor;
            return (expired ? [] : shelf.After(revision), _revision, expired, shelf.More.Task);
        }
    }

    /// <summary>Forgets the log of changes, so that every watch that is behind, or resumes, is expired.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            _revision++;
            foreach (var shelf in _shelves.Values)
            {
                shelf.Forget(_revision);
                shelf.Wake();
            }
        }
    }

    /// <summary>
    /// Brings back what an earlier process saved, before anybody else uses the store. Revisions go on far beyond the
    /// saved one: a process that was killed may have given out more than it saved, and those must not be given out
    /// again for something else. Who resumes a watch from one of them is told that it is too old, and lists again.
    /// </summary>
    public void Restore(IEnumerable<(ResourceKind Kind, JsonObject Object, long Revision)> objects, long revision)
    {
        lock (_gate)
        {
            _revision = Math.Max(_revision, revision) + 1_000_000;
            foreach (var (kind, o, at) in objects)
            {
                var stored = Stored.Of(kind, o, at);
                Put(_shelves[kind], stored);
                foreach (var observer in _observers) observer(new StoreChange(ChangeType.Added, stored, null));
            }

            foreach (var shelf in _shelves.Values) shelf.Forget(_revision);
        }
    }

    private static bool IsSame(Stored current, JsonObject next)
    {
        next.Metadata()["resourceVersion"] = current.Revision.ToString(CultureInfo.InvariantCulture);
        return current.Json.Span.SequenceEqual(current.Kind.Write(next));
    }

    private Stored Remove(Shelf shelf, Stored current)
    {
        shelf.Items = shelf.Items.Remove(current.Key);
        Forget(current);
        var last = Stored.Of(current.Kind, current.Parse(), ++_revision);
        Publish(shelf, new StoreChange(ChangeType.Deleted, last, current));
        return last;
    }

    private void Put(Shelf shelf, Stored stored)
    {
        shelf.Items = shelf.Items.SetItem(stored.Key, stored);
        _byUid[stored.Uid] = stored;
        foreach (var owner in stored.Owners)
        {
            if (!_byOwner.TryGetValue(owner, out var dependents)) _byOwner[owner] = dependents = new(1);
            dependents[stored.Uid] = stored;
        }
    }

    private void Forget(Stored stored)
    {
        _byUid.Remove(stored.Uid);
        foreach (var owner in stored.Owners)
        {
            if (_byOwner.TryGetValue(owner, out var dependents) && dependents.Remove(stored.Uid)
                && dependents.Count == 0)
            {
                _byOwner.Remove(owner);
            }
        }
    }

    private void Publish(Shelf shelf, StoreChange change)
    {
        shelf.Add(change);
        foreach (var observer in _observers) observer(change);
        shelf.Wake();
    }

    /// <summary>The objects of one kind and a ring of its latest changes.</summary>
    private sealed class Shelf(int history)
    {
        public ImmutableSortedDictionary<string, Stored> Items =
            ImmutableSortedDictionary.Create<string, Stored>(StringComparer.Ordinal);

        private StoreChange[] _ring = new StoreChange[Math.Min(64, history)];
        private int _first;
        private int _count;

        public TaskCompletionSource More { get; private set; } = NewSignal();

        /// <summary>Revisions before this one cannot be resumed from.</summary>
        public long Floor { get; private set; }

        public void Add(StoreChange change)
        {
            if (_count == _ring.Length && _count < history)
            {
                var larger = new StoreChange[Math.Min(_count * 2, history)];
                for (var i = 0; i < _count; i++) larger[i] = At(i);
                (_ring, _first) = (larger, 0);
            }

            if (_count < _ring.Length)
            {
                _ring[(_first + _count++) % _ring.Length] = change;
                return;
            }

            Floor = _ring[_first].Object.Revision;
            _ring[_first] = change;
            _first = (_first + 1) % _ring.Length;
        }

        public StoreChange[] After(long revision)
        {
            var (low, high) = (0, _count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (At(middle).Object.Revision <= revision) low = middle + 1;
                else high = middle;
            }

            var found = new StoreChange[_count - low];
            for (var i = 0; i < found.Length; i++) found[i] = At(low + i);
            return found;
        }

        public void Forget(long revision)
        {
            Array.Clear(_ring);
            (_first, _count, Floor) = (0, 0, revision);
        }

        public void Wake()
        {
            var waiting = More;
            More = NewSignal();
            waiting.SetResult();
        }

        private StoreChange At(int index) => _ring[(_first + index) % _ring.Length];

        private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
