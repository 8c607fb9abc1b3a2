-- The heat of bullet comments (danmaku): how lively each room is now, and how much was said in it today.
--
-- Feeds on   live.danmaku (Kafka, JSON): the chat gateway writes one record for each comment that flies over a stream
-- Writes to  live.room_heat (Kafka, compacted): a number every ten seconds; the home page sorts its rooms by it
--            reports.danmaku.room_day_totals (MySQL): the running totals of the day, every minute; the anchors' console
--            reads them
--
-- `reports` is a catalog of type jdbc that is registered with Xuanwu and named in the job's catalogs; its password
-- stays with the server as a secret reference (examples/README.md). The table has the primary key (room_id, day_start),
-- so that a later total replaces an earlier one, also after a restore.
-- Flink 1.19, 1.20.

SET 'table.local-time-zone' = 'Asia/Shanghai';

CREATE TABLE danmaku (
    comment_id STRING NOT NULL,
    room_id    BIGINT NOT NULL,
    viewer_id  BIGINT NOT NULL,
    fan_level  INT,
    content    STRING,
    blocked    BOOLEAN,
    event_time TIMESTAMP_LTZ(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '3' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'live.danmaku',
    'properties.bootstrap.servers' = 'kafka.live.svc:9092',
    'properties.group.id' = 'xuanwu-danmaku-heat',
    'properties.auto.offset.reset' = 'latest',
    'scan.startup.mode' = 'group-offsets',
    'scan.watermark.idle-timeout' = '10 s',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE room_heat (
    room_id     BIGINT NOT NULL,
    heat        DOUBLE NOT NULL,
    comments    BIGINT NOT NULL,
    viewers     BIGINT NOT NULL,
    measured_at TIMESTAMP(3) NOT NULL,
    PRIMARY KEY (room_id) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'live.room_heat',
    'properties.bootstrap.servers' = 'kafka.live.svc:9092',
    'key.format' = 'json',
    'value.format' = 'json'
);

EXECUTE STATEMENT SET
BEGIN
    -- A hundred comments of one viewer are worth less than one comment of each of a hundred; fans count a little more.
    INSERT INTO room_heat
    SELECT
        room_id,
        COUNT(DISTINCT viewer_id) + 0.2 * COUNT(*) + 0.05 * SUM(COALESCE(fan_level, 0)) AS heat,
        COUNT(*) AS comments,
        COUNT(DISTINCT viewer_id) AS viewers,
        window_end AS measured_at
    FROM TABLE(TUMBLE(TABLE danmaku, DESCRIPTOR(event_time), INTERVAL '10' SECOND))
    WHERE blocked IS NOT TRUE
    GROUP BY room_id, window_start, window_end;

    INSERT INTO reports.danmaku.room_day_totals
    SELECT
        room_id,
        window_start AS day_start,
        window_end AS counted_until,
        COUNT(*) AS comments,
        COUNT(DISTINCT viewer_id) AS viewers,
        COUNT(CASE WHEN blocked THEN 1 END) AS blocked_comments
    FROM TABLE(CUMULATE(TABLE danmaku, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '1' DAY))
    GROUP BY room_id, window_start, window_end;
END;
