using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>A view could not be rebuilt; the live one is as it was.</summary>
public sealed class RebuildFailed(string message, ProjectionFault? fault = null) : Exception(message)
{
    /// <summary>The event that cannot be applied, if that is why.</summary>
    public ProjectionFault? Fault { get; } = fault;
}

/// <summary>
/// Makes a view's table anew beside the live one.
///
/// 1. A table like the live one. The head of the journal is read: since commit order is sequence order, the events up
/// to
///    it are a fixed set.
/// 2. All of them, stream by stream, so that each document is folded in one go and written once with COPY, in the order
/// of
///    the primary key, however the streams are interleaved in the journal. Memory holds one document.
/// 3. What was committed since, piece by piece, until little is left.
/// 4. One transaction: for an inline view the append lock, so that nothing is committed meanwhile; the live table
/// locked;
///    the rest folded; the tables swapped, the indexes under their old names; progress set and the generation raised,
///    which makes every node forget what it folded on the old table. Readers wait for milliseconds, and their prepared
///    statements find the new table by its name.
///
/// A node that dies on the way leaves a table that the next rebuild drops. Two at once are kept apart by a lease.
/// </summary>
internal sealed class Rebuild(EventStore store, StreamView view, bool inline)
{
    /// <summary>Folding this many under the lock takes milliseconds.</summary>
    private const int FewEvents = 200;

    private const int PieceSize = 2000;

    private static readonly TimeSpan LeaseTime = TimeSpan.FromSeconds(10);

    private readonly ILogger _logger = store.Database.Loggers.CreateLogger<Rebuild>();

    private string Next => $"{view.Table}_next";

    public async Task<long> RunAsync(CancellationToken ct)
    {
        var lease = await Lease.TryTakeAsync(store.Database, $"rebuild/{view.Name}", LeaseTime, ct)
            ?? throw new RebuildFailed($"View {view.Name} is being rebuilt already.");
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var renewing = RenewAsync(lease, lost);
        try
        {
            return await MakeAsync(lost.Token);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new RebuildFailed($"The lease of the rebuild of view {view.Name} was lost.");
        }
        finally
        {
            await lost.CancelAsync();
            await renewing;
            await lease.ReleaseAsync(CancellationToken.None);
        }
    }

    private async Task<long> MakeAsync(CancellationToken ct)
    {
        var fold = new ViewFold(store, view, Next, inline, remembered: 10_000);
        await using var connection = await store.Database.Source.OpenConnectionAsync(ct);
        await ExecuteAsync(connection, $"""
            DROP TABLE IF EXISTS {Next};
            CREATE TABLE {Next} (LIKE {view.Table} INCLUDING ALL) WITH (fillfactor = 80)
            """, ct);
        try
        {
            var head = await store.HeadAsync(ct);
            var events = await CopyAsync(fold.Others, head, ct);
            await ExecuteAsync(connection, $"ANALYZE {Next}", ct);
            var last = head;
            while (true)
            {
                var piece = await PieceAsync(connection, null, fold, last, ct);
                (last, events) = (piece.To, events + piece.Events);
                if (piece.Events <= FewEvents && await TrySwapAsync(connection, fold, last, ct) is { } swapped)
                {
                    _logger.LogInformation("View {View} was rebuilt from {Events} events", view.Name, events + swapped);
                    return events + swapped;
                }
            }
        }
        catch
        {
            await DropAsync();
            throw;
        }
    }

    /// <summary>Step 2.</summary>
    private async Task<long> CopyAsync(string[] others, long head, CancellationToken ct)
    {
        await using var reading = await store.Database.Source.OpenConnectionAsync(ct);
        await using var writing = await store.Database.Source.OpenConnectionAsync(ct);
        await using var transaction = await reading.BeginTransactionAsync(ct);
        await ExecuteAsync(reading,
            "SET LOCAL work_mem = '128MB'; SET LOCAL random_page_cost = 1.1; SET LOCAL statement_timeout = 0", ct);
        await using var select = new NpgsqlCommand(EventReader.SelectStreamByStream, reading, transaction) { CommandTimeout = 0 };
        select.Parameters.Add(new NpgsqlParameter<long> { TypedValue = head });
        select.Parameters.Add(new NpgsqlParameter<string[]>
        {
            TypedValue = others,
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar,
        });
        await using var copy = await writing.BeginBinaryImportAsync(
            $"COPY {Next} (id, data, mt_last_modified, mt_dotnet_type, mt_version) FROM STDIN (FORMAT BINARY)", ct);
        copy.Timeout = TimeSpan.FromHours(1); // for one answer, not for the whole
        await using var reader = await select.ExecuteReaderAsync(ct);
        var json = store.Types.Json.GetTypeInfo(view.ViewType);
        var rows = new EventReader(reader, store.Types);
        var (stream, document, events) = (Guid.Empty, default(Document), 0L);
        while (await reader.ReadAsync(ct))
        {
            try
            {
                var happened = rows.Read();
                if (happened.StreamId != stream)
                {
                    await WriteAsync();
                    (stream, document) = (happened.StreamId, default);
                }

                document = new Document(
                    view.Fold(document.View, inline ? happened with { Sequence = 0 } : happened), happened.Version,
                    happened.At);
                events++;
            }
            catch (Exception error) when (error is not (OperationCanceledException or NpgsqlException))
            {
                throw Failed(rows.Fault(error));
            }
        }

        await WriteAsync();
        await copy.CompleteAsync(ct);
        return events;

        async ValueTask WriteAsync()
        {
            if (document.View is null) return;
            await copy.StartRowAsync(ct);
            await copy.WriteAsync(stream, NpgsqlDbType.Uuid, ct);
            await copy.WriteAsync(
                System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(document.View, json), NpgsqlDbType.Jsonb, ct);
            await copy.WriteAsync(document.At, NpgsqlDbType.TimestampTz, ct);
            await copy.WriteAsync(view.ViewType.FullName, NpgsqlDbType.Varchar, ct);
            await copy.WriteAsync(document.Version, NpgsqlDbType.Bigint, ct);
        }
    }

    /// <summary>One piece of step 3, or all that is left in step 4.</summary>
    private async Task<FoldedPiece> PieceAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, ViewFold fold, long last, CancellationToken ct)
    {
        var piece = await fold.ReadAsync(connection, transaction, last, PieceSize, ct);
        if (piece.Fault is { } fault) throw Failed(fault);
        if (piece.Changed.Count == 0) return piece;
        await using var command = new NpgsqlCommand($"WITH {fold.WriteSql(1, "true")} SELECT", connection, transaction);
        fold.Bind(command.Parameters, piece);
        await command.ExecuteNonQueryAsync(ct);
        fold.Remember(piece);
        return piece;
    }

    /// <summary>Step 4. Null: somebody held the table for too long; catch up and try again.</summary>
    private async Task<long?> TrySwapAsync(NpgsqlConnection connection, ViewFold fold, long last, CancellationToken ct)
    {
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(ct);
            await ExecuteAsync(connection, "SET LOCAL lock_timeout = '1s'", ct);
            // The same order as a commit takes them: the append lock, then the table.
            if (inline) await ExecuteAsync(connection, AppendStatement.TakeLock, ct);
            await ExecuteAsync(connection, $"LOCK TABLE {view.Table} IN ACCESS EXCLUSIVE MODE", ct);
            var live = inline ? 0 : await ProgressAsync(connection, ct);
            var events = 0L;
            // Never back: a live view that had come further is overtaken first.
            for (var full = true; full || last < live;)
            {
                var piece = await PieceAsync(connection, transaction, fold, last, ct);
                (last, events, full) = (piece.To, events + piece.Events, piece.Events == PieceSize);
            }

            await SwapAsync(connection, last, ct);
            await transaction.CommitAsync(ct);
            return events;
        }
        catch (PostgresException busy) when (busy.SqlState is PostgresErrorCodes.LockNotAvailable
            or PostgresErrorCodes.DeadlockDetected)
        {
            fold.Forget(); // what the transaction had written is gone
            return null;
        }
    }

    private async Task SwapAsync(NpgsqlConnection connection, long last, CancellationToken ct)
    {
        var (old, made) = (await IndexesAsync(connection, view.Table, ct), await IndexesAsync(connection, Next, ct));
        var renames = made.Join(old, index => index.Definition, index => index.Definition,
            (index, former) => $"ALTER INDEX xuanwu.\"{index.Name}\" RENAME TO \"{former.Name}\";");
        await ExecuteAsync(connection, $"""
            DROP TABLE {view.Table};
            ALTER TABLE {Next} RENAME TO mt_doc_{view.Name};
            {string.Concat(renames)}
            UPDATE xuanwu.projections SET generation = generation + 1, stopped_at = NULL, stopped_sequence = NULL,
              stopped_stream = NULL, stopped_version = NULL, stopped_type = NULL, stopped_reason = NULL
            WHERE name = '{view.Name}';
            """ + (inline ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"""
            UPDATE xuanwu.mt_event_progression SET last_seq_id = {last}, last_updated = transaction_timestamp()
            WHERE name = '{view.ProgressName}';
            """)) + $"SELECT pg_notify('{ProjectionDaemon.ResumeChannel}', '')", ct);
    }

    private async Task<long> ProgressAsync(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            "SELECT last_seq_id FROM xuanwu.mt_event_progression WHERE name = $1 FOR UPDATE", connection);
        command.Parameters.AddWithValue(view.ProgressName);
        return await command.ExecuteScalarAsync(ct) as long? ?? 0;
    }

    /// <summary>What makes an index the same on both tables: all of its definition but the names.</summary>
    private static async Task<List<(string Name, string Definition)>> IndexesAsync(
        NpgsqlConnection connection, string table, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            SELECT c.relname, regexp_replace(pg_get_indexdef(i.indexrelid), ' INDEX .* ON [^ ]+ USING ', ' USING ')
            FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = $1::regclass
            """, connection);
        command.Parameters.AddWithValue(table);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var indexes = new List<(string, string)>();
        while (await reader.ReadAsync(ct)) indexes.Add((reader.GetString(0), reader.GetString(1)));
        return indexes;
    }

    private RebuildFailed Failed(ProjectionFault fault) => new(
        $"View {view.Name} cannot apply event {fault.Sequence} ({fault.Type}, stream {fault.StreamId} version "
        + $"{fault.Version}): {fault.Reason}", fault);

    private async Task DropAsync()
    {
        try
        {
            await using var drop = store.Database.Source.CreateCommand($"DROP TABLE IF EXISTS {Next}");
            await drop.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException unreachable)
        {
            _logger.LogWarning("{Table} is left for the next rebuild to drop: {Reason}", Next, unreachable.Message);
        }
    }

    private static async Task RenewAsync(Lease lease, CancellationTokenSource lost)
    {
        while (!lost.IsCancellationRequested)
        {
            await Task.Delay(LeaseTime / 3, lost.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (lost.IsCancellationRequested) return;
            try
            {
                if (!await lease.RenewAsync(lost.Token)) await lost.CancelAsync();
            }
            catch (Exception) when (lease.IsHeld || lost.IsCancellationRequested)
            {
                // there is time for another attempt
            }
            catch (NpgsqlException)
            {
                await lost.CancelAsync();
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(ct);
    }
}
