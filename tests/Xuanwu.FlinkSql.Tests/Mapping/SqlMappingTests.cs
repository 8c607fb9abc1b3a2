using Xuanwu.FlinkSql.Mapping;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests.Mapping;

public sealed class SqlMappingTests
{
    [Fact]
    public void A_table_of_Flink_1_10_becomes_one_of_today()
    {
        const string Old = """
            CREATE TABLE clicks (
              who BIGINT, -- the visitor
              page VARCHAR
            ) WITH (
              'connector.type' = 'kafka',
              'connector.version' = 'universal',   -- gone
              'connector.topic' = 'clicks',
              'connector.startup-mode' = 'earliest-offset',
              'connector.properties.0.key' = 'bootstrap.servers',
              'connector.properties.0.value' = 'kafka:9092',
              'connector.properties.group.id' = 'g',
              'connector.specific-offsets.0.partition' = '0',
              'connector.specific-offsets.0.offset' = '42',
              'connector.specific-offsets.1.partition' = '1',
              'connector.specific-offsets.1.offset' = '300',
              'connector.sink-partitioner' = 'custom',
              'connector.sink-partitioner-class' = 'com.example.Mine',
              'update-mode' = 'append',
              'format.type' = 'json',
              'format.ignore-parse-errors' = 'true',
              'format.derive-schema' = 'true'
            );
            """;
        var mapped = To("1.20", Old);
        Assert.Equal("""
            CREATE TABLE clicks (
              who BIGINT, -- the visitor
              page VARCHAR
            ) WITH (
              'connector' = 'kafka',
              'topic' = 'clicks',
              'scan.startup.mode' = 'earliest-offset',
              'properties.bootstrap.servers' = 'kafka:9092',
              'properties.group.id' = 'g',
              'scan.startup.specific-offsets' = 'partition:0,offset:42;partition:1,offset:300',
              'sink.partitioner' = 'com.example.Mine',
              'format' = 'json',
              'json.ignore-parse-errors' = 'true'
            );
            """, mapped.Text);
        Assert.Empty(mapped.Diagnostics);
        var version = mapped.Changes.Single(change => change.Before == "'connector.version' = 'universal'");
        Assert.Equal(("", 6, 3), (version.After, version.Line, version.Column));
        Assert.Contains("The identifier names the version now.", version.Why);
        Assert.Equal("kafka: connector.version", version.Rule);
    }

    [Fact]
    public void Hosts_of_Elasticsearch_are_joined()
    {
        var mapped = To("1.17", """
            CREATE TABLE e (a INT) WITH ('connector.type' = 'elasticsearch', 'connector.version' = '7',
              'connector.hosts.0.hostname' = 'es1', 'connector.hosts.0.port' = '9200',
              'connector.hosts.0.protocol' = 'https', 'connector.index' = 'i', 'connector.document-type' = '_doc',
              'connector.bulk-flush.backoff.type' = 'exponential');
            """);
        Assert.Equal(
            "CREATE TABLE e (a INT) WITH ('connector' = 'elasticsearch-7', 'hosts' = 'https://es1:9200', "
                + "'index' = 'i', 'sink.bulk-flush.backoff.strategy' = 'EXPONENTIAL');",
            string.Join(' ', mapped.Text.Split([' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries)));
    }

    [Fact]
    public void Kafka_in_upsert_mode_is_a_connector_of_its_own()
    {
        var mapped = To("1.16", """
            CREATE TABLE t (k INT, v INT) WITH ('connector.type' = 'kafka', 'update-mode' = 'upsert',
              'connector.topic' = 't', 'format.type' = 'json', 'format.fail-on-missing-field' = 'false');
            """);
        Assert.Contains("'connector' = 'upsert-kafka'", mapped.Text);
        Assert.Contains("'value.format' = 'json'", mapped.Text);
        Assert.Contains("'key.format' = 'json'", mapped.Text);
        Assert.DoesNotContain("update-mode", mapped.Text);
        Assert.Equal("SQL_MAP_CONNECTOR", Assert.Single(mapped.Diagnostics).Code);
    }

    [Theory]
    [InlineData("1.13", "'sink.delivery-guarantee' = 'exactly-once'", "'sink.semantic' = 'exactly-once'")]
    [InlineData("1.14", "'sink.semantic' = 'exactly-once'", "'sink.delivery-guarantee' = 'exactly-once'")]
    [InlineData("2.2", "'sink.semantic' = 'none'", "'sink.delivery-guarantee' = 'none'")]
    public void Below_the_switch_stands_the_old_spelling_and_above_it_the_new(string flink, string before,
        string after) =>
        Assert.Equal(Kafka(after), To(flink, Kafka(before)).Text);

    [Fact]
    public void Options_of_hints_and_of_ALTER_TABLE_are_those_of_their_table()
    {
        var mapped = To("1.13", Kafka("'sink.delivery-guarantee' = 'none'") + """

            ALTER TABLE k SET ('sink.delivery-guarantee' = 'at-least-once');
            INSERT INTO k /*+ OPTIONS('sink.delivery-guarantee' = 'none') */ SELECT 1;
            INSERT INTO other /*+ OPTIONS('sink.delivery-guarantee' = 'none') */ SELECT 1;
            """);
        Assert.Contains("ALTER TABLE k SET ('sink.semantic' = 'at-least-once')", mapped.Text);
        Assert.Contains("INTO k /*+ OPTIONS('sink.semantic' = 'none') */", mapped.Text);
        Assert.Contains("INTO other /*+ OPTIONS('sink.delivery-guarantee' = 'none') */", mapped.Text);
    }

    [Fact]
    public void What_needs_something_beside_it_gets_it_where_its_neighbours_stand()
    {
        const string Old = """
            CREATE TABLE d (a INT) WITH (
              'connector' = 'jdbc',
              'url' = 'jdbc:mysql://h/d',
              'table-name' = 't',
              'lookup.cache.max-rows' = '100',
              'lookup.cache.ttl' = '1 min'
            );
            """;
        var up = To("1.18", Old);
        Assert.Equal("""
            CREATE TABLE d (a INT) WITH (
              'connector' = 'jdbc',
              'url' = 'jdbc:mysql://h/d',
              'table-name' = 't',
              'lookup.partial-cache.max-rows' = '100',
              'lookup.cache' = 'PARTIAL',
              'lookup.partial-cache.expire-after-write' = '1 min'
            );
            """, up.Text);
        Assert.Equal(Old, To("1.15", up.Text).Text);
    }

    [Fact]
    public void A_connector_that_is_gone_becomes_its_successor_with_a_warning()
    {
        const string Old = "CREATE TABLE h (r INT) WITH ('connector' = 'hbase-1.4', 'table-name' = 't', "
            + "'zookeeper.quorum' = 'z');";
        var mapped = To("1.19", Old);
        Assert.Contains("'hbase-2.2'", mapped.Text);
        var told = Assert.Single(mapped.Diagnostics);
        Assert.Equal(("SQL_MAP_CONNECTOR", SqlSeverity.Warning), (told.Code, told.Severity));
        Assert.Contains("needs an HBase 2 cluster", told.Message);
        Assert.Equal(Old, To("1.16", Old).Text);
    }

    [Fact]
    public void A_newer_connector_is_taken_only_where_the_image_has_no_other()
    {
        const string Sql = "CREATE TABLE e (a INT) WITH ('connector' = 'elasticsearch-6', 'hosts' = 'http://e:9200', "
            + "'index' = 'i', 'document-type' = 'd');";
        Assert.Equal(Sql, To("1.18", Sql).Text);
        var image = SqlTarget.Of("1.18") with
        {
            Connectors = new Dictionary<string, Release?> { ["elasticsearch-7"] = null },
        };
        Assert.Contains("'elasticsearch-7'", SqlMapping.To(Sql, image).Text);
    }

    [Fact]
    public void The_connectors_own_release_decides_where_rules_count_it()
    {
        const string Sql = "CREATE TABLE d (a INT) WITH ('connector' = 'doris', 'doris.request.read.timeout.ms' = "
            + "'500');";
        SqlTarget With(string release) => SqlTarget.Of("1.18") with
        {
            Connectors = new Dictionary<string, Release?> { ["doris"] = Release.Parse(release) },
        };
        Assert.Equal(Sql, SqlMapping.To(Sql, With("1.5.0")).Text);
        Assert.Contains("'doris.request.read.timeout' = '500 ms'", SqlMapping.To(Sql, With("1.6.0")).Text);
    }

    [Fact]
    public void Settings_follow_the_release_and_keep_their_place()
    {
        var mapped = To("2.0", """
            SET 'state.checkpoints.dir' = 's3://b/c'; -- where
            SET state.backend.local-recovery = true;
            SET 'state.backend.async' = 'true';
            RESET 'state.checkpoints.dir';
            SELECT 1;
            """);
        Assert.Equal("""
            SET 'execution.checkpointing.dir' = 's3://b/c'; -- where
            SET 'execution.checkpointing.local-backup.enabled' = 'true';
            SET 'execution.state-recovery.from-local' = 'true';
            RESET 'execution.checkpointing.dir';
            SELECT 1;
            """, mapped.Text);
        Assert.Equal("SQL_MAP_LOST", Assert.Single(mapped.Diagnostics).Code);
        Assert.Equal(3, mapped.Diagnostics[0].Line);
    }

    [Fact]
    public void A_statement_set_of_the_client_becomes_one_statement_and_back()
    {
        const string Old = "BEGIN STATEMENT SET;\nINSERT INTO a SELECT 1;\nINSERT INTO b SELECT 2;\nEND;\n";
        var mapped = To("1.18", Old);
        Assert.Equal(
            "EXECUTE STATEMENT SET BEGIN\nINSERT INTO a SELECT 1;\nINSERT INTO b SELECT 2;\nEND;\n", mapped.Text);
        Assert.Equal(Old, To("1.14", mapped.Text).Text);
        Assert.Equal("syntax: BEGIN-STATEMENT-SET", Assert.Single(mapped.Changes).Rule);
    }

    [Theory]
    [InlineData("UPSERT INTO t SELECT 1;", "INSERT INTO t SELECT 1;")]
    [InlineData("SET table.local-time-zone = UTC;", "SET 'table.local-time-zone' = 'UTC';")]
    [InlineData("CREATE TABLE t (a INT, PRIMARY KEY (a));", "CREATE TABLE t (a INT, PRIMARY KEY (a) NOT ENFORCED);")]
    [InlineData("RESET table.local-time-zone;", "RESET 'table.local-time-zone';")]
    public void Forms_of_old_releases_are_rewritten(string before, string after)
    {
        Assert.Equal(after, To("1.20", before).Text);
        Assert.Equal(after, To("1.20", after).Text);
    }

    [Fact]
    public void A_window_function_alone_is_put_in_TABLE_before_it_could_stand_alone()
    {
        const string Sql = "SELECT * FROM TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE) AS w;";
        Assert.Equal(
            "SELECT * FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) AS w;", To("1.20", Sql).Text);
        Assert.Equal(Sql, To("2.2", Sql).Text);
    }

    [Fact]
    public void A_statement_that_the_target_does_not_know_is_told()
    {
        var mapped = To("1.17", "CALL sys.compact('t');\nSELECT a FROM t QUALIFY ROW_NUMBER() OVER (ORDER BY a) = 1;");
        Assert.Equal(["SQL_NOT_BEFORE", "SQL_NOT_BEFORE"], mapped.Diagnostics.Select(told => told.Code));
        Assert.Contains("CALL begins with Flink 1.18 (FLIP-311); the target is 1.17.", mapped.Diagnostics[0].Message);
        Assert.Equal(2, mapped.Diagnostics[1].Line);
    }

    [Fact]
    public void A_word_that_became_reserved_is_put_in_backquotes()
    {
        const string Sql = "CREATE TABLE t (qualify INT) WITH ('connector' = 'print');";
        var mapped = To("2.0", Sql);
        Assert.Equal("CREATE TABLE t (`qualify` INT) WITH ('connector' = 'print');", mapped.Text);
        Assert.Contains("reserved word", Assert.Single(mapped.Changes).Why);
    }

    [Fact]
    public void A_group_window_stays_and_is_called_legacy()
    {
        const string Sql = "SELECT TUMBLE_START(ts, INTERVAL '1' MINUTE), COUNT(*) FROM t "
            + "GROUP BY TUMBLE(ts, INTERVAL '1' MINUTE);";
        var mapped = To("2.0", Sql);
        Assert.Equal(Sql, mapped.Text);
        var told = Assert.Single(mapped.Diagnostics);
        Assert.Equal("SQL_MAP_ADVICE", told.Code);
        Assert.EndsWith("TUMBLE_START becomes window_start.", told.Message);
    }

    [Theory]
    [InlineData("com.ververica:flink-sql-connector-mysql-cdc", "3.1", "org.apache.flink:flink-sql-connector-mysql-cdc")]
    [InlineData("org.apache.flink:flink-sql-connector-mysql-cdc", "2.4", "com.ververica:flink-sql-connector-mysql-cdc")]
    [InlineData("com.ververica:flink-sql-connector-mysql-cdc", "3.0", "com.ververica:flink-sql-connector-mysql-cdc")]
    [InlineData("org.apache.flink:flink-json", "1.20", "org.apache.flink:flink-json")]
    public void An_artifact_is_named_as_its_release_is(string before, string release, string after) =>
        Assert.Equal(after, SqlMapping.Artifact(before, Release.Parse(release)));

    [Fact]
    public void An_option_that_is_too_new_is_told()
    {
        var mapped = To("1.16", Kafka("'scan.watermark.idle-timeout' = '1 min'"));
        var told = Assert.Single(mapped.Diagnostics);
        Assert.Equal(("SQL_MAP_TOO_NEW", SqlSeverity.Error), (told.Code, told.Severity));
        Assert.Contains("Flink 1.18", told.Message);
    }

    [Fact]
    public void A_password_is_not_repeated_in_the_changes()
    {
        var mapped = To(
            "1.16",
            "CREATE TABLE j (a INT) WITH ('connector.type'='jdbc','connector.url'='u','connector.table'='t',"
            + "'connector.password'='hush');");
        Assert.Contains("'password'='hush'", mapped.Text);
        Assert.All(mapped.Changes, change => Assert.DoesNotContain("hush", change.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-- nothing but a comment")]
    [InlineData("CREATE TABLE t (a INT) WITH ()")]
    [InlineData("CREATE TABLE t (a INT WITH ('connector' = 'kafka', 'sink.semantic' = 'none')")]
    [InlineData("SET")]
    [InlineData("SET 'a'")]
    [InlineData("INSERT INTO t /*+ OPTIONS() */ SELECT")]
    [InlineData("BEGIN STATEMENT SET")]
    [InlineData("'")]
    public void Any_text_can_be_mapped(string sql)
    {
        foreach (var flink in (string[])["1.11", "1.16", "2.2"]) Assert.NotNull(To(flink, sql).Text);
    }

    // There and back again over tables whose options were renamed both ways: the options for the newest release, in
    // any order, are the same.
    [Fact]
    public void There_and_back_again_means_the_same()
    {
        var random = new Random(4711);
        string[] releases = ["1.16", "1.17", "1.18", "1.19", "1.20", "2.0", "2.1", "2.2"];
        var rules = MappingRules.Shipped.All.Where(rule => rule.BothWays).ToArray();
        (string Connector, MappingRule[] Rules)[] connectors =
        [
            .. rules.Where(rule => Dictionary(rule.File) is not null).GroupBy(rule => rule.File)
                .Select(group => (group.Key, group.ToArray())),
        ];
        var settings = rules.Where(rule => rule.File == "configuration").ToArray();
        var mappedRuns = 0;
        for (var run = 0; run < 400; run++)
        {
            var (connector, its) = connectors[random.Next(connectors.Length)];
            var options = its.Where(_ => random.Next(2) == 0)
                .Select(rule => random.Next(2) == 0 ? rule.Old : rule.New[0])
                .Select(term => (term.Key, Value: term.Value ?? "1"))
                .GroupBy(option => option.Key).Select(group => $"'{group.Key}' = '{group.First().Value}'");
            var set = settings[random.Next(settings.Length)];
            var sql = $"SET '{(random.Next(2) == 0 ? set.Old.Key : set.New[0].Key)}' = 'x';\n"
                + $"CREATE TABLE t (a INT) WITH (\n  "
                    + $"{string.Join(",\n  ", options.Prepend($"'connector' = '{connector}'"))}\n);\n";
            var (home, away) = (releases[random.Next(releases.Length)], releases[random.Next(releases.Length)]);
            var start = To(home, sql);
            var there = To(away, start.Text);
            if (start.Diagnostics.Count + there.Diagnostics.Count > 0) continue;
            var back = To(home, there.Text);
            Assert.Equal(Meaning(start.Text), Meaning(back.Text));
            mappedRuns++;
        }

        Assert.True(mappedRuns > 100, $"{mappedRuns}");

        static Xuanwu.FlinkSql.Dictionary.OptionSheet? Dictionary(string connector) =>
            Xuanwu.FlinkSql.Dictionary.SqlDictionary.Shipped.Connector(connector);

        static string Meaning(string sql)
        {
            var newest = SqlTarget.Of("2.2") with
            {
                Connectors = Xuanwu.FlinkSql.Dictionary.SqlDictionary.Shipped.Connectors
                    .ToDictionary(name => name, _ => (Release?)Release.Parse("99.0")),
            };
            var script = SqlScript.Parse(SqlMapping.To(sql, newest).Text);
            var options = script.Statements.OfType<CreateTable>().SelectMany(table => table.Options!.Options)
                .Select(option => $"{option.Key.Value}={option.Value.Value}");
            return string.Join('\n', options.Concat(script.Statements.OfType<SetStatement>()
                .Select(set => $"{set.Key}={set.Value}")).Order());
        }
    }

    private static MappedSql To(string flink, string sql) => SqlMapping.To(sql, SqlTarget.Of(flink));

    private static string Kafka(string option) =>
        "CREATE TABLE k (a INT) WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', "
        + $"'properties.bootstrap.servers' = 'k:9092', {option});";
}
