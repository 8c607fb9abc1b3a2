using System.Diagnostics.CodeAnalysis;

namespace Xuanwu.GraphQL.Execution;

/// <summary>
/// Loads values by key, many at a time: what all fields of a request ask for while they run is fetched at once when
/// nothing else of the request can run, and each key once per request. Made once and shared by all requests, for which
/// it keeps apart what it has loaded.
/// </summary>
/// <example><code>
/// static readonly Loader&lt;Guid, Author&gt; Authors = new(async (batch, request) =&gt;
/// {
///     foreach (var author in await Find(batch.Keys, request.Cancellation)) batch.Set(author.Id, author);
/// });
///
/// public static Task&lt;Author?&gt; Author(Book book, RequestContext request) =&gt; Authors.LoadAsync(request, book.AuthorId);
/// </code></example>
/// <param name="load">
/// Sets or fails the keys of a batch. A key that is neither gets the default value of its type; an exception fails all
/// keys that are not set.
/// </param>
/// <param name="maxBatch">Keys of one batch at most; more of them are loaded in several batches at the same time.</param>
public sealed class Loader<TKey, TValue>(
    Func<LoaderBatch<TKey, TValue>, RequestContext, Task> load, int maxBatch = 1000)
    where TKey : notnull
{
    /// <summary>
    /// The value of a key; the same task for every call with the key in one request, until a mutation's field has run.
    /// </summary>
    public Task<TValue?> LoadAsync(RequestContext request, TKey key)
    {
        var queue = request.Loads;
        LoadsOf mine;
        bool isFirst;
        Task<TValue?> task;
        lock (queue)
        {
            mine = queue.Of(this, () => new LoadsOf(this));
            if (mine.Known.TryGetValue(key, out var known)) return known;
            if (queue.IsOver) return Task.FromCanceled<TValue?>(new CancellationToken(canceled: true));
            var waiting = new TaskCompletionSource<TValue?>();
            task = waiting.Task;
            mine.Known[key] = task;
            mine.Waiting.Add((key, waiting));
            isFirst = queue.Add(mine);
        }

        if (isFirst) queue.Nudge(request);
        return task;
    }

    // What one request has asked of this loader.
    private sealed class LoadsOf(Loader<TKey, TValue> loader) : Loads
    {
        public Dictionary<TKey, Task<TValue?>> Known { get; } = [];

        public List<(TKey Key, TaskCompletionSource<TValue?> Value)> Waiting { get; private set; } = [];

        public override void Forget() => Known.Clear();

        public override Action<RequestContext, Action<LoadedBatch>> Take()
        {
            var taken = Waiting;
            Waiting = [];
            return (request, arrived) =>
            {
                for (var start = 0; start < taken.Count; start += loader.Size)
                {
                    var part = taken.GetRange(start, Math.Min(loader.Size, taken.Count - start));
                    new LoaderBatch<TKey, TValue>(part).Start(loader.Load, request, arrived);
                }
            };
        }

        public override void Cancel()
        {
            foreach (var (_, value) in Waiting) value.TrySetCanceled(CancellationToken.None);
            Waiting = [];
        }
    }

    private Func<LoaderBatch<TKey, TValue>, RequestContext, Task> Load { get; } = load;

    private int Size { get; } = Math.Max(1, maxBatch);
}

/// <summary>Keys that are loaded together. Set or fail each of them; from any thread, but one at a time.</summary>
public sealed class LoaderBatch<TKey, TValue> : LoadedBatch
    where TKey : notnull
{
    private readonly TaskCompletionSource<TValue?>[] waiting;
    private readonly Dictionary<TKey, int> places;
    private readonly TValue?[] values;
    private readonly Exception?[] faults;
    private readonly bool[] isSet;
    private Exception? fault;

    internal LoaderBatch(List<(TKey Key, TaskCompletionSource<TValue?> Value)> part)
    {
        waiting = [.. part.Select(it => it.Value)];
        Keys = [.. part.Select(it => it.Key)];
        places = new Dictionary<TKey, int>(part.Count);
        for (var i = 0; i < part.Count; i++) places[part[i].Key] = i;
        values = new TValue?[part.Count];
        faults = new Exception?[part.Count];
        isSet = new bool[part.Count];
    }

    /// <summary>What is to be loaded; no key twice.</summary>
    public IReadOnlyList<TKey> Keys { get; }

    /// <summary>The value of one of the keys. A key that is not of this batch is passed over.</summary>
    public void Set(TKey key, TValue? value)
    {
        if (!places.TryGetValue(key, out var at)) return;
        (values[at], faults[at], isSet[at]) = (value, null, true);
    }

    /// <summary>Why one of the keys cannot be loaded; the others are not touched by it.</summary>
    public void Fail(TKey key, Exception reason)
    {
        if (places.TryGetValue(key, out var at)) (faults[at], isSet[at]) = (reason, true);
    }

    [SuppressMessage("Reliability", "CA2008", Justification = "The continuation hands over and does nothing else.")]
    internal void Start(
        Func<LoaderBatch<TKey, TValue>, RequestContext, Task> load, RequestContext request, Action<LoadedBatch> arrived)
    {
        Task loading;
        try
        {
            loading = load(this, request);
        }
        catch (Exception thrown)
        {
            loading = Task.FromException(thrown);
        }

        loading.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(() =>
        {
            fault = loading.IsCanceled ? new TaskCanceledException(loading) : loading.Exception?.InnerException;
            arrived(this);
        });
    }

    internal override void Complete()
    {
        for (var i = 0; i < waiting.Length; i++)
        {
            if ((isSet[i] ? faults[i] : fault) is { } reason) waiting[i].TrySetException(reason);
            else waiting[i].TrySetResult(values[i]);
        }
    }
}

/// <summary>A batch whose values are there, and are still to be given to those who wait for them.</summary>
public abstract class LoadedBatch
{
    private protected LoadedBatch()
    {
    }

    internal abstract void Complete();
}

internal abstract class Loads
{
    /// <summary>Takes what waits; the result starts to load it.</summary>
    public abstract Action<RequestContext, Action<LoadedBatch>> Take();

    /// <summary>What was loaded may have changed.</summary>
    public abstract void Forget();

    public abstract void Cancel();
}

// All loaders of one request. Keys may be asked for on any thread; batches are started, and their values given out, by
// the run of the request when it has nothing else to do. Values are given out one batch at a time and without leaving
// the run's thread: so all that the batch lets go on has gone on, and has asked for its next keys, before the run looks
// whether there is something to load. That is why nested loaders batch as well as the first ones.
internal sealed class LoaderQueue
{
    private readonly Dictionary<object, Loads> byLoader = [];
    private readonly List<Loads> waiting = [];

    /// <summary>Under the lock of this queue: nothing is loaded any more.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Under the lock of this queue.</summary>
    public T Of<T>(object loader, Func<T> make)
        where T : Loads
    {
        if (byLoader.TryGetValue(loader, out var known)) return (T)known;
        var made = make();
        byLoader[loader] = made;
        return made;
    }

    /// <summary>Under the lock of this queue. True: nothing waited before.</summary>
    public bool Add(Loads loads)
    {
        var isFirst = waiting.Count == 0;
        if (!waiting.Contains(loads)) waiting.Add(loads);
        return isFirst;
    }

    /// <summary>Something waits. Without a run that would look after it, it is loaded at once.</summary>
    public void Nudge(RequestContext request)
    {
        if (request.Run is { } run) run.LookAtLoaders();
        else ThreadPool.UnsafeQueueUserWorkItem(_ => Start(request, batch => batch.Complete()), null);
    }

    /// <summary>Starts to load all that waits; false when nothing does.</summary>
    public bool Start(RequestContext request, Action<LoadedBatch> arrived)
    {
        Action<RequestContext, Action<LoadedBatch>>[] taken;
        lock (this)
        {
            if (waiting.Count == 0) return false;
            taken = [.. waiting.Select(it => it.Take())];
            waiting.Clear();
        }

        foreach (var start in taken) start(request, arrived);
        return true;
    }

    public void Forget()
    {
        lock (this)
        {
            foreach (var it in byLoader.Values) it.Forget();
        }
    }

    /// <summary>The run is over: nobody will load what still waits.</summary>
    public void Cancel()
    {
        lock (this)
        {
            IsOver = true;
            foreach (var it in waiting) it.Cancel();
            waiting.Clear();
        }
    }
}
