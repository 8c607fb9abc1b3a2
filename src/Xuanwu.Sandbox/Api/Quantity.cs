using System.Buffers;
using System.Globalization;

namespace Xuanwu.Sandbox.Api;

/// <summary>Amounts of cpu and memory: 500m, 2, 1.5Gi, 1e3. (k8s.io/apimachinery/pkg/api/resource)</summary>
internal static class Quantity
{
    private static readonly SearchValues<char> Number = SearchValues.Create("+-.0123456789");

    private static readonly Dictionary<string, decimal> Suffixes = new(StringComparer.Ordinal)
    {
        [""] = 1m,
        ["n"] = 0.000000001m,
        ["u"] = 0.000001m,
        ["m"] = 0.001m,
        ["k"] = 1_000m,
        ["M"] = 1_000_000m,
        ["G"] = 1_000_000_000m,
        ["T"] = 1_000_000_000_000m,
        ["P"] = 1_000_000_000_000_000m,
        ["E"] = 1_000_000_000_000_000_000m,
        ["Ki"] = 1L << 10,
        ["Mi"] = 1L << 20,
        ["Gi"] = 1L << 30,
        ["Ti"] = 1L << 40,
        ["Pi"] = 1L << 50,
        ["Ei"] = 1L << 60,
    };

    public static bool TryParse(string text, out decimal amount)
    {
        amount = 0;
        var end = text.AsSpan().IndexOfAnyExcept(Number);
        var number = end < 0 ? text : text[..end];
        var suffix = end < 0 ? "" : text[end..];
        if (suffix.Length > 1 && suffix[0] is 'e' or 'E' && Suffixes.ContainsKey(suffix) is false)
        {
            return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out amount);
        }

        const NumberStyles Plain = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint;
        if (!Suffixes.TryGetValue(suffix, out var factor)) return false;
        if (!decimal.TryParse(number, Plain, CultureInfo.InvariantCulture, out var value)) return false;
        try
        {
            amount = value * factor;
            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }
}
