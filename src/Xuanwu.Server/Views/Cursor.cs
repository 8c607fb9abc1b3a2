using System.Buffers.Text;
using System.Text.Json;

namespace Xuanwu.Server.Views;

/// <summary>A place in a sorted list: the sort values of the row there, with its key last. Survives inserts; opaque to
/// clients.</summary>
public static class Cursor
{
    public static string Write(string order, IReadOnlyList<string?> values) =>
        Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes<string?[]>([order, .. values]));

    /// <summary>The values; null when the text is not a cursor of a list in this order.</summary>
    public static IReadOnlyList<string?>? Read(string order, string cursor, int count)
    {
        try
        {
            var parts = JsonSerializer.Deserialize<string?[]>(Base64Url.DecodeFromChars(cursor));
            return parts?.Length == count + 1 && parts[0] == order ? parts[1..] : null;
        }
        catch (Exception wrong) when (wrong is FormatException or JsonException)
        {
            return null;
        }
    }
}
