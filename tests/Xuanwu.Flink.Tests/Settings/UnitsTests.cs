using Xuanwu.Flink.Settings;

namespace Xuanwu.Flink.Tests.Settings;

public sealed class UnitsTests
{
    [Theory]
    [InlineData("1728m", 1728L << 20)]
    [InlineData(" 512 MB ", 512L << 20)]
    [InlineData("1g", 1L << 30)]
    [InlineData("64kb", 64L << 10)]
    [InlineData("2 tebibytes", 2L << 40)]
    [InlineData("42", 42)]
    [InlineData("42 bytes", 42)]
    public void Memory_sizes_are_read_as_flink_reads_them(string text, long bytes)
    {
        Assert.True(MemorySize.TryParse(text, out var size));
        Assert.Equal(bytes, size.Bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("m")]
    [InlineData("-1m")]
    [InlineData("1.5g")]
    [InlineData("1 parsec")]
    [InlineData("99999999999999999999")]
    [InlineData("9999999999 tb")]
    public void What_is_no_memory_size_is_refused(string text) => Assert.False(MemorySize.TryParse(text, out _));

    [Theory]
    [InlineData("10 s", 10_000)]
    [InlineData("500ms", 500)]
    [InlineData("5 min", 300_000)]
    [InlineData("1 h", 3_600_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("1500", 1500)]
    [InlineData("3000 µs", 3)]
    [InlineData("2000000 ns", 2)]
    [InlineData("PT10S", 10_000)]
    [InlineData("pt1m30s", 90_000)]
    public void Durations_are_read_as_flink_reads_them(string text, double milliseconds)
    {
        Assert.True(FlinkDuration.TryParse(text, out var duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1.5 s")]
    [InlineData("-1 s")]
    [InlineData("10 fortnights")]
    [InlineData("PT")]
    [InlineData("9223372036854775807 d")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(FlinkDuration.TryParse(text, out _));
}
