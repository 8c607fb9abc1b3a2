using System.Text;
using Xuanwu.GraphQL.Language;

namespace Xuanwu.GraphQL.Tests.Language;

public sealed class ParserTests
{
    [Theory]
    [InlineData("{", 1, 2, "Syntax Error: Expected Name, found <EOF>.")]
    [InlineData("{ a: }", 1, 6, "Syntax Error: Expected Name, found \"}\".")]
    [InlineData("\n  {\r\n  a(b c) }", 3, 7, "Syntax Error: Expected \":\", found Name \"c\".")]
    [InlineData("fragment on on Q { a }", 1, 10, "Syntax Error: Unexpected Name \"on\".")]
    [InlineData("{ ...on }", 1, 9, "Syntax Error: Expected Name, found \"}\".")]
    [InlineData("notAnOperation Foo { field }", 1, 1, "Syntax Error: Unexpected Name \"notAnOperation\".")]
    [InlineData("query ($a: Int = $b) { a }", 1, 18, "Syntax Error: Unexpected variable \"$b\" in constant value.")]
    [InlineData("{ a(b: \"é😀\", c ?) }", 1, 17, "Syntax Error: Unexpected character: \"?\".")]
    [InlineData("{ a } \u200B", 1, 7, "Syntax Error: Unexpected character: U+200B.")]
    [InlineData("{ a(b: 01) }", 1, 9, "Syntax Error: Invalid number, unexpected digit after 0: \"1\".")]
    [InlineData("{ a(b: 1.) }", 1, 10, "Syntax Error: Invalid number, expected digit but got: \")\".")]
    [InlineData("{ a(b: 1a) }", 1, 9, "Syntax Error: Invalid number, expected digit but got: \"a\".")]
    [InlineData("{ a(b: \"x\n\") }", 1, 10, "Syntax Error: Unterminated string.")]
    [InlineData("{ a(b: \"\"\"x) }", 1, 15, "Syntax Error: Unterminated string.")]
    [InlineData("{ a(b: \"\\q\") }", 1, 9, "Syntax Error: Invalid character escape sequence: \"\\q\".")]
    [InlineData("{ a(b: \"\\uD83D\") }", 1, 9, "Syntax Error: Invalid Unicode escape sequence: \"\\uD83D\".")]
    [InlineData("{ a(b: \"\\u{110000}\") }", 1, 9, "Syntax Error: Invalid Unicode escape sequence: \"\\u{110000}\".")]
    [InlineData("\"d\" { a }", 1, 1, "Syntax Error: Unexpected description, descriptions are not supported on shorthand queries.")]
    [InlineData("enum E { true }", 1, 10, "Syntax Error: Name \"true\" is reserved and cannot be used for an enum value.")]
    [InlineData("directive @a on NOWHERE", 1, 17, "Syntax Error: Unexpected Name \"NOWHERE\".")]
    [InlineData("extend type T", 1, 14, "Syntax Error: Unexpected <EOF>.")]
    [InlineData("type T { }", 1, 10, "Syntax Error: Expected Name, found \"}\".")]
    public void An_error_says_what_is_wrong_and_where(string text, int line, int column, string message)
    {
        var error = Assert.Throws<SyntaxException>(() => Parser.Parse(text)).Error;

        Assert.Equal(message, error.Message);
        Assert.Equal(new Location(line, column), Assert.Single(error.Locations));
        Assert.Equal(ErrorCodes.Syntax, error.Code);
    }

    [Theory]
    [InlineData("\"\\u00e9 \\u{1F600} \\uD83D\\uDE00 \\n\"", "é 😀 😀 \n")]
    [InlineData("\"a}b\\u{41}c}\"", "a}bAc}")]
    [InlineData("\"\"\"\n    one\n      two\n\n    three\n  \"\"\"", "one\n  two\n\nthree")]
    [InlineData("\"\"\" \\\"\"\" \"\" \"\"\"", " \"\"\" \"\" ")]
    [InlineData("\"\"\"\"\"\"", "")]
    [InlineData("\"\"\"a\r\n  b\r  c\"\"\"", "a\nb\nc")]
    public void Strings_mean_what_the_specification_says(string literal, string meaning) =>
        Assert.Equal(meaning, Assert.IsType<StringValue>(Parser.ParseValue(literal)).Value);

    [Theory]
    [InlineData("", "{a")]
    [InlineData("{a(b:", "[")]
    [InlineData("{a(b:", "{c:")]
    [InlineData("query($a:", "[")]
    [InlineData("{", "...{")]
    public void A_hundred_thousand_levels_are_an_error(string start, string level)
    {
        var text = start + string.Concat(Enumerable.Repeat(level, 100_000));
        var limits = new ParserLimits { MaxTokens = int.MaxValue, MaxBytes = int.MaxValue };

        var error = Assert.Throws<SyntaxException>(() => Parser.Parse(text, limits)).Error;

        Assert.Equal(ErrorCodes.DocumentTooLarge, error.Code);
    }

    [Fact]
    public void More_tokens_than_allowed_are_an_error()
    {
        Parser.Parse("{ a b }", new ParserLimits { MaxTokens = 4 });

        var error = Assert.Throws<SyntaxException>(
            () => Parser.Parse("{ a b }", new ParserLimits { MaxTokens = 3 })).Error;

        Assert.Equal(ErrorCodes.DocumentTooLarge, error.Code);
        Assert.Equal(new Location(1, 7), error.Locations[0]);
    }

    [Fact]
    public void More_bytes_than_allowed_are_an_error()
    {
        var error = Assert.Throws<SyntaxException>(
            () => Parser.Parse("{ aaa }", new ParserLimits { MaxBytes = 6 })).Error;

        Assert.Equal(ErrorCodes.DocumentTooLarge, error.Code);
    }

    [Fact]
    public void Text_that_is_not_UTF_8_is_an_error() =>
        Assert.Throws<SyntaxException>(() => Parser.Parse(new byte[] { (byte)'{', 0xC3, (byte)'}' }));

    [Fact]
    public void A_byte_order_mark_is_ignored() =>
        Assert.Single(Parser.Parse(Encoding.UTF8.GetBytes("\uFEFF{ a }")).Definitions);

    [Fact]
    public void Any_prefix_of_a_document_is_parsed_or_refused()
    {
        var text = Encoding.UTF8.GetBytes(PrinterTests.KitchenSink);
        for (var length = 0; length < text.Length; length++)
        {
            var part = text.AsMemory(0, length);
            var thrown = Record.Exception(() => Parser.Parse(part));
            Assert.True(thrown is null or SyntaxException, $"{length}: {thrown}");
        }
    }
}
