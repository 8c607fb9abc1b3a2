using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Xuanwu.EventStore;

/// <summary>
/// The storage format of one event type, for schema/events/*.json: a change of it is a change of every journal there
/// is, and shows in review.
/// </summary>
/// <param name="Name">As stored in <c>type</c>.</param>
/// <param name="DotnetType">As stored in <c>mt_dotnet_type</c>.</param>
/// <param name="Properties">Names and types of the body.</param>
/// <param name="Sample">A body with a value for everything, readable as the type.</param>
public sealed record EventShape(string Name, string DotnetType, JsonObject Properties, JsonNode Sample)
{
    private static readonly JsonSerializerOptions Print = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The file's content, the same at every printing.</summary>
    public string ToJson() => new JsonObject
    {
        ["name"] = Name,
        ["type"] = DotnetType,
        ["properties"] = Properties.DeepClone(),
        ["sample"] = Sample.DeepClone(),
    }.ToJsonString(Print).ReplaceLineEndings("\n") + "\n";

    internal static EventShape Of(EventType type, JsonSerializerOptions json) => new(
        type.Name, type.DotnetName, (JsonObject)Describe(type.Clr, json, nullable: false, []),
        Sampled(type.Clr, json, "", [])!);

    private static JsonNode Describe(Type type, JsonSerializerOptions json, bool nullable, HashSet<Type> above)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner) return Describe(inner, json, nullable: true, above);
        var mark = nullable ? "?" : "";
        if (type.IsEnum) return $"{type.Name}{mark} ({string.Join(" | ", Enum.GetNames(type))})";
        var info = json.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Enumerable:
                return new JsonArray(Describe(info.ElementType!, json, nullable: false, above));
            case JsonTypeInfoKind.Dictionary:
                return new JsonObject { ["*"] = Describe(info.ElementType!, json, nullable: false, above) };
            case JsonTypeInfoKind.Object when above.Add(type):
                var properties = new JsonObject();
                foreach (var property in info.Properties)
                {
                    properties[property.Name + (property.IsGetNullable ? "?" : "")] =
                        Describe(property.PropertyType, json, nullable: false, above);
                }

                above.Remove(type);
                return properties;
            default:
                return Word(type) + mark;
        }
    }

    private static JsonNode? Sampled(Type type, JsonSerializerOptions json, string name, HashSet<Type> above)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsEnum) return Enum.GetNames(type)[0];
        if (type == typeof(string)) return name.Length == 0 ? "text" : name;
        if (type == typeof(bool)) return true;
        if (type == typeof(Guid)) return "00000000-0000-0000-0000-000000000001";
        if (type == typeof(DateTimeOffset) || type == typeof(DateTime)) return "2026-01-02T03:04:05+00:00";
        if (type == typeof(TimeSpan)) return "00:00:01";
        if (type == typeof(double) || type == typeof(decimal) || type == typeof(float)) return JsonValue.Create(1.5);
        if (type.IsPrimitive) return JsonValue.Create(1);
        var info = json.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Enumerable:
                return new JsonArray(Sampled(info.ElementType!, json, "", above));
            case JsonTypeInfoKind.Dictionary:
                return new JsonObject { ["key"] = Sampled(info.ElementType!, json, "", above) };
            case JsonTypeInfoKind.Object when above.Add(type):
                var sample = new JsonObject();
                foreach (var property in info.Properties)
                    sample[property.Name] = Sampled(property.PropertyType, json, property.Name, above);
                above.Remove(type);
                return sample;
            default:
                return null;
        }
    }

    private static string Word(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.String => "string",
        TypeCode.Boolean => "boolean",
        TypeCode.Int32 => "int",
        TypeCode.Int64 => "long",
        TypeCode.Double => "double",
        TypeCode.Decimal => "decimal",
        _ => type.Name,
    };
}
