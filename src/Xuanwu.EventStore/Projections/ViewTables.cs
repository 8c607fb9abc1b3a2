using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>The tables of views, in Marten's format of a single-stream projection.</summary>
internal static class ViewTables
{
    /// <summary>Held while tables of views are made, so that nodes take turns.</summary>
    private const long LockKey = 0x5875616e_77750011;

    /// <summary>
    /// Makes the tables that are missing. An inline view that is new to a journal that is not empty, or that was
    /// asynchronous before, is filled before this returns; an asynchronous one begins at the beginning by itself.
    /// </summary>
    public static async Task EnsureAsync(
        EventStore store, IReadOnlyList<StreamView> views, bool inline, CancellationToken ct)
    {
        foreach (var view in views)
        {
            await EnsureAsync(store, view, inline, ct);
            while (inline && !await IsFilledAsync(store, view, ct))
            {
                try
                {
                    await new Rebuild(store, view, inline).RunAsync(ct);
                }
                catch (RebuildFailed busy) when (busy.Fault is null)
                {
                    await Task.Delay(TimeSpan.FromMilliseconds(200), ct); // another node is at it
                }
            }
        }
    }

    private static async Task EnsureAsync(EventStore store, StreamView view, bool inline, CancellationToken ct)
    {
        await using var connection = await store.Database.Source.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using var command = new NpgsqlCommand(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
            SELECT pg_advisory_xact_lock({LockKey});
            CREATE TABLE IF NOT EXISTS {view.Table} (
                id                  uuid            NOT NULL,
                data                jsonb           NOT NULL,
                mt_last_modified    timestamptz     NULL DEFAULT (transaction_timestamp()),
                mt_dotnet_type      varchar         NULL,
                mt_version          bigint          NOT NULL DEFAULT 0,
                CONSTRAINT pkey_mt_doc_{view.Name}_id PRIMARY KEY (id)
            ) WITH (fillfactor = 80);
            INSERT INTO xuanwu.projections AS p (name, inline, generation)
            SELECT '{view.Name}', {inline}, CASE WHEN {inline} AND EXISTS (SELECT 1 FROM xuanwu.mt_events) THEN 0 ELSE 1 END
            ON CONFLICT (name) DO UPDATE SET inline = excluded.inline,
                generation = CASE WHEN excluded.inline THEN 0 ELSE p.generation END
            WHERE p.inline <> excluded.inline;
            """), connection);
        if (!inline)
        {
            command.CommandText += $"""
                INSERT INTO xuanwu.mt_event_progression (name, last_seq_id) VALUES ('{view.ProgressName}', 0)
                ON CONFLICT (name) DO NOTHING;
                """;
        }

        await command.ExecuteNonQueryAsync(ct);
        await transaction.CommitAsync(ct);
    }

    private static async Task<bool> IsFilledAsync(EventStore store, StreamView view, CancellationToken ct)
    {
        await using var command = store.Database.Source.CreateCommand(
            "SELECT generation > 0 FROM xuanwu.projections WHERE name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = view.Name });
        return await command.ExecuteScalarAsync(ct) is true;
    }
}
