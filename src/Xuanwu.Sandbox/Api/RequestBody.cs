using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xuanwu.Sandbox.Store;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Xuanwu.Sandbox.Api;

/// <summary>Reading objects from requests: JSON, or YAML where it may be (apply, and YAML by content type).</summary>
internal static class RequestBody
{
    /// <summary>The limit of kube-apiserver.</summary>
    private const int Limit = 3 * 1024 * 1024;

    public static string MediaType(HttpContext context) =>
        (context.Request.ContentType ?? "application/json").Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>The object in the body; null when the body is empty.</summary>
    public static async Task<JsonObject?> ReadAsync(HttpContext context)
    {
        var media = MediaType(context);
        if (!media.EndsWith("json", StringComparison.Ordinal) && !media.EndsWith("yaml", StringComparison.Ordinal))
        {
            throw ApiFailure.UnsupportedMediaType("application/json", "application/yaml");
        }

        using var body = new MemoryStream();
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await context.Request.Body.ReadAsync(buffer, context.RequestAborted)) > 0)
        {
            if (body.Length + read > Limit)
            {
                throw new ApiFailure(413, "RequestEntityTooLarge", $"Request entity too large: limit is {Limit}");
            }

            body.Write(buffer, 0, read);
        }

        if (body.Length == 0) return null;
        var text = body.GetBuffer().AsSpan(0, (int)body.Length);
        try
        {
            var yaml = media.EndsWith("yaml", StringComparison.Ordinal)
                && text.TrimStart(" \t\r\n"u8) is not [(byte)'{', ..];
            return (yaml ? FromYaml(System.Text.Encoding.UTF8.GetString(text)) : JsonNode.Parse(text)) as JsonObject
                ?? throw ApiFailure.BadRequest("the body of the request is not an object");
        }
        catch (Exception e) when (e is JsonException or YamlException or ArgumentException or InvalidOperationException)
        {
            throw ApiFailure.BadRequest($"the object provided is unrecognized: couldn't parse the body: {e.Message}");
        }
    }

    /// <summary>The body as an object of the kind that the path names.</summary>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext context, ResourcePath path)
    {
        var o = await ReadAsync(context) ?? throw ApiFailure.BadRequest("the body of the request is empty");
        Match(o, path, required: true);
        return o;
    }

    /// <summary>Refuses a body that is about another kind, namespace or name than the path.</summary>
    public static void Match(JsonObject o, ResourcePath path, bool required)
    {
        var (kind, version) = (o.Text("kind"), o.Text("apiVersion"));
        if (required && kind is null)
        {
            throw ApiFailure.BadRequest("Object 'Kind' is missing in the body of the request");
        }
        if (kind is not null && kind != path.Kind.Name) throw ApiFailure.BadRequest(
            $"{kind} in version \"{version}\" cannot be handled as a {path.Kind.Name}: " +
            $"the path is that of {path.Kind.Qualified}");
        if (version is not null && version != path.Kind.ApiVersion) throw ApiFailure.BadRequest(
            $"the API version in the data ({version}) does not match the expected API version " +
            $"({path.Kind.ApiVersion})");
        var (name, ns) = (o.Child("metadata").Text("name"), o.Child("metadata").Text("namespace"));
        if (path.Name is not null && !string.IsNullOrEmpty(name) && name != path.Name) throw ApiFailure.BadRequest(
            $"the name of the object ({name}) does not match the name on the URL ({path.Name})");
        if (path.Kind.Namespaced && !string.IsNullOrEmpty(ns) && ns != path.Namespace) throw ApiFailure.BadRequest(
            "the namespace of the provided object does not match the namespace sent on the request");
        if (path.Name is not null) o.Metadata()["name"] = path.Name;
    }

    private static JsonNode? FromYaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 1 ? Convert(stream.Documents[0].RootNode) : null;
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(it =>
            KeyValuePair.Create(((YamlScalarNode)it.Key).Value ?? "", Convert(it.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar.Value ?? ""),
        YamlScalarNode scalar => scalar.Value,
        _ => throw new InvalidOperationException("unexpected YAML"),
    };

    // The core schema of YAML 1.2.
    private static JsonNode? Plain(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => null,
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        _ when text.Any(char.IsAsciiDigit)
            && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) => real,
        _ => text,
    };
}
