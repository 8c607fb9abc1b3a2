namespace Xuanwu.FlinkSql.Tests.Syntax;

/// <summary>Texts that other tests take apart, change and mutilate: a statement or two of every form.</summary>
internal static class Scripts
{
    public static readonly (string Kind, string Sql)[] Valid =
    [
        ("CREATE_CATALOG", "CREATE CATALOG IF NOT EXISTS lake COMMENT 'all' WITH ('type' = 'paimon', "
            + "'warehouse' = 's3://w')"),
        ("CREATE_CATALOG", "CREATE CATALOG c"),
        ("DROP_CATALOG", "DROP CATALOG IF EXISTS lake"),
        ("ALTER_CATALOG", "ALTER CATALOG lake SET ('a' = 'b')"),
        ("ALTER_CATALOG", "ALTER CATALOG lake RESET ('a', 'b')"),
        ("ALTER_CATALOG", "ALTER CATALOG lake COMMENT 'x'"),
        ("USE_CATALOG", "USE CATALOG lake"),
        ("SHOW_CATALOGS", "SHOW CATALOGS NOT LIKE 'a%'"),
        ("SHOW_CURRENT_CATALOG", "SHOW CURRENT CATALOG"),
        ("DESCRIBE_CATALOG", "DESC CATALOG EXTENDED lake"),
        ("SHOW_CREATE_CATALOG", "SHOW CREATE CATALOG lake"),
        ("CREATE_DATABASE", "CREATE DATABASE IF NOT EXISTS lake.ods COMMENT 'raw' WITH ()"),
        ("DROP_DATABASE", "DROP DATABASE IF EXISTS lake.ods CASCADE"),
        ("ALTER_DATABASE", "ALTER DATABASE ods SET ('k' = 'v')"),
        ("USE_DATABASE", "USE lake.ods"),
        ("SHOW_DATABASES", "SHOW DATABASES FROM lake ILIKE 'o%'"),
        ("SHOW_CURRENT_DATABASE", "SHOW CURRENT DATABASE"),
        ("DESCRIBE_DATABASE", "DESCRIBE DATABASE EXTENDED ods"),
        ("CREATE_TABLE",
            """
            CREATE TEMPORARY TABLE IF NOT EXISTS gifts (
              id BIGINT NOT NULL COMMENT 'who',
              `user` ROW<name STRING NOT NULL 'full', tags ARRAY<STRING>, m MAP<STRING, INT NOT NULL>> NULL,
              price DECIMAL(10, 2),
              ts TIMESTAMP(3) METADATA FROM 'timestamp' VIRTUAL,
              pt AS PROCTIME(),
              total AS price * 2 COMMENT 'twice',
              `local` TIMESTAMP(3) WITH LOCAL TIME ZONE,
              bits VARBINARY(16), r RAW('a.B', 'x=='), d DOUBLE PRECISION, v VARIANT, arr INT NOT NULL ARRAY,
              WATERMARK FOR ts AS ts - INTERVAL '5' SECOND,
              CONSTRAINT pk PRIMARY KEY (id, d) NOT ENFORCED
            ) COMMENT 'gifts' DISTRIBUTED BY HASH (id) INTO 4 BUCKETS PARTITIONED BY (d)
            WITH ('connector' = 'kafka', 'topic' = 'it''s')
            """),
        ("CREATE_TABLE", "CREATE TABLE p WITH ('k' = 'v') LIKE s (EXCLUDING OPTIONS INCLUDING WATERMARKS "
            + "OVERWRITING ALL)"),
        ("CREATE_TABLE", "CREATE TABLE t (a INT PRIMARY KEY NOT ENFORCED)"),
        ("CREATE_TABLE", "CREATE TABLE t (a INT) DISTRIBUTED INTO 3 BUCKETS USING CONNECTION c.d.e WITH ('a' = 'b')"),
        ("CREATE_TABLE_AS", "CREATE TABLE t (b, a) WITH ('connector' = 'print') AS SELECT a, b FROM s"),
        ("REPLACE_TABLE_AS", "REPLACE TABLE t AS SELECT 1 AS a"),
        ("REPLACE_TABLE_AS", "CREATE OR REPLACE TABLE t WITH ('a' = 'b') AS TABLE s"),
        ("ALTER_TABLE", "ALTER TABLE IF EXISTS t RENAME TO u"),
        ("ALTER_TABLE", "ALTER TABLE t RENAME a.b TO c"),
        ("ALTER_TABLE", "ALTER TABLE t ADD (a INT FIRST, b AS a + 1 AFTER a, PRIMARY KEY (a) NOT ENFORCED, "
            + "WATERMARK FOR ts AS ts)"),
        ("ALTER_TABLE", "ALTER TABLE t ADD WATERMARK FOR ts AS ts - INTERVAL '1' MINUTE"),
        ("ALTER_TABLE", "ALTER TABLE t MODIFY a.b STRING NOT NULL COMMENT 'x'"),
        ("ALTER_TABLE", "ALTER TABLE t DROP (a, b.c)"),
        ("ALTER_TABLE", "ALTER TABLE t DROP PRIMARY KEY"),
        ("ALTER_TABLE", "ALTER TABLE t DROP CONSTRAINT pk"),
        ("ALTER_TABLE", "ALTER TABLE t MODIFY DISTRIBUTION BY RANGE (a) INTO 2 BUCKETS"),
        ("ALTER_TABLE", "ALTER TABLE t ADD IF NOT EXISTS PARTITION (d = '1', h = 2) WITH ('a' = 'b') PARTITION "
            + "(d = '2')"),
        ("ALTER_TABLE", "ALTER TABLE t DROP IF EXISTS PARTITION (d = '1'), PARTITION (d = '2')"),
        ("ALTER_TABLE", "ALTER TABLE t SET ('a' = 'b')"),
        ("ALTER_TABLE", "ALTER TABLE t RESET ('a')"),
        ("DROP_TABLE", "DROP TEMPORARY TABLE IF EXISTS a.b.c"),
        ("TRUNCATE_TABLE", "TRUNCATE TABLE t"),
        ("ANALYZE_TABLE", "ANALYZE TABLE t PARTITION (a = '1', b) COMPUTE STATISTICS FOR COLUMNS x, y"),
        ("ANALYZE_TABLE", "ANALYZE TABLE t COMPUTE STATISTICS FOR ALL COLUMNS"),
        ("DESCRIBE_TABLE", "DESCRIBE EXTENDED a.b"),
        ("SHOW_TABLES", "SHOW TABLES IN db LIKE 'x'"),
        ("SHOW_COLUMNS", "SHOW COLUMNS FROM t NOT LIKE 'x'"),
        ("SHOW_CREATE_TABLE", "SHOW CREATE TABLE t"),
        ("SHOW_PARTITIONS", "SHOW PARTITIONS t PARTITION (a = 1)"),
        ("CREATE_VIEW", "CREATE OR REPLACE TEMPORARY VIEW v (a, b) COMMENT 'x' AS VALUES (1, 'a'), (2, 'b')"),
        ("ALTER_VIEW", "ALTER VIEW v AS SELECT 1"),
        ("ALTER_VIEW", "ALTER VIEW v RENAME TO w"),
        ("DROP_VIEW", "DROP VIEW IF EXISTS v"),
        ("SHOW_VIEWS", "SHOW VIEWS"),
        ("SHOW_CREATE_VIEW", "SHOW CREATE VIEW v"),
        ("CREATE_MATERIALIZED_TABLE",
            "CREATE OR ALTER MATERIALIZED TABLE m (PRIMARY KEY (a) NOT ENFORCED) PARTITIONED BY (d) WITH ('a' = 'b') "
            + "FRESHNESS = INTERVAL '1' MINUTE REFRESH_MODE = CONTINUOUS START_MODE = FROM_NOW(INTERVAL '1' DAY) "
            + "AS SELECT * FROM s"),
        ("ALTER_MATERIALIZED_TABLE", "ALTER MATERIALIZED TABLE m SUSPEND"),
        ("ALTER_MATERIALIZED_TABLE", "ALTER MATERIALIZED TABLE m RESUME WITH ('a' = 'b')"),
        ("ALTER_MATERIALIZED_TABLE", "ALTER MATERIALIZED TABLE m REFRESH PARTITION (d = '1')"),
        ("ALTER_MATERIALIZED_TABLE", "ALTER MATERIALIZED TABLE m SET FRESHNESS = INTERVAL '1' HOUR"),
        ("ALTER_MATERIALIZED_TABLE", "ALTER MATERIALIZED TABLE m AS SELECT 1"),
        ("DROP_MATERIALIZED_TABLE", "DROP MATERIALIZED TABLE IF EXISTS m"),
        ("SHOW_MATERIALIZED_TABLES", "SHOW MATERIALIZED TABLES FROM d"),
        ("SHOW_CREATE_MATERIALIZED_TABLE", "SHOW CREATE MATERIALIZED TABLE m"),
        ("CREATE_FUNCTION", "CREATE TEMPORARY SYSTEM FUNCTION f AS 'a.B' LANGUAGE JAVA USING JAR 'a.jar', JAR 'b.jar'"),
        ("ALTER_FUNCTION", "ALTER TEMPORARY FUNCTION IF EXISTS a.f AS 'a.C' LANGUAGE SCALA"),
        ("DROP_FUNCTION", "DROP TEMPORARY SYSTEM FUNCTION IF EXISTS f"),
        ("SHOW_FUNCTIONS", "SHOW USER FUNCTIONS FROM d LIKE 'x'"),
        ("DESCRIBE_FUNCTION", "DESCRIBE FUNCTION EXTENDED f"),
        ("CREATE_MODEL", "CREATE MODEL IF NOT EXISTS m INPUT (a INT) OUTPUT (b STRING) COMMENT 'x' "
            + "WITH ('task' = 't')"),
        ("ALTER_MODEL", "ALTER MODEL IF EXISTS m RENAME TO n"),
        ("DROP_MODEL", "DROP TEMPORARY MODEL m"),
        ("SHOW_MODELS", "SHOW MODELS"),
        ("DESCRIBE_MODEL", "DESCRIBE MODEL m"),
        ("SHOW_CREATE_MODEL", "SHOW CREATE MODEL m"),
        ("CREATE_CONNECTION", "CREATE TEMPORARY CONNECTION c COMMENT 'x' WITH ('a' = 'b')"),
        ("ALTER_CONNECTION", "ALTER CONNECTION c SET ('a' = 'b')"),
        ("DROP_CONNECTION", "DROP CONNECTION IF EXISTS c"),
        ("SHOW_CONNECTIONS", "SHOW CONNECTIONS"),
        ("DESCRIBE_CONNECTION", "DESCRIBE CONNECTION c"),
        ("SHOW_CREATE_CONNECTION", "SHOW CREATE CONNECTION c"),
        ("INSERT", "INSERT INTO t /*+ OPTIONS('a' = 'b') */ PARTITION (d = '1', h) (a, b.c) SELECT 1, 2"),
        ("INSERT", "INSERT OVERWRITE a.b.t WITH x AS (SELECT 1) SELECT * FROM x"),
        ("INSERT", "EXECUTE INSERT INTO t VALUES (1, 'a'), (2, NULL)"),
        ("INSERT", "UPSERT INTO t SELECT 1"),
        ("INSERT", "INSERT INTO t (SELECT 1) UNION ALL (SELECT 2)"),
        ("INSERT", "INSERT INTO t SELECT 1 ON CONFLICT DO DEDUPLICATE"),
        ("STATEMENT_SET", "EXECUTE STATEMENT SET BEGIN INSERT INTO a SELECT CASE WHEN x THEN 1 END FROM s; "
            + "INSERT INTO b SELECT * FROM s; END"),
        ("BEGIN_STATEMENT_SET", "BEGIN STATEMENT SET"),
        ("END_STATEMENT_SET", "END"),
        ("UPDATE", "UPDATE t SET a = 1, b = b + 1 WHERE id = 3"),
        ("DELETE", "DELETE FROM t WHERE id IN (1, 2)"),
        ("CALL", "CALL sys.compact(`table` => 'a.b', k => 3)"),
        ("EXPLAIN", "EXPLAIN ESTIMATED_COST, CHANGELOG_MODE, PLAN_ADVICE SELECT 1"),
        ("EXPLAIN", "EXPLAIN PLAN FOR INSERT INTO a SELECT 1"),
        ("EXPLAIN", "EXPLAIN STATEMENT SET BEGIN INSERT INTO a SELECT 1; END"),
        ("EXPLAIN", "EXPLAIN CREATE TABLE t AS SELECT 1"),
        ("COMPILE_PLAN", "COMPILE PLAN '/p.json' IF NOT EXISTS FOR INSERT INTO a SELECT 1"),
        ("EXECUTE_PLAN", "EXECUTE PLAN '/p.json'"),
        ("COMPILE_AND_EXECUTE_PLAN", "COMPILE AND EXECUTE PLAN '/p.json' FOR STATEMENT SET BEGIN INSERT INTO a "
            + "SELECT 1; END"),
        ("LOAD_MODULE", "LOAD MODULE hive WITH ('hive-version' = '3.1.3')"),
        ("UNLOAD_MODULE", "UNLOAD MODULE hive"),
        ("USE_MODULES", "USE MODULES hive, core"),
        ("SHOW_MODULES", "SHOW FULL MODULES"),
        ("ADD_JAR", "ADD JAR '/a.jar'"),
        ("REMOVE_JAR", "REMOVE JAR '/a.jar'"),
        ("SHOW_JARS", "SHOW JARS"),
        ("SHOW_JOBS", "SHOW JOBS"),
        ("DESCRIBE_JOB", "DESCRIBE JOB '228d70913eab60dda85c5e7f78b5782c'"),
        ("STOP_JOB", "STOP JOB '228d70913eab60dda85c5e7f78b5782c' WITH SAVEPOINT WITH DRAIN"),
        ("SHOW_PROCEDURES", "SHOW PROCEDURES IN d LIKE 'x'"),
        ("SET", "SET 'a.b' = 'c'"),
        ("SET", "SET table.exec.mini-batch.size = 5000"),
        ("SET", "SET"),
        ("RESET", "RESET 'a.b'"),
        ("RESET", "RESET a.b-c"),
        ("HELP", "HELP"),
        ("QUIT", "EXIT"),
        ("CLEAR", "CLEAR"),
        .. Queries.Select(query => ("SELECT", query)),
    ];

    public static string[] Queries =>
    [
        "VALUES (1, 'a'), ROW(2, 'b')",
        "EXECUTE SELECT 1",
        "(SELECT a FROM s) UNION ALL (SELECT b FROM t) ORDER BY a DESC NULLS LAST LIMIT 10",
        "SELECT * FROM a INTERSECT SELECT * FROM b EXCEPT ALL SELECT * FROM c OFFSET 2 ROWS FETCH NEXT 3 ROWS ONLY",
        "WITH a AS (SELECT 1 x), b (y) AS (SELECT x FROM a) SELECT * FROM b",
        "SELECT /*+ BROADCAST(a), STATE_TTL('a' = '1d') */ DISTINCT a.*, b.x FROM a, b AS c(x, y), (VALUES 1) d",
        "SELECT a FROM t /*+ OPTIONS('scan.startup.mode' = 'latest-offset') */ AS x WHERE a <> 1 AND NOT b OR c "
            + "IS NOT NULL",
        "SELECT * FROM a LEFT JOIN b ON a.x = b.x RIGHT OUTER JOIN c USING (y) CROSS JOIN d NATURAL JOIN e",
        "SELECT * FROM a LEFT SEMI JOIN b ON a.x = b.x FULL JOIN (c JOIN d ON c.i = d.i) ON TRUE",
        "SELECT * FROM o JOIN dim FOR SYSTEM_TIME AS OF o.pt AS d ON o.k = d.k",
        "SELECT * FROM t FOR SYSTEM_TIME AS OF TIMESTAMP '2024-01-01 00:00:00'",
        "SELECT window_start, SUM(x) FROM TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), INTERVAL '1' MINUTE)) GROUP BY "
            + "window_start",
        "SELECT * FROM HOP(DATA => TABLE t, TIMECOL => DESCRIPTOR(ts), SLIDE => INTERVAL '1' MINUTE, SIZE => "
            + "INTERVAL '5' MINUTE)",
        "SELECT * FROM SESSION(TABLE t PARTITION BY (a, b), DESCRIPTOR(ts), INTERVAL '5' MINUTES)",
        "SELECT * FROM f(input => TABLE t PARTITION BY k ORDER BY (ts ASC, x DESC), uid => 'a')",
        "SELECT TUMBLE_START(ts, INTERVAL '1' DAY) d, COUNT(*) FROM t GROUP BY TUMBLE(ts, INTERVAL '1' DAY), HOP(ts, "
            + "INTERVAL '1' HOUR, INTERVAL '2' HOUR)",
        "SELECT * FROM t, LATERAL TABLE(split(a, ',')) AS s(word) LEFT JOIN UNNEST(t.arr) WITH ORDINALITY AS "
            + "u(v, n) ON TRUE",
        "SELECT a, SUM(b) FILTER (WHERE c > 1) FROM t GROUP BY GROUPING SETS ((a, b), (a), ()), ROLLUP (c), "
            + "CUBE (d, e) "
            + "HAVING COUNT(DISTINCT b) > 1",
        "SELECT ROW_NUMBER() OVER (PARTITION BY a ORDER BY b DESC) AS n, SUM(x) OVER w prev, LAG(x, 1) OVER (ORDER BY "
            + "ts ROWS BETWEEN 5 PRECEDING AND CURRENT ROW) FROM t WINDOW w AS (PARTITION BY a) QUALIFY n = 1",
        "SELECT SUM(x) OVER (PARTITION BY a ORDER BY ts RANGE BETWEEN INTERVAL '1' HOUR PRECEDING AND UNBOUNDED "
            + "FOLLOWING) FROM t",
        "SELECT a[1], m['k'], r.f.g, f(x).y, arr[2].z, ROW(1, 2), (1, 2), ARRAY[1, 2], MAP['a', 1], "
            + "ARRAY(SELECT 1) FROM t",
        "SELECT CASE a WHEN 1 THEN 'x' ELSE 'y' END, CASE WHEN b THEN 1 END, CAST(a AS DECIMAL(10, 2)), "
            + "TRY_CAST('1' AS INT), "
            + "CAST(x AS INTERVAL DAY TO SECOND(3)), CAST(NULL AS ROW<a INT, b ARRAY<STRING>>) FROM t",
        "SELECT EXTRACT(DAY FROM ts), TRIM(LEADING 'x' FROM a), TRIM(a), SUBSTRING(a FROM 1 FOR 2), OVERLAY(a "
            + "PLACING 'b' "
            + "FROM 1 FOR 2), POSITION('a' IN b), FLOOR(ts TO HOUR), CEIL(x), TIMESTAMPDIFF(DAY, a, b), LEFT(a, "
                + "2) FROM t",
        "SELECT JSON_VALUE(a, '$.x' RETURNING INT NULL ON EMPTY ERROR ON ERROR), JSON_QUERY(a, 'lax $' WITH "
            + "CONDITIONAL "
            + "ARRAY WRAPPER EMPTY ARRAY ON ERROR), JSON_EXISTS(a, '$' TRUE ON ERROR), JSON_OBJECT('a' VALUE 1, "
                + "KEY 'b' "
            + "VALUE c NULL ON NULL), JSON_ARRAY(1, 2 ABSENT ON NULL), JSON_OBJECTAGG(KEY k VALUE v), a IS JSON "
                + "OBJECT FROM t",
        "SELECT a BETWEEN 1 AND 2 AND b NOT BETWEEN SYMMETRIC 1 AND 2, a NOT IN (1, 2), a IN (SELECT b FROM s), "
            + "a LIKE 'x!%' "
            + "ESCAPE '!', a NOT SIMILAR TO 'y', a IS DISTINCT FROM b, a = ANY (SELECT 1), EXISTS (SELECT 1), "
                + "-a + +b FROM t",
        "SELECT X'0f', U&'\\00e9', N'x', DATE '2024-01-01', TIME '10:00:00', TIMESTAMP WITH LOCAL TIME ZONE "
            + "'2020-01-01 00:00:00', "
            + "INTERVAL '1-2' YEAR TO MONTH, 1E3, .5, "
            + "CURRENT_TIMESTAMP, USER, 'a'\n  'b', E'it\\'s' FROM t",
        "SELECT * FROM t MATCH_RECOGNIZE (PARTITION BY k ORDER BY ts MEASURES A.x AS x, LAST(B.y, 1) AS y ONE "
            + "ROW PER MATCH "
            + "AFTER MATCH SKIP TO NEXT ROW PATTERN (A+? B{2,} C* (D | E)?) WITHIN INTERVAL '1' HOUR DEFINE A "
                + "AS A.x > 1, "
            + "B AS B.y < PREV(B.y)) AS m",
        "SELECT LISTAGG(a, ',') WITHIN GROUP (ORDER BY b), FIRST_VALUE(a) IGNORE NULLS OVER (ORDER BY ts) FROM t",
        "SELECT * FROM ML_PREDICT(TABLE t, MODEL m, DESCRIPTOR(a)) TABLESAMPLE BERNOULLI (10) REPEATABLE (1)",
        "SELECT `db.t$snapshots`.a, `a``b`, t$x, 名字, \"q\".b FROM `t$x`".Replace("\"q\".b", "q.b",
            StringComparison.Ordinal),
        "SELECT ? + 1, a || 'x', a % 2 FROM t -- comment ; here\n // and here\n WHERE /* not ; here */ TRUE",
        "((SELECT 1))",
        "SELECT (SELECT MAX(x) FROM s) + 1, ((SELECT 1) UNION (SELECT 2)) FROM ((SELECT 1 AS a) UNION ALL "
            + "SELECT 2) AS u",
    ];
}
