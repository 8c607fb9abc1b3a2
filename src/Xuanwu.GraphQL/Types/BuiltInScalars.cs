using System.Globalization;
using System.Numerics;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Types;

// The specification's five scalars (section 3.5). Inputs are strict; results are coerced as graphql-js does it.
internal static class BuiltInScalars
{
    public static readonly ScalarType Int = new("Int", new IntCodec())
    {
        Description = "The `Int` scalar type represents non-fractional signed whole numeric values. "
            + "Int can represent values between -(2^31) and 2^31 - 1.",
    };

    public static readonly ScalarType Float = new("Float", new FloatCodec())
    {
        Description = "The `Float` scalar type represents signed double-precision fractional values as specified by "
            + "[IEEE 754](https://en.wikipedia.org/wiki/IEEE_floating_point).",
    };

    public static readonly ScalarType String = new("String", new StringCodec())
    {
        Description = "The `String` scalar type represents textual data, represented as UTF-8 character sequences. "
            + "The String type is most often used by GraphQL to represent free-form human-readable text.",
    };

    public static readonly ScalarType Boolean = new("Boolean", new BooleanCodec())
    {
        Description = "The `Boolean` scalar type represents `true` or `false`.",
    };

    public static readonly ScalarType Id = new("ID", new IdCodec())
    {
        Description = "The `ID` scalar type represents a unique identifier, often used to refetch an object or as key "
            + "for a cache. The ID type appears in a JSON response as a String; however, it is not intended to be "
            + "human-readable. When expected as an input type, any string (such as `\"4\"`) or integer (such as `4`) "
            + "input value will be accepted as an ID.",
    };

    public static readonly IReadOnlyList<ScalarType> All = [Int, Float, String, Boolean, Id];

    public static bool IsBuiltIn(string name) => name is "Int" or "Float" or "String" or "Boolean" or "ID";

    /// <summary>The number a resolver's value stands for; null when it stands for none.</summary>
    internal static double? ToNumber(object value) => value switch
    {
        int it => it,
        bool it => it ? 1 : 0,
        string it => it.Length > 0
            && double.TryParse(it, NumberStyles.Float, CultureInfo.InvariantCulture, out var parsed) ? parsed : null,
        IConvertible it and not (char or DateTime) => it.ToDouble(CultureInfo.InvariantCulture),
        BigInteger it => (double)it,
        _ => null,
    };

    private sealed class IntCodec : ScalarCodec
    {
        public override string Expectation => "Int cannot represent non 32-bit signed integer value:";

        public override object? Parse(in ScalarInput input)
        {
            if (input.Kind == ScalarKind.Int)
            {
                return int.TryParse(input.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var it)
                    ? it
                    : null;
            }

            // JSON does not tell 5.0 from 5.
            if (input.Kind != ScalarKind.Float || input.Json is not { } json) return null;
            var number = json.GetDouble();
            return number == Math.Truncate(number) && Math.Abs(number) <= int.MaxValue ? (int)number : null;
        }

        public override bool TryWrite(JsonBuffer output, object value)
        {
            var number = ToNumber(value);
            if (number is not { } it || it != Math.Truncate(it) || it is < int.MinValue or > int.MaxValue) return false;
            output.Number((long)it);
            return true;
        }
    }

    private sealed class FloatCodec : ScalarCodec
    {
        public override string Expectation => "Float cannot represent non numeric value:";

        public override object? Parse(in ScalarInput input) =>
            input.Kind is ScalarKind.Int or ScalarKind.Float
            && double.TryParse(input.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var it)
            && double.IsFinite(it)
                ? it
                : null;

        public override bool TryWrite(JsonBuffer output, object value)
        {
            if (ToNumber(value) is not { } it || !double.IsFinite(it)) return false;
            output.Number(it);
            return true;
        }
    }

    private sealed class StringCodec : ScalarCodec
    {
        public override string Expectation => "String cannot represent a non string value:";

        public override object? Parse(in ScalarInput input) => input.Kind == ScalarKind.String ? input.Text : null;

        public override bool TryWrite(JsonBuffer output, object value)
        {
            var text = value switch
            {
                string it => it,
                bool it => it ? "true" : "false",
                IFormattable it and (int or long or double or decimal or Guid or float or short or byte) =>
                    it.ToString(null, CultureInfo.InvariantCulture),
                _ => null,
            };
            if (text is null) return false;
            output.String(text);
            return true;
        }
    }

    private sealed class BooleanCodec : ScalarCodec
    {
        public override string Expectation => "Boolean cannot represent a non boolean value:";

        public override object? Parse(in ScalarInput input) =>
            input.Kind == ScalarKind.Boolean ? input.Text == "true" : null;

        public override bool TryWrite(JsonBuffer output, object value)
        {
            bool? truth = value switch
            {
                bool it => it,
                int or long or double or decimal => ToNumber(value) != 0,
                _ => null,
            };
            if (truth is not { } known) return false;
            output.Boolean(known);
            return true;
        }
    }

    private sealed class IdCodec : ScalarCodec
    {
        public override string Expectation => "ID cannot represent value:";

        public override object? Parse(in ScalarInput input) =>
            input.Kind is ScalarKind.String or ScalarKind.Int ? input.Text : null;

        public override bool TryWrite(JsonBuffer output, object value)
        {
            var text = value switch
            {
                string it => it,
                int or long or short or byte or Guid =>
                    ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
                double it when it == Math.Truncate(it) => it.ToString("F0", CultureInfo.InvariantCulture),
                _ => null,
            };
            if (text is null) return false;
            output.String(text);
            return true;
        }
    }
}
