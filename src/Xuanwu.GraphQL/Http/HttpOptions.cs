namespace Xuanwu.GraphQL.Http;

/// <summary>Limits and conventions of GraphQL over HTTP.</summary>
public sealed record HttpOptions
{
    /// <summary>What holds where nothing else is said.</summary>
    public static HttpOptions Default { get; } = new();

    /// <summary>Bytes of a request's body.</summary>
    public int MaxBodyBytes { get; init; } = 16 << 20;

    /// <summary>Requests in one body; 0 refuses batches.</summary>
    public int MaxBatch { get; init; }

    /// <summary>
    /// How long answers to GET may be used again without asking. Zero lets them be kept, but the server is asked each
    /// time whether they still hold, by If-None-Match.
    /// </summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>
    /// Whether GET needs one of the headers that browsers send across sites only after asking. Off, what a page of
    /// another site could send is refused where the browser says so (Sec-Fetch-Site).
    /// </summary>
    public bool RequirePreflight { get; init; }

    /// <summary>Whether the schema can be had as text by <c>?sdl</c>.</summary>
    public bool Sdl { get; init; } = true;
}
