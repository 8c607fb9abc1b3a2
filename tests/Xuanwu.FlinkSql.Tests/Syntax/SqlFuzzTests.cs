using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Syntax;

public sealed class SqlFuzzTests
{
    private static readonly string[] Inserts =
    [
        "(", ")", "'", "`", "\"", ";", ",", ".", "/*", "*/", "/*+", "--", "\n", " AS ", " SELECT ", " FROM ", " TABLE ", " BEGIN ",
        " END ", " CASE ", " WITH ", " OVER ", "[", "]", "{", "=>", "<", ">", " NOT ", " INTERVAL ", "\0", "\uD800", "1e", "$", "名",
    ];

    [Fact]
    public void No_mutilated_text_throws_and_none_takes_more_steps_than_its_length_allows()
    {
        var random = new Random(20260731);
        var texts = Scripts.Valid.Select(each => each.Sql).ToArray();
        for (var i = 0; i < 20_000; i++)
        {
            var text = texts[random.Next(texts.Length)];
            if (random.Next(4) == 0) text += ";\n" + texts[random.Next(texts.Length)];
            for (var change = random.Next(1, 5); change > 0; change--) text = Mutilated(text, texts, random);

            var script = SqlScript.Parse(text);
            Assert.True(script.Steps <= (2 * script.Tokens.Length) + 2, $"{script.Steps} steps for {text}");
            foreach (var told in script.Diagnostics)
            {
                Assert.InRange(told.Start, 0, text.Length);
                Assert.InRange(told.Start + told.Length, 0, text.Length);
                if (told.Fix is { } fix) SqlEdits.Apply(text, fix.Edits);
            }

            foreach (var statement in script.Statements)
            {
                foreach (var node in statement.DescendantsAndSelf()) Assert.InRange(node.End, node.Start, text.Length);
            }

            var analysis = SqlAnalysis.Of(script);
            SqlValidation.Of(script);
            foreach (var flow in analysis.Flows) analysis.ColumnsOf(flow);
            foreach (var table in analysis.Tables) analysis.ColumnsOf(table);
        }
    }

    [Fact]
    public void Steps_grow_with_the_text_and_no_faster()
    {
        var one = string.Join(";\n", Scripts.Valid.Select(each => each.Sql)) + ";\n";
        var broken = one.Replace("SELECT", "SELECT ,", StringComparison.Ordinal);
        foreach (var text in new[] { one, broken })
        {
            var (small, large) = (Steps(text, 200_000), Steps(text, 2_000_000));

            Assert.InRange(large / small, 0.9 * 10, 1.1 * 10);
        }

        static double Steps(string text, int length) =>
            SqlScript.Parse(string.Concat(Enumerable.Repeat(text, length / text.Length))).Steps;
    }

    private static string Mutilated(string text, string[] texts, Random random)
    {
        if (text.Length < 4) return text + Inserts[random.Next(Inserts.Length)];
        var at = random.Next(text.Length);
        var length = Math.Min(random.Next(1, 12), text.Length - at);
        switch (random.Next(5))
        {
            case 0: return text.Remove(at, length);
            case 1: return text.Insert(at, Inserts[random.Next(Inserts.Length)]);
            case 2: return text.Insert(at, text.Substring(at, length));
            case 3: return text[..at];
            default:
                var other = texts[random.Next(texts.Length)];
                return text[..at] + other[random.Next(other.Length)..];
        }
    }
}
