using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Xuanwu.Messaging;

/// <summary>A message type and where it goes.</summary>
/// <param name="Name">Stored name; part of the storage format.</param>
/// <param name="TimeLimit">After this long the handler is cancelled, and the attempt has failed.</param>
public sealed record Route(string Name, Type Type, string Queue, RetryPolicy Retry, TimeSpan TimeLimit);

/// <summary>
/// The registered message types: CLR type, stored name, queue, retry policy. A stored name is the type's name in snake
/// case (<c>PollRun</c> is <c>poll_run</c>), as Marten names events.
/// </summary>
public sealed class MessageTypes
{
    public static readonly TimeSpan DefaultTimeLimit = TimeSpan.FromMinutes(5);

    private readonly Dictionary<Type, Route> _byType = [];
    private readonly Dictionary<string, Route> _byName = new(StringComparer.Ordinal);
    private readonly JsonSerializerOptions _json;

    /// <param name="json">How bodies are written; by default PascalCase, enums as words, and on reading a constructor
    /// parameter that is missing or a null where none may be is an error.</param>
    public MessageTypes(JsonSerializerOptions? json = null) => _json = json ?? new JsonSerializerOptions
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>All routes, by name.</summary>
    public IReadOnlyList<Route> Routes => [.. _byName.Values.OrderBy(route => route.Name, StringComparer.Ordinal)];

    public MessageTypes Register<T>(string queue = "default", RetryPolicy? retry = null, TimeSpan? timeLimit = null)
        where T : notnull
    {
        var route = new Route(
            StoredName(typeof(T)), typeof(T), queue, retry ?? RetryPolicy.Default, timeLimit ?? DefaultTimeLimit);
        if (_byName.TryGetValue(route.Name, out var other))
            throw new ArgumentException($"{typeof(T)} and {other.Type} would both be stored as '{route.Name}'.");
        _byName.Add(route.Name, route);
        _byType.Add(route.Type, route);
        return this;
    }

    /// <summary>The routing table for people: schema/messages.md.</summary>
    public string ToMarkdown()
    {
        var text = new StringBuilder("""
            | message | type | queue | attempts | backoff | time limit |
            |---|---|---|---|---|---|

            """);
        foreach (var it in Routes)
        {
            var attempts = it.Retry.MaxAttempts?.ToString(CultureInfo.InvariantCulture) ?? "unlimited";
            text.Append(CultureInfo.InvariantCulture, $"| {it.Name} | {it.Type.Name} | {it.Queue} | {attempts} ")
                .Append(CultureInfo.InvariantCulture, $"| {it.Retry.First.TotalSeconds:0.###} s to ")
                .Append(CultureInfo.InvariantCulture, $"{it.Retry.Longest.TotalSeconds:0.###} s ")
                .Append(CultureInfo.InvariantCulture, $"| {it.TimeLimit.TotalSeconds:0.###} s |\n");
        }

        return text.ToString();
    }

    /// <summary><c>PollRun</c> is <c>poll_run</c>, <c>HTTPProbe</c> is <c>http_probe</c>.</summary>
    public static string StoredName(Type type)
    {
        var name = type.Name.AsSpan();
        var text = new StringBuilder(name.Length + 8);
        for (var i = 0; i < name.Length; i++)
        {
            var begins = char.IsUpper(name[i]) && i > 0
                && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1])));
            if (begins && text[^1] != '_') text.Append('_');
            text.Append(char.ToLowerInvariant(name[i]));
        }

        return text.ToString();
    }

    internal bool TryFind(string name, [NotNullWhen(true)] out Route? route) => _byName.TryGetValue(name, out route);

    internal bool IsRegistered(Type type) => _byType.ContainsKey(type);

    internal Route Of(Type type) => _byType.TryGetValue(type, out var route)
        ? route
        : throw new ArgumentException(
            $"{type.Name} is not a registered message type. "
            + $"Add Register<{type.Name}>() where messages are registered.");

    /// <exception cref="JsonException">The body does not fit the type.</exception>
    internal object Read(Route route, string body) =>
        JsonSerializer.Deserialize(body, route.Type, _json) ?? throw new JsonException("The body is null.");

    /// <summary>Everything that PostgreSQL could refuse is refused here, so that one bad message cannot fail a batch.
    /// </summary>
    /// <exception cref="ArgumentException">Not registered, an unusable key, or text that jsonb cannot hold.</exception>
    internal OutgoingRow ToRow(Outgoing message)
    {
        var route = Of(message.Body.GetType());
        var body = JsonSerializer.Serialize(message.Body, route.Type, _json);
        if (HoldsNul(body))
            throw new ArgumentException(
                $"A text in {route.Type.Name} has the character U+0000, which jsonb cannot hold.");
        var queue = message.Queue ?? route.Queue;
        Check(message.Key, "key", route);
        Check(queue, "queue", route);
        var by = message.By ?? "system";
        Check(by, "user", route);
        Check(message.CorrelationId ?? "-", "correlation id", route);
        Check(message.CausedBy ?? "-", "cause", route);
        if (message.Delay > TimeSpan.FromDays(3650))
            throw new ArgumentException($"{route.Type.Name} is scheduled more than ten years ahead.");
        return new OutgoingRow(
            message.Id ?? Guid.CreateVersion7(), queue, message.Key, route.Name, body,
            message.Delay > TimeSpan.Zero ? message.Delay : null, message.CorrelationId, message.CausedBy, by);
    }

    private static void Check(string text, string what, Route route)
    {
        if (string.IsNullOrEmpty(text) || text.Length > 1000 || text.Contains('\0') || !IsUnicode(text))
            throw new ArgumentException(
                $"The {what} of {route.Type.Name} is empty, longer than 1,000 characters or not text in Unicode.");
    }

    private static bool IsUnicode(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[++i])) return false;
        }

        return true;
    }

    private static bool HoldsNul(string json)
    {
        for (var at = json.IndexOf("\\u0000", StringComparison.Ordinal); at >= 0;
             at = json.IndexOf("\\u0000", at + 1, StringComparison.Ordinal))
        {
            var backslashes = 1;
            while (at - backslashes >= 0 && json[at - backslashes] == '\\') backslashes++;
            if (backslashes % 2 == 1) return true; // the backslash itself is not escaped
        }

        return false;
    }
}

/// <summary>A message as a row to be inserted; nothing in it can fail any more.</summary>
internal sealed record OutgoingRow(
    Guid Id, string Queue, string Key, string Type, string Body, TimeSpan? Delay, string? CorrelationId,
    string? CausedBy, string By);
