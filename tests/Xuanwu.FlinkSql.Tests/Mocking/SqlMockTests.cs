using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Mocking;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Mocking;

public sealed class SqlMockTests
{
    [Fact]
    public void A_job_of_production_touches_nothing_any_more()
    {
        var mocked = Mock("""
            -- totals by customer
            SET 'state.checkpoints.dir' = 's3://prod/c';
            SET 'parallelism.default' = '2';
            CREATE TABLE orders (
              id BIGINT,
              customer BIGINT,
              amount DECIMAL(10, 2),
              ts TIMESTAMP(3),
              off BIGINT METADATA FROM 'offset' VIRTUAL,
              day_of AS DATE_FORMAT(ts, 'yyyy-MM-dd'),
              WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
            ) WITH ('connector' = 'kafka', 'topic' = 'orders', 'properties.sasl.jaas.config' = 'hush');
            CREATE TABLE totals (customer BIGINT, total DECIMAL(38, 2), PRIMARY KEY (customer) NOT ENFORCED)
            WITH ('connector' = 'jdbc', 'url' = 'jdbc:mysql://prod/d', 'table-name' = 't', 'password' = 'hush');
            INSERT INTO totals
            -- all of them
            SELECT customer, SUM(amount) FROM orders /*+ OPTIONS('scan.startup.mode'='earliest-offset') */
            GROUP BY customer;
            """);
        Assert.Equal("""
            -- totals by customer
            SET 'parallelism.default' = '2';
            CREATE TEMPORARY TABLE orders (
              id BIGINT,
              customer BIGINT,
              amount DECIMAL(10, 2),
              ts TIMESTAMP(3),
              off BIGINT,
              day_of AS DATE_FORMAT(ts, 'yyyy-MM-dd'),
              WATERMARK FOR ts AS ts - INTERVAL '5' SECOND
            ) WITH (
              'connector' = 'datagen',
              'number-of-rows' = '200',
              'rows-per-second' = '50',
              'fields.id.min' = '1',
              'fields.id.max' = '1000',
              'fields.customer.min' = '1',
              'fields.customer.max' = '10',
              'fields.amount.min' = '1',
              'fields.amount.max' = '1000',
              'fields.off.min' = '1',
              'fields.off.max' = '1000'
            );
            CREATE TEMPORARY TABLE totals (
              customer BIGINT,
              total DECIMAL(38, 2),
              PRIMARY KEY (customer) NOT ENFORCED
            ) WITH (
              'connector' = 'print',
              'print-identifier' = 'totals'
            );
            INSERT INTO totals
            -- all of them
            SELECT customer, SUM(amount) FROM orders 
            GROUP BY customer;
            """.ReplaceLineEndings("\n"), mocked.Text);
        Assert.Empty(mocked.Diagnostics);
        Assert.Equal(
            ["state.checkpoints.dir", "orders", "orders.off", "totals", "orders"],
            mocked.Changes.Select(change => change.Subject));
        Assert.Equal((2, 1), (mocked.Changes[0].Line, mocked.Changes[0].Column));
        Assert.All(mocked.Changes, change => Assert.EndsWith(".", change.Why));
        Assert.All(mocked.Changes, change => Assert.DoesNotContain("hush", change.ToString()));
    }

    [Fact]
    public void Values_that_predicates_want_are_generated()
    {
        var mocked = Mock("""
            CREATE TABLE o (id BIGINT, status STRING, qty INT, price DOUBLE) WITH ('connector' = 'kafka');
            CREATE TABLE s (id BIGINT) WITH ('connector' = 'kafka');
            INSERT INTO s SELECT id FROM o
            WHERE status IN ('PAID', 'SENT') AND qty BETWEEN 100 AND 120 AND price > 9.5 AND UPPER(status) LIKE 'P%';
            """);
        Assert.Contains("CREATE TEMPORARY TABLE o__rows (", mocked.Text);
        Assert.Contains("CREATE TEMPORARY VIEW o AS", mocked.Text);
        Assert.Contains("CASE status__pick WHEN 0 THEN 'PAID' WHEN 1 THEN 'SENT' WHEN 2 THEN 'P' ELSE status END",
            mocked.Text);
        Assert.Contains("'fields.status__pick.max' = '3'", mocked.Text);
        Assert.Contains("'fields.qty.min' = '90'", mocked.Text);
        Assert.Contains("'fields.qty.max' = '130'", mocked.Text);
        Assert.Contains("'fields.price.min' = '4'", mocked.Text);
        // The columns of the view are those of the table, in its order, so that SELECT * means the same.
        Assert.Equal(
            ["id", "status", "qty", "price"], Columns(mocked.Text, "o"));
    }

    [Fact]
    public void Keys_that_are_joined_meet_also_through_views_and_WITH()
    {
        var mocked = Mock("""
            CREATE TABLE a (id STRING, other STRING) WITH ('connector' = 'kafka');
            CREATE TABLE b (rid STRING, n INT) WITH ('connector' = 'kafka');
            CREATE TABLE s (id STRING, n INT) WITH ('connector' = 'kafka');
            CREATE VIEW v AS SELECT id AS k, other FROM a;
            INSERT INTO s WITH w AS (SELECT rid, n FROM b)
            SELECT v.k, w.n FROM v JOIN w ON v.k = w.rid;
            """);
        Assert.Contains("'fields.id.length' = '1'", mocked.Text);
        Assert.Contains("'fields.rid.length' = '1'", mocked.Text);
        Assert.Contains("'fields.other.length' = '8'", mocked.Text);
    }

    [Fact]
    public void A_lookup_becomes_a_join_with_a_few_rows()
    {
        var mocked = Mock("""
            CREATE TABLE o (id BIGINT, p AS PROCTIME()) WITH ('connector' = 'kafka');
            CREATE TABLE d (id BIGINT, name STRING) WITH ('connector' = 'jdbc', 'url' = 'u', 'table-name' = 't');
            CREATE TABLE s (id BIGINT, name STRING) WITH ('connector' = 'kafka');
            INSERT INTO s SELECT /*+ LOOKUP('table'='d', 'async'='true') */ o.id, d.name
            FROM o LEFT JOIN d FOR SYSTEM_TIME AS OF o.p AS d ON o.id = d.id;
            """);
        Assert.Contains("FROM o LEFT JOIN d AS d ON o.id = d.id;", mocked.Text);
        Assert.Contains("SELECT  o.id", mocked.Text);
        Assert.Contains("'number-of-rows' = '20'", mocked.Text);
        Assert.DoesNotContain("SYSTEM_TIME", mocked.Text);
    }

    [Fact]
    public void A_window_time_that_is_computed_from_text_is_generated()
    {
        var mocked = Mock("""
            CREATE TABLE o (txt STRING, ms BIGINT, ts AS TO_TIMESTAMP(txt), WATERMARK FOR ts AS ts)
            WITH ('connector' = 'kafka');
            CREATE TABLE p (t TIMESTAMP(3), ts AS t + INTERVAL '1' HOUR, WATERMARK FOR ts AS ts)
            WITH ('connector' = 'kafka');
            CREATE TABLE s (n BIGINT) WITH ('connector' = 'kafka');
            INSERT INTO s SELECT COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
            GROUP BY window_start, window_end;
            INSERT INTO s SELECT COUNT(*) FROM p;
            """);
        Assert.Contains("ts TIMESTAMP(3),\n  WATERMARK FOR ts AS ts", mocked.Text);
        Assert.Contains("ts AS t + INTERVAL '1' HOUR", mocked.Text);
    }

    [Fact]
    public void Types_that_are_not_generated_are_cast()
    {
        var mocked = Mock("""
            CREATE TABLE o (id BIGINT, body BYTES) WITH ('connector' = 'kafka');
            CREATE TABLE s (body BYTES) WITH ('connector' = 'kafka');
            INSERT INTO s SELECT body FROM o;
            """);
        Assert.Contains("CAST(body AS BYTES) AS body", mocked.Text);
        Assert.Contains("body STRING", mocked.Text);
    }

    [Fact]
    public void A_primary_key_of_a_source_is_a_sequence()
    {
        var mocked = Mock("""
            CREATE TABLE o (id BIGINT, v INT, PRIMARY KEY (id) NOT ENFORCED) WITH ('connector' = 'mysql-cdc');
            CREATE TABLE s (id BIGINT) WITH ('connector' = 'print');
            INSERT INTO s SELECT id FROM o WHERE id = 7;
            """);
        Assert.Contains("'fields.id.kind' = 'sequence'", mocked.Text);
        Assert.Contains("'fields.id.end' = '200'", mocked.Text);
        Assert.DoesNotContain("'fields.id.min'", mocked.Text);
    }

    [Fact]
    public void LIKE_is_resolved_and_partitions_and_overwriting_go()
    {
        var mocked = Mock("""
            CREATE TABLE o (id BIGINT, ts TIMESTAMP(3), WATERMARK FOR ts AS ts)
            WITH ('connector' = 'kafka', 'topic' = 'a');
            CREATE TABLE p WITH ('topic' = 'b') LIKE o;
            CREATE TABLE s (id BIGINT, dt STRING) PARTITIONED BY (dt)
            WITH ('connector' = 'filesystem', 'path' = 'hdfs://p');
            INSERT OVERWRITE s PARTITION (dt = 'today') SELECT id FROM p;
            """);
        Assert.Equal(["id", "ts"], Columns(mocked.Text, "p"));
        Assert.DoesNotContain("LIKE", mocked.Text);
        Assert.DoesNotContain("PARTITION", mocked.Text);
        Assert.Contains("INSERT INTO s (id) SELECT id FROM p;", mocked.Text);
    }

    [Fact]
    public void A_table_that_is_read_and_written_becomes_two()
    {
        var mocked = Mock("""
            CREATE TABLE t (id BIGINT) WITH ('connector' = 'kafka');
            INSERT INTO t SELECT id + 1 FROM t;
            """);
        Assert.Contains("CREATE TEMPORARY TABLE t (", mocked.Text);
        Assert.Contains("CREATE TEMPORARY TABLE t__written (", mocked.Text);
        Assert.Contains("INSERT INTO t__written SELECT id + 1 FROM t;", mocked.Text);
    }

    [Fact]
    public void Tables_of_catalogs_are_shadowed_and_known_columns_are_taken()
    {
        const string Sql = """
            CREATE CATALOG lake WITH ('type' = 'iceberg', 'uri' = 'https://prod');
            INSERT INTO lake.db.totals SELECT region, COUNT(*) FROM shop.sales.orders WHERE paid GROUP BY region;
            """;
        var known = SqlMock.Of(Sql, new(SqlTarget.Of("1.20"))
        {
            Surroundings = new()
            {
                Tables =
                [
                    new(new("shop", "sales", "orders"),
                        [new("region", DataType.String), new("paid", DataType.Boolean)]),
                    new(new("lake", "db", "totals"), [new("region", DataType.String), new("n", DataType.BigInt)]),
                ],
            },
        });
        Assert.Empty(MockGuarantee.Broken(known.Text));
        Assert.Empty(known.Diagnostics);
        Assert.StartsWith("CREATE CATALOG shop WITH ('type' = 'generic_in_memory'", known.Text);
        Assert.Contains("CREATE TEMPORARY TABLE shop.sales.orders (\n  region STRING,\n  paid BOOLEAN\n)", known.Text);
        Assert.Contains("CREATE TEMPORARY TABLE lake.db.totals (\n  region STRING,\n  n BIGINT\n)", known.Text);
        Assert.True(known.Text.IndexOf("CREATE CATALOG lake", StringComparison.Ordinal)
            < known.Text.IndexOf("TABLE lake.db.totals", StringComparison.Ordinal));
        Assert.DoesNotContain("iceberg", known.Text);

        var guessed = Mock(Sql);
        Assert.Equal(2, guessed.Diagnostics.Count(told => told.Code == "SQL_MOCK_GUESSED"));
        Assert.Equal(["region", "paid"], Columns(guessed.Text, "orders").Order().Reverse());
    }

    [Fact]
    public void A_guessed_column_has_the_type_that_it_is_compared_with()
    {
        var mocked = Mock("""
            CREATE TABLE o (code VARCHAR(10), n INT) WITH ('connector' = 'kafka');
            CREATE TABLE s (code VARCHAR(10), m INT) WITH ('connector' = 'kafka');
            INSERT INTO s SELECT o.code, d.label FROM o JOIN dim AS d ON o.code = d.code
            WHERE d.weight > 1.5 AND d.kind_of = 'A' AND d.size > 3;
            """);
        Assert.Contains(
            "  label STRING,\n  code VARCHAR(10),\n  weight DOUBLE,\n  kind_of STRING,\n  size BIGINT", mocked.Text);
    }

    [Fact]
    public void Several_sinks_are_told_apart_or_collected_one_by_one()
    {
        const string Sql = """
            CREATE TABLE o (id BIGINT) WITH ('connector' = 'kafka');
            CREATE TABLE a (id BIGINT) WITH ('connector' = 'kafka');
            CREATE TABLE b (id BIGINT) WITH ('connector' = 'kafka');
            EXECUTE STATEMENT SET BEGIN
            INSERT INTO a SELECT id FROM o;
            INSERT INTO b (id) (SELECT id FROM o);
            END;
            """;
        var printed = Mock(Sql);
        Assert.Contains("'print-identifier' = 'a'", printed.Text);
        Assert.Contains("'print-identifier' = 'b'", printed.Text);
        Assert.Contains("EXECUTE STATEMENT SET BEGIN", printed.Text);
        var collected = Mock(Sql, MockSinks.Collect);
        Assert.EndsWith("SELECT id FROM o;\n(SELECT id FROM o);", collected.Text.ReplaceLineEndings("\n").TrimEnd());
        Assert.DoesNotContain("INSERT", collected.Text);
    }

    [Fact]
    public void What_makes_tables_or_changes_the_world_is_printed_or_left_out()
    {
        var mocked = Mock("""
            CREATE TABLE o (id BIGINT) WITH ('connector' = 'kafka');
            ALTER TABLE o SET ('topic' = 'x');
            CALL sys.compact('o');
            DROP TABLE IF EXISTS former;
            STOP JOB 'a';
            CREATE TABLE made WITH ('connector' = 'jdbc', 'url' = 'u') AS SELECT id FROM o;
            CREATE MATERIALIZED TABLE m PARTITIONED BY (id) FRESHNESS = INTERVAL '1' MINUTE AS SELECT id FROM o;
            """);
        Assert.Equal(
            [SqlKind.CreateTable, SqlKind.CreateTableAs, SqlKind.CreateTableAs],
            SqlScript.Parse(mocked.Text).Statements.Select(statement => statement.Kind));
        Assert.Equal(4, mocked.Diagnostics.Count(told => told.Code == "SQL_MOCK_LEFT_OUT"));
        Assert.Contains(
            "CREATE TABLE made WITH ('connector' = 'print', 'print-identifier' = 'made') AS\nSELECT id FROM o;",
                mocked.Text);
    }

    [Theory]
    [InlineData("CREATE TABLE t (a INT) WITH ('connector' = 'kafka')")]
    [InlineData("CREATE TABLE t (a INT) WITH ('connector' = 'filesystem', 'path' = 'p')")]
    [InlineData("CREATE TABLE t (a INT)")]
    [InlineData("CREATE TABLE t WITH ('connector' = 'print') LIKE other")]
    [InlineData("CREATE CATALOG c WITH ('type' = 'hive')")]
    [InlineData("SELECT * FROM t /*+ OPTIONS('a' = 'b') */")]
    [InlineData("CALL sys.f()")]
    [InlineData("DROP DATABASE d CASCADE")]
    [InlineData("SET 'state.savepoints.dir' = 's3://x'")]
    [InlineData("SET 's3.secret-key' = 'x'")]
    [InlineData("EXPLAIN STATEMENT SET BEGIN INSERT INTO t /*+ OPTIONS('a'='b') */ SELECT 1; END")]
    [InlineData("SELEKT")]
    public void The_guarantee_is_broken_by_whatever_reaches_outside(string sql) =>
        Assert.NotEmpty(MockGuarantee.Broken(sql));

    [Fact]
    public void The_guarantee_is_kept_by_what_stays_inside() =>
        Assert.Empty(MockGuarantee.Broken("""
            CREATE CATALOG c WITH ('type' = 'generic_in_memory');
            CREATE TEMPORARY TABLE a (id INT) WITH ('connector' = 'datagen');
            CREATE TEMPORARY TABLE b (id INT) WITH ('connector' = 'blackhole');
            SET 'parallelism.default' = '1';
            INSERT INTO b SELECT id FROM a;
            """));

    [Theory]
    [InlineData("")]
    [InlineData("CREATE TABLE t (a INT")]
    [InlineData("INSERT INTO t SELECT * FROM")]
    [InlineData("INSERT INTO t SELECT * FROM u")]
    [InlineData("SELECT 1")]
    [InlineData("USE CATALOG c; USE d; SELECT * FROM x JOIN y USING (id)")]
    [InlineData("CREATE VIEW v AS SELECT * FROM v; INSERT INTO s SELECT * FROM v")]
    [InlineData("BEGIN STATEMENT SET; INSERT INTO a SELECT 1; END")]
    public void Any_text_can_be_mocked(string sql)
    {
        var valid = SqlScript.Parse(sql).IsValid;
        foreach (var sinks in (MockSinks[])[MockSinks.Print, MockSinks.Collect])
        {
            var mocked = SqlMock.Of(sql, new(SqlTarget.Of("1.20")) { Sinks = sinks });
            if (valid) Assert.Empty(MockGuarantee.Broken(mocked.Text));
        }
    }

    // Each mock is checked by the guarantee, which reads the text anew.
    private static MockedSql Mock(string sql, MockSinks sinks = MockSinks.Print)
    {
        var mocked = SqlMock.Of(sql, new(SqlTarget.Of("1.20")) { Sinks = sinks });
        Assert.Equal("", string.Join('\n', MockGuarantee.Broken(mocked.Text)));
        return mocked;
    }

    private static IEnumerable<string> Columns(string sql, string table)
    {
        var analysis = SqlAnalysis.Of(SqlScript.Parse(sql));
        return analysis.ColumnsOf(analysis.Tables.Last(each => each.Path.Name == table))!.Select(column => column.Name);
    }
}
