using System.Globalization;
using Xuanwu.FlinkSql.Dictionary;

namespace Xuanwu.Flink.Settings;

/// <summary>
/// An amount of memory as Flink writes it (org.apache.flink.configuration.MemorySize): a whole number and a binary
/// unit, such as
/// <c>1728m</c>, <c>512 mb</c>, <c>1g</c>; without a unit it is bytes.
/// </summary>
public readonly record struct MemorySize(long Bytes) : IComparable<MemorySize>
{
    public static MemorySize OfMiB(long mebibytes) => new(mebibytes << 20);

    public static bool TryParse(string text, out MemorySize size)
    {
        ArgumentNullException.ThrowIfNull(text);
        size = default;
        if (OptionValues.ToBytes(text) is not { } bytes || bytes > long.MaxValue) return false;
        size = new((long)bytes);
        return true;
    }

    public int CompareTo(MemorySize other) => Bytes.CompareTo(other.Bytes);

    public static bool operator <(MemorySize one, MemorySize other) => one.Bytes < other.Bytes;

    public static bool operator >(MemorySize one, MemorySize other) => one.Bytes > other.Bytes;

    public static bool operator <=(MemorySize one, MemorySize other) => one.Bytes <= other.Bytes;

    public static bool operator >=(MemorySize one, MemorySize other) => one.Bytes >= other.Bytes;

    public static MemorySize operator +(MemorySize one, MemorySize other) => new(checked(one.Bytes + other.Bytes));

    public static MemorySize operator -(MemorySize one, MemorySize other) => new(one.Bytes - other.Bytes);

    /// <summary>The part of it, rounded down as Flink does.</summary>
    public MemorySize Times(double fraction) => new((long)(Bytes * fraction));

    public MemorySize Clamp(MemorySize least, MemorySize most) => this < least ? least : this > most ? most : this;

    /// <summary>In mebibytes where that is exact, as in <c>1728m</c>; else in bytes.</summary>
    public override string ToString() => Bytes % (1 << 20) == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Bytes >> 20}m")
        : string.Create(CultureInfo.InvariantCulture, $"{Bytes} bytes");
}
