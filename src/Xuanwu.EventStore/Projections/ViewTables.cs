using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>The tables of views, in Marten's format of a single-stream projection.</summary>
internal static class ViewTables
{
    /// <summary>Held while tables of views are made or swapped, so that nodes take turns.</summary>
    private const long LockKey = 0x5875616e_77750011;

    public static string Create(StreamView view, string table) => $"""
        CREATE TABLE IF NOT EXISTS {table} (
            id                  uuid            NOT NULL,
            data                jsonb           NOT NULL,
            mt_last_modified    timestamptz     NULL DEFAULT (transaction_timestamp()),
            mt_dotnet_type      varchar         NULL,
            mt_version          bigint          NOT NULL DEFAULT 0,
            CONSTRAINT pkey_mt_doc_{view.Name}_id PRIMARY KEY (id)
        ) WITH (fillfactor = 80)
        """;

    /// <summary>
    /// Makes the tables that are missing. An inline view that is new to a journal that is not empty is filled before this
    /// returns; an asynchronous one begins at the beginning by itself.
    /// </summary>
    public static async Task EnsureAsync(
        EventStore store, IReadOnlyList<StreamView> views, bool inline, CancellationToken ct)
    {
        foreach (var view in views)
        {
            await using var connection = await store.Database.Source.OpenConnectionAsync(ct);
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({LockKey})", ct);
            await ExecuteAsync(connection, Create(view, view.Table), ct);
            await using var register = new NpgsqlCommand(
                "INSERT INTO xuanwu.projections (name) VALUES ($1) ON CONFLICT DO NOTHING", connection);
            register.Parameters.Add(new NpgsqlParameter<string> { TypedValue = view.Name });
            await register.ExecuteNonQueryAsync(ct);
            await transaction.CommitAsync(ct);
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(ct);
    }
}
