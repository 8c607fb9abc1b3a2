using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Execution;

/// <summary>Limits and hooks of an engine. Every limit is on unless set otherwise.</summary>
public sealed record EngineOptions
{
    /// <summary>Size and nesting of documents.</summary>
    public ParserLimits Parser { get; init; } = ParserLimits.Default;

    /// <summary>Validation errors reported for one document.</summary>
    public int MaxValidationErrors { get; init; } = 100;

    /// <summary>Errors in one response of an executed operation.</summary>
    public int MaxErrors { get; init; } = 1000;

    /// <summary>Fields of an operation after its fragments are expanded.</summary>
    public int MaxFields { get; init; } = 20_000;

    /// <summary>Nesting of fields of an operation after its fragments are expanded.</summary>
    public int MaxFieldDepth { get; init; } = 500;

    /// <summary>Nesting of an operation's fields, inline fragments and fragment spreads together.</summary>
    public int MaxNesting { get; init; } = 1_000;

    /// <summary>Fields with an alias of an operation after its fragments are expanded.</summary>
    public int MaxAliases { get; init; } = 500;

    /// <summary>Fields of an operation's root after its fragments are expanded.</summary>
    public int MaxRootFields { get; init; } = 200;

    /// <summary>Directives at one place of a document.</summary>
    public int MaxDirectives { get; init; } = 20;

    /// <summary>Lists of introspection inside one another, such as the fields of the types of fields.</summary>
    public int MaxIntrospectionLists { get; init; } = 3;

    /// <summary>
    /// Values an operation may ask for: each field counts as often as the lists around it have items, see
    /// <see cref="AssumedListSize"/>. Introspection has a limit of its own and costs nothing.
    /// </summary>
    public double MaxCost { get; init; } = 100_000;

    /// <summary>
    /// Items a list is taken to have when no argument <c>first</c> or <c>last</c> tells, for <see cref="MaxCost"/>.
    /// </summary>
    public int AssumedListSize { get; init; } = 10;

    /// <summary>Operations that run at the same time; more are refused at once, so that these come to an end.</summary>
    public int MaxConcurrentRequests { get; init; } = 1_000;

    /// <summary>Documents that alone may be executed; null lets clients write their own.</summary>
    public TrustedDocuments? TrustedDocuments { get; init; }

    /// <summary>
    /// Memory for documents that clients have sent once to name them by their hash from then on (automatic persisted
    /// queries), in bytes; 0 turns them off.
    /// </summary>
    public long PersistedDocumentBytes { get; init; } = 8 << 20;

    /// <summary>How long one operation may run.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Memory for parsed and planned documents, in bytes, as estimated.</summary>
    public long DocumentCacheBytes { get; init; } = 32 << 20;

    /// <summary>
    /// Whether each call of a resolver gets a span of its own, when somebody listens to the source Xuanwu.GraphQL.
    /// </summary>
    public bool TraceResolvers { get; init; }

    /// <summary>
    /// Whether what a client marks with <c>@defer</c> may come in later parts of a response, for clients that accept
    /// parts. The schema must have the directive.
    /// </summary>
    public bool Incremental { get; init; }

    /// <summary>Whether clients may ask for the schema.</summary>
    public bool Introspection { get; init; } = true;

    /// <summary>Whether messages of unexpected exceptions are shown to clients. For development alone.</summary>
    public bool ShowExceptions { get; init; }

    /// <summary>
    /// Gets every exception that is no <see cref="GraphQLException"/>, and the response path (or an empty string) it came
    /// from. What it returns is shown in place of the masked error; null masks it.
    /// </summary>
    public Func<Exception, string, GraphQLError?>? OnError { get; init; }

    /// <summary>What the client is told of an exception; one that is not meant for it goes to the hook.</summary>
    internal GraphQLError ErrorOf(Exception thrown, Func<string> path)
    {
        if (thrown is GraphQLException known) return known.Error;
        return OnError?.Invoke(thrown, path()) ?? new GraphQLError(ShowExceptions ? thrown.Message : "Unexpected Execution Error");
    }
}
