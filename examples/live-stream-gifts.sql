-- The three most generous viewers of each live-stream room, minute by minute.
--
-- Feeds on   live.gifts (Kafka, JSON): the gift service writes one record for each gift that a viewer sends
--            dims.live.rooms, dims.live.anchors (MySQL): rooms and the people who stream in them, by a JDBC lookup for
--            each gift as of its arrival
-- Writes to  live.room_top_givers (Kafka, compacted): the overlay of the stream shows it
--
-- `dims` is a catalog of type jdbc that is registered with Xuanwu and named in the job's catalogs. Its user name and
-- password stay with the server as secret references (examples/README.md); this text needs neither.
-- Flink 1.19, 1.20.

SET 'table.local-time-zone' = 'Asia/Shanghai';

CREATE TABLE gifts (
    gift_id    STRING NOT NULL,
    room_id    BIGINT NOT NULL,
    viewer_id  BIGINT NOT NULL,
    gift_code  STRING,
    quantity   INT,
    diamonds   BIGINT,
    event_time TIMESTAMP_LTZ(3),
    arrived_at AS PROCTIME(),
    WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'live.gifts',
    'properties.bootstrap.servers' = 'kafka.live.svc:9092',
    'properties.group.id' = 'xuanwu-live-stream-gifts',
    'properties.auto.offset.reset' = 'latest',
    'scan.startup.mode' = 'group-offsets',
    'scan.watermark.idle-timeout' = '15 s',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE room_top_givers (
    room_id      BIGINT NOT NULL,
    minute_start TIMESTAMP(3) NOT NULL,
    place        BIGINT NOT NULL,
    room_title   STRING,
    category     STRING,
    anchor_name  STRING,
    viewer_id    BIGINT,
    gifts        BIGINT,
    diamonds     BIGINT,
    PRIMARY KEY (room_id, minute_start, place) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'live.room_top_givers',
    'properties.bootstrap.servers' = 'kafka.live.svc:9092',
    'key.format' = 'json',
    'value.format' = 'json'
);

-- Left joins: a gift to a room that is newer than our copy of the rooms still counts. Rooms change their title rarely;
-- ten minutes of cache spare the database nearly all look-ups.
CREATE TEMPORARY VIEW room_gifts AS
SELECT
    g.room_id,
    r.title AS room_title,
    r.category,
    a.nickname AS anchor_name,
    g.viewer_id,
    g.quantity,
    g.diamonds,
    g.event_time
FROM gifts AS g
LEFT JOIN dims.live.rooms
    /*+ OPTIONS('lookup.cache' = 'PARTIAL', 'lookup.partial-cache.max-rows' = '200000',
                'lookup.partial-cache.expire-after-write' = '10 min') */
    FOR SYSTEM_TIME AS OF g.arrived_at AS r ON g.room_id = r.room_id
LEFT JOIN dims.live.anchors
    /*+ OPTIONS('lookup.cache' = 'PARTIAL', 'lookup.partial-cache.max-rows' = '200000',
                'lookup.partial-cache.expire-after-write' = '10 min') */
    FOR SYSTEM_TIME AS OF g.arrived_at AS a ON r.anchor_id = a.anchor_id;

INSERT INTO room_top_givers
SELECT room_id, window_start AS minute_start, place, room_title, category, anchor_name, viewer_id, gifts, diamonds
FROM (
    SELECT
        *,
        ROW_NUMBER() OVER (PARTITION BY window_start, window_end, room_id ORDER BY diamonds DESC, viewer_id) AS place
    FROM (
        SELECT
            window_start,
            window_end,
            room_id,
            viewer_id,
            MAX(room_title) AS room_title,
            MAX(category) AS category,
            MAX(anchor_name) AS anchor_name,
            CAST(SUM(quantity) AS BIGINT) AS gifts,
            SUM(diamonds) AS diamonds
        FROM TABLE(TUMBLE(TABLE room_gifts, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
        GROUP BY window_start, window_end, room_id, viewer_id
    )
)
WHERE place <= 3;
