-- Logins that look like an attack: accounts that are guessed, and addresses that guess.
--
-- Feeds on   passport.logins (Kafka, JSON): the login service writes one record for each attempt
-- Writes to  risk.login_alerts (Kafka, compacted): the risk engine asks for a captcha, or blocks, for as long as the
--            alert stands
--
-- ACCOUNT_GUESSED: five failures or more on one account, then a success, within ten minutes.
-- ADDRESS_GUESSES: an address that fails on twenty accounts or more in ten minutes, looked at every minute; its key is
-- the address and the end of the window, so that an attack that goes on is told again each minute.
-- Both are one job: Xuanwu runs all INSERTs of a script as one statement set, reading the topic once.
-- Flink 1.19, 1.20.

SET 'table.local-time-zone' = 'Asia/Shanghai';

CREATE TABLE logins (
    attempt_id   STRING NOT NULL,
    account_id   BIGINT NOT NULL,
    address      STRING NOT NULL,
    device_id    STRING,
    country_code STRING,
    outcome      STRING NOT NULL,
    event_time   TIMESTAMP_LTZ(3),
    WATERMARK FOR event_time AS event_time - INTERVAL '5' SECOND
) WITH (
    'connector' = 'kafka',
    'topic' = 'passport.logins',
    'properties.bootstrap.servers' = 'kafka.risk.svc:9092',
    'properties.group.id' = 'xuanwu-risk-control-logins',
    'properties.auto.offset.reset' = 'latest',
    'scan.startup.mode' = 'group-offsets',
    'scan.watermark.idle-timeout' = '10 s',
    'format' = 'json',
    'json.fail-on-missing-field' = 'false',
    'json.timestamp-format.standard' = 'ISO-8601'
);

CREATE TABLE login_alerts (
    rule_code   STRING NOT NULL,
    subject     STRING NOT NULL,
    alert_time  TIMESTAMP_LTZ(3) NOT NULL,
    first_seen  TIMESTAMP_LTZ(3),
    failures    BIGINT,
    accounts    BIGINT,
    address     STRING,
    PRIMARY KEY (rule_code, subject, alert_time) NOT ENFORCED
) WITH (
    'connector' = 'upsert-kafka',
    'topic' = 'risk.login_alerts',
    'properties.bootstrap.servers' = 'kafka.risk.svc:9092',
    'key.format' = 'json',
    'value.format' = 'json',
    'key.json.timestamp-format.standard' = 'ISO-8601',
    'value.json.timestamp-format.standard' = 'ISO-8601'
);

INSERT INTO login_alerts
SELECT
    'ACCOUNT_GUESSED' AS rule_code,
    CAST(account_id AS STRING) AS subject,
    login_time AS alert_time,
    first_failure AS first_seen,
    failures,
    CAST(1 AS BIGINT) AS accounts,
    login_address AS address
FROM logins
MATCH_RECOGNIZE (
    PARTITION BY account_id
    ORDER BY event_time
    MEASURES
        FIRST(FAILED.event_time) AS first_failure,
        COUNT(FAILED.attempt_id) AS failures,
        OPENED.event_time AS login_time,
        OPENED.address AS login_address
    ONE ROW PER MATCH
    AFTER MATCH SKIP PAST LAST ROW
    PATTERN (FAILED{5,} OPENED) WITHIN INTERVAL '10' MINUTE
    DEFINE
        FAILED AS FAILED.outcome = 'FAILURE',
        OPENED AS OPENED.outcome = 'SUCCESS'
) AS guessed;

INSERT INTO login_alerts
SELECT
    'ADDRESS_GUESSES' AS rule_code,
    address AS subject,
    CAST(window_end AS TIMESTAMP_LTZ(3)) AS alert_time,
    MIN(event_time) AS first_seen,
    COUNT(*) AS failures,
    COUNT(DISTINCT account_id) AS accounts,
    address
FROM TABLE(HOP(TABLE logins, DESCRIPTOR(event_time), INTERVAL '1' MINUTE, INTERVAL '10' MINUTE))
WHERE outcome = 'FAILURE'
GROUP BY address, window_start, window_end
HAVING COUNT(DISTINCT account_id) >= 20;
