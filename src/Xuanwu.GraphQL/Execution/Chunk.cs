using System.Buffers;

namespace Xuanwu.GraphQL.Execution;

// Part of a response. Where a value is not there yet, the chunk has a hole that another chunk will fill; where a
// null has spread to an object that was already written, an edit covers the object. Edits are applied when the
// response is put together, so nothing written is ever moved.
internal sealed class Chunk : IDisposable
{
    private List<Edit>? edits;

    public JsonBuffer Json { get; } = new();

    public void Hole(Chunk filling) => (edits ??= []).Add(new Edit(Json.Length, Json.Length, filling));

    public void Nullify(int start, int end) => (edits ??= []).Add(new Edit(start, end, null));

    /// <summary>Takes back what was written behind a length, holes included.</summary>
    public void Truncate(int to)
    {
        Json.Truncate(to);
        edits?.RemoveAll(it => it.Start >= to);
    }

    public void WriteTo(IBufferWriter<byte> output)
    {
        var text = Json.Written;
        if (edits is null)
        {
            output.Write(text);
            return;
        }

        // Outer edits first: what lies inside an edit is behind the position by then and is passed over.
        edits.Sort((a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.End.CompareTo(a.End));
        var position = 0;
        foreach (var edit in edits)
        {
            if (edit.Start < position) continue;
            output.Write(text[position..edit.Start]);
            if (edit.Filling is null) output.Write("null"u8);
            else edit.Filling.WriteTo(output);
            position = edit.End;
        }

        output.Write(text[position..]);
    }

    public void Dispose()
    {
        Json.Dispose();
        if (edits is null) return;
        foreach (var edit in edits) edit.Filling?.Dispose();
    }

    private readonly record struct Edit(int Start, int End, Chunk? Filling);
}
