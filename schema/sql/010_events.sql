-- The journal, column for column in the format of Marten 9.29 (StreamIdentity.AsGuid, single tenancy, all metadata on),
-- so that Marten can open this database. Beyond Marten's own DDL there are only storage parameters, and the tables
-- `commands` and `projections` that it does not look at.
--
-- Every writer takes one transaction-scoped advisory lock before it draws from mt_events_sequence and holds it to the
-- commit. So events become visible in the order of seq_id, and a reader of `seq_id > last` never skips one.

CREATE TABLE xuanwu.mt_streams (
    id                  uuid            NOT NULL,
    type                varchar         NULL,
    version             bigint          NULL,
    timestamp           timestamptz     NOT NULL DEFAULT (now()),
    created             timestamptz     NOT NULL DEFAULT (now()),
    tenant_id           varchar         NULL DEFAULT '*DEFAULT*',
    is_archived         bool            NULL DEFAULT FALSE,
    CONSTRAINT pkey_mt_streams_id PRIMARY KEY (id)
) WITH (fillfactor = 70); -- room for the next version of a row on its own page: no index is touched by an append

CREATE TABLE xuanwu.mt_events (
    seq_id              bigint          NOT NULL,
    id                  uuid            NOT NULL,
    stream_id           uuid            NULL,
    version             bigint          NOT NULL,
    data                jsonb           NOT NULL,
    bdata               bytea           NULL,
    type                varchar(500)    NOT NULL,
    timestamp           timestamptz     NOT NULL DEFAULT (now()),
    tenant_id           varchar         NULL DEFAULT '*DEFAULT*',
    mt_dotnet_type      varchar         NULL,
    correlation_id      varchar         NULL,
    causation_id        varchar         NULL,
    headers             jsonb           NULL,
    user_name           varchar         NULL,
    is_archived         bool            NULL DEFAULT FALSE,
    CONSTRAINT pkey_mt_events_seq_id PRIMARY KEY (seq_id)
);
ALTER TABLE xuanwu.mt_events ADD CONSTRAINT fkey_mt_events_stream_id
    FOREIGN KEY (stream_id) REFERENCES xuanwu.mt_streams (id) ON DELETE CASCADE;
CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON xuanwu.mt_events USING btree (stream_id, version);

CREATE SEQUENCE xuanwu.mt_events_sequence;
ALTER SEQUENCE xuanwu.mt_events_sequence OWNED BY xuanwu.mt_events.seq_id;

CREATE TABLE xuanwu.mt_event_progression (
    name                varchar         NOT NULL,
    last_seq_id         bigint          NULL,
    last_updated        timestamptz     NULL DEFAULT (transaction_timestamp()),
    CONSTRAINT pk_mt_event_progression PRIMARY KEY (name)
);

-- Marten's record of gaps that its high-water mark crossed. Ours has no gaps to cross: it stays empty.
CREATE TABLE xuanwu.mt_high_water_skips (
    ending_sequence     bigint          NOT NULL PRIMARY KEY,
    starting_sequence   bigint          NOT NULL,
    timestamp           timestamptz     NULL DEFAULT (transaction_timestamp())
);

-- Commits that carried an idempotency key: a second one with the same key is not applied.
CREATE TABLE xuanwu.commands (
    key                 text            PRIMARY KEY,
    at                  timestamptz     NOT NULL,
    sequence            bigint          NULL,       -- of the commit's last event; null: it had no events
    id                  uuid            NOT NULL    -- of the commit: tells a repetition from our own lost answer
);

-- What is known of each view beside its progress: why it stopped, and which making of its table is the current one.
CREATE TABLE xuanwu.projections (
    name                text            PRIMARY KEY,
    inline              boolean         NOT NULL,
    generation          bigint          NOT NULL,   -- grows with each rebuild; fences off what was folded before. 0: to be filled
    stopped_at          timestamptz     NULL,
    stopped_sequence    bigint          NULL,
    stopped_stream      uuid            NULL,
    stopped_version     bigint          NULL,
    stopped_type        text            NULL,
    stopped_reason      text            NULL
);
