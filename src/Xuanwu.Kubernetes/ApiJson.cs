using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Xuanwu.Kubernetes;

/// <summary>JSON as this client reads and writes it.</summary>
internal static class ApiJson
{
    private static readonly JsonDocumentOptions Reading = new() { AllowDuplicateProperties = false, MaxDepth = 256 };

    /// <summary>The one JSON object the bytes hold.</summary>
    /// <exception cref="JsonException">They hold something else, or an object twice the same property.</exception>
    public static JsonObject ReadObject(ReadOnlySpan<byte> utf8) =>
        JsonNode.Parse(utf8, nodeOptions: null, Reading) as JsonObject
        ?? throw new JsonException("A JSON object was expected.");

    public static byte[] Write(JsonNode node) => Write(writer => node.WriteTo(writer));

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(buffer, new() { Encoder = YamlSafeEncoder.Instance }))
        {
            write(writer);
        }

        return buffer.WrittenSpan.ToArray();
    }
}
