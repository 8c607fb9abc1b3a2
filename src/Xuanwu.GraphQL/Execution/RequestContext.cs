namespace Xuanwu.GraphQL.Execution;

/// <summary>What belongs to one request; resolvers may take it as a parameter.</summary>
public sealed class RequestContext
{
    /// <summary>A context whose services resolvers' parameters are taken from.</summary>
    public RequestContext(IServiceProvider? services = null) => Services = services ?? NoServices.Instance;

    /// <summary>Source of service parameters.</summary>
    public IServiceProvider Services { get; }

    /// <summary>Ends when the client has gone or the time limit is over. Set when execution starts.</summary>
    public CancellationToken Cancellation { get; internal set; }

    /// <summary>Things that resolvers of one request share, by key.</summary>
    public IDictionary<object, object?> Items => items ??= [];

    /// <summary>
    /// Entries of the response's <c>extensions</c>: strings, booleans, whole numbers, lists and dictionaries of these.
    /// Resolvers that run in parallel must not add to it.
    /// </summary>
    public IDictionary<string, object?> Extensions => extensions ??= [];

    /// <summary>What its loaders have loaded and are to load.</summary>
    internal LoaderQueue Loads
    {
        get
        {
            if (GivenLoads is { } known) return known;
            var made = new LoaderQueue();
            return Interlocked.CompareExchange(ref loads, made, null) ?? made;
        }
    }

    /// <summary>Null until something was asked of a loader.</summary>
    internal LoaderQueue? GivenLoads => Volatile.Read(ref loads);

    /// <summary>The run that looks after its loaders; null outside of one.</summary>
    internal Executor? Run { get; set; }

    internal IReadOnlyDictionary<string, object?>? GivenExtensions => extensions;

    /// <summary>What is executed, once it is known.</summary>
    internal Language.OperationKind? Operation { get; set; }

    internal string? OperationName { get; set; }

    /// <summary>Errors of fields.</summary>
    internal int Errors { get; set; }

    private Dictionary<object, object?>? items;
    private LoaderQueue? loads;
    private Dictionary<string, object?>? extensions;

    /// <summary>The service, or an exception that names the missing registration.</summary>
    public T Require<T>()
        where T : notnull => Services.GetService(typeof(T)) is T it
            ? it
            : throw new InvalidOperationException($"No service of type {typeof(T)} is registered.");

    private sealed class NoServices : IServiceProvider
    {
        public static readonly NoServices Instance = new();

        public object? GetService(Type serviceType) => null;
    }
}
