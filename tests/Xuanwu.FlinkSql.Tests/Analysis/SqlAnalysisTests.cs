using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Analysis;

public sealed class SqlAnalysisTests
{
    private const string Tables =
        """
        CREATE TABLE orders (
          id BIGINT, item STRING, price DECIMAL(10, 2), qty INT, ts TIMESTAMP(3), tags ARRAY<STRING>,
          buyer ROW<name STRING, age INT>, pt AS PROCTIME(), total AS price * qty,
          WATERMARK FOR ts AS ts, PRIMARY KEY (id) NOT ENFORCED
        ) WITH ('connector' = 'kafka', 'format' = 'json');
        CREATE TABLE items (item STRING, name STRING NOT NULL) WITH ('connector' = 'jdbc');
        CREATE TABLE out (id BIGINT, name STRING, amount DECIMAL(12, 2)) WITH ('connector' = 'print');

        """;

    [Theory]
    [InlineData("INSERT INTO o SELECT * FROM a JOIN b ON a.x = b.x, (SELECT * FROM c) d", "a b c", "o", "", "a>o b>o c>o")]
    [InlineData("INSERT INTO o WITH a AS (SELECT * FROM t), b AS (SELECT * FROM a) SELECT * FROM b, c", "t c", "o", "", "t>o c>o")]
    [InlineData("INSERT INTO o WITH a AS (SELECT * FROM a) SELECT * FROM a", "a", "o", "", "a>o")]
    [InlineData("INSERT INTO o SELECT * FROM t WHERE x IN (SELECT y FROM s) AND EXISTS (SELECT 1 FROM u WHERE u.a = t.a)", "t s u", "o", "", "t>o s>o u>o")]
    [InlineData("INSERT INTO o SELECT (SELECT MAX(x) FROM s) FROM t", "s t", "o", "", "s>o t>o")]
    [InlineData("INSERT INTO o SELECT * FROM t JOIN d FOR SYSTEM_TIME AS OF t.pt AS x ON t.k = x.k", "t d", "o", "d", "t>o d>o")]
    [InlineData("CREATE VIEW v AS SELECT * FROM d; INSERT INTO o SELECT * FROM t JOIN v FOR SYSTEM_TIME AS OF t.pt ON t.k = v.k", "t d", "o", "d", "t>o d>o")]
    [InlineData("CREATE VIEW v AS SELECT * FROM a; CREATE VIEW w AS SELECT * FROM v, b; INSERT INTO o SELECT * FROM w", "a b", "o", "", "a>o b>o")]
    [InlineData("CREATE VIEW v AS SELECT * FROM a; DROP VIEW v; INSERT INTO o SELECT * FROM v", "v", "o", "", "v>o")]
    [InlineData("CREATE VIEW v AS SELECT * FROM a; ALTER VIEW v AS SELECT * FROM b; INSERT INTO o SELECT * FROM v", "b", "o", "", "b>o")]
    [InlineData("CREATE VIEW v AS SELECT * FROM a; ALTER VIEW v RENAME TO w; INSERT INTO o SELECT * FROM w", "a", "o", "", "a>o")]
    [InlineData("USE db; CREATE VIEW v AS SELECT * FROM a; USE other; INSERT INTO o SELECT * FROM db.v, v", "a v", "o", "", "a>o v>o")]
    [InlineData("CREATE VIEW unused AS SELECT * FROM a; EXPLAIN INSERT INTO o SELECT * FROM b; SELECT * FROM c", "c", "", "", "")]
    [InlineData("CREATE TABLE x AS SELECT * FROM a; CREATE MATERIALIZED TABLE m AS SELECT * FROM x", "a x", "x m", "", "a>x x>m")]
    [InlineData("EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT * FROM s; INSERT INTO b SELECT * FROM t; END", "s t", "a b", "", "s>a t>b")]
    [InlineData("INSERT INTO o SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE))", "t", "o", "", "t>o")]
    [InlineData("INSERT INTO o SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(a)), LATERAL TABLE(f(x)), UNNEST(t.a)", "t", "o", "", "t>o")]
    [InlineData("INSERT INTO o SELECT EXTRACT(DAY FROM x), TRIM(BOTH 'a' FROM y) FROM t WHERE a IS DISTINCT FROM b", "t", "o", "", "t>o")]
    [InlineData("INSERT INTO c.d.`my o` SELECT * FROM `a b`.t UNION ALL TABLE s", "a b.t s", "c.d.my o", "", "a b.t>c.d.my o s>c.d.my o")]
    [InlineData("INSERT INTO t SELECT * FROM t; INSERT INTO u VALUES (1)", "t", "t u", "", "t>t")]
    public void Data_is_followed_from_sources_to_sinks(
        string sql, string sources, string sinks, string lookups, string edges)
    {
        var lineage = SqlAnalysis.Of(SqlScript.Parse(sql)).Lineage;

        Assert.Equal(sources, string.Join(' ', lineage.Sources));
        Assert.Equal(sinks, string.Join(' ', lineage.Sinks));
        Assert.Equal(lookups, string.Join(' ', lineage.Lookups));
        Assert.Equal(edges, string.Join(' ', lineage.Edges.Select(edge => $"{edge.Source}>{edge.Sink}")));
    }

    [Fact]
    public void A_table_is_known_with_columns_keys_options_and_roles()
    {
        var analysis = SqlAnalysis.Of(SqlScript.Parse(
            Tables + "INSERT INTO out SELECT o.id, i.name, o.total FROM orders o JOIN items FOR SYSTEM_TIME AS OF o.pt i "
            + "ON o.item = i.item; CREATE TABLE copy LIKE orders (EXCLUDING OPTIONS EXCLUDING GENERATED)"));

        var orders = analysis.Tables[0];
        Assert.Equal("default_catalog.default_database.orders", orders.ToString());
        Assert.Equal(("kafka", TableRoles.Source), (orders.Connector, orders.Roles));
        Assert.Equal(["id"], orders.PrimaryKey);
        Assert.Equal("ts", orders.Watermark!.Column.ToString());
        Assert.Equal(
            ["id BIGINT", "item STRING", "price DECIMAL(10, 2)", "qty INT", "ts TIMESTAMP(3)", "tags ARRAY<STRING>",
                "buyer ROW<`name` STRING, `age` INT>", "pt TIMESTAMP_LTZ(3)", "total DECIMAL(21, 2)"],
            orders.DeclaredColumns!.Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal(TableRoles.Source | TableRoles.Lookup, analysis.Tables[1].Roles);
        Assert.Equal(TableRoles.Sink, analysis.Tables[2].Roles);
        var copy = analysis.Tables[3];
        Assert.Equal(7, copy.DeclaredColumns!.Count);
        Assert.Equal(["id"], copy.PrimaryKey);
        Assert.Null(copy.Connector);
        Assert.NotNull(copy.Watermark);
        Assert.Equal(3, analysis.NodeCount);
        Assert.Equal(["jdbc", "kafka", "print"], analysis.Needs.Connectors);
        Assert.Equal(["json"], analysis.Needs.Formats);
        Assert.Equal(
            ["out Sink", "orders Source", "items Lookup"],
            analysis.References.Select(reference => $"{reference.Name} {reference.Role}"));
        Assert.Same(orders, analysis.TableOf(analysis.References[1].Node));
    }

    [Theory]
    [InlineData("SELECT id, UPPER(item) AS name, price * qty AS amount FROM orders",
        "id<-orders.id BIGINT; name<-orders.item STRING; amount<-orders.price,orders.qty DECIMAL(21, 2)")]
    [InlineData("SELECT o.id, i.name, SUM(o.price) FROM orders o JOIN items i ON o.item = i.item GROUP BY o.id, i.name",
        "id<-orders.id BIGINT; name<-items.name STRING NOT NULL; amount<-orders.price DECIMAL(38, 2)")]
    [InlineData("WITH w AS (SELECT id AS x, buyer.name AS y FROM orders) SELECT x, y, 1 FROM w",
        "id<-orders.id BIGINT; name<-orders.buyer STRING; amount<- INT NOT NULL")]
    [InlineData("SELECT id, t.tag, 0 FROM orders CROSS JOIN UNNEST(tags) AS t(tag)",
        "id<-orders.id BIGINT; name<-orders.tags STRING; amount<- INT NOT NULL")]
    [InlineData("SELECT id, item, CASE WHEN qty > 1 THEN price ELSE 0 END FROM orders UNION ALL SELECT 1, name, 2 FROM items",
        "id<-orders.id BIGINT; name<-orders.item,items.name STRING; amount<-orders.qty,orders.price DECIMAL(12, 2)")]
    [InlineData("SELECT COUNT(*), item, CAST(MAX(price) AS DECIMAL(12, 2)) FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(ts), "
        + "INTERVAL '1' DAY)) GROUP BY item, window_start",
        "id<- BIGINT NOT NULL; name<-orders.item STRING; amount<-orders.price DECIMAL(12, 2)")]
    [InlineData("SELECT a, b, (SELECT MAX(qty) FROM orders) FROM elsewhere",
        "id<-elsewhere.a ; name<-elsewhere.b ; amount<-orders.qty INT")]
    public void Columns_are_followed_with_their_types(string query, string expected)
    {
        var analysis = SqlAnalysis.Of(SqlScript.Parse(Tables + "INSERT INTO out " + query));

        var flow = Assert.Single(analysis.Flows);
        Assert.Equal(
            expected,
            string.Join("; ", analysis.ColumnsOf(flow).Select(
                column => $"{column.Sink}<-{string.Join(',', column.From.Inputs)} {column.From.Type}")));
    }

    [Fact]
    public void Stars_and_views_give_the_columns_under_them()
    {
        var analysis = SqlAnalysis.Of(SqlScript.Parse(
            Tables + "CREATE VIEW v (a, b) AS SELECT * FROM items; SELECT *, v.* FROM v JOIN items AS i ON v.a = i.item"));

        Assert.Equal(
            ["a items.item", "b items.name", "item items.item", "name items.name", "a items.item", "b items.name"],
            analysis.ColumnsOf(analysis.Flows[0].Query).Select(column => $"{column.Name} {string.Join(',', column.Inputs)}"));
        Assert.Equal(
            ["a", "b"], analysis.ColumnsOf(analysis.Tables.Single(table => table.WrittenName == "v"))!.Select(each => each.Name));
    }

    [Fact]
    public void Matched_rows_give_partition_and_measures()
    {
        var analysis = SqlAnalysis.Of(SqlScript.Parse(
            Tables + "SELECT * FROM orders MATCH_RECOGNIZE (PARTITION BY item ORDER BY ts MEASURES A.price AS low, LAST(B.ts) "
            + "AS at PATTERN (A B+) DEFINE B AS B.price > A.price)"));

        Assert.Equal(
            ["item STRING orders.item", "low DECIMAL(10, 2) orders.price", "at TIMESTAMP(3) orders.ts"],
            analysis.ColumnsOf(analysis.Flows[0].Query)
                .Select(column => $"{column.Name} {column.Type} {string.Join(',', column.Inputs)}"));
    }

    [Fact]
    public void Tables_of_catalogs_are_known_from_outside()
    {
        var surroundings = new SqlSurroundings
        {
            Catalog = "lake",
            Database = "ods",
            Tables = [new(new("lake", "ods", "t"), [new("a", DataType.Int), new("b", DataType.String)])],
        };
        var analysis = SqlAnalysis.Of(SqlScript.Parse("SELECT * FROM t"), surroundings);

        Assert.Equal(
            ["a INT", "b STRING"],
            analysis.ColumnsOf(analysis.Flows[0].Query).Select(column => $"{column.Name} {column.Type}"));
        Assert.Equal(TableKind.Table, Assert.Single(analysis.Tables).Kind);
    }

    [Fact]
    public void What_a_script_needs_is_listed()
    {
        var needs = SqlAnalysis.Of(SqlScript.Parse(
            """
            ADD JAR '/a.jar';
            CREATE CATALOG lake WITH ('type' = 'paimon');
            CREATE FUNCTION mine AS 'a.Mine' USING JAR '/b.jar';
            CREATE TABLE unused (a INT) WITH ('connector' = 'redis');
            CREATE TABLE s (a INT) WITH ('connector' = 'kafka', 'key.format' = 'raw', 'value.format' = 'json');
            SELECT mine(a), theirs(a), UPPER('x'), COUNT(*) FROM s
            """)).Needs;

        Assert.Equal(["kafka"], needs.Connectors);
        Assert.Equal(["json", "raw"], needs.Formats);
        Assert.Equal(["paimon"], needs.Catalogs);
        Assert.Equal([new NeededFunction("mine", "a.Mine"), new("theirs", null)], needs.Functions);
        Assert.Equal(["/a.jar", "/b.jar"], needs.Jars);
    }

    [Fact]
    public void Statements_of_one_set_are_one_job()
    {
        const string Two = "INSERT INTO a SELECT * FROM s; INSERT INTO b SELECT * FROM s;";

        Assert.Equal(4, SqlAnalysis.Of(SqlScript.Parse(Two)).NodeCount);
        Assert.Equal(3, SqlAnalysis.Of(SqlScript.Parse($"BEGIN STATEMENT SET; {Two} END;")).NodeCount);
        Assert.Equal(3, SqlAnalysis.Of(SqlScript.Parse($"EXECUTE STATEMENT SET BEGIN {Two} END;")).NodeCount);
    }

    [Fact]
    public void An_enforced_primary_key_is_told_with_its_fix()
    {
        const string Sql = "CREATE TABLE t (a INT PRIMARY KEY, b INT);\nALTER TABLE t ADD PRIMARY KEY (b) ENFORCED;\n"
            + "CREATE TABLE u (a INT, PRIMARY KEY (a) NOT ENFORCED)";
        var told = SqlValidation.Of(SqlScript.Parse(Sql));

        Assert.Equal([(1, 23), (2, 19)], told.Select(each => (each.Line, each.Column)));
        Assert.StartsWith(
            "CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED, b", SqlEdits.Apply(Sql, told[0].Fix!.Edits), StringComparison.Ordinal);
        Assert.Null(told[1].Fix);
    }
}
