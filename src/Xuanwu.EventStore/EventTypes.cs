using System.Collections.Concurrent;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Xuanwu.EventStore;

/// <summary>
/// CLR types and their stored names, both ways. Names are Marten's classic ones (<c>JobCreated</c> is
/// <c>job_created</c>), bodies are System.Text.Json with the property names as they are and enums by name. What is not
/// registered is an error that names it, when it is written and when it is read.
/// </summary>
public sealed class EventTypes
{
    private readonly ConcurrentDictionary<Type, EventType> _byType = new();
    private readonly ConcurrentDictionary<string, EventType> _byName = new(StringComparer.Ordinal);

    /// <param name="json">How bodies and views are written; the default fits records.</param>
    public EventTypes(JsonSerializerOptions? json = null)
    {
        Json = json ?? new JsonSerializerOptions
        {
            Converters = { new JsonStringEnumConverter() },
            Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            RespectNullableAnnotations = true,
        };
        Json.MakeReadOnly(populateMissingResolver: true);
    }

    /// <summary>How bodies and views are written.</summary>
    public JsonSerializerOptions Json { get; }

    /// <summary>The storage format of every registered type, by stored name: what schema/events pins.</summary>
    public IReadOnlyList<EventShape> Catalogue() => [.. _byName.Values.Where(type => !type.IsFormer)
        .OrderBy(type => type.Name, StringComparer.Ordinal).Select(type => EventShape.Of(type, Json))];

    /// <summary>Registers every sealed type below <typeparamref name="TEvent"/> in its assembly.</summary>
    /// <exception cref="ArgumentException">Two types have one stored name.</exception>
    public EventTypes Register<TEvent>()
        where TEvent : class
    {
        var types = typeof(TEvent).Assembly.GetTypes()
            .Where(type => type is { IsClass: true, IsAbstract: false } && type.IsAssignableTo(typeof(TEvent)));
        foreach (var type in types)
        {
            var added = new EventType(StoredName(type), type, typeof(TEvent), Json.GetTypeInfo(type), IsFormer: false);
            _byType[type] = added;
            Add(added.Name, added);
        }

        return this;
    }

    /// <summary>
    /// Reads a name that was stored by an earlier release as <typeparamref name="T"/>, registered before.
    /// </summary>
    public EventTypes Formerly<T>(string storedName)
        where T : class
    {
        Add(storedName, Of(typeof(T)) with { Name = storedName, IsFormer = true });
        return this;
    }

    /// <summary>The stored name of a CLR type.</summary>
    public static string StoredName(Type type)
    {
        var name = new StringBuilder();
        for (var i = 0; i < type.Name.Length; i++)
        {
            var c = type.Name[i];
            // A word starts at a capital after a small letter or digit, and at the last capital of a run before a
            // small.
            var starts = i > 0 && char.IsUpper(c)
                && (!char.IsUpper(type.Name[i - 1]) || (i + 1 < type.Name.Length && char.IsLower(type.Name[i + 1])));
            if (starts) name.Append('_');
            name.Append(char.ToLowerInvariant(c));
        }

        return name.ToString();
    }

    internal EventType Of(Type type) =>
        _byType.TryGetValue(type, out var found) ? found : throw UnknownEventType.NotRegistered(type);

    internal EventType Of(string storedName) =>
        _byName.TryGetValue(storedName, out var found) ? found : throw UnknownEventType.Stored(storedName);

    /// <summary>Stored names, former ones too, of all types that are not below a root.</summary>
    internal string[] NamesNotBelow(Type root) => [.. _byName.Where(named => named.Value.Root != root)
        .Select(named => named.Key).Order(StringComparer.Ordinal)];

    private void Add(string name, EventType type)
    {
        if (!_byName.TryAdd(name, type) && _byName[name].Clr != type.Clr)
            throw new ArgumentException(
                $"{type.Clr.FullName} and {_byName[name].Clr.FullName} would both be stored as '{name}'.");
    }
}

/// <param name="Name">As stored.</param>
/// <param name="Clr">The sealed record.</param>
/// <param name="Root">The abstract record it was registered under.</param>
/// <param name="Json">Cached metadata: nothing is looked up per event.</param>
/// <param name="IsFormer">Only read under this name, written under another.</param>
internal sealed record EventType(string Name, Type Clr, Type Root, JsonTypeInfo Json, bool IsFormer)
{
    /// <summary>As Marten writes it into <c>mt_dotnet_type</c>.</summary>
    public string DotnetName { get; } = $"{Clr.FullName}, {Clr.Assembly.GetName().Name}";

    public byte[] Write(object happened) => JsonSerializer.SerializeToUtf8Bytes(happened, Json);

    public object Read(ReadOnlySpan<byte> body) =>
        JsonSerializer.Deserialize(body, Json) ?? throw new JsonException("The body is null.");
}
