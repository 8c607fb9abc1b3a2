using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Xuanwu.EventStore;

/// <summary>
/// Folds a piece of the journal into documents of one view: reads events after a sequence number, reads the documents
/// of their streams that it does not remember, folds. Writing is the caller's, since what belongs into the same
/// transaction differs: the progress of the live view, or the swap of a rebuilt one.
/// </summary>
internal sealed class ViewFold(EventStore store, StreamView view, string table, bool inline, int remembered)
{
    private readonly Recent<Document> _recent = new(remembered);
    private readonly string[] _others = store.Types.NamesNotBelow(view.EventRoot);

    /// <summary>The types that are known to be none of this view's.</summary>
    public string[] Others => _others;

    public async Task<FoldedPiece> ReadAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, long after, int limit, CancellationToken ct)
    {
        var (events, head, fault) = await ReadEventsAsync(connection, transaction, after, limit, ct);
        var unknown = events.Where(e => e.Version > 1 && !_recent.TryGet(e.StreamId, out _)).Select(e => e.StreamId)
            .Distinct().ToArray();
        if (unknown.Length > 0) await ReadDocumentsAsync(connection, transaction, unknown, ct);

        var changed = new Dictionary<Guid, Document>();
        var to = after;
        foreach (var happened in events)
        {
            if (!changed.TryGetValue(happened.StreamId, out var document)
                && !_recent.TryGet(happened.StreamId, out document)) document = default;
            try
            {
                // A document can be ahead: it was an inline view before.
                if (happened.Version > document.Version)
                {
                    changed[happened.StreamId] = new Document(
                        view.Fold(document.View, inline ? happened with { Sequence = 0 } : happened), happened.Version,
                        happened.At);
                }
            }
            catch (Exception error)
            {
                fault = new ProjectionFault(happened.Sequence, happened.StreamId, happened.Version,
                    store.Types.Of(happened.Event.GetType()).Name, error.Message);
                return new FoldedPiece(to, changed, fault, events.Count);
            }

            to = happened.Sequence;
        }

        // Fewer than asked for: all up to the head has been seen, also where no event is of this view.
        if (fault is null && events.Count < limit) to = Math.Max(to, head);
        return new FoldedPiece(to, changed, fault, events.Count);
    }

    /// <summary>Remembers what was written. Called after the transaction.</summary>
    public void Remember(FoldedPiece piece)
    {
        foreach (var (id, document) in piece.Changed) _recent.Set(id, document);
    }

    public void Forget() => _recent.Clear();

    public byte[] Write(object document) =>
        JsonSerializer.SerializeToUtf8Bytes(document, store.Types.Json.GetTypeInfo(view.ViewType));

    /// <summary>
    /// CTEs `up` and `down` that write a piece into the table when the condition holds, from $first on.
    /// </summary>
    public string WriteSql(int first, string condition) => $"""
        up AS (
          INSERT INTO {table} AS d (id, data, mt_last_modified, mt_dotnet_type, mt_version)
          SELECT id, data, at, '{view.ViewType.FullName}', version
          FROM unnest(${first}, ${first + 1}, ${first + 2}, ${first + 3}) AS u(id, data, version, at) WHERE {condition}
          ON CONFLICT (id) DO UPDATE SET data = excluded.data, mt_version = excluded.mt_version,
            mt_last_modified = excluded.mt_last_modified
        ),
        down AS (DELETE FROM {table} WHERE id = ANY (${first + 4}) AND {condition})
        """;

    /// <summary>The five parameters of <see cref="WriteSql"/>.</summary>
    public void Bind(NpgsqlParameterCollection parameters, FoldedPiece piece)
    {
        var there = piece.Changed.Where(pair => pair.Value.View is not null).ToList();
        parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. there.Select(pair => pair.Key)] });
        parameters.Add(new NpgsqlParameter<byte[][]>
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Jsonb,
            TypedValue = [.. there.Select(pair => Write(pair.Value.View!))],
        });
        parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. there.Select(pair => pair.Value.Version)] });
        parameters.Add(new NpgsqlParameter<DateTime[]>
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz,
            TypedValue = [.. there.Select(pair => pair.Value.At)],
        });
        parameters.Add(new NpgsqlParameter<Guid[]>
        {
            TypedValue = [.. piece.Changed.Where(pair => pair.Value.View is null).Select(pair => pair.Key)],
        });
    }

    private async Task<(List<Envelope> Events, long Head, ProjectionFault? Fault)> ReadEventsAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, long after, int limit, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection, transaction)
        {
            BatchCommands =
            {
                // The head first: what is up to it is surely seen by the statement after it.
                new NpgsqlBatchCommand("SELECT coalesce(max(seq_id), 0) FROM xuanwu.mt_events"),
                new NpgsqlBatchCommand(EventReader.SelectProjected)
                {
                    Parameters =
                    {
                        new NpgsqlParameter<long> { TypedValue = after },
                        new NpgsqlParameter<string[]> { TypedValue = _others, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Varchar },
                        new NpgsqlParameter<int> { TypedValue = limit },
                    },
                },
            },
        };
        await batch.PrepareAsync(ct);
        await using var reader = await batch.ExecuteReaderAsync(ct);
        await reader.ReadAsync(ct);
        var head = reader.GetInt64(0);
        await reader.NextResultAsync(ct);
        var events = new List<Envelope>();
        var rows = new EventReader(reader, store.Types);
        while (await reader.ReadAsync(ct))
        {
            try
            {
                var happened = rows.Read();
                events.Add(happened);
            }
            catch (Exception unreadable) when (unreadable is UnreadableEvent or UnknownEventType)
            {
                return (events, head, rows.Fault(unreadable));
            }
        }

        return (events, head, null);
    }

    private async Task ReadDocumentsAsync(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, Guid[] ids, CancellationToken ct)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT id, data, mt_version, mt_last_modified FROM {table} WHERE id = ANY ($1)", connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = ids });
        await command.PrepareAsync(ct);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var type = store.Types.Json.GetTypeInfo(view.ViewType);
        while (await reader.ReadAsync(ct))
        {
            _recent.Set(reader.GetGuid(0), new Document(
                JsonSerializer.Deserialize(reader.GetFieldValue<byte[]>(1), type), reader.GetInt64(2),
                reader.GetDateTime(3)));
        }
    }
}

/// <param name="View">Null: not there, or removed.</param>
/// <param name="Version">Of the stream's last event in it.</param>
/// <param name="At">Time of that event.</param>
internal readonly record struct Document(object? View, long Version, DateTime At);

/// <param name="To">All events up to this sequence number are folded.</param>
/// <param name="Changed">The documents as they are now, by stream.</param>
/// <param name="Fault">The event after <paramref name="To"/> that cannot be applied.</param>
/// <param name="Events">How many were read.</param>
internal sealed record FoldedPiece(long To, Dictionary<Guid, Document> Changed, ProjectionFault? Fault, int Events);
