using System.Globalization;
using System.Text;
using Npgsql;
using NpgsqlTypes;
using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>
/// The statement that stores a batch of commits. Each is accepted or refused on its own:
///
/// <code>
///   s         the streams of all commits, each with its row as it is now
///   k         the keys of all commits, each with the commit that had it before
///   refused   ordinals of commits with a stream at another version or archived, or with a key that was seen
///   accepted  the others
///   moved, made      mt_streams updated and inserted
///   e, events        sequence numbers drawn in order, mt_events inserted
///   command          keys remembered
///   up_N, down_N     documents of inline view N upserted and removed
///   (tables)         one CTE for each batch table
///   answer    one row on the sequences drawn, one for each reason of refusal
/// </code>
///
/// It runs after <c>pg_advisory_xact_lock</c> in the same round trip and the same implicit transaction: a statement of
/// its own, so that this one's snapshot is taken when the lock is held and shows all that was committed before. Parts
/// that no commit of a batch needs are left out; each combination of parts is one text, prepared once. Rows of
/// mt_streams are found by OFFSET 0 subqueries and by ctid, so that the plan is the same index lookups whatever the
/// statistics say.
/// </summary>
internal sealed class AppendStatement
{
    /// <summary>Whoever draws from mt_events_sequence or replaces an inline view's table holds this lock.</summary>
    public const long LockKey = 0x5875616e_77750010;

    public static readonly string TakeLock =
        string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({LockKey})");

    /// <summary>As Marten names it.</summary>
    public const string Channel = "mt_events_appended";

    private readonly IReadOnlyList<StreamView> _views;
    private readonly IReadOnlyList<BatchTable> _tables;
    private readonly string[] _viewNames;
    private readonly Dictionary<UInt128, string> _texts = [];
    private readonly Dictionary<UInt128, string> _loneTexts = [];

    public AppendStatement(IReadOnlyList<StreamView> views, IReadOnlyList<BatchTable> tables)
    {
        (_views, _tables) = (views, tables);
        _viewNames = [.. views.Select(view => view.Name)];
        if (1 + (2 * views.Count) + tables.Count > 128)
            throw new ArgumentException("More than 60 inline views and batch tables.");
    }

    /// <summary>
    /// Whether <see cref="FillLone"/> fits: one commit, one event, for one stream that exists, without a key. This is
    /// the usual command when nobody else is about, and the half of its time is spent in setting up a plan.
    /// </summary>
    public static bool IsLone(IReadOnlyList<PendingCommit> commits) =>
        commits is [{ Key: null, Streams: [{ Events.Length: 1, Append.ExpectedVersion: > 0 }] }];

    /// <summary>
    /// Adds lock and a smaller statement for a lone commit, which gives no row when it is refused; then
    /// <see cref="Fill"/> tells why.
    /// </summary>
    public void FillLone(NpgsqlBatch batch, PendingCommit commit, long generation)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(TakeLock));
        var command = new NpgsqlBatchCommand();
        batch.BatchCommands.Add(command);
        var parameters = command.Parameters;
        var (stream, who) = (commit.Streams[0], commit.Commit.Who);
        var row = stream.Events[0];
        Add(parameters, stream.Append.Id, NpgsqlDbType.Uuid);
        Add(parameters, stream.Append.ExpectedVersion, NpgsqlDbType.Bigint);
        Add(parameters, row.Version, NpgsqlDbType.Bigint);
        Add(parameters, commit.Commit.At.UtcDateTime, NpgsqlDbType.TimestampTz);
        Add(parameters, row.Id, NpgsqlDbType.Uuid);
        Add(parameters, row.Body, NpgsqlDbType.Jsonb);
        Add(parameters, row.Type.Name, NpgsqlDbType.Varchar);
        Add(parameters, row.Type.DotnetName, NpgsqlDbType.Varchar);
        AddNullable(parameters, who.CorrelationId?.ToString(), NpgsqlDbType.Varchar);
        AddNullable(parameters, who.CausationId, NpgsqlDbType.Varchar);
        AddNullable(parameters, commit.Headers, NpgsqlDbType.Jsonb);
        Add(parameters, who.User, NpgsqlDbType.Varchar);
        Add(parameters, generation, NpgsqlDbType.Bigint);
        Add(parameters, _viewNames, NpgsqlDbType.Array | NpgsqlDbType.Text);

        var parts = UInt128.Zero;
        for (var view = 0; view < _views.Count; view++)
        {
            if (!Document(stream, view, out var document)) continue;
            parts |= UInt128.One << (document is null ? 2 + (2 * view) : 1 + (2 * view));
            if (document is not null) Add(parameters, document, NpgsqlDbType.Jsonb);
        }

        parts |= AddTables(parameters, [commit]);
        if (!_loneTexts.TryGetValue(parts, out var text)) _loneTexts.Add(parts, text = LoneText(parts));
        command.CommandText = text;
    }

    /// <summary>Adds lock and statement to an empty batch.</summary>
    /// <exception cref="Exception">A batch table could not bind its rows.</exception>
    public void Fill(NpgsqlBatch batch, IReadOnlyList<PendingCommit> commits, long generation)
    {
        batch.BatchCommands.Add(new NpgsqlBatchCommand(TakeLock));
        var command = new NpgsqlBatchCommand();
        batch.BatchCommands.Add(command);
        var parameters = command.Parameters;
        Add(parameters, commits.Count, NpgsqlDbType.Integer);
        AddStreams(parameters, commits);
        AddEvents(parameters, commits);

        var parts = UInt128.Zero;
        if (_views.Count > 0)
        {
            Add(parameters, generation, NpgsqlDbType.Bigint);
            Add(parameters, _viewNames, NpgsqlDbType.Array | NpgsqlDbType.Text);
        }

        if (commits.Any(commit => commit.Key is not null))
        {
            parts |= UInt128.One;
            AddKeys(parameters, commits);
        }

        for (var view = 0; view < _views.Count; view++)
        {
            if (AddDocuments(parameters, commits, view)) parts |= UInt128.One << (1 + (2 * view));
            if (AddRemovals(parameters, commits, view)) parts |= UInt128.One << (2 + (2 * view));
        }

        parts |= AddTables(parameters, commits);
        if (!_texts.TryGetValue(parts, out var text)) _texts.Add(parts, text = Text(parts));
        command.CommandText = text;
    }

    /// <summary>Lets the batch tables that have rows bind them, and says which they are.</summary>
    private UInt128 AddTables(NpgsqlParameterCollection parameters, IReadOnlyList<PendingCommit> commits)
    {
        var parts = UInt128.Zero;
        for (var table = 0; table < _tables.Count; table++)
        {
            var rows = RowsOf(_tables[table], commits);
            if (rows.Count == 0) continue;
            parts |= UInt128.One << (1 + (2 * _views.Count) + table);
            var before = parameters.Count;
            _tables[table].Bind(parameters, rows);
            if (parameters.Count != before + _tables[table].ParameterCount)
                throw new InvalidOperationException($"Batch table {_tables[table].Name} bound another number of "
                    + "parameters than it said.");
        }

        return parts;
    }

    public static List<(int Ordinal, object Row)> RowsOf(BatchTable table, IReadOnlyList<PendingCommit> commits)
    {
        var rows = new List<(int, object)>();
        for (var ord = 0; ord < commits.Count; ord++)
        {
            foreach (var (to, row) in commits[ord].Commit.Rows)
            {
                if (to == table) rows.Add((ord, row));
            }
        }

        return rows;
    }

    /// <summary>The text with everything in it, for tests of its plan.</summary>
    internal string WholeText() => Text(UInt128.MaxValue);

    private string Text(UInt128 parts)
    {
        const string accepted = "ord NOT IN (SELECT ord FROM refused)";
        var sql = new StringBuilder();
        var next = 20; // the first nineteen are count, streams and events
        sql.Append(CultureInfo.InvariantCulture, $"""
            WITH s AS MATERIALIZED (
              SELECT u.*, t.place, t.actual, t.archived
              FROM unnest($2, $3, $4, $5, $6, $7) AS u(ord, id, type, expected, version, at)
              LEFT JOIN LATERAL (SELECT m.ctid AS place, m.version AS actual, m.is_archived AS archived
                FROM xuanwu.mt_streams m WHERE m.id = u.id OFFSET 0) t ON true
            ),

            """);
        var generation = "NULL::bigint";
        var stale = "";
        if (_views.Count > 0)
        {
            sql.Append(CultureInfo.InvariantCulture, $"""
                g AS MATERIALIZED (
                  SELECT coalesce(sum(generation), 0)::bigint AS now FROM xuanwu.projections WHERE name = ANY (${next + 1})
                ),

                """);
            generation = "(SELECT now FROM g)";
            stale = $"UNION ALL SELECT ord FROM generate_series(0, $1 - 1) ord WHERE {generation} <> ${next} ";
            next += 2;
        }

        var keys = (parts & 1) != 0;
        if (keys)
        {
            sql.Append(CultureInfo.InvariantCulture, $"""
                k AS MATERIALIZED (
                  SELECT u.*, c.first_at, c.first_sequence, c.first_id
                  FROM unnest(${next}, ${next + 1}, ${next + 2}, ${next + 3}) AS u(ord, key, id, at)
                  LEFT JOIN LATERAL (SELECT at AS first_at, sequence AS first_sequence, id AS first_id
                    FROM xuanwu.commands c WHERE c.key = u.key OFFSET 0) c ON true
                ),

                """);
            next += 4;
        }

        sql.Append(CultureInfo.InvariantCulture, $"""
            refused AS MATERIALIZED (
              SELECT ord FROM s WHERE coalesce(actual, 0) <> expected OR archived
              {(keys ? "UNION ALL SELECT ord FROM k WHERE first_id IS NOT NULL " : "")}{stale}
            ),
            moved AS (
              UPDATE xuanwu.mt_streams t SET version = s.version, timestamp = s.at
              FROM s WHERE t.ctid = s.place AND s.{accepted}
            ),
            made AS (
              INSERT INTO xuanwu.mt_streams (id, type, version, timestamp, created)
              SELECT id, type, version, at, at FROM s WHERE place IS NULL AND {accepted}
            ),
            e AS MATERIALIZED (
              SELECT nextval('xuanwu.mt_events_sequence') AS seq, o.* FROM (
                SELECT * FROM unnest($8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) WITH ORDINALITY
                  AS u(ord, id, stream, version, data, type, dotnet, at, correlation, causation, headers, by, n)
                WHERE {accepted} ORDER BY n) o
            ),
            events AS (
              INSERT INTO xuanwu.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type,
                correlation_id, causation_id, headers, user_name)
              SELECT seq, id, stream, version, data, type, at, dotnet, correlation, causation, headers, by FROM e
            )
            """);
        if (keys)
        {
            sql.Append(CultureInfo.InvariantCulture, $"""
                ,
                command AS (
                  INSERT INTO xuanwu.commands (key, at, sequence, id)
                  SELECT k.key, k.at, l.sequence, k.id
                  FROM k LEFT JOIN (SELECT ord, max(seq) AS sequence FROM e GROUP BY ord) l USING (ord)
                  WHERE k.{accepted}
                )
                """);
        }

        for (var i = 0; i < _views.Count; i++)
        {
            if ((parts >> (1 + (2 * i)) & 1) != 0)
            {
                sql.Append(CultureInfo.InvariantCulture, $"""
                    ,
                    up_{i} AS (
                      INSERT INTO {_views[i].Table} AS d (id, data, mt_last_modified, mt_dotnet_type, mt_version)
                      SELECT id, data, at, '{_views[i].ViewType.FullName}', version
                      FROM unnest(${next}, ${next + 1}, ${next + 2}, ${next + 3}, ${next + 4})
                        AS u(ord, id, data, version, at) WHERE {accepted}
                      ON CONFLICT (id) DO UPDATE SET data = excluded.data, mt_version = excluded.mt_version,
                        mt_last_modified = excluded.mt_last_modified
                    )
                    """);
                next += 5;
            }

            if ((parts >> (2 + (2 * i)) & 1) != 0)
            {
                sql.Append(CultureInfo.InvariantCulture, $"""
                    ,
                    down_{i} AS (
                      DELETE FROM {_views[i].Table} WHERE id IN (
                        SELECT id FROM unnest(${next}, ${next + 1}) AS u(ord, id) WHERE {accepted})
                    )
                    """);
                next += 2;
            }
        }

        var notify = new StringBuilder(
            $"(SELECT pg_notify('{Channel}', '') WHERE EXISTS (SELECT 1 FROM e))");
        var tables = new StringBuilder();
        for (var i = 0; i < _tables.Count; i++)
        {
            if ((parts >> (1 + (2 * _views.Count) + i) & 1) == 0) continue;
            tables.Append(
                CultureInfo.InvariantCulture, $",\n{_tables[i].Name} AS (\n{_tables[i].Cte("accepted", next)}\n)");
            if (_tables[i].NotifyChannel is { } channel)
                notify.Append(CultureInfo.InvariantCulture, $", (SELECT pg_notify('{channel}', '') WHERE EXISTS ("
                    + $"SELECT 1 FROM unnest(${next}) AS u(ord) WHERE {accepted}))");
            next += _tables[i].ParameterCount;
        }

        if (tables.Length > 0)
        {
            sql.Append(CultureInfo.InvariantCulture, $"""
                ,
                accepted AS MATERIALIZED (SELECT ord FROM generate_series(0, $1 - 1) ord WHERE {accepted})
                """).Append(tables);
        }

        sql.Append(CultureInfo.InvariantCulture, $"""

            SELECT NULL::int AS ord, NULL::uuid AS id, min(seq) AS a, max(seq) AS b, count(*) AS c,
              NULL::timestamptz AS at, {generation} AS generation, concat({notify}) AS notified FROM e
            UNION ALL
            SELECT ord, id, coalesce(actual, 0), expected, archived::int, NULL, NULL, NULL
            FROM s WHERE coalesce(actual, 0) <> expected OR archived
            """);
        if (keys)
            sql.Append("\nUNION ALL\n"
                + "SELECT ord, first_id, first_sequence, NULL, NULL, first_at, NULL, NULL FROM k WHERE first_id IS "
                + "NOT NULL");
        return sql.ToString();
    }

    private string LoneText(UInt128 parts)
    {
        var sql = new StringBuilder();
        var current = _views.Count == 0 ? "" : """

                AND $13 = (SELECT sum(generation) FROM xuanwu.projections WHERE name = ANY ($14))
            """;
        sql.Append(CultureInfo.InvariantCulture, $"""
            WITH moved AS (
              UPDATE xuanwu.mt_streams SET version = $3, timestamp = $4
              WHERE id = $1 AND version = $2 AND is_archived IS NOT TRUE{current}
              RETURNING id
            ),
            e AS (
              INSERT INTO xuanwu.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type,
                correlation_id, causation_id, headers, user_name)
              SELECT nextval('xuanwu.mt_events_sequence'), $5, id, $3, $6, $7, $4, $8, $9, $10, $11, $12 FROM moved
              RETURNING seq_id
            )
            """);
        var next = 15;
        for (var i = 0; i < _views.Count; i++)
        {
            if ((parts >> (1 + (2 * i)) & 1) != 0)
            {
                sql.Append(CultureInfo.InvariantCulture, $"""
                    ,
                    up_{i} AS (
                      INSERT INTO {_views[i].Table} AS d (id, data, mt_last_modified, mt_dotnet_type, mt_version)
                      SELECT id, ${next++}, $4, '{_views[i].ViewType.FullName}', $3 FROM moved
                      ON CONFLICT (id) DO UPDATE SET data = excluded.data, mt_version = excluded.mt_version,
                        mt_last_modified = excluded.mt_last_modified
                    )
                    """);
            }

            if ((parts >> (2 + (2 * i)) & 1) != 0)
                sql.Append(CultureInfo.InvariantCulture,
                    $",\ndown_{i} AS (DELETE FROM {_views[i].Table} WHERE id IN (SELECT id FROM moved))");
        }

        var notify = new StringBuilder($"pg_notify('{Channel}', '')");
        if (parts >> (1 + (2 * _views.Count)) != 0) sql.Append(",\naccepted AS (SELECT 0 AS ord FROM moved)");
        for (var i = 0; i < _tables.Count; i++)
        {
            if ((parts >> (1 + (2 * _views.Count) + i) & 1) == 0) continue;
            sql.Append(
                CultureInfo.InvariantCulture, $",\n{_tables[i].Name} AS (\n{_tables[i].Cte("accepted", next)}\n)");
            if (_tables[i].NotifyChannel is { } channel)
                notify.Append(CultureInfo.InvariantCulture, $", pg_notify('{channel}', '')");
            next += _tables[i].ParameterCount;
        }

        return sql.Append(CultureInfo.InvariantCulture, $"""

            SELECT NULL::int, NULL::uuid, seq_id, seq_id, 1::bigint, NULL::timestamptz, NULL::bigint, concat({notify}) FROM e
            """).ToString();
    }

    private static void AddStreams(NpgsqlParameterCollection parameters, IReadOnlyList<PendingCommit> commits)
    {
        var count = 0;
        foreach (var commit in commits) count += commit.Streams.Length;
        var (ord, id, type) = (new int[count], new Guid[count], new string[count]);
        var (expected, version, at) = (new long[count], new long[count], new DateTime[count]);
        var i = 0;
        for (var c = 0; c < commits.Count; c++)
        {
            foreach (var stream in commits[c].Streams)
            {
                ord[i] = c;
                id[i] = stream.Append.Id;
                type[i] = stream.Kind.Aggregate.Alias;
                expected[i] = stream.Append.ExpectedVersion;
                version[i] = stream.Append.NewVersion;
                at[i++] = commits[c].Commit.At.UtcDateTime;
            }
        }

        Add(parameters, ord, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(parameters, id, NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        Add(parameters, type, NpgsqlDbType.Array | NpgsqlDbType.Varchar);
        Add(parameters, expected, NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add(parameters, version, NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add(parameters, at, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);
    }

    private static void AddEvents(NpgsqlParameterCollection parameters, IReadOnlyList<PendingCommit> commits)
    {
        var count = 0;
        foreach (var commit in commits) count += commit.EventCount;
        var (ord, id, stream, version) = (new int[count], new Guid[count], new Guid[count], new long[count]);
        var (data, type, dotnet, at) = (new byte[count][], new string[count], new string[count], new DateTime[count]);
        var (correlation, causation) = (new string?[count], new string?[count]);
        var (headers, by) = (new byte[]?[count], new string[count]);
        var i = 0;
        for (var c = 0; c < commits.Count; c++)
        {
            var who = commits[c].Commit.Who;
            var correlationId = who.CorrelationId?.ToString();
            foreach (var prepared in commits[c].Streams)
            {
                foreach (var row in prepared.Events)
                {
                    ord[i] = c;
                    id[i] = row.Id;
                    stream[i] = prepared.Append.Id;
                    version[i] = row.Version;
                    data[i] = row.Body;
                    type[i] = row.Type.Name;
                    dotnet[i] = row.Type.DotnetName;
                    at[i] = commits[c].Commit.At.UtcDateTime;
                    correlation[i] = correlationId;
                    causation[i] = who.CausationId;
                    headers[i] = commits[c].Headers;
                    by[i++] = who.User;
                }
            }
        }

        Add(parameters, ord, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(parameters, id, NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        Add(parameters, stream, NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        Add(parameters, version, NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add(parameters, data, NpgsqlDbType.Array | NpgsqlDbType.Jsonb);
        Add(parameters, type, NpgsqlDbType.Array | NpgsqlDbType.Varchar);
        Add(parameters, dotnet, NpgsqlDbType.Array | NpgsqlDbType.Varchar);
        Add(parameters, at, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);
        Add(parameters, correlation, NpgsqlDbType.Array | NpgsqlDbType.Varchar);
        Add(parameters, causation, NpgsqlDbType.Array | NpgsqlDbType.Varchar);
        Add(parameters, headers, NpgsqlDbType.Array | NpgsqlDbType.Jsonb);
        Add(parameters, by, NpgsqlDbType.Array | NpgsqlDbType.Varchar);
    }

    private static void AddKeys(NpgsqlParameterCollection parameters, IReadOnlyList<PendingCommit> commits)
    {
        var (ords, keys, ids, ats) = (new List<int>(), new List<string>(), new List<Guid>(), new List<DateTime>());
        for (var c = 0; c < commits.Count; c++)
        {
            if (commits[c].Key is not { } key) continue;
            ords.Add(c);
            keys.Add(key);
            ids.Add(commits[c].Id);
            ats.Add(commits[c].Commit.At.UtcDateTime);
        }

        Add(parameters, ords, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(parameters, keys, NpgsqlDbType.Array | NpgsqlDbType.Text);
        Add(parameters, ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        Add(parameters, ats, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);
    }

    private static bool AddDocuments(
        NpgsqlParameterCollection parameters, IReadOnlyList<PendingCommit> commits, int view)
    {
        var (ords, ids, documents) = (new List<int>(), new List<Guid>(), new List<byte[]>());
        var (versions, ats) = (new List<long>(), new List<DateTime>());
        for (var c = 0; c < commits.Count; c++)
        {
            foreach (var stream in commits[c].Streams)
            {
                if (Document(stream, view, out var document) && document is not null)
                {
                    ords.Add(c);
                    ids.Add(stream.Append.Id);
                    documents.Add(document);
                    versions.Add(stream.Append.NewVersion);
                    ats.Add(commits[c].Commit.At.UtcDateTime);
                }
            }
        }

        if (ords.Count == 0) return false;
        Add(parameters, ords, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(parameters, ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        Add(parameters, documents, NpgsqlDbType.Array | NpgsqlDbType.Jsonb);
        Add(parameters, versions, NpgsqlDbType.Array | NpgsqlDbType.Bigint);
        Add(parameters, ats, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz);
        return true;
    }

    private static bool AddRemovals(
        NpgsqlParameterCollection parameters, IReadOnlyList<PendingCommit> commits, int view)
    {
        var (ords, ids) = (new List<int>(), new List<Guid>());
        for (var c = 0; c < commits.Count; c++)
        {
            foreach (var stream in commits[c].Streams)
            {
                if (stream.Append.ExpectedVersion > 0 && Document(stream, view, out var document) && document is null)
                {
                    ords.Add(c);
                    ids.Add(stream.Append.Id);
                }
            }
        }

        if (ords.Count == 0) return false;
        Add(parameters, ords, NpgsqlDbType.Array | NpgsqlDbType.Integer);
        Add(parameters, ids, NpgsqlDbType.Array | NpgsqlDbType.Uuid);
        return true;
    }

    private static bool Document(PreparedStream stream, int view, out byte[]? document)
    {
        var own = view - stream.Kind.FirstView;
        var has = own >= 0 && own < stream.Documents.Length;
        document = has ? stream.Documents[own] : null;
        return has;
    }

    private static void AddNullable(NpgsqlParameterCollection parameters, object? value, NpgsqlDbType type) =>
        parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value, NpgsqlDbType = type });

    private static void Add<T>(NpgsqlParameterCollection parameters, T value, NpgsqlDbType type) =>
        parameters.Add(new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type });
}
