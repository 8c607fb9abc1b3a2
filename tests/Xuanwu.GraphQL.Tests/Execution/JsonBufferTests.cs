using System.Text;
using System.Text.Json;
using Xuanwu.GraphQL.Execution;

namespace Xuanwu.GraphQL.Tests.Execution;

public sealed class JsonBufferTests
{
    [Fact]
    public void Any_string_reads_back_equal()
    {
        var random = new Random(1);
        for (var round = 0; round < 500; round++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(200)).Select(_ => (char)random.Next(0, 0xD7FF))]);
            using var buffer = new JsonBuffer(16);
            buffer.String(text);
            Assert.Equal(text, JsonSerializer.Deserialize<string>(buffer.Written));
        }
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(9L)]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public void Whole_numbers_are_written_whole(long value)
    {
        using var buffer = new JsonBuffer(1);
        buffer.Number(value);
        Assert.Equal(value, long.Parse(Encoding.ASCII.GetString(buffer.Written), null));
    }

    [Theory]
    [InlineData("2026-01-01T00:00:01Z", "\"2026-01-01T00:00:01Z\"")]
    [InlineData("2026-01-01T00:00:01.5000000Z", "\"2026-01-01T00:00:01.5Z\"")]
    [InlineData("2026-01-01T02:00:01.0000001+02:00", "\"2026-01-01T02:00:01.0000001+02:00\"")]
    public void Instants_have_no_empty_fraction(string instant, string json)
    {
        using var buffer = new JsonBuffer(1);
        buffer.Instant(DateTimeOffset.Parse(instant, null));
        Assert.Equal(json, Encoding.ASCII.GetString(buffer.Written));
    }

    [Fact]
    public void What_was_written_can_be_taken_back()
    {
        using var buffer = new JsonBuffer();
        buffer.Raw("[1,"u8);
        var mark = buffer.Length;
        buffer.Raw("{\"a\":"u8);
        buffer.Truncate(mark);
        buffer.Null();
        buffer.Byte((byte)']');
        Assert.Equal("[1,null]", Encoding.ASCII.GetString(buffer.Written));
    }
}
