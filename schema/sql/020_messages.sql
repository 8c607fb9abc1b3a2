-- Durable messages. The life of one, and what a worker does with it, is told in src/Xuanwu.Messaging/Pump.cs.
--
-- Where a message stands follows from two columns and a claim; there is no state column that could disagree with them:
--
--   scheduled   due_at set,  position null   waits for its time and blocks nobody
--   ready       due_at null, position set    stands in the line of its key; the first of a line may be claimed
--   retrying    due_at set,  position set    keeps its place in the line, and so blocks its key, until due_at
--   running     ready, and a row of message_claims names it

-- Order of arrival and places in line. No cache: numbers must grow in the order in which sessions ask.
CREATE SEQUENCE xuanwu.message_numbers;

CREATE TABLE xuanwu.messages (
    id              uuid        PRIMARY KEY,
    number          bigint      NOT NULL,
    -- Place in the line of its key, by which one key's messages are handled; null: not in line yet.
    position        bigint,
    -- The key as a number. Lines are lines of lanes: two keys that share one (2^-64) take turns, which harms nobody.
    lane            bigint      NOT NULL GENERATED ALWAYS AS (hashtextextended(key, 0)) STORED,
    due_at          timestamptz,
    -- When it came into its present state: the age of a ready message is how long it waits for a worker.
    since           timestamptz NOT NULL DEFAULT now(),
    enqueued_at     timestamptz NOT NULL DEFAULT now(),
    -- Failed attempts since it was enqueued or put back, and how often it was put back.
    attempts        int         NOT NULL DEFAULT 0,
    lap             int         NOT NULL DEFAULT 0,
    queue           text        NOT NULL,
    key             text        NOT NULL,
    type            text        NOT NULL,
    body            jsonb       NOT NULL,
    correlation_id  text,
    caused_by       text,
    by_user         text        NOT NULL,
    -- The last ten failures: [{"at", "attempt", "node", "type", "reason"}].
    failures        jsonb       NOT NULL DEFAULT '[]',
    CHECK (due_at IS NOT NULL OR position IS NOT NULL)
)
-- Every row dies young. No update can be HOT (each moves a row from one index to another), so that a lower fill factor
-- would buy nothing; what keeps the table small is vacuum that comes early and does not pause.
WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 50000,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000
);

-- The claim walks from lane to lane of a queue, so that 10,000 ready messages of one key cost as much as one.
CREATE INDEX messages_ready ON xuanwu.messages (queue, lane, position) WHERE due_at IS NULL;
-- Who stands before me in my lane; which scheduled messages has this key.
CREATE INDEX messages_lane ON xuanwu.messages (lane, position);
-- What is due next.
CREATE INDEX messages_due ON xuanwu.messages (due_at, number) WHERE due_at IS NOT NULL;

-- The right to run a message. The primary key is the promise that no two messages of a key ever run at once, on whatever
-- nodes; a claim that comes second is not an error but no row.
CREATE TABLE xuanwu.message_claims (
    lane        bigint      PRIMARY KEY,
    message     uuid        NOT NULL,
    owner       uuid        NOT NULL,   -- the node; when its row in xuanwu.nodes runs out, the claim is void
    turn        bigint      NOT NULL,   -- with the owner: the fencing token that an acknowledgement must show
    claimed_at  timestamptz NOT NULL DEFAULT now(),
    hurried     bool        NOT NULL DEFAULT false  -- somebody asked for this message while it ran: do not delay it again
)
WITH (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000
);

-- Messages that were given up. A row stays after it was replayed or discarded, for a while, to tell who did it.
CREATE TABLE xuanwu.dead_letters (
    number          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    died_at         timestamptz NOT NULL DEFAULT now(),
    id              uuid        NOT NULL,
    queue           text        NOT NULL,
    key             text        NOT NULL,
    type            text        NOT NULL,
    body            jsonb       NOT NULL,
    enqueued_at     timestamptz NOT NULL,
    attempts        int         NOT NULL,
    lap             int         NOT NULL,
    correlation_id  text,
    caused_by       text,
    by_user         text        NOT NULL,
    fault           text        NOT NULL,   -- type of the exception, or the name of the rule
    reason          text        NOT NULL,   -- its message, at most 4 kB
    failures        jsonb       NOT NULL,
    resolved_at     timestamptz,
    resolved_by     text,
    resolution      text        CHECK (resolution IN ('replayed', 'discarded')),
    CHECK ((resolved_at IS NULL) = (resolution IS NULL) AND (resolved_at IS NULL) = (resolved_by IS NULL))
);

CREATE INDEX dead_letters_open ON xuanwu.dead_letters (queue, number) WHERE resolved_at IS NULL;
CREATE INDEX dead_letters_resolved ON xuanwu.dead_letters (resolved_at) WHERE resolved_at IS NOT NULL;

-- For people and status pages: each message with its state in a word.
CREATE VIEW xuanwu.message_states AS
SELECT m.id, m.queue, m.key, m.type, m.body, m.attempts, m.lap, m.due_at, m.since, m.enqueued_at, m.position, m.number,
       m.correlation_id, m.caused_by, m.by_user, m.failures, c.owner, c.claimed_at,
       CASE WHEN c.message IS NOT NULL THEN 'running'
            WHEN m.due_at IS NULL THEN 'ready'
            WHEN m.position IS NULL THEN 'scheduled'
            ELSE 'retrying' END AS state
FROM xuanwu.messages m LEFT JOIN xuanwu.message_claims c ON c.lane = m.lane AND c.message = m.id;
