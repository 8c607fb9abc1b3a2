using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xuanwu.EventStore;
using Xuanwu.Postgres;
using Xuanwu.Testing;

namespace Xuanwu.Bench;

/// <summary>Rebuilding a view of streams of ten events, which lie together or mixed in the journal; the live view is
/// read all the while.</summary>
internal static class RebuildViews
{
    public static async Task RunAsync(bool quick)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Durable = true });
        var events = quick ? 100_000 : 500_000;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            {events:N0} events in streams of ten, folded into one document each; median (lowest–highest) of the rounds, swap
            included. A client reads documents of the live view all the while.

            | streams | events/s (goal) | reads/s of the live view | longest read ms |
            |---|---|---|---|
            """);
        foreach (var interleaved in new[] { false, true })
        {
            await using var test = await server.CreateDatabaseAsync();
            var database = test.Open();
            var aggregate = new Aggregate<TaskState, TaskEvent>("task", TaskState.Absent, TaskState.Evolve);
            var view = new StreamView<TaskView, TaskEvent>("task", TaskView.Evolve);
            await using var store = new EventStore.EventStore(
                database, new EventTypes().Register<TaskEvent>(), new EventStoreOptions().Add(aggregate));
            await FillAsync(test, events, interleaved);
            await using var daemon = new ProjectionDaemon(store, [view], new ProjectionOptions { PieceSize = 5000 });
            await daemon.StartAsync(CancellationToken.None);
            await daemon.WaitForAsync(view, events, CancellationToken.None);
            var ids = await test.ColumnAsync<Guid>("SELECT id FROM xuanwu.mt_streams LIMIT 1000");
            var (rates, reads, longest) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round < (quick ? 2 : 5); round++)
            {
                using var stop = new CancellationTokenSource();
                var reading = Task.Run(() => ReadAsync(store, ids, stop.Token));
                var start = Stopwatch.GetTimestamp();
                var folded = await daemon.RebuildAsync(view, CancellationToken.None);
                var time = Stopwatch.GetElapsedTime(start).TotalSeconds;
                await stop.CancelAsync();
                if (folded != events) throw new InvalidOperationException($"{folded} events were folded.");
                var (count, slowest) = await reading;
                rates.Add(events / time);
                reads.Add(count / time);
                longest.Add(slowest);
            }

            var right = await test.ScalarAsync<long>(
                "SELECT count(*) FROM xuanwu.mt_doc_task WHERE mt_version = 10 AND (data ->> 'Steps')::int = 9");
            if (right != events / 10) throw new InvalidOperationException($"{right} documents are right.");
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {(interleaved ? "interleaved" : "contiguous")} | **{Results.Spread(rates)}** (100,000) | "
                + $"{Results.Spread(reads)} | {longest.Max():N0} |");
        }

        Results.Write("rebuild", "./dev.sh bench rebuild" + (quick ? " --quick" : ""), text.ToString());
    }

    /// <summary>A view is read by key, one read every two milliseconds at most.</summary>
    private static async Task<(int Count, double Longest)> ReadAsync(
        EventStore.EventStore store, List<Guid> ids, CancellationToken stop)
    {
        var (count, longest) = (0, 0.0);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (!stop.IsCancellationRequested)
        {
            var start = Stopwatch.GetTimestamp();
            var view = await store.FindViewAsync<TaskView>(ids[count % ids.Count], CancellationToken.None);
            longest = Math.Max(longest, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            if (view is not { Steps: 9 }) throw new InvalidOperationException(
                "The live view is not there or not right.");
            count++;
            await timer.WaitForNextTickAsync(CancellationToken.None);
        }

        return (count, longest);
    }

    private static async Task FillAsync(TestDatabase test, int events, bool interleaved)
    {
        var order = interleaved ? "v, s" : "s, v";
        var body = System.Text.Json.JsonSerializer.Serialize(BenchEvents.Progress(3));
        await test.ExecuteAsync($$"""
            INSERT INTO xuanwu.mt_streams (id, type, version)
            SELECT md5(s::text)::uuid, 'task', 10 FROM generate_series(1, {{events / 10}}) s;
            INSERT INTO xuanwu.mt_events (seq_id, id, stream_id, version, data, type, mt_dotnet_type, headers, user_name)
            SELECT nextval('xuanwu.mt_events_sequence'), gen_random_uuid(), id, v,
              CASE v WHEN 1 THEN '{"Project": "advertising", "Name": "clicks", "Owner": "ada"}'::jsonb ELSE '{{body}}'::jsonb END,
              CASE v WHEN 1 THEN 'task_opened' ELSE 'task_progressed' END, 'x', '{"command": "ProgressTask"}', 'ada'
            FROM (SELECT md5(s::text)::uuid AS id, v FROM generate_series(1, {{events / 10}}) s, generate_series(1, 10) v
                  ORDER BY {{order}}) e;
            ANALYZE;
            """);
    }
}
