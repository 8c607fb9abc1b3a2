using System.Buffers;

namespace Xuanwu.Kubernetes;

/// <summary>
/// Cuts a stream of bytes at its line feeds, and lines that are longer than a limit into parts of at most that. A part
/// never splits a UTF-8 character.
/// </summary>
internal sealed class LineReader(Stream stream, int maxBytes) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Math.Min(maxBytes, 8192));
    private int _start;
    private int _end;
    private int _searched;

    /// <summary>Why a line ends where it does.</summary>
    public enum End
    {
        LineFeed,
        Limit,
        StreamEnd,
    }

    /// <summary>A line or part of one, without its line feed; valid until the next read.</summary>
    public readonly record struct Line(ReadOnlyMemory<byte> Bytes, End End);

    /// <summary>The next line; null at the end of the stream.</summary>
    public async ValueTask<Line?> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            var feed = _buffer.AsSpan(_searched, _end - _searched).IndexOf((byte)'\n');
            var length = _searched + feed - _start;
            if (feed >= 0 && length <= maxBytes) return Take(length, 1, End.LineFeed);
            if (_end - _start > maxBytes) return Take(WholeCharacters(maxBytes), 0, End.Limit);
            _searched = _end;
            if (_end == _buffer.Length) MakeRoom();

            var count = await stream.ReadAsync(_buffer.AsMemory(_end), ct);
            if (count == 0) return _end == _start ? null : Take(_end - _start, 0, End.StreamEnd);
            _end += count;
        }
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _start = _end = _searched = 0;
        stream.Dispose();
    }

    private Line Take(int length, int feed, End end)
    {
        var bytes = _buffer.AsMemory(_start, length);
        _start += length + feed;
        _searched = _start;
        return new(bytes, end);
    }

    private int WholeCharacters(int length)
    {
        var whole = length;
        while (whole > 0 && whole > length - 4 && (_buffer[_start + whole] & 0xC0) == 0x80) whole--;
        return whole == 0 ? length : whole;
    }

    private void MakeRoom()
    {
        var held = _end - _start;
        var target = held > _buffer.Length / 2 ? ArrayPool<byte>.Shared.Rent(_buffer.Length * 2) : _buffer;
        Buffer.BlockCopy(_buffer, _start, target, 0, held);
        if (target != _buffer) ArrayPool<byte>.Shared.Return(_buffer);
        (_buffer, _start, _end, _searched) = (target, 0, held, held);
    }
}
