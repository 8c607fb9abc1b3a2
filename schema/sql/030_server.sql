-- How runs were last seen, beside the events: written once a second per server, never a fact of history.
create table xuanwu.observations (
    run_id            uuid primary key,
    observed_at       timestamptz,
    unreachable_since timestamptz,
    reason            text,
    node              uuid not null,
    written_at        timestamptz not null default now()
) with (fillfactor = 50);

-- An instant as views write it (ISO 8601 with an offset). Such a text means the same whatever the session's settings are, which
-- lets it stand in an index.
create function xuanwu.instant(text) returns timestamptz
    language sql immutable strict parallel safe
    return $1::timestamptz;
