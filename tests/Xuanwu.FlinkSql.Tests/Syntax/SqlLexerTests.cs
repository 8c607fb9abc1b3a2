using FsCheck;
using FsCheck.Fluent;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Syntax;

public sealed class SqlLexerTests
{
    private static readonly string[] Soup =
    [
        "SELECT", "from", "`a``b`", "'it''s'", "名字", "t$x", "1.5E-3", ".5", "x'0f'", "U&'a'", "E'\\''", "/*+", "*/", "/* c */",
        "-- c\n", "// c\r\n", "(", ")", "[", "]", "{", "}", ";", ",", ".", "=>", "<=", "<>", "!=", "||", "|", ":", "::", "->", "$",
        "#", "\"q\"", "\"", "'", "`", "/*", "\n", "\t", " ", "BEGIN", "END", "CREATE", "TABLE", "INSERT", "INTO", "\uFEFF", "😀",
    ];

    [Fact]
    public void Tokens_and_what_is_between_them_are_the_text_and_between_is_only_blanks_and_comments()
    {
        var soup = Gen.Elements(Soup).ArrayOf().Select(parts => string.Concat(parts)).ToArbitrary();

        Prop.ForAll(soup, text =>
        {
            var script = SqlScript.Parse(text);
            var rebuilt = "";
            var at = 0;
            foreach (var token in script.Tokens)
            {
                var between = text[at..token.Start];
                Assert.True(IsBlank(between), $"'{between}' is lost between two tokens");
                rebuilt += between + text[token.Start..token.End];
                at = token.End;
            }

            Assert.Equal(text, rebuilt);
            Assert.Equal(Tok.End, script.Tokens[^1].Id);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));
    }

    [Theory]
    [InlineData("select 1", "Word Number End")]
    [InlineData("ab.`b`", "Name Symbol QuotedName End")]
    [InlineData("db.t$history", "Name Symbol Name End")]
    [InlineData("'a''b' x'0f' N'n' U&'u' _UTF16'u' E'\\''", "Text Text Text Text Text Text End")]
    [InlineData("'\\' , b", "Text Symbol Name End")]
    [InlineData("\"x\"", "DoubleQuoted End")]
    [InlineData("ab /*+ OPTIONS */ b", "Name Symbol Word Symbol Name End")]
    [InlineData("ab /* + */ b -- c", "Name Name End")]
    [InlineData("#", "Unknown End")]
    [InlineData("1.5 .5 1E3 1.e", "Number Number Number Number Name End")]
    public void Tokens_are_told_apart(string text, string kinds)
    {
        var found = new List<string>();
        foreach (var token in SqlScript.Parse(text).Tokens) found.Add(token.Kind.ToString());

        Assert.Equal(kinds, string.Join(' ', found));
    }

    [Theory]
    [InlineData("user", true)]
    [InlineData("Table", true)]
    [InlineData("STATEMENT", true)]
    [InlineData("name", false)]
    [InlineData("desc", false)]
    [InlineData("tumble", false)]
    [InlineData("usermore", false)]
    public void Reserved_words_are_known_in_any_case(string word, bool isReserved) =>
        Assert.Equal(isReserved, SqlWords.IsReserved(word));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("user", "`user`")]
    [InlineData("a b", "`a b`")]
    [InlineData("1a", "`1a`")]
    [InlineData("a`b", "`a``b`")]
    [InlineData("名字", "名字")]
    public void A_name_is_quoted_where_it_must_be(string name, string written) =>
        Assert.Equal(written, SqlWords.Quoted(name));

    [Fact]
    public void The_token_at_an_offset_is_found()
    {
        var script = SqlScript.Parse("SELECT  abc FROM t");

        Assert.Equal(0, script.TokenAt(3));
        Assert.Equal(1, script.TokenAt(6));
        Assert.Equal(1, script.TokenAt(10));
        Assert.Equal(4, script.TokenAt(18));
    }

    private static bool IsBlank(string text)
    {
        var rest = text;
        while (rest.Length > 0)
        {
            if (char.IsWhiteSpace(rest[0]) || rest[0] == '\uFEFF') rest = rest[1..];
            else if (rest.StartsWith("--", StringComparison.Ordinal) || rest.StartsWith("//", StringComparison.Ordinal))
            {
                var end = rest.IndexOfAny(['\r', '\n']);
                rest = end < 0 ? "" : rest[end..];
            }
            else if (rest.StartsWith("/*", StringComparison.Ordinal))
            {
                var end = rest.IndexOf("*/", 2, StringComparison.Ordinal);
                rest = end < 0 ? "" : rest[(end + 2)..];
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
