using System.Collections.Concurrent;

namespace Xuanwu.Messaging.Tests;

public sealed class MessageBusTests
{
    private static CancellationToken Ct => Story.Ct;

    [Fact]
    public async Task A_message_that_was_sent_is_handled_and_gone()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<(Work, MessageContext)>();
        var bus = await story.StartAsync(Story.Handlers(async (work, context, _) =>
        {
            seen.Add((work, context));
            await Task.Yield();
            return null;
        }));
        var id = Guid.NewGuid();
        await bus.SendAsync(new Outgoing(new Work(7, "哪吒"), "k") { Id = id, By = "ada", CausedBy = "e1" }, Ct);

        var (work, context) = (await seen.WaitForAsync(1))[0];
        Assert.Equal(new Work(7, "哪吒"), work);
        Assert.Equal((id, "default", "k", "work", 1, 0), (context.Id, context.Queue, context.Key, context.Type,
            context.Attempt, context.Lap));
        Assert.Equal(("ada", "e1", id.ToString()), (context.By, context.CausedBy, context.CorrelationId));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task Messages_of_a_key_are_handled_in_order_and_one_at_a_time_by_two_nodes_with_many_workers()
    {
        await using var story = await Story.BeginAsync();
        const int keys = 20, each = 50;
        var seen = new Seen<(string Key, int Number)>();
        var running = new ConcurrentDictionary<string, int>();
        var overlaps = 0;
        var handlers = Story.Handlers(async (work, context, _) =>
        {
            if (running.AddOrUpdate(context.Key, 1, (_, n) => n + 1) > 1) Interlocked.Increment(ref overlaps);
            seen.Add((context.Key, work.Number));
            await Task.Yield();
            running.AddOrUpdate(context.Key, 0, (_, n) => n - 1);
            return null;
        });
        var one = await story.StartAsync(handlers);
        await story.StartAsync(handlers);
        for (var number = 0; number < each; number++)
            await one.SendAsync(Enumerable.Range(0, keys).Select(key => new Outgoing(new Work(number), $"k{key}")), Ct);

        var all = await seen.WaitForAsync(keys * each);
        Assert.Equal(0, overlaps);
        foreach (var key in all.GroupBy(it => it.Key))
            Assert.Equal(Enumerable.Range(0, each), key.Select(it => it.Number));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task Two_nodes_share_the_work()
    {
        await using var story = await Story.BeginAsync();
        var gate = new Gate();
        var seen = new Seen<int>();
        MessageHandlers On(int node) => Story.Handlers(async (_, _, ct) =>
        {
            seen.Add(node);
            await gate.PassAsync(ct);
            return null;
        });
        var one = await story.StartAsync(On(1));
        await story.StartAsync(On(2));
        await one.SendAsync(Enumerable.Range(0, 16).Select(n => new Outgoing(new Work(n), $"k{n}")), Ct);

        var nodes = await seen.WaitForAsync(16); // eight workers each, none of which ends before
        Assert.Equal(8, nodes.Count(node => node == 2));
        gate.Open();
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task What_one_node_sends_on_reaches_the_other_when_the_first_is_full()
    {
        await using var story = await Story.BeginAsync();
        var gate = new Gate();
        var seen = new Seen<int>();
        var slow = new MessageBusOptions
        {
            Queues = [new("default", 2), new("probes", 4)],
            Poll = TimeSpan.FromMinutes(5),
        };
        MessageHandlers On(int node) => Story.Handlers(
            work: async (_, _, ct) =>
            {
                seen.Add(node);
                await gate.PassAsync(ct);
                return null;
            },
            probe: (_, _, _) => Task.FromResult<object?>(
                new object[] { new To("a", new Work(1)), new To("b", new Work(2)), new To("c", new Work(3)) }));
        var one = await story.StartAsync(On(1), slow);
        await story.StartAsync(On(2), slow with { Queues = [new("default", 2)] });
        await one.SendAsync(new Outgoing(new Probe("x"), "p"), Ct);

        Assert.Equal([1, 1, 2], (await seen.WaitForAsync(3)).Order());
        gate.Open();
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task A_slow_queue_does_not_hold_up_another()
    {
        await using var story = await Story.BeginAsync();
        var gate = new Gate();
        var done = new Seen<int>();
        var bus = await story.StartAsync(Story.Handlers(
            work: (work, _, _) =>
            {
                done.Add(work.Number);
                return Task.FromResult<object?>(null);
            },
            probe: async (_, _, ct) =>
            {
                await gate.PassAsync(ct);
                return null;
            }));
        await bus.SendAsync(Enumerable.Range(0, 100).Select(n => new Outgoing(new Probe("x"), $"p{n}")), Ct);
        await bus.SendAsync(Enumerable.Range(0, 100).Select(n => new Outgoing(new Work(n), $"w{n}")), Ct);

        await done.WaitForAsync(100);
        Assert.Equal(100L, await story.Database.ScalarAsync<long>("SELECT count(*) FROM xuanwu.messages "
            + "WHERE queue = 'probes'"));
        gate.Open();
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task A_scheduled_message_waits_for_its_time_and_blocks_nobody()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<(int Number, DateTimeOffset At)>();
        var bus = await story.StartAsync(Story.Handlers((work, _, _) =>
        {
            seen.Add((work.Number, DateTimeOffset.UtcNow));
            return Task.FromResult<object?>(null);
        }));
        var sent = DateTimeOffset.UtcNow;
        await bus.SendAsync(
        [
            new Outgoing(new Work(3), "k", TimeSpan.FromMilliseconds(400)),
            new Outgoing(new Work(2), "k", TimeSpan.FromMilliseconds(200)),
            new Outgoing(new Work(1), "k"),
        ], Ct);

        var all = await seen.WaitForAsync(3);
        Assert.Equal([1, 2, 3], all.Select(it => it.Number));
        Assert.InRange(all[1].At - sent, TimeSpan.FromMilliseconds(195), TimeSpan.FromSeconds(2));
        Assert.InRange(all[2].At - sent, TimeSpan.FromMilliseconds(395), TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Messages_scheduled_for_one_moment_keep_their_order()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<int>();
        var bus = await story.StartAsync(Story.Handlers((work, _, _) =>
        {
            seen.Add(work.Number);
            return Task.FromResult<object?>(null);
        }));
        await bus.SendAsync(
            Enumerable.Range(0, 50).Select(n => new Outgoing(new Work(n), "k", TimeSpan.FromMilliseconds(50))), Ct);
        Assert.Equal(Enumerable.Range(0, 50), await seen.WaitForAsync(50));
    }

    [Fact]
    public async Task A_message_that_is_put_back_goes_behind_its_key_and_may_change_the_queue()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<string>();
        var bus = await story.StartAsync(Story.Handlers((work, context, _) =>
        {
            seen.Add($"{work.Number} {context.Queue} lap {context.Lap} {context.EffectId[32..]}");
            return Task.FromResult<object?>(work.Number != 1 ? null : context.Lap switch
            {
                0 => new PutBack(TimeSpan.Zero),
                1 => new PutBack(TimeSpan.FromMilliseconds(50), "probes"),
                _ => null,
            });
        }));
        await bus.SendAsync([new Outgoing(new Work(1), "k"), new Outgoing(new Work(2), "k")], Ct);

        Assert.Equal(
            ["1 default lap 0 /0/0", "2 default lap 0 /0/0", "1 default lap 1 /1/0", "1 probes lap 2 /2/0"],
            await seen.WaitForAsync(4));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task What_a_handler_returns_is_sent_on_with_its_correlation_and_cause()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<(object Message, MessageContext Context)>();
        var bus = await story.StartAsync(Story.Handlers(
            work: (work, context, _) =>
            {
                seen.Add((work, context));
                return Task.FromResult<object?>(new object?[]
                {
                    new Report("same key"), null, new To("other", new Report("other key")),
                    new Later(TimeSpan.FromMilliseconds(30), new To("late", new Probe("later"))),
                });
            },
            report: (report, context, _) =>
            {
                seen.Add((report, context));
                return Task.FromResult<object?>(null);
            },
            probe: (probe, context, _) =>
            {
                seen.Add((probe, context));
                return Task.FromResult<object?>(null);
            }));
        await bus.SendAsync(new Outgoing(new Work(1), "k") { CorrelationId = "request-1", By = "ada" }, Ct);

        var all = await seen.WaitForAsync(4);
        var first = all[0].Context;
        Assert.Equal(["k same key", "late later", "other other key"], all[1..].Select(it =>
            $"{it.Context.Key} {(it.Message as Report)?.Text ?? (it.Message as Probe)?.Target}").Order());
        Assert.All(all[1..], it => Assert.Equal(("request-1", first.Id.ToString(), "ada"),
            (it.Context.CorrelationId, it.Context.CausedBy, it.Context.By)));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task Other_results_are_given_away_before_the_message_is_acknowledged_and_again_after_a_failure()
    {
        await using var story = await Story.BeginAsync();
        var effects = new Seen<string>();
        var options = new MessageBusOptions
        {
            Queues = [new("default", 8), new("probes", 4)],
            OnResult = (result, context, _) =>
            {
                effects.Add($"{result} {context.Result} {context.EffectId[32..]}");
                if (result is 2 && context.Attempt == 1) throw new TimeoutException("the journal is away");
                return Task.CompletedTask;
            },
        };
        var bus = await story.StartAsync(
            Story.Handlers((_, _, _) => Task.FromResult<object?>(new object[] { 1, 2 })), options,
            Story.Types(new RetryPolicy(3, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20))));
        await bus.SendAsync(new Outgoing(new Work(1), "k"), Ct);

        Assert.Equal(["1 0 /0/0", "2 1 /0/1", "1 0 /0/0", "2 1 /0/1"], await effects.WaitForAsync(4));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task A_second_message_with_the_same_id_is_dropped_while_the_first_is_there()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<int>();
        var handlers = Story.Handlers((work, _, _) =>
        {
            seen.Add(work.Number);
            return Task.FromResult<object?>(null);
        });
        var bus = story.Bus(handlers);
        var id = Guid.NewGuid();
        await bus.SendAsync(
            [new Outgoing(new Work(1), "k") { Id = id }, new Outgoing(new Work(2), "k") { Id = id }], Ct);
        await bus.SendAsync(new Outgoing(new Work(3), "k") { Id = id }, Ct);
        await bus.StartAsync(Ct);
        await story.ExpectNoMessagesAsync();
        await bus.SendAsync(new Outgoing(new Work(4), "k") { Id = id }, Ct);

        var numbers = await seen.WaitForAsync(2);
        Assert.Equal([1, 4], numbers);
    }

    [Fact]
    public async Task A_message_that_cannot_be_stored_is_refused_and_says_why()
    {
        await using var story = await Story.BeginAsync();
        var bus = story.Bus();
        async Task<string> RefusalOf(Outgoing message) =>
            (await Assert.ThrowsAsync<ArgumentException>(() => bus.SendAsync([new(new Work(1), "k"), message], Ct)))
            .Message;

        Assert.Contains("Register<String>", await RefusalOf(new Outgoing("text", "k")), StringComparison.Ordinal);
        Assert.Contains("U+0000", await RefusalOf(new Outgoing(new Work(1, "a\0b"), "k")), StringComparison.Ordinal);
        Assert.Contains("key", await RefusalOf(new Outgoing(new Work(1), "")), StringComparison.Ordinal);
        Assert.Contains("key", await RefusalOf(new Outgoing(new Work(1), "\ud800")), StringComparison.Ordinal);
        Assert.Contains("no queue 'prboes'; there are default, probes",
            await RefusalOf(new Outgoing(new Work(1), "k", Queue: "prboes")), StringComparison.Ordinal);
        await story.ExpectNoMessagesAsync();
        await bus.SendAsync(new Outgoing(new Work(1, """a backslash and u0000: \u0000"""), "k"), Ct);
        await story.ExpectAsync("SELECT body ->> 'Note' FROM xuanwu.messages", """a backslash and u0000: \u0000""");
    }
}
