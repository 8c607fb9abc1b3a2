using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Execution;

/// <summary>What a client asks for.</summary>
public sealed record GraphQLRequest
{
    /// <summary>A request for a document in UTF-8.</summary>
    public GraphQLRequest(ReadOnlyMemory<byte> document) => Document = document;

    /// <summary>A request for a document given as a string.</summary>
    public GraphQLRequest(string document) => Document = Encoding.UTF8.GetBytes(document);

    /// <summary>The document, in UTF-8; empty when it is named by <see cref="DocumentId"/> alone.</summary>
    public ReadOnlyMemory<byte> Document { get; }

    /// <summary>
    /// Name of a known document: its SHA-256 in hexadecimal, or the name of a trusted document. Null without one.
    /// </summary>
    public string? DocumentId { get; init; }

    /// <summary>Whether the client takes a response in parts.</summary>
    public bool AcceptsParts { get; init; }

    /// <summary>Whether the response shall say what the operation costs, in <c>extensions.cost</c>.</summary>
    public bool ReportCost { get; init; }

    /// <summary>Which operation to run; may be null when the document has only one.</summary>
    public string? OperationName { get; init; }

    /// <summary>Values of variables: a JSON object; default when there are none.</summary>
    public JsonElement Variables { get; init; }

    /// <summary>Whether only queries may run, as for GET.</summary>
    public bool QueriesOnly { get; init; }
}

/// <summary>How a request ended; what was written is a complete response in every case.</summary>
public enum ExecutionOutcome
{
    /// <summary>The response has <c>data</c>, perhaps null, perhaps with errors.</summary>
    Executed,

    /// <summary>The document, the operation's name or the variables were refused; there is no <c>data</c>.</summary>
    Refused,

    /// <summary>Only queries were allowed, and this is none.</summary>
    NotAQuery,

    /// <summary>The time limit was over; there is no <c>data</c>.</summary>
    TimedOut,

    /// <summary>Too many operations were running; there is no <c>data</c>.</summary>
    Busy,
}
