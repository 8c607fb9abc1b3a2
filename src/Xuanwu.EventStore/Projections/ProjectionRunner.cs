using Microsoft.Extensions.Logging;
using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.EventStore;

/// <summary>
/// Keeps one asynchronous view behind the journal.
///
/// <code>
///   waiting for the lease ──taken──► following ──event cannot be applied──► stopped (lease given up, fault on record)
///        ▲                              │  ▲                                       │
///        │◄───────────lease lost────────┘  └── woken by a commit, or by the poll   │ after a while, or when resumed:
///        └─────────────────────────────────────────────────────────────────────────┘ this or a newer node tries again
/// </code>
///
/// Documents and progress are written by one statement that compares the progress with what it was read as and the
/// generation of the table with what its documents were read from. So two holders of a lease, or a rebuild that swapped
/// the table meanwhile, cannot both write: the later one finds out, forgets what it remembers, and reads again.
/// </summary>
internal sealed class ProjectionRunner
{
    private readonly EventStore _store;
    private readonly StreamView _view;
    private readonly ProjectionOptions _options;
    private readonly ILogger _logger;
    private readonly ViewFold _fold;
    private readonly string _write;

    public ProjectionRunner(EventStore store, StreamView view, ProjectionOptions options)
    {
        (_store, _view, _options) = (store, view, options);
        _logger = store.Database.Loggers.CreateLogger<ProjectionRunner>();
        _fold = new ViewFold(store, view, view.Table, inline: false, options.RememberedDocuments);
        _write = $"""
            WITH progress AS (
              UPDATE xuanwu.mt_event_progression SET last_seq_id = $1, last_updated = transaction_timestamp()
              WHERE name = '{view.ProgressName}' AND last_seq_id = $2
                AND $3 = (SELECT generation FROM xuanwu.projections WHERE name = '{view.Name}')
              RETURNING 1
            ),
            {_fold.WriteSql(4, "EXISTS (SELECT 1 FROM progress)")}
            SELECT count(*) FROM progress
            """;
    }

    /// <summary>Waits on this channel in this process are woken when the view has moved.</summary>
    public static string MovedChannel(string view) => $"xuanwu_moved/{view}";

    public async Task RunAsync(CancellationToken stopping)
    {
        using var journal = _store.Database.Wakeups.Listen(AppendStatement.Channel);
        using var resumed = _store.Database.Wakeups.Listen(ProjectionDaemon.ResumeChannel);
        while (!stopping.IsCancellationRequested)
        {
            var pause = _options.LeaseTime / 3;
            try
            {
                if (await Lease.TryTakeAsync(_store.Database, $"projection/{_view.Name}", _options.LeaseTime, stopping)
                    is { } lease)
                {
                    _logger.LogInformation("Projection {View} is followed here", _view.Name);
                    var fault = await HoldAsync(lease, journal, stopping);
                    if (fault is not null) pause = _options.RetryStopped;
                }
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error)
            {
                _logger.LogWarning("Projection {View} is interrupted: {Reason}", _view.Name, error.Message);
            }

            try
            {
                await resumed.WaitAsync(pause, stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<ProjectionFault?> HoldAsync(Lease lease, Listener journal, CancellationToken stopping)
    {
        using var lost = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var renewing = RenewAsync(lease, lost);
        try
        {
            return await FollowAsync(journal, lost.Token);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            _logger.LogWarning("Projection {View} lost its lease", _view.Name);
            return null;
        }
        finally
        {
            await lost.CancelAsync();
            await renewing;
            try
            {
                await lease.ReleaseAsync(CancellationToken.None);
            }
            catch (NpgsqlException unreachable)
            {
                _logger.LogWarning(
                    "Projection {View} could not give up its lease: {Reason}", _view.Name, unreachable.Message);
            }
        }
    }

    /// <summary>Until cancelled, or until an event cannot be applied.</summary>
    private async Task<ProjectionFault?> FollowAsync(Listener journal, CancellationToken ct)
    {
        await using var connection = await _store.Database.Source.OpenConnectionAsync(ct);
        var (last, generation, wasStopped) = await ProgressAsync(connection, ct);
        _fold.Forget();
        while (true)
        {
            var piece = await _fold.ReadAsync(connection, null, last, _options.PieceSize, ct);
            if (piece.To > last)
            {
                if (!await WriteAsync(connection, piece, last, generation, ct))
                {
                    (last, generation, wasStopped) = await ProgressAsync(connection, ct);
                    _fold.Forget();
                    continue;
                }

                _fold.Remember(piece);
                last = piece.To;
                _store.Database.Wakeups.Wake(MovedChannel(_view.Name));
            }

            if (piece.Fault is { } fault)
            {
                await RecordAsync(connection, fault, ct);
                _logger.LogError("Projection {View} stopped at event {Sequence} ({Type}, stream {Stream} version "
                    + "{Version}): "
                    + "{Reason}", _view.Name, fault.Sequence, fault.Type, fault.StreamId, fault.Version, fault.Reason);
                return fault;
            }

            if (wasStopped)
            {
                await RecordAsync(connection, null, ct); // it could be applied this time
                wasStopped = false;
            }

            if (piece.Events < _options.PieceSize) await journal.WaitAsync(_options.Poll, ct);
        }
    }

    private async Task<bool> WriteAsync(
        NpgsqlConnection connection, FoldedPiece piece, long last, long generation, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(_write, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = piece.To });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = last });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = generation });
        _fold.Bind(command.Parameters, piece);
        await command.PrepareAsync(ct);
        return await command.ExecuteScalarAsync(ct) is 1L;
    }

    private async Task<(long Last, long Generation, bool Stopped)> ProgressAsync(
        NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            SELECT p.last_seq_id, v.generation, v.stopped_at IS NOT NULL
            FROM xuanwu.mt_event_progression p, xuanwu.projections v WHERE p.name = $1 AND v.name = $2
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _view.ProgressName });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _view.Name });
        await using var reader = await command.ExecuteReaderAsync(ct);
        if (!await reader.ReadAsync(ct)) throw new InvalidOperationException($"View {_view.Name} has no progress row.");
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetBoolean(2));
    }

    private async Task RecordAsync(NpgsqlConnection connection, ProjectionFault? fault, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand("""
            UPDATE xuanwu.projections SET
              stopped_at = CASE WHEN $2::bigint IS NULL THEN NULL
                WHEN stopped_sequence = $2 THEN coalesce(stopped_at, now()) ELSE now() END,
              stopped_sequence = $2, stopped_stream = $3, stopped_version = $4, stopped_type = $5, stopped_reason = $6
            WHERE name = $1
            """, connection);
        command.Parameters.AddWithValue(_view.Name);
        command.Parameters.Add(
            new NpgsqlParameter { Value = (object?)fault?.Sequence ?? DBNull.Value, DbType = System.Data.DbType.Int64 });
        command.Parameters.Add(
            new NpgsqlParameter { Value = (object?)fault?.StreamId ?? DBNull.Value, DbType = System.Data.DbType.Guid });
        command.Parameters.Add(
            new NpgsqlParameter { Value = (object?)fault?.Version ?? DBNull.Value, DbType = System.Data.DbType.Int64 });
        command.Parameters.Add(
            new NpgsqlParameter { Value = (object?)fault?.Type ?? DBNull.Value, DbType = System.Data.DbType.String });
        command.Parameters.Add(
            new NpgsqlParameter { Value = (object?)fault?.Reason ?? DBNull.Value, DbType = System.Data.DbType.String });
        await command.ExecuteNonQueryAsync(ct);
    }

    private async Task RenewAsync(Lease lease, CancellationTokenSource lost)
    {
        while (!lost.IsCancellationRequested)
        {
            await Task.Delay(_options.LeaseTime / 3, lost.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (lost.IsCancellationRequested) return;
            try
            {
                if (!await lease.RenewAsync(lost.Token)) await lost.CancelAsync();
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (Exception error)
            {
                _logger.LogWarning(
                    "The lease of projection {View} could not be renewed: {Reason}", _view.Name, error.Message);
                if (!lease.IsHeld) await lost.CancelAsync();
            }
        }
    }
}
