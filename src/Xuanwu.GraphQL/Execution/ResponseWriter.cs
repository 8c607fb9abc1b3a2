using System.Buffers;
using System.Collections;

namespace Xuanwu.GraphQL.Execution;

// Responses (specification, section 7.1): errors ahead of data, so that they are seen first.
internal static class ResponseWriter
{
    public static void WriteData(
        IBufferWriter<byte> output,
        Chunk data,
        IReadOnlyList<GraphQLError> errors,
        IReadOnlyDictionary<string, object?>? extensions = null)
    {
        if (errors.Count == 0)
        {
            output.Write("{\"data\":"u8);
        }
        else
        {
            using var json = new JsonBuffer();
            json.Raw("{\"errors\":"u8);
            Write(json, errors);
            json.Raw(",\"data\":"u8);
            output.Write(json.Written);
        }

        data.WriteTo(output);
        if (extensions is not null) WriteExtensions(output, extensions);
        output.Write("}"u8);
    }

    private static void WriteExtensions(IBufferWriter<byte> output, IReadOnlyDictionary<string, object?> extensions)
    {
        using var json = new JsonBuffer();
        json.Raw(",\"extensions\":"u8);
        WriteValue(json, extensions);
        output.Write(json.Written);
    }

    public static void WriteErrors(IBufferWriter<byte> output, IReadOnlyList<GraphQLError> errors)
    {
        using var json = new JsonBuffer();
        json.Raw("{\"errors\":"u8);
        Write(json, errors);
        json.Byte((byte)'}');
        output.Write(json.Written);
    }

    /// <summary>The errors as a list, without a response around it.</summary>
    public static void WriteList(IBufferWriter<byte> output, IReadOnlyList<GraphQLError> errors)
    {
        using var json = new JsonBuffer();
        Write(json, errors);
        output.Write(json.Written);
    }

    /// <summary>The errors as a JSON list.</summary>
    public static void Write(JsonBuffer json, IReadOnlyList<GraphQLError> errors)
    {
        json.Byte((byte)'[');
        for (var i = 0; i < errors.Count; i++)
        {
            if (i > 0) json.Byte((byte)',');
            Write(json, errors[i]);
        }

        json.Byte((byte)']');
    }

    private static void Write(JsonBuffer json, GraphQLError error)
    {
        json.Raw("{\"message\":"u8);
        json.String(error.Message);
        if (error.Locations.Count > 0)
        {
            json.Raw(",\"locations\":["u8);
            for (var i = 0; i < error.Locations.Count; i++)
            {
                json.Raw(i > 0 ? ",{\"line\":"u8 : "{\"line\":"u8);
                json.Number(error.Locations[i].Line);
                json.Raw(",\"column\":"u8);
                json.Number(error.Locations[i].Column);
                json.Byte((byte)'}');
            }

            json.Byte((byte)']');
        }

        if (error.Path is { } path)
        {
            json.Raw(",\"path\":"u8);
            WriteValue(json, path);
        }

        WriteExtensions(json, error);
        json.Byte((byte)'}');
    }

    private static void WriteExtensions(JsonBuffer json, GraphQLError error)
    {
        if (error.Code is null && error.Rule is null && error.Extensions is null) return;
        json.Raw(",\"extensions\":"u8);
        var all = new Dictionary<string, object?>();
        if (error.Code is { } code) all["code"] = code;
        if (error.Rule is { } rule) all["rule"] = rule;
        foreach (var (name, value) in error.Extensions ?? new Dictionary<string, object?>()) all[name] = value;
        WriteValue(json, all);
    }

    /// <summary>A string, boolean, whole number, list or dictionary as JSON.</summary>
    public static void WriteValue(JsonBuffer json, object? value)
    {
        switch (value)
        {
            case null:
                json.Null();
                break;
            case string it:
                json.String(it);
                break;
            case bool it:
                json.Boolean(it);
                break;
            case int it:
                json.Number(it);
                break;
            case long it:
                json.Number(it);
                break;
            case IReadOnlyDictionary<string, object?> it:
                var first = true;
                json.Byte((byte)'{');
                foreach (var (name, inner) in it)
                {
                    if (!first) json.Byte((byte)',');
                    first = false;
                    json.String(name);
                    json.Byte((byte)':');
                    WriteValue(json, inner);
                }

                json.Byte((byte)'}');
                break;
            case IEnumerable it:
                var start = true;
                json.Byte((byte)'[');
                foreach (var item in it)
                {
                    if (!start) json.Byte((byte)',');
                    start = false;
                    WriteValue(json, item);
                }

                json.Byte((byte)']');
                break;
            default:
                json.String(value.ToString());
                break;
        }
    }
}
