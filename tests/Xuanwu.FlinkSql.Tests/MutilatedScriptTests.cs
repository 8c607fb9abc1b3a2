using Xuanwu.FlinkSql.Analysis;
using Xuanwu.FlinkSql.Checks;
using Xuanwu.FlinkSql.Mapping;
using Xuanwu.FlinkSql.Mocking;
using Xuanwu.FlinkSql.Syntax;

namespace Xuanwu.FlinkSql.Tests;

public sealed class MutilatedScriptTests
{
    private const string Script = """
        SET state.checkpoints.dir = 's3://b/c'; RESET 'state.backend';
        CREATE CATALOG c WITH ('type' = 'hive', 'hive-conf-dir' = '/x');
        CREATE TABLE o (id BIGINT, st STRING, raw_ts STRING, off BIGINT METADATA FROM 'offset' VIRTUAL,
          ts AS TO_TIMESTAMP(raw_ts), p AS PROCTIME(), WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,
          PRIMARY KEY (id) NOT ENFORCED) PARTITIONED BY (st)
          WITH ('connector' = 'kafka', 'topic' = 't', 'format' = 'json', 'sink.semantic' = 'none', 'password' = 'x');
        CREATE TABLE l WITH ('topic' = 'u') LIKE o (EXCLUDING METADATA OVERWRITING OPTIONS);
        CREATE TABLE d (id BIGINT, n INT) WITH ('connector' = 'jdbc', 'lookup.cache.ttl' = '1 min');
        CREATE TABLE h (a INT) WITH ('connector.type' = 'elasticsearch', 'connector.version' = '7',
          'connector.hosts.0.hostname' = 'e', 'connector.hosts.0.port' = '9200', 'update-mode' = 'upsert');
        CREATE VIEW v AS SELECT o.*, d.n FROM o /*+ OPTIONS('scan.startup.mode' = 'earliest-offset') */
          JOIN d FOR SYSTEM_TIME AS OF (o.p) AS d ON o.id = d.id WHERE st IN ('A', 'B') AND n BETWEEN 1 AND 9;
        EXECUTE STATEMENT SET BEGIN
        INSERT OVERWRITE l PARTITION (st = 'x') (id) SELECT id FROM v GROUP BY id;
        INSERT INTO c.db.t SELECT window_start, COUNT(*) FROM TABLE(TUMBLE(TABLE o, DESCRIPTOR(ts), INTERVAL '1' MINUTE))
          GROUP BY window_start, window_end;
        END;
        BEGIN STATEMENT SET; UPSERT INTO h SELECT 1; END;
        CREATE TABLE made WITH ('connector' = 'print') AS SELECT * FROM (SELECT id FROM o) AS x;
        """;

    // Whatever an editor holds half-way through a change: findings, never an exception, and never a mock that reaches
    // outside.
    [Fact]
    public void Any_part_of_a_script_can_be_checked_mapped_and_mocked()
    {
        var random = new Random(4711);
        for (var run = 0; run < 800; run++)
        {
            var text = Script[..random.Next(Script.Length + 1)];
            for (var cut = random.Next(4); cut > 0 && text.Length > 12; cut--)
                text = text.Remove(random.Next(text.Length - 10), random.Next(10));
            if (random.Next(3) == 0) text += Script[random.Next(Script.Length)..];

            _ = SqlCheck.Run(text, new(SqlTarget.Of("1.19")) { Surroundings = SqlSurroundings.None });
            foreach (var flink in (string[])["1.13", "1.18", "2.2"]) _ = SqlMapping.To(text, SqlTarget.Of(flink));
            var isValid = SqlScript.Parse(text).IsValid;
            foreach (var sinks in (MockSinks[])[MockSinks.Print, MockSinks.Collect])
            {
                var mocked = SqlMock.Of(text, new(SqlTarget.Of("2.0")) { Sinks = sinks });
                if (isValid) Assert.Empty(MockGuarantee.Broken(mocked.Text));
            }
        }
    }
}
