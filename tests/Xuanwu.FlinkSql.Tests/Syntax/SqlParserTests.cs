using Xuanwu.FlinkSql.Syntax;
using Xuanwu.Testing;

namespace Xuanwu.FlinkSql.Tests.Syntax;

public sealed class SqlParserTests
{
    public static TheoryData<string, string> Valid
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var (kind, sql) in Scripts.Valid) data.Add(kind, sql);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Valid))]
    public void Every_form_of_statement_is_read_and_named(string kind, string sql)
    {
        var script = SqlScript.Parse(sql);

        Assert.Empty(script.Diagnostics);
        var statement = Assert.Single(script.Statements);
        Assert.Equal(kind, statement.Kind.Name());
        Assert.Equal(sql, script.TextOf(statement));
    }

    [Fact]
    public void A_script_of_all_forms_is_read_statement_by_statement()
    {
        var text = string.Join(";\n-- next\n", Scripts.Valid.Select(each => each.Sql)) + ";;\n";
        var script = SqlScript.Parse(text);

        Assert.Empty(script.Diagnostics);
        Assert.Equal(Scripts.Valid.Select(each => each.Kind), script.Statements.Select(each => each.Kind.Name()));
    }

    [Fact]
    public void Every_node_stands_within_its_parent_and_after_its_elder_sibling()
    {
        foreach (var (_, sql) in Scripts.Valid)
        {
            var script = SqlScript.Parse(sql);
            foreach (var node in script.Statements.SelectMany(statement => statement.DescendantsAndSelf()))
            {
                var last = node.Start;
                node.ForEachChild(child =>
                {
                    Assert.True(child.Start <= child.End);
                    Assert.True(
                        child.Start >= last && child.End <= node.End,
                        $"{child.GetType().Name} '{script.TextOf(child)}' in {node.GetType().Name} '{script.TextOf(node)}'");
                    last = child.Start;
                });
            }
        }
    }

    [Fact]
    public void The_examples_have_no_errors()
    {
        var files = Directory.GetFiles(Repository.At("examples"), "*.sql");

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.Empty(SqlScript.Parse(File.ReadAllText(file)).Diagnostics));
    }

    [Theory]
    [InlineData("SELECT a + b * c FROM t", "(a + (b * c))")]
    [InlineData("SELECT a OR b AND NOT c = d FROM t", "(a OR (b AND NOT (c = d)))")]
    [InlineData("SELECT a - b - c FROM t", "((a - b) - c)")]
    [InlineData("SELECT a = b IS NULL FROM t", "IS NULL (a = b)")]
    [InlineData("SELECT -a * b || c FROM t", "((- a * b) || c)")]
    [InlineData("SELECT a LIKE b || c AND d FROM t", "((a LIKE (b || c)) AND d)")]
    public void Operators_bind_as_in_Calcite(string sql, string expected)
    {
        var select = Assert.IsType<Select>(Assert.IsType<QueryStatement>(SqlScript.Parse(sql).Statements[0]).Query);

        Assert.Equal(expected, Show(select.Items[0].Expression));

        static string Show(SqlExpression expression) => expression switch
        {
            Binary binary => $"({Show(binary.Left)} {binary.Operator} {Show(binary.Right)})",
            Unary unary => $"{unary.Operator} {Show(unary.Operand)}",
            _ => expression.ToString()!,
        };
    }

    [Fact]
    public void Set_operations_are_left_associative_and_INTERSECT_binds_tighter()
    {
        var query = ((QueryStatement)SqlScript.Parse("SELECT 1 UNION SELECT 2 INTERSECT SELECT 3 EXCEPT SELECT 4")
            .Statements[0]).Query;

        var except = Assert.IsType<SetOperation>(query);
        Assert.Equal("EXCEPT", except.Operator);
        var union = Assert.IsType<SetOperation>(except.Left);
        Assert.Equal("UNION", union.Operator);
        Assert.Equal("INTERSECT", Assert.IsType<SetOperation>(union.Right).Operator);
    }

    [Fact]
    public void A_table_is_read_with_all_its_parts()
    {
        var table = Assert.IsType<CreateTable>(SqlScript.Parse(
            Scripts.Valid.First(each => each.Sql.Contains("gifts", StringComparison.Ordinal)).Sql).Statements[0]);

        Assert.True(table.IsTemporary);
        Assert.True(table.IfNotExists);
        Assert.Equal("gifts", table.Name.ToString());
        var columns = table.Elements.OfType<ColumnDefinition>().ToList();
        Assert.Equal(
            ["id", "user", "price", "ts", "pt", "total", "local", "bits", "r", "d", "v", "arr"],
            columns.Select(column => column.Name.ToString()));
        Assert.True(columns[1].Name.Last.IsQuoted);
        Assert.Equal(["name", "tags", "m"], columns[1].Type!.Fields.Select(field => field.Name.Text));
        Assert.Equal((10, 2), (columns[2].Type!.Precision, columns[2].Type!.Scale));
        Assert.Equal((ColumnKind.Metadata, "timestamp", true), (columns[3].Kind, columns[3].MetadataKey!.Value, columns[3].IsVirtual));
        Assert.Equal(ColumnKind.Computed, columns[4].Kind);
        Assert.Equal("TIMESTAMP_LTZ", columns[6].Type!.Name);
        Assert.Equal("ts", Assert.Single(table.Elements.OfType<WatermarkDefinition>()).Column.ToString());
        var key = Assert.Single(table.Elements.OfType<ConstraintDefinition>());
        Assert.Equal((true, false), (key.IsPrimaryKey, key.IsEnforced));
        Assert.Equal(["id", "d"], key.Columns.Select(column => column.Text));
        Assert.Equal("it's", table.Options!["topic"]);
        Assert.Equal(("HASH", "4"), (table.Distribution!.Algorithm, table.Distribution.Buckets!.Value));
        Assert.Equal("d", Assert.Single(table.PartitionedBy).Text);
    }

    [Theory]
    [InlineData("SET 'a' = 'b''c'", "a", "b'c")]
    [InlineData("SET execution.checkpointing.interval=3s", "execution.checkpointing.interval", "3s")]
    [InlineData("SET  table.exec.mini-batch.enabled =  true", "table.exec.mini-batch.enabled", "true")]
    [InlineData("SET sql-client.execution.result-mode = 'tableau'", "sql-client.execution.result-mode", "tableau")]
    [InlineData("RESET a-b.c", "a-b.c", null)]
    public void Settings_are_read_with_and_without_quotes(string sql, string key, string? value)
    {
        var set = Assert.IsType<SetStatement>(Assert.Single(SqlScript.Parse(sql).Statements));

        Assert.True(set.IsWhole);
        Assert.Equal((key, value), (set.Key, set.Value));
    }

    [Fact]
    public void A_temporal_join_knows_its_time_and_its_alias()
    {
        var select = (Select)((QueryStatement)SqlScript.Parse(
            "SELECT * FROM o JOIN dim FOR SYSTEM_TIME AS OF o.pt d ON o.k = d.k").Statements[0]).Query;

        var join = Assert.IsType<Join>(select.From);
        var dim = Assert.IsType<NamedTable>(join.Right);
        Assert.Equal(("dim", "d", "o.pt"), (dim.Name.ToString(), dim.Alias!.Value.Text, dim.AsOf!.ToString()));
        Assert.NotNull(join.On);
    }
}
