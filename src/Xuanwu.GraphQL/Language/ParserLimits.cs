namespace Xuanwu.GraphQL.Language;

/// <summary>
/// What a parser accepts before it refuses a document with <see cref="ErrorCodes.DocumentTooLarge"/>. The limits keep
/// the work for one document linear and the call stack short.
/// </summary>
public sealed record ParserLimits
{
    /// <summary>For documents of clients.</summary>
    public static ParserLimits Default { get; } = new();

    /// <summary>For texts of our own, such as schemas: only nesting stays limited.</summary>
    public static ParserLimits Trusted { get; } = new() { MaxBytes = int.MaxValue, MaxTokens = int.MaxValue };

    /// <summary>Bytes of UTF-8; one mebibyte unless set.</summary>
    public int MaxBytes { get; init; } = 1 << 20;

    /// <summary>Lexical tokens; comments and commas are not counted.</summary>
    public int MaxTokens { get; init; } = 50_000;

    /// <summary>Nesting of selection sets, lists, input objects and list types together.</summary>
    public int MaxDepth { get; init; } = 400;
}
