using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Xml;
using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Types;

/// <summary>A C# type that is a scalar of the schema.</summary>
/// <param name="Type">The scalar.</param>
/// <param name="Write">An Action on JsonBuffer and the C# type.</param>
/// <param name="Bind">From the scalar's neutral value to the C# type; null when they are the same.</param>
internal sealed record ClrScalar(ScalarType Type, Delegate Write, Func<object, object>? Bind = null);

// .NET types as scalars, with HotChocolate's names and formats.
internal static class ClrScalars
{
    private const string Specifications = "https://scalars.graphql.org/chillicream/";

    private static readonly ScalarType Byte = Whole<sbyte>("Byte", "byte", sbyte.TryParse);
    private static readonly ScalarType UnsignedByte = Whole<byte>("UnsignedByte", "unsigned-byte", byte.TryParse);
    private static readonly ScalarType Short = Whole<short>("Short", "short", short.TryParse);
    private static readonly ScalarType Long = Whole<long>("Long", "long", long.TryParse);

    private static readonly ScalarType Decimal = Make<decimal>(
        "Decimal",
        "decimal",
        "The `Decimal` scalar type represents a decimal floating-point number with high precision.",
        (in ScalarInput input) => input.Kind is ScalarKind.Int or ScalarKind.Float
            && decimal.TryParse(input.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var it) ? it : null,
        (output, it) => output.Number(it));

    private static readonly ScalarType Uuid = FromText<Guid>(
        "UUID",
        "uuid",
        "The `UUID` scalar type represents a Universally Unique Identifier (UUID) as defined by RFC 9562.",
        text => Guid.TryParseExact(text, "D", out var it) || Guid.TryParseExact(text, "N", out it) ? it : null,
        (output, it) => output.Quoted(it, "D"));

    private static readonly ScalarType DateTime = FromText<DateTimeOffset>(
        "DateTime",
        "date-time",
        "The `DateTime` scalar type represents a date and time with time zone offset information.",
        ParseInstant,
        (output, it) => output.Instant(it));

    private static readonly ScalarType Date = FromText<DateOnly>(
        "Date",
        "date",
        "The `Date` scalar type represents a date in UTC.",
        text => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, 0, out var it) ? it : null,
        (output, it) => output.Quoted(it, "yyyy-MM-dd"));

    private static readonly ScalarType LocalTime = FromText<TimeOnly>(
        "LocalTime",
        "local-time",
        "The `LocalTime` scalar type represents a time of day without date or time zone information.",
        text => TimeOnly.TryParseExact(
            text, ["HH:mm:ss", "HH:mm:ss.FFFFFFF"], CultureInfo.InvariantCulture, 0, out var it) ? it : null,
        (output, it) => output.Quoted(it, "HH:mm:ss.FFFFFFF"));

    private static readonly ScalarType Duration = FromText<TimeSpan>(
        "Duration",
        "duration",
        "The `Duration` scalar type represents a duration of time, as defined by ISO 8601.",
        ParseDuration,
        (output, it) => output.String(XmlConvert.ToString(it)));

    private static readonly ScalarType Address = FromText<Uri>(
        "URI",
        "uri",
        "The `URI` scalar type represents a Uniform Resource Identifier (URI) as defined by RFC 3986.",
        text => Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var it) ? it : null,
        (output, it) => output.String(it.OriginalString));

    private static readonly ScalarType Base64 = FromText<byte[]>(
        "Base64String",
        "base64-string",
        "The `Base64String` scalar type represents an array of bytes encoded as a Base64 string.",
        ParseBase64,
        (output, it) => output.String(Convert.ToBase64String(it)));

    private static readonly ScalarType Any = Make<JsonElement>(
        "Any",
        "any",
        "The `Any` scalar type represents any valid GraphQL value.",
        (in ScalarInput input) => input.Json ?? (input.Literal is { } literal ? ToJson(literal) : null),
        (output, it) => output.Raw(Encoding.UTF8.GetBytes(it.ValueKind == 0 ? "null" : it.GetRawText())));

    public static Dictionary<Type, ClrScalar> All() => new()
    {
        [typeof(string)] = Of<string>(BuiltInScalars.String, (output, it) => output.String(it)),
        [typeof(bool)] = Of<bool>(BuiltInScalars.Boolean, (output, it) => output.Boolean(it)),
        [typeof(int)] = Of<int>(BuiltInScalars.Int, (output, it) => output.Number(it)),
        [typeof(double)] = Of<double>(BuiltInScalars.Float, (output, it) => output.Number(it)),
        [typeof(float)] = Of<float>(
            BuiltInScalars.Float, (output, it) => output.Number(it), it => (float)(double)it),
        [typeof(long)] = Of<long>(Long, (output, it) => output.Number(it)),
        [typeof(short)] = Of<short>(Short, (output, it) => output.Number(it)),
        [typeof(sbyte)] = Of<sbyte>(Byte, (output, it) => output.Number(it)),
        [typeof(byte)] = Of<byte>(UnsignedByte, (output, it) => output.Number(it)),
        [typeof(decimal)] = Of<decimal>(Decimal, (output, it) => output.Number(it)),
        [typeof(Guid)] = Of<Guid>(Uuid, (output, it) => output.Quoted(it, "D")),
        [typeof(DateTimeOffset)] = Of<DateTimeOffset>(DateTime, (output, it) => output.Instant(it)),
        [typeof(DateTime)] = Of<DateTime>(
            DateTime,
            (output, it) => output.Instant(it.Kind == DateTimeKind.Unspecified
                ? new DateTimeOffset(it, TimeSpan.Zero) : new DateTimeOffset(it.ToUniversalTime())),
            it => ((DateTimeOffset)it).UtcDateTime),
        [typeof(DateOnly)] = Of<DateOnly>(Date, (output, it) => output.Quoted(it, "yyyy-MM-dd")),
        [typeof(TimeOnly)] = Of<TimeOnly>(LocalTime, (output, it) => output.Quoted(it, "HH:mm:ss.FFFFFFF")),
        [typeof(TimeSpan)] = Of<TimeSpan>(Duration, (output, it) => output.String(XmlConvert.ToString(it))),
        [typeof(Uri)] = Of<Uri>(Address, (output, it) => output.String(it.OriginalString)),
        [typeof(byte[])] = Of<byte[]>(Base64, (output, it) => output.String(Convert.ToBase64String(it))),
        [typeof(JsonElement)] = Of<JsonElement>(Any, (output, it) => Any.Codec.TryWrite(output, it)),
    };

    /// <summary>C# types that may be marked as ID.</summary>
    public static Dictionary<Type, ClrScalar> Ids() => new()
    {
        [typeof(string)] = Of<string>(BuiltInScalars.Id, (output, it) => output.String(it)),
        [typeof(Guid)] = Of<Guid>(
            BuiltInScalars.Id, (output, it) => output.Quoted(it, "D"),
            it => Guid.TryParse((string)it, out var id) ? id : throw NoId((string)it)),
        [typeof(int)] = Of<int>(
            BuiltInScalars.Id, (output, it) => output.Quoted(it, default),
            it => int.TryParse((string)it, CultureInfo.InvariantCulture, out var id) ? id : throw NoId((string)it)),
        [typeof(long)] = Of<long>(
            BuiltInScalars.Id, (output, it) => output.Quoted(it, default),
            it => long.TryParse((string)it, CultureInfo.InvariantCulture, out var id) ? id : throw NoId((string)it)),
    };

    /// <summary>A C# type of the caller's own, written and read as a string.</summary>
    public static ScalarType Custom<T>(string name, Func<string, T> parse, Func<T, string> format)
        where T : notnull => new(name, new Codec<T>(
            name,
            (in ScalarInput input) => input.Kind is ScalarKind.String or ScalarKind.Int ? Try(parse, input.Text) : null,
            (output, it) => output.String(format(it))));

    private delegate object? ParseScalar(in ScalarInput input);

    private delegate bool ParseNumber<T>(string text, NumberStyles style, IFormatProvider? culture, out T value);

    private static ClrScalar Of<T>(ScalarType type, Action<JsonBuffer, T> write, Func<object, object>? bind = null) =>
        new(type, write, bind);

    private static object? Try<T>(Func<string, T> parse, string text)
    {
        try
        {
            return parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    private static GraphQLException NoId(string text) => new($"\"{text}\" is not a valid ID.");

    private static ScalarType Whole<T>(string name, string page, ParseNumber<T> parse)
        where T : struct => Make<T>(
            name,
            page,
            $"The `{name}` scalar type represents a whole number of {Unsafe.SizeOf<T>() * 8} bits.",
            (in ScalarInput input) => input.Kind == ScalarKind.Int
                && parse(input.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var it)
                    ? it : null,
            (output, it) => output.Number(Convert.ToInt64(it, CultureInfo.InvariantCulture)));

    private static ScalarType FromText<T>(
        string name, string page, string description, Func<string, object?> parse, Action<JsonBuffer, T> write) =>
        Make(name, page, description,
            (in ScalarInput input) => input.Kind == ScalarKind.String ? parse(input.Text) : null, write);

    private static ScalarType Make<T>(
        string name, string page, string description, ParseScalar parse, Action<JsonBuffer, T> write) =>
        new(name, new Codec<T>(name, parse, write))
        {
            Description = description,
            SpecifiedBy = $"{Specifications}{page}.html",
        };

    // RFC 3339: without an offset an instant would mean different things to different readers.
    private static object? ParseInstant(string text)
    {
        string[] formats = ["yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mmK"];
        var hasOffset = text.EndsWith('Z') || text.EndsWith('z') || (text.Length > 6 && text[^6] is '+' or '-');
        return hasOffset && DateTimeOffset.TryParseExact(
            text.ToUpperInvariant(), formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var it)
            ? it
            : null;
    }

    private static object? ParseDuration(string text)
    {
        try
        {
            return XmlConvert.ToTimeSpan(text);
        }
        catch (Exception thrown) when (thrown is FormatException or OverflowException)
        {
            return null;
        }
    }

    private static object? ParseBase64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var count) ? bytes[..count] : null;
    }

    private static JsonElement? ToJson(ValueNode literal)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            if (!Write(writer, literal)) return null;
        }

        return JsonElement.Parse(stream.ToArray());
    }

    private static bool Write(Utf8JsonWriter writer, ValueNode node)
    {
        switch (node)
        {
            case NullValue:
                writer.WriteNullValue();
                return true;
            case StringValue it:
                writer.WriteStringValue(it.Value);
                return true;
            case EnumValue it:
                writer.WriteStringValue(it.Name);
                return true;
            case IntValue it:
                writer.WriteRawValue(it.Text);
                return true;
            case FloatValue it:
                writer.WriteRawValue(it.Text);
                return true;
            case BooleanValue it:
                writer.WriteBooleanValue(it.Value);
                return true;
            case ListValue it:
                writer.WriteStartArray();
                foreach (var item in it.Items)
                {
                    if (!Write(writer, item)) return false;
                }

                writer.WriteEndArray();
                return true;
            case ObjectValue it:
                writer.WriteStartObject();
                foreach (var field in it.Fields)
                {
                    writer.WritePropertyName(field.Name.Value);
                    if (!Write(writer, field.Value)) return false;
                }

                writer.WriteEndObject();
                return true;
            default:
                return false;
        }
    }

    private sealed class Codec<T>(string name, ParseScalar parse, Action<JsonBuffer, T> write) : ScalarCodec
    {
        public override string Expectation => $"{name} cannot represent value:";

        public override object? Parse(in ScalarInput input) => parse(input);

        public override bool TryWrite(JsonBuffer output, object value)
        {
            if (value is not T it) return false;
            write(output, it);
            return true;
        }
    }
}
