using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Http;

/// <summary>
/// A parsed request or what was wrong with it. Holds pooled memory that the request refers to: dispose it after the
/// request has run.
/// </summary>
public sealed class ParsedRequest : IDisposable
{
    private byte[]? rented;

    /// <summary>The request; null when it could not be parsed.</summary>
    public GraphQLRequest? Request { get; internal init; }

    /// <summary>What was wrong; null when nothing was.</summary>
    public string? Fault { get; internal init; }

    /// <summary>Code that goes with the fault.</summary>
    public string Code { get; internal init; } = ErrorCodes.InvalidRequest;

    internal JsonDocument? Variables { get; init; }

    internal byte[]? Rented
    {
        init => rented = value;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Variables?.Dispose();
        if (Interlocked.Exchange(ref rented, null) is { } bytes) ArrayPool<byte>.Shared.Return(bytes);
    }
}

/// <summary>Reads requests: a JSON body, or a query string.</summary>
public static class RequestParser
{
    private const string HalfCharacter = "A text has half of a surrogate pair, such as \\ud800 alone; remove it.";

    private static readonly JsonDocumentOptions Nesting = new() { MaxDepth = 256 };

    /// <summary>Reads <c>{query, operationName?, variables?, extensions?}</c> in UTF-8.</summary>
    public static ParsedRequest FromBody(ReadOnlyMemory<byte> body)
    {
        byte[]? rented = null;
        JsonDocument? variables = null;
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 256 });
            reader.Read();
            if (!Utf8.IsValid(body.Span)) return Fail("The body is not valid UTF-8.");
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                return Fail("Batches of requests are not accepted here.", ErrorCodes.BatchingOff);
            }

            if (reader.TokenType != JsonTokenType.StartObject) return Fail("The body must be a JSON object.");
            var length = -1;
            string? operation = null, id = null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("query"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.Null) continue;
                    if (reader.TokenType != JsonTokenType.String) return Fail("\"query\" must be a string.");
                    if (rented is not null) return Fail("\"query\" is given twice.");
                    rented = ArrayPool<byte>.Shared.Rent(Math.Max(1, reader.ValueSpan.Length));
                    length = reader.CopyString(rented);
                }
                else if (reader.ValueTextEquals("operationName"u8))
                {
                    reader.Read();
                    if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
                    {
                        return Fail("\"operationName\" must be a string.");
                    }

                    operation = reader.GetString();
                }
                else if (reader.ValueTextEquals("variables"u8))
                {
                    reader.Read();
                    if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
                    {
                        return Fail("\"variables\" must be an object.");
                    }

                    if (HasHalfCharacter(reader, body.Span)) return Fail(HalfCharacter);
                    variables?.Dispose();
                    variables = reader.TokenType == JsonTokenType.Null ? null : JsonDocument.ParseValue(ref reader);
                }
                else if (reader.ValueTextEquals("extensions"u8))
                {
                    reader.Read();
                    if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.Null))
                    {
                        return Fail("\"extensions\" must be an object.");
                    }

                    if (reader.TokenType == JsonTokenType.Null) continue;
                    id = Hash(JsonElement.ParseValue(ref reader)) ?? id;
                }
                else if (reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("documentId"u8))
                {
                    reader.Read();
                    if (reader.TokenType == JsonTokenType.String) id ??= reader.GetString();
                    else reader.Skip();
                }
                else
                {
                    reader.Read();
                    reader.Skip();
                }
            }

            if (reader.TokenType != JsonTokenType.EndObject || reader.Read())
            {
                return Fail("The body is not valid JSON.");
            }

            if (length < 0 && id is null) return Fail("The request has no \"query\".");
            var made = new ParsedRequest
            {
                Request = new GraphQLRequest(rented.AsMemory(0, Math.Max(0, length)))
                {
                    OperationName = operation,
                    DocumentId = id,
                    Variables = variables?.RootElement ?? default,
                },
                Variables = variables,
                Rented = rented,
            };
            rented = null;
            variables = null;
            return made;
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException)
        {
            return Fail("The body is not valid JSON.");
        }
        finally
        {
            variables?.Dispose();
            if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>
    /// Reads <c>query=…&amp;operationName=…&amp;variables=…&amp;extensions=…</c>; only queries may run.
    /// </summary>
    public static ParsedRequest FromQuery(string? query)
    {
        string? document = null, operation = null, variablesText = null, extensions = null, id = null;
        foreach (var pair in (query ?? "").TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            var value = equals < 0 ? "" : Uri.UnescapeDataString(pair[(equals + 1)..].Replace('+', ' '));
            switch (equals < 0 ? pair : pair[..equals])
            {
                case "query":
                    document = value;
                    break;
                case "operationName":
                    operation = value;
                    break;
                case "variables":
                    variablesText = value;
                    break;
                case "extensions":
                    extensions = value;
                    break;
                case "id" or "documentId":
                    id = value;
                    break;
            }
        }

        JsonDocument? variables = null;
        try
        {
            if (!IsObject(extensions, out var given)) return Fail("\"extensions\" must be a JSON object.");
            using (given) id = given is null ? id : Hash(given.RootElement) ?? id;
            if (string.IsNullOrEmpty(document) && string.IsNullOrEmpty(id))
            {
                return Fail("The request has no \"query\".");
            }

            var text = Encoding.UTF8.GetBytes(variablesText ?? "");
            if (HasHalfCharacter(new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = 256 }), text))
            {
                return Fail(HalfCharacter);
            }

            if (!IsObject(variablesText, out variables)) return Fail("\"variables\" must be a JSON object.");
        }
        catch (Exception thrown) when (thrown is JsonException or InvalidOperationException)
        {
            return Fail("\"variables\" and \"extensions\" must be JSON.");
        }

        return new ParsedRequest
        {
            Request = new GraphQLRequest(Encoding.UTF8.GetBytes(document ?? ""))
            {
                OperationName = operation,
                DocumentId = string.IsNullOrEmpty(id) ? null : id,
                Variables = variables?.RootElement ?? default,
                QueriesOnly = true,
            },
            Variables = variables,
        };
    }

    /// <summary>
    /// The requests of a batch, each its own JSON object; null when the body is none, or is not JSON. Stops behind the
    /// first that is over the limit.
    /// </summary>
    internal static List<ReadOnlyMemory<byte>>? Batch(ReadOnlyMemory<byte> body, int limit)
    {
        var requests = new List<ReadOnlyMemory<byte>>();
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = 256 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray) return null;
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (requests.Count > limit) return requests;
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                requests.Add(body[start..(int)reader.BytesConsumed]);
            }

            return reader.TokenType == JsonTokenType.EndArray && !reader.Read() ? requests : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Hash(JsonElement extensions) =>
        extensions.ValueKind == JsonValueKind.Object
        && extensions.TryGetProperty("persistedQuery", out var persisted)
        && persisted.ValueKind == JsonValueKind.Object
        && persisted.TryGetProperty("sha256Hash", out var hash)
        && hash.ValueKind == JsonValueKind.String ? hash.GetString() : null;

    // JSON lets "\ud800" stand alone, half of a character that takes two; no string of ours can hold it.
    private static bool HasHalfCharacter(Utf8JsonReader ahead, ReadOnlySpan<byte> text)
    {
        if (text.IndexOf("\\u"u8) < 0) return false;
        try
        {
            do
            {
                var isText = ahead.TokenType is JsonTokenType.String or JsonTokenType.PropertyName;
                if (isText && ahead.ValueIsEscaped) _ = ahead.GetString();
            }
            while (ahead.Read());
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static bool IsObject(string? text, out JsonDocument? json)
    {
        json = null;
        if (string.IsNullOrEmpty(text)) return true;
        json = JsonDocument.Parse(text, Nesting);
        if (json.RootElement.ValueKind == JsonValueKind.Object) return true;
        var isNull = json.RootElement.ValueKind == JsonValueKind.Null;
        json.Dispose();
        json = null;
        return isNull;
    }

    private static ParsedRequest Fail(string message, string code = ErrorCodes.InvalidRequest) =>
        new() { Fault = message, Code = code };
}
