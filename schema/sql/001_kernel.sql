-- What every kernel stands on: named leases and the nodes (server processes) that share this database.

-- A right that one holder has at a time. The row outlives its holders, so that the epoch only ever grows and can fence
-- off a holder that was paused beyond its time. All times are the database's clock.
CREATE TABLE xuanwu.leases (
    name        text        PRIMARY KEY,
    holder      uuid        NOT NULL,
    epoch       bigint      NOT NULL,
    expires_at  timestamptz NOT NULL
);

-- The server processes. A row whose time is over belongs to a process that died or lost the database: what it had
-- claimed may be taken over by any other node.
CREATE TABLE xuanwu.nodes (
    id          uuid        PRIMARY KEY,
    machine     text        NOT NULL,
    process_id  int         NOT NULL,
    started_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
