namespace Xuanwu.FlinkSql.Syntax;

/// <summary>One string for all equal slices of a text, so that names, which recur, take memory once.</summary>
internal sealed class NamePool
{
    private string?[] slots = new string?[256];
    private int count;

    public string Of(ReadOnlySpan<char> text)
    {
        if (text.Length > 64) return text.ToString();
        if (count * 2 > slots.Length) Grow();
        var slot = Slot(text);
        while (slots[slot] is { } known)
        {
            if (text.SequenceEqual(known)) return known;
            slot = (slot + 1) & (slots.Length - 1);
        }

        count++;
        return slots[slot] = text.ToString();
    }

    private int Slot(ReadOnlySpan<char> text)
    {
        var hash = 17u;
        foreach (var c in text) hash = (hash * 31) + c;
        return (int)((hash ^ (hash >> 15)) & (uint)(slots.Length - 1));
    }

    private void Grow()
    {
        var old = slots;
        slots = new string?[old.Length * 2];
        foreach (var text in old)
        {
            if (text is null) continue;
            var slot = Slot(text);
            while (slots[slot] is not null) slot = (slot + 1) & (slots.Length - 1);
            slots[slot] = text;
        }
    }
}
