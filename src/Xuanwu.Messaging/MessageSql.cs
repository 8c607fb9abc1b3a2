namespace Xuanwu.Messaging;

/// <summary>
/// The statements of the message tables. Each is one statement over arrays, so that its cost is shared by all messages
/// of a round. Those of the pump run on its own connection, where <see cref="Settings"/> keep them on their indexes.
/// </summary>
internal static class MessageSql
{
    /// <summary>Notified when a message is ready that the notifying node may not be able to take itself.</summary>
    public const string Channel = "xuanwu_messages";

    /// <summary>
    /// Plans are made once per connection, often while the tables are empty, when reading all of a table looks
    /// cheapest; a minute later there may be 100,000 rows. Every statement of the pump looks few rows up by an index,
    /// so its session knows nothing else, and rows are priced so that each one read in vain counts. (Membership tests
    /// among the rows of a round are written as <c>(x IN (…)) IS TRUE</c>: the planner leaves such a test alone and
    /// hashes it, where a join would now be a nested loop.)
    /// </summary>
    public const string Settings = """
        SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
        SET enable_material = off; SET cpu_tuple_cost = 10; SET jit = off; SET plan_cache_mode = force_generic_plan
        """;

    /// <summary>Parameters of a set of rows to enqueue: see <see cref="OutgoingRows"/>.</summary>
    public static string Rows(int p) =>
        $"unnest(${p}::int[], ${p + 1}::uuid[], ${p + 2}::text[], ${p + 3}::text[], ${p + 4}::text[], "
        + $"${p + 5}::text[], ${p + 6}::interval[], ${p + 7}::text[], ${p + 8}::text[], ${p + 9}::text[]) "
        + "WITH ORDINALITY AS i (ord, id, queue, key, type, body, delay, correlation_id, caused_by, by_user, nth)";

    /// <summary>
    /// Inserts rows in their order. Numbers are drawn in that order; a row that is not delayed takes its number as its
    /// place in line.
    /// </summary>
    /// <param name="rows">A relation of the columns of <see cref="Rows"/>.</param>
    /// <param name="condition">Which of them, over <c>i.ord</c>.</param>
    /// <param name="notify">SQL of a boolean: whether to wake other nodes for what is ready now.</param>
    public static string Insert(string rows, string condition, string notify) => $"""
        INSERT INTO xuanwu.messages
            (id, number, position, due_at, queue, key, type, body, correlation_id, caused_by, by_user)
        SELECT r.id, r.number, CASE WHEN r.delay IS NULL THEN r.number END, now() + r.delay, r.queue, r.key, r.type,
               r.body::jsonb, r.correlation_id, r.caused_by, r.by_user
        FROM (SELECT o.*, nextval('xuanwu.message_numbers') AS number
              FROM (SELECT i.* FROM {rows} WHERE {condition} ORDER BY i.ord, i.nth) o) r
        ON CONFLICT (id) DO NOTHING
        RETURNING CASE WHEN {notify} AND due_at IS NULL THEN pg_notify('{Channel}', '')::text END
        """;

    public static readonly string Send = Insert(Rows(1), "true", "true");

    /// <summary>
    /// $1 node, $2-$11 the settlements, $12-$21 the messages they send on, $22 which of these have the type and key of
    /// the handled message. Only what this node still has the claim of takes effect; returns the ordinals of those. A
    /// message that was hurried while it ran does not wait, whether it is put back or sends its like.
    /// </summary>
    public static readonly string Settle = $"""
        WITH given AS (
            SELECT * FROM unnest($2::int[], $3::uuid[], $4::bigint[], $5::bigint[], $6::int[], $7::int[], $8::text[],
                                 $9::interval[], $10::text[], $11::text[])
                AS g (ord, message, lane, turn, outcome, attempts, queue, delay, fault, reason)
        ), own AS (
            DELETE FROM xuanwu.message_claims c USING given g
            WHERE c.lane = g.lane AND c.message = g.message AND c.turn = g.turn AND c.owner = $1
            RETURNING g.ord, g.message, g.outcome, g.attempts, g.queue, g.fault, g.reason, c.hurried,
                      CASE WHEN g.outcome = {(int)Outcome.Retry} OR NOT c.hurried THEN g.delay END AS delay,
                      jsonb_build_object('at', now(), 'attempt', g.attempts, 'node', $1, 'type', g.fault,
                                         'reason', left(g.reason, 1000)) AS failure
        ), ended AS (
            DELETE FROM xuanwu.messages m USING own o
            WHERE m.id = o.message AND o.outcome IN ({(int)Outcome.Done}, {(int)Outcome.Dead})
            RETURNING o.ord, o.outcome, o.attempts, o.fault, o.reason, m.failures || o.failure AS failures,
                      m.id, m.queue, m.key, m.type, m.body, m.enqueued_at, m.lap, m.correlation_id, m.caused_by,
                      m.by_user
        ), kept AS (
            UPDATE xuanwu.messages m SET
                queue = coalesce(o.queue, m.queue),
                due_at = now() + o.delay,
                position = CASE WHEN o.outcome = {(int)Outcome.Retry} THEN m.position
                                WHEN o.delay IS NULL THEN nextval('xuanwu.message_numbers') END,
                attempts = o.attempts,
                lap = m.lap + (o.outcome = {(int)Outcome.PutBack})::int,
                failures = CASE WHEN o.outcome = {(int)Outcome.PutBack} THEN '[]'
                                WHEN jsonb_array_length(m.failures) >= 10 THEN m.failures - 0 || o.failure
                                ELSE m.failures || o.failure END,
                since = now()
            FROM own o
            WHERE m.id = o.message AND o.outcome IN ({(int)Outcome.PutBack}, {(int)Outcome.Retry})
            RETURNING o.ord
        ), buried AS (
            INSERT INTO xuanwu.dead_letters (id, queue, key, type, body, enqueued_at, attempts, lap, correlation_id,
                                             caused_by, by_user, fault, reason, failures)
            SELECT id, queue, key, type, body, enqueued_at, attempts, lap, correlation_id, caused_by, by_user, fault,
                   reason, failures
            FROM ended WHERE outcome = {(int)Outcome.Dead}
        ), settled AS (
            SELECT ord FROM ended UNION ALL SELECT ord FROM kept
        ), sent AS (
            {Insert($"""
                (SELECT r.ord, r.id, r.queue, r.key, r.type, r.body, r.correlation_id, r.caused_by, r.by_user, r.nth,
                        CASE WHEN NOT (r.same AND r.ord IN (SELECT o.ord FROM own o WHERE o.hurried)) THEN r.delay END
                            AS delay
                 FROM (SELECT i.*, ($22::bool[])[i.nth] AS same FROM {Rows(12)}) r) i
                """, "(i.ord IN (SELECT s.ord FROM settled s)) IS TRUE", "false")}
        )
        SELECT ord FROM own
        """;

    /// <summary>
    /// $1 node, $2 turns of this node that are alive. Claims of dead nodes are void and count as a failed attempt;
    /// claims of this node that it does not know (the answer to a claim was lost) are void without counting. Returns
    /// how many messages are free again.
    /// </summary>
    public const string TakeOver = """
        WITH orphans AS (
            DELETE FROM xuanwu.message_claims c
            WHERE CASE WHEN c.owner = $1 THEN c.turn <> ALL ($2::bigint[])
                       ELSE NOT EXISTS (SELECT FROM xuanwu.nodes n
                                        WHERE n.id = c.owner AND n.expires_at > clock_timestamp()) END
            RETURNING c.message, c.owner
        ), counted AS (
            UPDATE xuanwu.messages m SET
                attempts = m.attempts + 1,
                failures = (CASE WHEN jsonb_array_length(m.failures) >= 10 THEN m.failures - 0 ELSE m.failures END)
                    || jsonb_build_object('at', now(), 'attempt', m.attempts + 1, 'node', o.owner, 'type', 'NodeDied',
                                          'reason', 'The node that handled it died or lost the database.')
            FROM orphans o WHERE m.id = o.message AND o.owner <> $1
        )
        SELECT count(*) FROM orphans
        """;

    /// <summary>
    /// $1 types, $2 keys. Scheduled messages become ready; a running one is marked, so that it does not wait when it is
    /// put back: what the caller has seen may be newer than what the running handler read. Returns (ordinal, count).
    /// </summary>
    public const string Hurry = """
        WITH asked AS (
            SELECT * FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS a (type, key, ord)
        ), scheduled AS (
            SELECT f.id, f.ord, nextval('xuanwu.message_numbers') AS position
            FROM (SELECT l.id, a.ord
                  FROM asked a CROSS JOIN LATERAL (
                      SELECT m.id, m.due_at, m.number FROM xuanwu.messages m
                      WHERE m.lane = hashtextextended(a.key, 0) AND m.position IS NULL
                            AND m.key = a.key AND m.type = a.type
                      FOR UPDATE SKIP LOCKED) l
                  ORDER BY l.due_at, l.number) f
        ), hurried AS (
            UPDATE xuanwu.messages m SET due_at = NULL, position = s.position, since = now()
            FROM scheduled s WHERE m.id = s.id RETURNING s.ord
        ), running AS (
            UPDATE xuanwu.message_claims c SET hurried = true
            FROM asked a, xuanwu.messages m
            WHERE c.lane = hashtextextended(a.key, 0) AND m.id = c.message AND m.key = a.key AND m.type = a.type
            RETURNING a.ord
        )
        SELECT ord, count(*) FROM (SELECT ord FROM hurried UNION ALL SELECT ord FROM running) both_ GROUP BY ord
        """;

    /// <summary>
    /// $1 most rows. What is due joins the line of its key in the order in which it was due; a retry keeps its place.
    /// One node at a time, or two nodes could swap two messages of a key. Returns (whether it was our turn, how many,
    /// seconds until the next is due).
    /// </summary>
    public const string Promote = """
        WITH turn AS MATERIALIZED (
            SELECT pg_try_advisory_xact_lock(6374582015114125313) AS ours
        ), due AS (
            SELECT d.id,
                   CASE WHEN d.position IS NULL THEN nextval('xuanwu.message_numbers') ELSE d.position END AS place
            FROM (SELECT m.id, m.position FROM xuanwu.messages m
                  WHERE m.due_at <= now() AND (SELECT ours FROM turn)
                  ORDER BY m.due_at, m.number LIMIT $1 FOR UPDATE SKIP LOCKED) d
        ), promoted AS (
            UPDATE xuanwu.messages m SET since = m.due_at, due_at = NULL, position = d.place
            FROM due d WHERE m.id = d.id RETURNING 1
        )
        SELECT (SELECT ours FROM turn), (SELECT count(*) FROM promoted),
               (SELECT extract(epoch FROM m.due_at - clock_timestamp())::float8 FROM xuanwu.messages m
                WHERE m.due_at > now() ORDER BY m.due_at, m.number LIMIT 1)
        """;

    /// <summary>
    /// $1 node, $2 turn, $3 queues, $4 the lane from which to go on in each, $5 how many are wanted of each, $6 most
    /// lanes to look at. Walks from lane to lane, one index look-up each, and claims the heads whose lane is free. One
    /// or more rows for each queue that has ready messages: where the walk ended, and the message if one was claimed.
    /// </summary>
    public const string Claim = """
        WITH RECURSIVE wanted AS (
            SELECT w.queue, w.start, w.free FROM unnest($3::text[], $4::bigint[], $5::int[]) AS w (queue, start, free)
            WHERE EXISTS (SELECT FROM xuanwu.nodes n WHERE n.id = $1 AND n.expires_at > clock_timestamp())
        ), walk AS (
            SELECT w.queue, w.free, h.lane, h.id, h.position, h.head, h.head::int AS found, 1 AS steps
            FROM wanted w CROSS JOIN LATERAL (
                SELECT m.lane, m.id, m.position,
                       (SELECT c.lane FROM xuanwu.message_claims c WHERE c.lane = m.lane) IS NULL
                       AND (SELECT e.position FROM xuanwu.messages e WHERE e.lane = m.lane
                            ORDER BY e.position LIMIT 1) = m.position AS head
                FROM xuanwu.messages m WHERE m.queue = w.queue AND m.due_at IS NULL AND m.lane >= w.start
                ORDER BY m.lane, m.position LIMIT 1) h
          UNION ALL
            SELECT k.queue, k.free, h.lane, h.id, h.position, h.head, k.found + h.head::int, k.steps + 1
            FROM walk k CROSS JOIN LATERAL (
                SELECT m.lane, m.id, m.position,
                       (SELECT c.lane FROM xuanwu.message_claims c WHERE c.lane = m.lane) IS NULL
                       AND (SELECT e.position FROM xuanwu.messages e WHERE e.lane = m.lane
                            ORDER BY e.position LIMIT 1) = m.position AS head
                FROM xuanwu.messages m WHERE m.queue = k.queue AND m.due_at IS NULL AND m.lane > k.lane
                ORDER BY m.lane, m.position LIMIT 1) h
            WHERE k.found < k.free AND k.steps < $6
        ), locked AS MATERIALIZED (
            SELECT l.* FROM walk k CROSS JOIN LATERAL (
                SELECT m.* FROM xuanwu.messages m
                WHERE m.id = k.id AND m.due_at IS NULL
                      AND m.queue = k.queue AND m.lane = k.lane AND m.position = k.position
                FOR UPDATE SKIP LOCKED) l
            WHERE k.head
        ), claimed AS (
            INSERT INTO xuanwu.message_claims (lane, message, owner, turn)
            SELECT l.lane, l.id, $1, $2 FROM locked l ORDER BY l.lane
            ON CONFLICT (lane) DO NOTHING RETURNING message
        ), ends AS (
            SELECT DISTINCT ON (k.queue) k.queue, k.lane, k.found, k.steps FROM walk k ORDER BY k.queue, k.steps DESC
        )
        SELECT e.queue, e.lane, e.found, e.steps, coalesce(l.id IN (SELECT c.message FROM claimed c), false) AS ours,
               l.id, l.lane, l.key, l.type, l.body::text, l.attempts, l.lap, l.correlation_id, l.caused_by, l.by_user,
               l.enqueued_at
        FROM ends e LEFT JOIN locked l ON l.queue = e.queue
        """;

    /// <summary>$1 node: gives up what it claimed, without an attempt, and wakes the others.</summary>
    public const string Release = $"""
        WITH freed AS (DELETE FROM xuanwu.message_claims WHERE owner = $1 RETURNING 1)
        SELECT pg_notify('{Channel}', '')::text FROM (SELECT count(*) AS freed FROM freed) f
        """;
}

/// <summary>How the handling of a message ended.</summary>
internal enum Outcome
{
    Done = 0,
    PutBack = 1,
    Retry = 2,
    Dead = 3,

    /// <summary>The node stops or lost its lease: as if it had never been claimed.</summary>
    Release = 4,
}
