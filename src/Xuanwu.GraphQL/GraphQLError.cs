using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL;

/// <summary>One entry of a response's <c>errors</c> list (specification, section 7.1.2).</summary>
/// <param name="Message">A sentence for the developer of the client.</param>
public sealed record GraphQLError(string Message)
{
    /// <summary>Places in the document the error belongs to; empty when there are none.</summary>
    public IReadOnlyList<Location> Locations { get; init; } = [];

    /// <summary>
    /// Response position: strings are response names, boxed integers list indexes. Null for request errors.
    /// </summary>
    public IReadOnlyList<object>? Path { get; init; }

    /// <summary>
    /// Stable machine-readable code, written as <c>extensions.code</c>; see <see cref="ErrorCodes"/>.
    /// </summary>
    public string? Code { get; init; }

    /// <summary>Name of the validation rule that refused the document; written as <c>extensions.rule</c>.</summary>
    public string? Rule { get; init; }

    /// <summary>Further entries of <c>extensions</c>: strings, booleans and integers.</summary>
    public IReadOnlyDictionary<string, object?>? Extensions { get; init; }
}

/// <summary>
/// Thrown by a resolver or an input's constructor to tell the client what is wrong. Its message and code are shown;
/// every other exception is masked as "Unexpected Execution Error".
/// </summary>
public class GraphQLException : Exception
{
    /// <summary>An error with a message for the client and, where clients act on it, a stable code.</summary>
    public GraphQLException(string message, string? code = null)
        : base(message) => Error = new GraphQLError(message) { Code = code };

    /// <summary>An error given whole.</summary>
    public GraphQLException(GraphQLError error)
        : base(error.Message) => Error = error;

    /// <summary>What the client is told.</summary>
    public GraphQLError Error { get; }
}

/// <summary>
/// The document is not GraphQL: <see cref="GraphQLException.Error"/> has the message and one location.
/// </summary>
public sealed class SyntaxException(GraphQLError error) : GraphQLException(error);

/// <summary>The schema breaks a rule of the type system (specification, section 3). All findings are listed.</summary>
public sealed class SchemaException(IReadOnlyList<GraphQLError> errors)
    : Exception(string.Join(Environment.NewLine, errors.Select(it => it.Message)))
{
    /// <summary>A schema with a single fault.</summary>
    public SchemaException(string message)
        : this([new GraphQLError(message)])
    {
    }

    /// <summary>Every fault that was found.</summary>
    public IReadOnlyList<GraphQLError> Errors { get; } = errors;
}

/// <summary>
/// Codes of the engine's own errors. Where HotChocolate has a code for the same thing it is HotChocolate's, because
/// its clients act on it.
/// </summary>
public static class ErrorCodes
{
    /// <summary>The document is not GraphQL.</summary>
    public const string Syntax = "HC0011";

    /// <summary>The request's body is not a GraphQL request, or it has no document.</summary>
    public const string InvalidRequest = "HC0012";

    /// <summary>A batch was sent where batching is off.</summary>
    public const string BatchingOff = "HC0009";

    /// <summary>A variable's value does not fit its type.</summary>
    public const string InvalidVariable = "HC0018";

    /// <summary>The document breaks a validation rule.</summary>
    public const string Validation = "VALIDATION_FAILED";

    /// <summary>The request ran out of its time limit.</summary>
    public const string Timeout = "HC0045";

    /// <summary>The operation would cost more than the limit.</summary>
    public const string TooCostly = "HC0047";

    /// <summary>The fields, aliases or directives of a document exceed the limit.</summary>
    public const string TooManyFields = "TOO_MANY_FIELDS";

    /// <summary>No document is known by the hash that was sent: send it with its text.</summary>
    public const string PersistedQueryNotFound = "HC0020";

    /// <summary>The hash that was sent is not the document's.</summary>
    public const string PersistedQueryMismatch = "PERSISTED_QUERY_HASH_MISMATCH";

    /// <summary>Only known documents are executed, and this is none.</summary>
    public const string NotTrusted = "HC0067";

    /// <summary>A batch has more requests than the limit allows.</summary>
    public const string BatchTooLarge = "BATCH_TOO_LARGE";

    /// <summary>The body has more bytes than the limit allows.</summary>
    public const string RequestTooLarge = "REQUEST_TOO_LARGE";

    /// <summary>A page of another site could have sent the request: a header must show that it has not.</summary>
    public const string PreflightRequired = "HC0077";

    /// <summary>More operations are running than the limit allows; try again soon.</summary>
    public const string Busy = "TOO_BUSY";

    /// <summary>More items than the largest page were asked for.</summary>
    public const string PageTooLarge = "HC0051";

    /// <summary>first or last is negative.</summary>
    public const string PageNegative = "HC0079";

    /// <summary>A cursor that this connection did not give out.</summary>
    public const string InvalidCursor = "HC0078";

    /// <summary>The client accepts no media type that this endpoint can write.</summary>
    public const string NotAcceptable = "HC0063";

    /// <summary>A null where the schema promises a value.</summary>
    public const string NonNull = "EXEC_NON_NULL_VIOLATION";

    /// <summary>A resolver's value does not fit the field's scalar or enum.</summary>
    public const string InvalidLeaf = "EXEC_INVALID_LEAF_VALUE";

    /// <summary>A resolver's value is of none of the object types that the field allows.</summary>
    public const string UnknownObjectType = "EXEC_UNABLE_TO_RESOLVE_ABSTRACT_TYPE";

    /// <summary>The document has more bytes, tokens or nesting than the limits allow.</summary>
    public const string DocumentTooLarge = "DOCUMENT_TOO_LARGE";

    /// <summary>The operation to run cannot be chosen.</summary>
    public const string UnknownOperation = "UNKNOWN_OPERATION";

    /// <summary>A mutation or subscription was sent by a method that allows queries alone.</summary>
    public const string MethodNotAllowed = "METHOD_NOT_ALLOWED";

    /// <summary>The content type of the request is not one this endpoint reads.</summary>
    public const string UnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";

    /// <summary>More operations run on one connection than the limit allows.</summary>
    public const string TooManyOperations = "TOO_MANY_OPERATIONS";

    /// <summary>A subscriber reads more slowly than events come, and has missed some.</summary>
    public const string SlowConsumer = "SLOW_CONSUMER";
}
