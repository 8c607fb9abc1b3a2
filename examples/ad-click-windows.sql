-- Click-through rate per campaign and minute.
--
-- Feeds on   ads.impressions  (Kafka, JSON): the ad server writes one record for each ad that was shown
--            ads.clicks       (Kafka, JSON): the redirector writes one record for each click, with its impression
-- Writes to  ads.campaign_minute (Kafka, compacted): one record per campaign and minute; the bidding service and the
--            campaign dashboard read it
--
-- Late data: the phones of viewers report impressions up to 10 s late; what comes later is dropped by the window.
-- A click that is reported twice counts once. No secrets: the brokers of this topic group listen inside the cluster's
-- network only; where they ask for a password, put the tables into a catalog and register it (examples/README.md).
-- Flink 1.19, 1.20.

SET 'table.local-time-zone' = 'Asia/Shanghai';

CREATE TABLE ad_impressions (
    impression_id STRING NOT NULL,
    campaign_id   BIGINT NOT NULL,
    creative_id   BIGINT,
    slot_code     STRING,
    viewer_id     BIGINT,
    cost_micros   BIGINT,
    event_time    TIMESTAMP_LTZ(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '10' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'ads.impressions',
    'properties.bootstrap.servers' = 'kafka.ads.svc:9092',
    'properties.group.id' = 'xuanwu-ad-click-windows',
    'properties.auto.offset.reset' = 'latest',
    'scan.startup.mode' = 'group-offsets',
    -- A partition that gets no traffic at night must not hold the windows back.
    'scan.watermark.idle-timeout' = '30 s',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE ad_clicks (
    click_id      STRING NOT NULL,
    impression_id STRING NOT NULL,
    campaign_id   BIGINT NOT NULL,
    viewer_id     BIGINT,
    event_time    TIMESTAMP_LTZ(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '10' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'ads.clicks',
    'properties.bootstrap.servers' = 'kafka.ads.svc:9092',
    'properties.group.id' = 'xuanwu-ad-click-windows',
    'properties.auto.offset.reset' = 'latest',
    'scan.startup.mode' = 'group-offsets',
    'scan.watermark.idle-timeout' = '30 s',
    'format' = 'json',
    'json.ignore-parse-errors' = 'true',
    'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE campaign_minute (
    campaign_id        BIGINT NOT NULL,
    minute_start       TIMESTAMP(3) NOT NULL,
    impressions        BIGINT NOT NULL,
    clicks             BIGINT NOT NULL,
    click_through_rate DOUBLE,
    cost_micros        BIGINT,
    PRIMARY KEY (campaign_id, minute_start) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'ads.campaign_minute',
    'properties.bootstrap.servers' = 'kafka.ads.svc:9092',
    'key.format' = 'json',
    'value.format' = 'json'
);

-- Both streams as one keeps a campaign that has only clicks, or only impressions, in its minute.
CREATE TEMPORARY VIEW ad_events AS
SELECT campaign_id, impression_id AS shown_id, CAST(NULL AS STRING) AS clicked_id, cost_micros, event_time
FROM ad_impressions
UNION ALL
SELECT campaign_id, CAST(NULL AS STRING) AS shown_id, impression_id AS clicked_id, CAST(0 AS BIGINT) AS cost_micros,
    event_time
FROM ad_clicks;

INSERT INTO campaign_minute
SELECT
    campaign_id,
    window_start AS minute_start,
    COUNT(shown_id) AS impressions,
    COUNT(DISTINCT clicked_id) AS clicks,
    CAST(COUNT(DISTINCT clicked_id) AS DOUBLE) / NULLIF(COUNT(shown_id), 0) AS click_through_rate,
    SUM(cost_micros) AS cost_micros
FROM TABLE(TUMBLE(TABLE ad_events, DESCRIPTOR(event_time), INTERVAL '1' MINUTE))
GROUP BY campaign_id, window_start, window_end;
