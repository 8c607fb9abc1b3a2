using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Xuanwu.Postgres;
using Xuanwu.Testing;

namespace Xuanwu.Messaging.Tests;

public sealed record Work(int Number, string Note = "");

public sealed record Probe(string Target);

public sealed record Report(string Text);

/// <summary>A database of its own with one or more nodes on it.</summary>
public sealed class Story : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly List<MessageBus> _buses = [];

    private Story(TestDatabase database) => Database = database;

    public TestDatabase Database { get; }

    public static CancellationToken Ct => CancellationToken.None;

    public static async Task<Story> BeginAsync() => new(await TestDatabase.CreateAsync());

    public static MessageTypes Types(RetryPolicy? retry = null, TimeSpan? timeLimit = null) => new MessageTypes()
        .Register<Work>("default", retry, timeLimit).Register<Probe>("probes", retry, timeLimit)
        .Register<Report>("default", retry, timeLimit);

    /// <summary>Handles Work; what else there is does nothing unless a handler is given.</summary>
    public static MessageHandlers Handlers(
        Func<Work, MessageContext, CancellationToken, Task<object?>>? work = null,
        Func<Probe, MessageContext, CancellationToken, Task<object?>>? probe = null,
        Func<Report, MessageContext, CancellationToken, Task<object?>>? report = null) => new MessageHandlers()
        .Add(work ?? ((_, _, _) => Task.FromResult<object?>(null)))
        .Add(probe ?? ((_, _, _) => Task.FromResult<object?>(null)))
        .Add(report ?? ((_, _, _) => Task.FromResult<object?>(null)));

    /// <summary>A bus on a node of its own; not started.</summary>
    public MessageBus Bus(
        MessageHandlers? handlers = null, MessageBusOptions? options = null, MessageTypes? types = null,
        Database? node = null)
    {
        options ??= new MessageBusOptions { Queues = [new("default", 8), new("probes", 4)] };
        var bus = new MessageBus(
            node ?? Database.Open(), types ?? Types(), options with { Handlers = handlers ?? Handlers() });
        _buses.Add(bus);
        return bus;
    }

    public async Task<MessageBus> StartAsync(
        MessageHandlers? handlers = null, MessageBusOptions? options = null, MessageTypes? types = null,
        Database? node = null)
    {
        var bus = Bus(handlers, options, types, node);
        await bus.StartAsync(Ct);
        return bus;
    }

    /// <summary>Waits until a query gives what is expected.</summary>
    public async Task ExpectAsync<T>(string sql, T expected)
    {
        var started = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var now = await Database.ScalarAsync<T>(sql);
            if (EqualityComparer<T>.Default.Equals(now, expected)) return;
            if (started.Elapsed > Limit) Assert.Fail($"After {Limit} still {now}, not {expected}: {sql}");
            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>From now on this node cannot renew its membership, as if the network to it were cut.</summary>
    public Task CutOffAsync(Guid node) => Database.ExecuteAsync($"""
        CREATE OR REPLACE FUNCTION xuanwu.refuse() RETURNS trigger LANGUAGE plpgsql AS
            'BEGIN RAISE EXCEPTION ''cut off''; END';
        CREATE TRIGGER refuse BEFORE UPDATE ON xuanwu.nodes FOR EACH ROW WHEN (OLD.id = '{node}')
            EXECUTE FUNCTION xuanwu.refuse()
        """);

    public Task ExpectNoMessagesAsync() => ExpectAsync("SELECT count(*) FROM xuanwu.messages", 0L);

    public async ValueTask DisposeAsync()
    {
        foreach (var bus in _buses) await bus.StopAsync(TimeSpan.FromSeconds(1));
        foreach (var bus in _buses) await bus.DisposeAsync();
        await Database.DisposeAsync();
    }
}

/// <summary>What handlers have seen, and a way to wait for it.</summary>
public sealed class Seen<T>
{
    private readonly ConcurrentQueue<T> _all = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];

    public T[] All => [.. _all];

    public void Add(T one)
    {
        lock (_waiting)
        {
            _all.Enqueue(one);
            foreach (var (count, reached) in _waiting)
                if (_all.Count >= count) reached.TrySetResult();
        }
    }

    public async Task<T[]> WaitForAsync(int count)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_waiting)
        {
            if (_all.Count >= count) return All;
            _waiting.Add((count, reached));
        }

        try
        {
            await reached.Task.WaitAsync(Story.Limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"Saw only {_all.Count} of {count}: {string.Join(", ", _all.TakeLast(20))}");
        }

        return All;
    }
}

/// <summary>Opens once; whoever waits goes on.</summary>
public sealed class Gate
{
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public void Open() => _opened.TrySetResult();

    public Task PassAsync(CancellationToken ct = default) => _opened.Task.WaitAsync(Story.Limit, ct);
}
