using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace Xuanwu.GraphQL.Execution;

/// <summary>
/// UTF-8 JSON under construction. It can be cut back to an earlier length, which is how a null that spreads to its
/// parent takes back what was written. Values are written one after another; commas and names are the caller's.
/// </summary>
public sealed class JsonBuffer : IDisposable
{
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Select(it => (char)it), '"', '\\']);

    private byte[] buffer;
    private int length;

    /// <summary>An empty buffer from the shared pool.</summary>
    public JsonBuffer(int capacity = 1024) => buffer = ArrayPool<byte>.Shared.Rent(capacity);

    /// <summary>Bytes written so far.</summary>
    public int Length => length;

    /// <summary>What was written so far; valid until the next write.</summary>
    public ReadOnlySpan<byte> Written => buffer.AsSpan(0, length);

    /// <summary>Takes back everything behind that length.</summary>
    public void Truncate(int to) => length = to;

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        var it = buffer;
        buffer = [];
        length = 0;
        if (it.Length > 0) ArrayPool<byte>.Shared.Return(it);
    }

    /// <summary>One byte as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Byte(byte it)
    {
        var at = length;
        if ((uint)at >= (uint)buffer.Length) Grow(1);
        buffer[at] = it;
        length = at + 1;
    }

    /// <summary>Bytes that are JSON already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Raw(ReadOnlySpan<byte> it)
    {
        if (buffer.Length - length < it.Length) Grow(it.Length);
        it.CopyTo(MemoryMarshal.CreateSpan(
            ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(buffer), length), it.Length));
        length += it.Length;
    }

    /// <summary>The literal null.</summary>
    public void Null() => Raw("null"u8);

    /// <summary>true or false.</summary>
    public void Boolean(bool it) => Raw(it ? "true"u8 : "false"u8);

    /// <summary>A whole number.</summary>
    public void Number(long it)
    {
        if (buffer.Length - length < 20) Grow(20);
        if ((ulong)it < 10)
        {
            buffer[length++] = (byte)('0' + it);
            return;
        }

        Utf8Formatter.TryFormat(it, buffer.AsSpan(length), out var written);
        length += written;
    }

    /// <summary>A finite floating-point number, in its shortest form that reads back equal.</summary>
    public void Number(double it) => Formatted(it, "R");

    /// <summary>A finite single-precision number, in its shortest form that reads back equal.</summary>
    public void Number(float it) => Formatted(it, "R");

    /// <summary>A decimal number with its scale.</summary>
    public void Number(decimal it) => Formatted(it, default);

    /// <summary>A string with its quotes.</summary>
    public void String(ReadOnlySpan<char> it)
    {
        if (buffer.Length - length < (it.Length * 3) + 2) Grow((it.Length * 3) + 2);
        buffer[length++] = (byte)'"';
        while (true)
        {
            var stop = it.IndexOfAny(Escaped);
            var plain = stop < 0 ? it : it[..stop];
            Utf8.FromUtf16(plain, buffer.AsSpan(length), out _, out var written);
            length += written;
            if (stop < 0) break;
            Escape(it[stop]);
            it = it[(stop + 1)..];
            if (buffer.Length - length < (it.Length * 3) + 2) Grow((it.Length * 3) + 2);
        }

        buffer[length++] = (byte)'"';
    }

    /// <summary>A value that formats itself as ASCII without characters to escape, between quotes.</summary>
    public void Quoted<T>(T it, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        Byte((byte)'"');
        Formatted(it, format);
        Byte((byte)'"');
    }

    /// <summary>An instant as <c>2026-01-01T00:00:01Z</c>: no fraction when it is zero, Z for UTC.</summary>
    public void Instant(DateTimeOffset it)
    {
        if (buffer.Length - length < 40) Grow(40);
        var into = buffer.AsSpan(length, 40);
        var local = it.DateTime;
        into[0] = (byte)'"';
        Digits(into, 1, 4, local.Year);
        into[5] = (byte)'-';
        Digits(into, 6, 2, local.Month);
        into[8] = (byte)'-';
        Digits(into, 9, 2, local.Day);
        into[11] = (byte)'T';
        Digits(into, 12, 2, local.Hour);
        into[14] = (byte)':';
        Digits(into, 15, 2, local.Minute);
        into[17] = (byte)':';
        Digits(into, 18, 2, local.Second);
        var end = 20;
        var fraction = (int)(local.Ticks % TimeSpan.TicksPerSecond);
        if (fraction != 0)
        {
            into[end] = (byte)'.';
            Digits(into, end + 1, 7, fraction);
            end += 8;
            while (into[end - 1] == '0') end--;
        }

        var minutes = it.TotalOffsetMinutes;
        if (minutes == 0)
        {
            into[end++] = (byte)'Z';
        }
        else
        {
            into[end] = (byte)(minutes < 0 ? '-' : '+');
            Digits(into, end + 1, 2, Math.Abs(minutes) / 60);
            into[end + 3] = (byte)':';
            Digits(into, end + 4, 2, Math.Abs(minutes) % 60);
            end += 6;
        }

        into[end++] = (byte)'"';
        length += end;
    }

    private static void Digits(Span<byte> into, int at, int count, int value)
    {
        for (var i = at + count - 1; i >= at; i--)
        {
            (value, var digit) = Math.DivRem(value, 10);
            into[i] = (byte)('0' + digit);
        }
    }

    private void Formatted<T>(T it, ReadOnlySpan<char> format)
        where T : IUtf8SpanFormattable
    {
        int written;
        while (!it.TryFormat(buffer.AsSpan(length), out written, format, CultureInfo.InvariantCulture)) Grow(64);
        length += written;
    }

    private void Escape(char it)
    {
        switch (it)
        {
            case '"':
                Raw("\\\""u8);
                break;
            case '\\':
                Raw("\\\\"u8);
                break;
            case '\n':
                Raw("\\n"u8);
                break;
            case '\r':
                Raw("\\r"u8);
                break;
            case '\t':
                Raw("\\t"u8);
                break;
            case '\b':
                Raw("\\b"u8);
                break;
            case '\f':
                Raw("\\f"u8);
                break;
            default:
                Raw("\\u00"u8);
                Byte((byte)(it < 0x10 ? '0' : '1'));
                Byte((byte)"0123456789abcdef"[it & 15]);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int more)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(buffer.Length * 2, length + more));
        buffer.AsSpan(0, length).CopyTo(larger);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
        buffer = larger;
    }
}
