using System.Buffers;
using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Conformance;

/// <summary>The request to the harness itself is wrong, not the GraphQL in it.</summary>
public sealed class HarnessException(string message) : Exception(message);

/// <summary>
/// Builds a schema from text, validates, executes, and answers with the GraphQL response. Values come from the
/// request's <c>root</c> (<see cref="RootValues"/>), or without one from the types (<see cref="DefaultValues"/>).
/// Schemas are cached by their text.
/// </summary>
public sealed class Harness
{
    private static readonly object RootKey = new();
    private readonly ConcurrentDictionary<string, Lazy<Subject>> subjects = new(StringComparer.Ordinal);

    /// <summary>
    /// Runs <c>{schema, query, variables?, operationName?, root?, validateOnly?}</c>. An invalid schema gives
    /// <c>{"schemaErrors": […]}</c>; with <c>validateOnly</c> the answer is <c>{}</c> or <c>{"errors": […]}</c>; a
    /// subscription gives <c>{"events": [response, …]}</c> when its source has ended.
    /// </summary>
    public async Task ExecuteAsync(JsonElement request, IBufferWriter<byte> output, CancellationToken cancellation)
    {
        if (request.ValueKind != JsonValueKind.Object) throw new HarnessException("The body must be a JSON object.");
        var sdl = Text(request, "schema") ?? throw new HarnessException("\"schema\" is missing.");
        var subject = subjects.GetOrAdd(sdl, it => new Lazy<Subject>(() => new Subject(it))).Value;
        if (subject.Engine is not { } engine)
        {
            Write(output, "schemaErrors", subject.Errors);
            return;
        }

        var query = Document(request);
        if (query is null)
        {
            Write(output, "errors", [new GraphQLError("The document has half of a surrogate pair.")]);
            return;
        }

        if (request.TryGetProperty("validateOnly", out var only) && only.ValueKind == JsonValueKind.True)
        {
            var errors = engine.Validate(query);
            if (errors.Count == 0) output.Write("{}"u8);
            else Write(output, "errors", errors);
            return;
        }

        var context = new RequestContext();
        context.Items[RootKey] = request.TryGetProperty("root", out var root) && root.ValueKind != JsonValueKind.Null
            ? RootValues.From(root) : DefaultValues.Root;
        var variables = request.TryGetProperty("variables", out var given) ? given : default;
        var asked = new GraphQLRequest(query)
        {
            OperationName = Text(request, "operationName"),
            Variables = variables.ValueKind == JsonValueKind.Object ? variables : default,
        };
        await using var stream = await engine.SubscribeAsync(asked, context, cancellation);
        if (stream.IsSubscription) await WriteEventsAsync(stream, output);
        else if (!await stream.NextAsync(output)) stream.WriteErrors(output);
    }

    // {"events": [response, …]}; a response without data when the source of events could not be had.
    private static async Task WriteEventsAsync(ResponseStream stream, IBufferWriter<byte> output)
    {
        var events = new ArrayBufferWriter<byte>();
        while (await stream.NextAsync(events)) events.Write(","u8);
        if (stream.Errors.Count > 0)
        {
            stream.WriteErrors(output);
            return;
        }

        output.Write("{\"events\":["u8);
        if (events.WrittenCount > 0) output.Write(events.WrittenSpan[..^1]);
        output.Write("]}"u8);
    }

    private static string? Text(JsonElement request, string name) =>
        request.TryGetProperty(name, out var it) && it.ValueKind == JsonValueKind.String ? it.GetString() : null;

    // JSON allows what UTF-8 does not.
    private static byte[]? Document(JsonElement request)
    {
        try
        {
            return Encoding.UTF8.GetBytes(Text(request, "query")
                ?? throw new HarnessException("\"query\" is missing."));
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void Write(IBufferWriter<byte> output, string name, IReadOnlyList<GraphQLError> errors)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteStartArray(name);
        foreach (var error in errors)
        {
            json.WriteStartObject();
            json.WriteString("message", error.Message);
            if (error.Locations.Count > 0)
            {
                json.WriteStartArray("locations");
                foreach (var at in error.Locations)
                {
                    json.WriteStartObject();
                    json.WriteNumber("line", at.Line);
                    json.WriteNumber("column", at.Column);
                    json.WriteEndObject();
                }

                json.WriteEndArray();
            }

            json.WriteStartObject("extensions");
            if (error.Code is not null) json.WriteString("code", error.Code);
            if (error.Rule is not null) json.WriteString("rule", error.Rule);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>A schema's engine, or why there is none.</summary>
    private sealed class Subject
    {
        public Subject(string sdl)
        {
            try
            {
                // graphql-js 16, whose verdicts the corpus has, does not look at values in a schema.
                var resolvers = new SdlResolvers
                {
                    Resolve = Resolve,
                    Subscribe = Subscribe,
                    TypeName = TypeName,
                    CheckValues = false,
                };
                var schema = SdlSchema.Build(sdl, resolvers);
                defaults = new DefaultValues(schema);
                Engine = new GraphQLEngine(schema) { Root = RootKey };
            }
            catch (SyntaxException wrong)
            {
                Errors = [wrong.Error];
            }
            catch (SchemaException wrong)
            {
                Errors = wrong.Errors;
            }
        }

        private readonly DefaultValues? defaults;

        public GraphQLEngine? Engine { get; }

        public IReadOnlyList<GraphQLError> Errors { get; } = [];

        private object? Resolve(FieldCall call)
        {
            var source = ReferenceEquals(call.Source, RootKey) ? call.Request.Items[RootKey] : call.Source;
            return source is DefaultValues.Instance ? defaults!.Of(call.Field.Type)
                : source is IReadOnlyDictionary<string, object?> known ? RootValues.Resolve(known, call)
                : null;
        }

        private object? Subscribe(FieldCall call) => Resolve(call) switch
        {
            IReadOnlyDictionary<string, object?> it when RootValues.Events(it) is { } events => events,
            _ when call.Request.Items[RootKey] is DefaultValues.Instance it => RootValues.Once(it),
            var value => value,
        };

        private string? TypeName(object value, NamedType expected) => value switch
        {
            DefaultValues.Instance it => it.TypeName,
            IReadOnlyDictionary<string, object?> it => it.GetValueOrDefault("__typename") as string,
            _ => null,
        };
    }
}
