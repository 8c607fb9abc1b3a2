using System.Globalization;
using System.Text;

namespace Xuanwu.Bench;

/// <summary>
/// Flink SQL of a wanted length, or a part more: tables with options, views, windows, temporal joins, statement sets.
/// </summary>
internal static class SqlScripts
{
    public static string Of(int length)
    {
        var text = new StringBuilder(length + 4096);
        for (var i = 0; text.Length < length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"""
                -- Job part {i}: orders of one shop, joined with its items, counted by the minute.
                SET 'pipeline.name' = 'part_{i}';
                CREATE TABLE orders_{i} (
                  order_id BIGINT,
                  item STRING,
                  `user` STRING COMMENT 'the buyer''s name',
                  price DECIMAL(18, 2),
                  quantity INT,
                  order_time TIMESTAMP(3),
                  proc_time AS PROCTIME(),
                  WATERMARK FOR order_time AS order_time - INTERVAL '5' SECOND
                ) WITH (
                  'connector' = 'kafka',
                  'topic' = 'orders_{i}',
                  'properties.bootstrap.servers' = 'broker-1:9092,broker-2:9092',
                  'properties.group.id' = 'group_{i}',
                  'scan.startup.mode' = 'earliest-offset',
                  'format' = 'json'
                );
                CREATE TABLE items_{i} (
                  item STRING, name STRING, category STRING, PRIMARY KEY (item) NOT ENFORCED
                ) WITH ('connector' = 'jdbc', 'url' = 'jdbc:postgresql://db/shop', 'table-name' = 'items_{i}');
                CREATE TABLE totals_{i} (
                  window_start TIMESTAMP(3), category STRING, amount DECIMAL(38, 2), buyers BIGINT
                ) WITH ('connector' = 'print');
                CREATE TABLE large_{i} (order_id BIGINT, name STRING, grade STRING) WITH ('connector' = 'blackhole');
                CREATE TEMPORARY VIEW rich_{i} AS
                SELECT o.order_id, o.`user`, i.name, i.category, o.price * o.quantity AS amount, o.order_time
                FROM orders_{i} AS o
                LEFT JOIN items_{i} FOR SYSTEM_TIME AS OF o.proc_time AS i ON o.item = i.item
                WHERE o.price > 0 AND o.item IS NOT NULL AND o.`user` NOT IN ('test', 'robot');
                EXECUTE STATEMENT SET BEGIN
                INSERT INTO totals_{i}
                SELECT window_start, category, SUM(amount), COUNT(DISTINCT `user`)
                FROM TABLE(TUMBLE(TABLE rich_{i}, DESCRIPTOR(order_time), INTERVAL '1' MINUTE))
                GROUP BY window_start, window_end, category;
                INSERT INTO large_{i}
                SELECT order_id, name,
                  CASE WHEN amount >= 1000 THEN 'A' WHEN amount BETWEEN 100 AND 999 THEN 'B' ELSE 'C' END
                FROM (
                  SELECT *, ROW_NUMBER() OVER (PARTITION BY category ORDER BY amount DESC) AS place FROM rich_{i}
                )
                WHERE place <= 10;
                END;

                """);
            text.Append('\n');
        }

        return text.ToString();
    }
}
