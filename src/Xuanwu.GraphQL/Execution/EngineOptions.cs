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

    /// <summary>How long one operation may run.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Memory for parsed and planned documents, in bytes, as estimated.</summary>
    public long DocumentCacheBytes { get; init; } = 32 << 20;

    /// <summary>Whether clients may ask for the schema.</summary>
    public bool Introspection { get; init; } = true;

    /// <summary>Whether messages of unexpected exceptions are shown to clients. For development alone.</summary>
    public bool ShowExceptions { get; init; }

    /// <summary>
    /// Gets every exception that was masked, and the response path (or an empty string) it came from.
    /// </summary>
    public Action<Exception, string>? OnError { get; init; }

    /// <summary>What the client is told of an exception; one that is not meant for it goes to the hook.</summary>
    internal GraphQLError ErrorOf(Exception thrown, Func<string> path)
    {
        if (thrown is GraphQLException known) return known.Error;
        OnError?.Invoke(thrown, path());
        return new GraphQLError(ShowExceptions ? thrown.Message : "Unexpected Execution Error");
    }
}
