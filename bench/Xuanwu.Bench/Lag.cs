using System.Diagnostics;
using System.Globalization;
using Xuanwu.EventStore;
using Xuanwu.Postgres;
using Xuanwu.Testing;

namespace Xuanwu.Bench;

/// <summary>From the acknowledgement of a commit to its being seen in an asynchronous view, at 500 events/s, followed
/// by the same node and by another one.</summary>
internal static class Lag
{
    private const int PerSecond = 500;

    public static async Task RunAsync(bool quick)
    {
        await using var server = await PostgresServer.StartAsync(new PostgresServerOptions { Durable = true });
        var seconds = quick ? 5 : 20;
        var here = await MeasureAsync(server, sameNode: true, seconds);
        var there = await MeasureAsync(server, sameNode: false, seconds);
        Results.Write("lag", "./dev.sh bench lag" + (quick ? " --quick" : ""), string.Create(CultureInfo.InvariantCulture, $"""
            {PerSecond} commits/s for {seconds} s; time from the acknowledgement of a commit until the view's progress row has
            passed it. On the same node the wake is local, on another it comes by NOTIFY.

            | followed by | p50 ms (goal 10) | p99 ms (goal 50) | longest ms |
            |---|---|---|---|
            | the same node | **{At(here, 0.5):N1}** | **{At(here, 0.99):N1}** | {here[^1]:N1} |
            | another node | **{At(there, 0.5):N1}** | **{At(there, 0.99):N1}** | {there[^1]:N1} |
            """));
    }

    private static double At(double[] sorted, double part) => sorted[(int)(sorted.Length * part)];

    private static async Task<double[]> MeasureAsync(PostgresServer server, bool sameNode, int seconds)
    {
        await using var test = await server.CreateDatabaseAsync();
        var aggregate = new Aggregate<TaskState, TaskEvent>("task", TaskState.Absent, TaskState.Evolve);
        var view = new StreamView<TaskView, TaskEvent>("task", TaskView.Evolve);
        var types = new EventTypes().Register<TaskEvent>();
        await using var store = new EventStore.EventStore(test.Open(), types, new EventStoreOptions().Add(aggregate));
        await using var following = sameNode ? null
            : new EventStore.EventStore(test.Open(), types, new EventStoreOptions().Add(aggregate));
        await using var daemon = new ProjectionDaemon(following ?? store, [view]);
        await daemon.StartAsync(CancellationToken.None);
        var streams = Enumerable.Range(0, 50).Select(_ => Guid.NewGuid()).ToArray();
        foreach (var stream in streams) await AppendAsync(store, aggregate, stream);
        await daemon.WaitForAsync(view, streams.Length, CancellationToken.None);

        var acknowledged = new System.Collections.Concurrent.ConcurrentQueue<(long Sequence, long At)>();
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(() => WatchAsync(daemon, view, acknowledged, stop.Token));
        var clock = Stopwatch.StartNew();
        var running = new List<Task>();
        for (var sent = 0; sent < seconds * PerSecond;)
        {
            while (sent < clock.Elapsed.TotalSeconds * PerSecond)
            {
                running.Add(OneAsync(streams[sent++ % streams.Length]));
            }

            await Task.Delay(1);
        }

        await Task.WhenAll(running);
        await stop.CancelAsync();
        return await watching;

        async Task OneAsync(Guid stream)
        {
            var sequence = await AppendAsync(store, aggregate, stream);
            acknowledged.Enqueue((sequence, Stopwatch.GetTimestamp()));
        }
    }

    private static async Task<long> AppendAsync(
        EventStore.EventStore store, Aggregate<TaskState, TaskEvent> aggregate, Guid stream)
    {
        while (true)
        {
            var task = await store.LoadAsync(aggregate, stream, CancellationToken.None);
            TaskEvent happened = task.Version == 0 ? BenchEvents.Open(1) : BenchEvents.Progress(task.State.Steps);
            var commit = new Commit(new Who("ada"), DateTimeOffset.UtcNow).Append(
                aggregate, stream, task.Version, [happened]);
            if (await store.CommitAsync(commit, CancellationToken.None) is Committed committed) return committed.LastSequence;
        }
    }

    /// <summary>
    /// Looks at each commit in turn; one that was passed while another was waited for counts as seen then.
    /// </summary>
    private static async Task<double[]> WatchAsync(
        ProjectionDaemon daemon,
        StreamView view,
        System.Collections.Concurrent.ConcurrentQueue<(long Sequence, long At)> acknowledged,
        CancellationToken stop)
    {
        var lags = new List<double>();
        while (true)
        {
            if (!acknowledged.TryDequeue(out var next))
            {
                if (stop.IsCancellationRequested) return [.. lags.Order()];
                await Task.Yield();
                await Task.Delay(1, CancellationToken.None);
                continue;
            }

            await daemon.WaitForAsync(view, next.Sequence, CancellationToken.None);
            lags.Add(Stopwatch.GetElapsedTime(next.At).TotalMilliseconds);
        }
    }
}
