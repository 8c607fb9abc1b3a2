using System.Text;

namespace Xuanwu.GraphQL.Language;

// Names repeat from document to document. A direct-mapped table of recent ones saves their allocation; a lost race
// or a collision only costs a string, so there is no lock, and the table's size is its bound.
internal static class NameTable
{
    private const int Size = 4096;
    private const int LongestKept = 64;
    private static readonly string?[] Slots = new string?[Size];

    public static string Get(ReadOnlySpan<byte> name)
    {
        if (name.Length > LongestKept) return Encoding.UTF8.GetString(name);

        var hash = 2166136261u;
        foreach (var letter in name) hash = (hash ^ letter) * 16777619u;
        ref var slot = ref Slots[(hash ^ (hash >> 15)) & (Size - 1)];
        var kept = slot;
        if (kept is not null && Ascii.Equals(name, kept)) return kept;

        var made = Encoding.UTF8.GetString(name);
        slot = made;
        return made;
    }
}
