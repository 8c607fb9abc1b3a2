using System.Text;

namespace Xuanwu.Kubernetes.Tests;

public sealed class LineReaderTests
{
    [Fact]
    public async Task Lines_are_cut_at_line_feeds_however_the_bytes_come()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var lines = Enumerable.Range(0, random.Next(1, 30))
                .Select(_ => new string('x', random.Next(0, random.Next(2) == 0 ? 10 : 20_000)))
                .ToList();
            using var reader = Read(string.Join('\n', lines) + "\n", maxBytes: 20_000, random);

            var read = new List<string>();
            while (await reader.ReadAsync(default) is { } line)
            {
                Assert.Equal(LineReader.End.LineFeed, line.End);
                read.Add(Encoding.UTF8.GetString(line.Bytes.Span));
            }

            Assert.Equal(lines, read);
        }
    }

    [Fact]
    public async Task Longer_lines_come_in_parts_that_split_no_character()
    {
        var text = string.Concat(Enumerable.Repeat("aé作😀", 500));
        using var reader = Read(text + "\nnext\n", maxBytes: 101, new Random(3));

        var whole = new StringBuilder();
        LineReader.Line line;
        do
        {
            line = (await reader.ReadAsync(default))!.Value;
            Assert.InRange(line.Bytes.Length, 0, 101);
            whole.Append(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(line.Bytes.Span));
        }
        while (line.End == LineReader.End.Limit);

        Assert.Equal(text, whole.ToString());
        Assert.Equal("next", Encoding.UTF8.GetString((await reader.ReadAsync(default))!.Value.Bytes.Span));
    }

    [Fact]
    public async Task A_line_of_exactly_the_limit_is_whole()
    {
        using var reader = Read("12345678\nab\n", maxBytes: 8, new Random(1));

        Assert.Equal(LineReader.End.LineFeed, (await reader.ReadAsync(default))!.Value.End);
        Assert.Equal(2, (await reader.ReadAsync(default))!.Value.Bytes.Length);
        Assert.Null(await reader.ReadAsync(default));
    }

    [Fact]
    public async Task A_last_line_without_line_feed_is_told_apart()
    {
        using var reader = Read("whole\nhalf", maxBytes: 100, new Random(1));

        Assert.Equal(LineReader.End.LineFeed, (await reader.ReadAsync(default))!.Value.End);
        var half = (await reader.ReadAsync(default))!.Value;
        Assert.Equal(("half", LineReader.End.StreamEnd), (Encoding.UTF8.GetString(half.Bytes.Span), half.End));
        Assert.Null(await reader.ReadAsync(default));
    }

    private static LineReader Read(string text, int maxBytes, Random random) =>
        new(new Drips(Encoding.UTF8.GetBytes(text), random), maxBytes);

    /// <summary>Gives its bytes in pieces of random size.</summary>
    private sealed class Drips(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, random.Next(1, 5000))], cancellationToken);
    }
}
