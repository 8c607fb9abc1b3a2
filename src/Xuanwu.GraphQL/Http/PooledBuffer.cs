using System.Buffers;

namespace Xuanwu.GraphQL.Http;

// One message under construction. It begins with the same bytes each time, and holds memory only from its first byte
// until it is emptied: thousands of subscriptions wait for events, few are written at one time.
internal sealed class PooledBuffer(byte[] head) : IBufferWriter<byte>, IDisposable
{
    private byte[]? rented;
    private int length;

    public ReadOnlyMemory<byte> Written => rented is null ? head : rented.AsMemory(0, length);

    public void Advance(int count) => length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return rented.AsMemory(length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return rented.AsSpan(length);
    }

    /// <summary>Replaces a byte wherever it stands behind the beginning.</summary>
    public void Replace(byte old, byte by)
    {
        if (rented is not null) rented.AsSpan(head.Length, length - head.Length).Replace(old, by);
    }

    /// <summary>Back to the beginning, and the memory back to the pool.</summary>
    public void Empty()
    {
        if (rented is not null) ArrayPool<byte>.Shared.Return(rented);
        rented = null;
        length = 0;
    }

    public void Dispose() => Empty();

    private void Reserve(int more)
    {
        if (rented is null)
        {
            rented = ArrayPool<byte>.Shared.Rent(Math.Max(1024, head.Length + more));
            head.CopyTo(rented, 0);
            length = head.Length;
            return;
        }

        if (rented.Length - length >= more) return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(rented.Length * 2, length + more));
        rented.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(rented);
        rented = larger;
    }
}
