using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Xuanwu.Domain;

/// <summary>Names that people give, and the stream ids that follow from them.</summary>
public static class Names
{
    /// <summary>The longest name: it has to fit into a Kubernetes label value.</summary>
    public const int MaxLength = 63;

    /// <summary>Letters and digits of any script, with dots, dashes and underscores inside.</summary>
    public static Rejection? Check(string what, string name, string path)
    {
        var code = $"{what.ToUpperInvariant().Replace(' ', '_')}_NAME_INVALID";
        if (name.Length is 0 or > MaxLength)
        {
            return new Rejection(code, $"The {what}'s name has {name.Length} characters; give 1 to {MaxLength}.", path);
        }

        for (var at = 0; at < name.Length; at++)
        {
            if (char.IsLetterOrDigit(name[at])) continue;
            if (name[at] is '.' or '-' or '_' && at > 0 && at < name.Length - 1) continue;
            var shown = char.IsControl(name[at]) || char.IsSurrogate(name[at])
                ? string.Create(CultureInfo.InvariantCulture, $"U+{(int)name[at]:X4}")
                : $"'{name[at]}'";
            return new Rejection(
                code,
                $"The {what}'s name has {shown} at position {at + 1}; use letters and digits, with '.', '-' and "
                + "'_' between them.",
                path);
        }

        return null;
    }

    /// <summary>
    /// The id of the stream that a name stands for. One name, one stream: that is what makes a name unique, across
    /// servers and without a table of its own. (An RFC 9562 UUIDv8 over SHA-256.)
    /// </summary>
    public static Guid StreamId(string aggregate, params ReadOnlySpan<string> parts)
    {
        var text = new StringBuilder(aggregate);
        foreach (var part in parts) text.Append('\n').Append(part);
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
