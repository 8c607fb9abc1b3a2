using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Xuanwu.Kubernetes;

/// <summary>A place in a YAML file, there or not, that can complain about itself. Never quotes a value.</summary>
internal sealed class ConfigField
{
    private readonly string _source;
    private readonly string _path;
    private readonly YamlNode? _node;

    private ConfigField(string source, string path, YamlNode? node) => (_source, _path, _node) = (source, path, node);

    /// <summary>File and field, as errors begin.</summary>
    public string Where => _path.Length == 0 ? _source : $"{_source}: {_path}";

    /// <summary>There, and not null.</summary>
    public bool IsPresent => _node is not null && !IsNull(_node);

    /// <summary>The text here; null when absent or empty.</summary>
    public string? Text => !IsPresent ? null : Scalar is { Length: > 0 } text ? text : null;

    /// <summary>The text here, which may be empty but must be given.</summary>
    public string Given => IsPresent ? Scalar : throw Wrong("is missing");

    /// <summary>The text here, which must be there.</summary>
    public string Required => Text ?? throw Wrong("is missing");

    public bool Flag => Text switch
    {
        null or "false" => false,
        "true" => true,
        _ => throw Wrong("must be true or false"),
    };

    /// <summary>The elements of the list here; none when absent.</summary>
    public IEnumerable<ConfigField> Items
    {
        get
        {
            if (!IsPresent) return [];
            if (_node is not YamlSequenceNode list) throw Wrong("must be a list");
            return list.Children.Select((it, i) => new ConfigField(_source, $"{_path}[{i}]", it));
        }
    }

    private string Scalar => (_node as YamlScalarNode ?? throw Wrong("must be a text")).Value ?? "";

    public ConfigField this[string name]
    {
        get
        {
            if (IsPresent && _node is not YamlMappingNode) throw Wrong("must hold fields");
            var fields = (_node as YamlMappingNode)?.Children;
            var child = fields?.FirstOrDefault(it => it.Key is YamlScalarNode key && key.Value == name).Value;
            return new(_source, _path.Length == 0 ? name : $"{_path}.{name}", child);
        }
    }

    /// <exception cref="ConnectionError">The text is not one YAML document with fields.</exception>
    public static ConfigField Parse(string text, string source)
    {
        var yaml = new YamlStream();
        try
        {
            yaml.Load(new StringReader(text));
        }
        catch (YamlException e)
        {
            // YAML errors may quote the text, so neither the message nor the exception is passed on.
            throw new ConnectionError($"{source}: is not valid YAML at line {e.Start.Line}, column {e.Start.Column}.");
        }

        if (yaml.Documents.Count == 0 || yaml.Documents[0].RootNode is not YamlMappingNode root)
        {
            throw new ConnectionError($"{source}: is not a kubeconfig; it holds no fields.");
        }

        return new(source, "", root);
    }

    public ConnectionError Wrong(string what)
    {
        var line = _node is null ? "" : $" (line {_node.Start.Line})";
        return new($"{Where}{line} {what.TrimEnd('.')}.");
    }

    /// <summary>What is here as JSON, with YAML's plain numbers, booleans and nulls read as such.</summary>
    public JsonNode? Json() => _node is null ? null : Json(_node);

    private static JsonNode? Json(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(
            it => KeyValuePair.Create((it.Key as YamlScalarNode)?.Value ?? "", Json(it.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Json)]),
        YamlScalarNode { Style: ScalarStyle.Plain } scalar => Plain(scalar),
        YamlScalarNode scalar => JsonValue.Create(scalar.Value),
        _ => null,
    };

    private static JsonValue? Plain(YamlScalarNode scalar) => scalar.Value switch
    {
        _ when IsNull(scalar) => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        { } text when long.TryParse(text, CultureInfo.InvariantCulture, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(scalar.Value),
    };

    private static bool IsNull(YamlNode node) =>
        node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" or "~" or "null" or "Null" or "NULL" };
}
