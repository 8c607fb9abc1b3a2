using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Xuanwu.EventStore;
using Xuanwu.Postgres;
using Xuanwu.Testing;

namespace Xuanwu.Bench;

/// <summary>Loading one stream of 10,000 events, against reading the same rows raw with Npgsql. In turn.</summary>
internal static class Replay
{
    private const int Events = 10_000;

    public static async Task RunAsync(bool quick)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Durable = true });
        await using var test = await server.CreateDatabaseAsync();
        var database = test.Open();
        var aggregate = new Aggregate<TaskState, TaskEvent>("task", TaskState.Absent, TaskState.Evolve);
        var types = new EventTypes().Register<TaskEvent>();
        var stream = Guid.NewGuid();
        await using (var store = new EventStore.EventStore(database, types, new EventStoreOptions().Add(aggregate)))
        {
            TaskEvent[] events = [BenchEvents.Open(1), .. Enumerable.Range(1, Events - 1).Select(BenchEvents.Progress)];
            await store.CommitAsync(new Commit(new Who("ada"), BenchEvents.Day).Append(aggregate, stream, 0, events),
                CancellationToken.None);
        }

        await test.ExecuteAsync("VACUUM ANALYZE xuanwu.mt_events");
        var size = await test.ScalarAsync<double>("SELECT avg(octet_length(data::text))::float8 FROM xuanwu.mt_events");
        var (raw, ours) = (new List<double>(), new List<double>());
        for (var round = -5; round < (quick ? 15 : 60); round++)
        {
            var readRaw = await TimeAsync(() => ReadRawAsync(database.Source, stream));
            // A store of its own each time, so that nothing is in the cache.
            await using var store = new EventStore.EventStore(database, types, new EventStoreOptions().Add(aggregate));
            var folded = await TimeAsync(async () =>
                (int)(await store.LoadAsync(aggregate, stream, CancellationToken.None)).Version);
            if (round < 0) continue;
            raw.Add(Events / readRaw);
            ours.Add(Events / folded);
        }

        var ratio = Results.Median(ours.Zip(raw, (o, r) => o / r));
        Results.Write("replay", "./dev.sh bench replay" + (quick ? " --quick" : ""), string.Create(CultureInfo.InvariantCulture, $"""
            One stream of {Events:N0} events of {size:N0} bytes, events/s, median (lowest–highest) of {raw.Count} rounds in turn.
            Raw reads type and body of the same rows, as string and bytes, and does nothing with them.

            | raw read | load (read, deserialize, fold) | ratio (goal) |
            |---|---|---|
            | {Results.Spread(raw)} | {Results.Spread(ours)} | **{ratio:N2}** (0.7) |
            """));
    }

    private static async Task<double> TimeAsync(Func<Task<int>> read)
    {
        var start = Stopwatch.GetTimestamp();
        if (await read() != Events) throw new InvalidOperationException("Not all events were read.");
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<int> ReadRawAsync(NpgsqlDataSource source, Guid stream)
    {
        await using var command = source.CreateCommand(
            "SELECT type, data FROM xuanwu.mt_events WHERE stream_id = $1 ORDER BY version");
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = stream });
        await using var reader = await command.ExecuteReaderAsync();
        var count = 0;
        while (await reader.ReadAsync())
        {
            if (reader.GetString(0).Length > 0 && reader.GetFieldValue<byte[]>(1).Length > 0) count++;
        }

        return count;
    }
}
