using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Syntax;

public sealed class SqlEditsTests
{
    [Fact]
    public void An_edit_changes_what_it_names_and_leaves_the_rest_byte_for_byte()
    {
        const string Text = "CREATE TABLE t ( -- columns\r\n  a INT )\tWITH ( 'topic'='x' /* here */ , 'k' = 'v');";
        var table = (CreateTable)SqlScript.Parse(Text).Statements[0];

        var edits = new SqlEdits()
            .Replace(table.Options!.Options[0].Value.Span, "'y'")
            .Insert(table.Name.End, "2")
            .Remove(table.Options.Options[1].Span);

        Assert.Equal(
            "CREATE TABLE t2 ( -- columns\r\n  a INT )\tWITH ( 'topic'='y' /* here */ , );", edits.Apply(Text));
    }

    [Fact]
    public void Insertions_at_one_place_keep_their_order_and_stand_before_a_replacement() =>
        Assert.Equal("a12Xc", new SqlEdits().Replace(new(1, 1), "X").Insert(1, "1").Insert(1, "2").Apply("abc"));

    [Fact]
    public void Edits_that_overlap_are_refused()
    {
        var edits = new SqlEdits().Replace(new(0, 2), "x").Replace(new(1, 2), "y");

        Assert.Throws<ArgumentException>(() => edits.Apply("abc"));
        Assert.Throws<ArgumentException>(() => new SqlEdits().Remove(new(2, 5)).Apply("abc"));
    }
}
