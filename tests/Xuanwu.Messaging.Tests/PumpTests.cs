using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Npgsql;

namespace Xuanwu.Messaging.Tests;

public sealed class PumpTests
{
    private static readonly RetryPolicy Quick = new(3, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20));
    private static readonly Task<object?> Nothing = Task.FromResult<object?>(null);

    private static CancellationToken Ct => Story.Ct;

    [Fact]
    public async Task A_failed_message_keeps_its_place_and_one_that_is_given_up_frees_its_key()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<string>();
        var bus = await story.StartAsync(Story.Handlers((work, context, _) =>
        {
            seen.Add($"{work.Number}.{context.Attempt}");
            return work.Number switch
            {
                1 when context.Attempt < 3 => throw new TimeoutException("not yet"),
                2 => throw new InvalidOperationException("never"),
                _ => Nothing,
            };
        }), types: Story.Types(Quick));
        await bus.SendAsync(Enumerable.Range(1, 3).Select(n => new Outgoing(new Work(n), "k")), Ct);

        Assert.Equal(["1.1", "1.2", "1.3", "2.1", "2.2", "2.3", "3.1"], await seen.WaitForAsync(7));
        await story.ExpectNoMessagesAsync();
        var dead = Assert.Single(await bus.DeadLetters.ListAsync(null, null, 10, false, Ct));
        Assert.Equal(("work", "k", 3, "InvalidOperationException", "never"),
            (dead.Type, dead.Key, dead.Attempts, dead.Fault, dead.Reason));
        Assert.Equal(["1 never", "2 never", "3 never"], JsonDocument.Parse(dead.Failures).RootElement.EnumerateArray()
            .Select(it => $"{it.GetProperty("attempt")} {it.GetProperty("reason")}"));
    }

    [Fact]
    public async Task An_exception_may_be_permanent_or_name_its_own_time()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<string>();
        var bus = await story.StartAsync(
            Story.Handlers((work, context, _) =>
            {
                seen.Add($"{work.Number}.{context.Attempt}");
                throw work.Number == 1 ? new NotSupportedException("gone") : new TimeoutException("busy");
            }),
            new MessageBusOptions
            {
                Queues = [new("default", 8), new("probes", 1)],
                Classify = failed => failed is NotSupportedException
                    ? new Failure.Permanent()
                    : new Failure.RetryAfter(TimeSpan.FromMilliseconds(1)),
            },
            Story.Types(new RetryPolicy(2, TimeSpan.FromHours(1), TimeSpan.FromHours(1))));
        await bus.SendAsync([new Outgoing(new Work(1), "a"), new Outgoing(new Work(2), "b")], Ct);

        await story.ExpectAsync("SELECT count(*) FROM xuanwu.dead_letters", 2L);
        Assert.Equal(["1.1", "2.1", "2.2"], seen.All.Order());
    }

    [Fact]
    public async Task A_handler_that_takes_too_long_is_cancelled_and_has_failed()
    {
        await using var story = await Story.BeginAsync();
        var bus = await story.StartAsync(
            Story.Handlers(async (_, _, ct) =>
            {
                await new Gate().PassAsync(ct);
                return null;
            }),
            types: Story.Types(Quick with { MaxAttempts = 1 }, TimeSpan.FromMilliseconds(50)));
        await bus.SendAsync(new Outgoing(new Work(1), "k"), Ct);

        await story.ExpectAsync("SELECT fault || ': ' || reason FROM xuanwu.dead_letters",
            "TimeLimit: The handler did not finish within 0.05 s.");
    }

    [Fact]
    public async Task An_unknown_type_and_an_unreadable_body_are_given_up_with_advice()
    {
        await using var story = await Story.BeginAsync();
        await story.StartAsync();
        await story.Database.ExecuteAsync("""
            INSERT INTO xuanwu.messages (id, number, position, queue, key, type, body, by_user) VALUES
                (gen_random_uuid(), -4, -4, 'default', 'a', 'work', '{"Numero": 1}', 'x'),
                (gen_random_uuid(), -3, -3, 'default', 'b', 'work', '[1]', 'x'),
                (gen_random_uuid(), -2, -2, 'default', 'c', 'work', 'null', 'x'),
                (gen_random_uuid(), -1, -1, 'default', 'd', 'toil', '{}', 'x')
            """);
        await story.Database.ExecuteAsync("NOTIFY xuanwu_messages");

        await story.ExpectAsync("SELECT string_agg(key || ' ' || fault, ', ' ORDER BY key) FROM xuanwu.dead_letters",
            "a UnreadableBody, b UnreadableBody, c UnreadableBody, d UnknownMessageType");
        Assert.Equal(4L, await story.Database.ScalarAsync<long>(
            "SELECT count(*) FROM xuanwu.dead_letters WHERE reason LIKE '%replay%' AND reason LIKE '%discard%'"));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task What_a_killed_node_was_running_is_taken_over_within_ten_seconds()
    {
        await using var story = await Story.BeginAsync();
        var taken = new Seen<string>();
        var started = new Seen<int>();
        var one = await story.StartAsync(Story.Handlers(async (work, _, ct) =>
        {
            started.Add(work.Number);
            await new Gate().PassAsync(ct);
            return null;
        }));
        await one.SendAsync([new Outgoing(new Work(1), "k"), new Outgoing(new Work(2), "k")], Ct);
        await started.WaitForAsync(1);
        await story.StartAsync(Story.Handlers((work, context, _) =>
        {
            taken.Add($"{work.Number}.{context.Attempt}");
            return Nothing;
        }));

        var killed = Stopwatch.StartNew();
        await story.CutOffAsync(await story.Database.ScalarAsync<Guid>("SELECT owner FROM xuanwu.message_claims"));
        await one.KillAsync();
        Assert.Equal(["1.2", "2.1"], await taken.WaitForAsync(2));
        Assert.InRange(killed.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(10));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task A_message_that_kills_its_nodes_is_given_up()
    {
        await using var story = await Story.BeginAsync();
        await story.Database.ExecuteAsync("""
            INSERT INTO xuanwu.messages (id, number, position, queue, key, type, body, by_user, attempts)
            VALUES ('11111111-1111-1111-1111-111111111111', 1, 1, 'default', 'k', 'work', '{"Number":1,"Note":""}', 'x',
                    2);
            INSERT INTO xuanwu.message_claims (lane, message, owner, turn)
            SELECT lane, id, gen_random_uuid(), 1 FROM xuanwu.messages
            """);
        var seen = new Seen<int>();
        await story.StartAsync(Story.Handlers((work, _, _) =>
        {
            seen.Add(work.Number);
            return Nothing;
        }), types: Story.Types(Quick));

        await story.ExpectAsync("SELECT fault || ' ' || attempts FROM xuanwu.dead_letters", "NodeDied 3");
        Assert.Empty(seen.All);
    }

    [Fact]
    public async Task A_node_that_lost_its_lease_cancels_its_handlers_and_cannot_acknowledge()
    {
        await using var story = await Story.BeginAsync();
        var options = new MessageBusOptions
        {
            Queues = [new("default", 8), new("probes", 1)],
            LeaseTime = TimeSpan.FromSeconds(1),
            Poll = TimeSpan.FromMilliseconds(200),
        };
        var started = new Gate();
        var cancelled = new Gate();
        var goOn = new Gate();
        var seen = new Seen<string>();
        var one = await story.StartAsync(Story.Handlers(
            work: async (_, _, ct) =>
            {
                started.Open();
                await using (ct.Register(cancelled.Open)) await goOn.PassAsync(CancellationToken.None);
                return new Report("from the first");
            }), options);
        await one.SendAsync(new Outgoing(new Work(1), "k"), Ct);
        await started.PassAsync();
        await story.StartAsync(Story.Handlers(
            work: (_, context, _) =>
            {
                seen.Add($"attempt {context.Attempt}");
                return Task.FromResult<object?>(new Report("from the second"));
            },
            report: (report, _, _) =>
            {
                seen.Add(report.Text);
                return Nothing;
            }), options);

        await story.CutOffAsync(await story.Database.ScalarAsync<Guid>("SELECT owner FROM xuanwu.message_claims"));
        await cancelled.PassAsync();
        Assert.Equal(["attempt 2", "from the second"], await seen.WaitForAsync(2));
        Assert.NotNull(one.Problem);
        goOn.Open();
        await story.ExpectAsync("SELECT count(*) FROM xuanwu.messages", 0L);
        await WaitUntilAsync(() => one.Pump!.Fenced == 1);
        Assert.Equal(["attempt 2", "from the second"], seen.All);
    }

    [Fact]
    public async Task A_stop_waits_for_handlers_and_gives_back_what_does_not_finish_without_counting_it()
    {
        await using var story = await Story.BeginAsync();
        var finishing = new Gate();
        var started = new Seen<int>();
        var finished = new Seen<int>();
        var one = await story.StartAsync(Story.Handlers(async (work, _, ct) =>
        {
            started.Add(work.Number);
            await (work.Number == 1 ? finishing : new Gate()).PassAsync(ct);
            finished.Add(work.Number);
            return null;
        }));
        await one.SendAsync([new Outgoing(new Work(1), "a"), new Outgoing(new Work(2), "b")], Ct);
        await started.WaitForAsync(2);

        var stopping = one.StopAsync(TimeSpan.FromMilliseconds(300));
        await one.SendAsync(new Outgoing(new Work(3), "c"), Ct);
        finishing.Open();
        await stopping;
        Assert.Equal([1], finished.All);
        Assert.Equal([1, 2], started.All.Order());
        Assert.Equal(["2 ready 0", "3 ready 0"], await story.Database.ColumnAsync<string>(
            "SELECT (body ->> 'Number') || ' ' || state || ' ' || attempts FROM xuanwu.message_states ORDER BY 1"));

        var taken = new Seen<string>();
        await story.StartAsync(Story.Handlers((work, context, _) =>
        {
            taken.Add($"{work.Number}.{context.Attempt}");
            return Nothing;
        }));
        Assert.Equal(["2.1", "3.1"], (await taken.WaitForAsync(2)).Order());
    }

    [Fact]
    public async Task A_lost_notification_delays_a_message_no_longer_than_the_poll()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<int>();
        await story.StartAsync(
            Story.Handlers((work, _, _) =>
            {
                seen.Add(work.Number);
                return Nothing;
            }),
            new MessageBusOptions
            {
                Queues = [new("default", 8), new("probes", 1)],
                Poll = TimeSpan.FromMilliseconds(200),
            });
        var sender = story.Bus();
        await sender.SendAsync(new Outgoing(new Work(1), "k"), Ct);
        await seen.WaitForAsync(1);
        // A message whose notification nobody heard: the row alone.
        await story.Database.ExecuteAsync("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'xuanwu listen';
            INSERT INTO xuanwu.messages (id, number, position, queue, key, type, body, by_user)
            VALUES (gen_random_uuid(), 7, 7, 'default', 'k', 'work', '{"Number":2,"Note":""}', 'x')
            """);
        await seen.WaitForAsync(2);
        await sender.SendAsync(new Outgoing(new Work(3), "k"), Ct);
        await seen.WaitForAsync(3);
        Assert.Equal([1, 2, 3], seen.All);
    }

    [Fact]
    public async Task What_PostgreSQL_refuses_fails_alone()
    {
        await using var story = await Story.BeginAsync();
        var gate = new Gate();
        var types = new MessageTypes().Register<Work>().Register<Number>();
        var done = new Seen<string>();
        var handlers = new MessageHandlers()
            .Add<Work>(async (work, _, ct) =>
            {
                await gate.PassAsync(ct);
                using var number = JsonDocument.Parse(work.Number == 3 ? "1e200000" : "1");
                return new To($"n{work.Number}", new Number(number.RootElement.Clone()));
            })
            .Add<Number>((_, context, _) =>
            {
                done.Add(context.Key);
                return Nothing;
            });
        var bus = await story.StartAsync(handlers, new MessageBusOptions { Queues = [new("default", 8)] }, types);
        await bus.SendAsync(Enumerable.Range(1, 5).Select(n => new Outgoing(new Work(n), $"k{n}")), Ct);
        await story.ExpectAsync("SELECT count(*) FROM xuanwu.message_claims", 5L);
        gate.Open();

        Assert.Equal(["n1", "n2", "n4", "n5"], (await done.WaitForAsync(4)).Order());
        await story.ExpectAsync("SELECT key || ' ' || fault FROM xuanwu.dead_letters", "k3 22003");
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task An_idle_node_makes_one_round_trip_per_poll()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<int>();
        var bus = await story.StartAsync(
            Story.Handlers((work, _, _) =>
            {
                seen.Add(work.Number);
                return Nothing;
            }),
            new MessageBusOptions
            {
                Queues = [new("default", 8), new("probes", 1)],
                Poll = TimeSpan.FromMilliseconds(100),
            });
        await bus.SendAsync(
            Enumerable.Range(0, 50).Select(n => new Outgoing(new Work(n), $"k{n}"))
                .Append(new Outgoing(new Work(-1), "later", TimeSpan.FromHours(1))), Ct);
        await seen.WaitForAsync(50);
        await story.ExpectAsync("SELECT count(*) FROM xuanwu.messages", 1L);

        var before = bus.Pump!.Rounds;
        var clock = Stopwatch.StartNew();
        await WaitUntilAsync(() => bus.Pump.Rounds >= before + 7); // at most two are the end of the work
        Assert.InRange(clock.Elapsed, TimeSpan.FromMilliseconds(400), Story.Limit);
    }

    [Fact]
    public async Task Nothing_is_lost_or_reordered_while_connections_are_killed_at_random()
    {
        await using var story = await Story.BeginAsync();
        const int keys = 60, each = 40;
        var handled = new ConcurrentDictionary<string, ConcurrentQueue<int>>();
        var running = new ConcurrentDictionary<string, int>();
        var overlaps = 0;
        var handlers = Story.Handlers(async (work, context, _) =>
        {
            if (running.AddOrUpdate(context.Key, 1, (_, n) => n + 1) > 1) Interlocked.Increment(ref overlaps);
            handled.GetOrAdd(context.Key, _ => new()).Enqueue(work.Number);
            await Task.Yield();
            running.AddOrUpdate(context.Key, 0, (_, n) => n - 1);
            if (context.Attempt == 1 && work.Number % 17 == 3) throw new TimeoutException("by chance");
            return work.Number % 5 == 0 ? new To($"report {context.Key} {work.Number}", new Report("x")) : null;
        });
        var options = new MessageBusOptions
        {
            Queues = [new("default", 8), new("probes", 1)],
            Poll = TimeSpan.FromMilliseconds(300),
        };
        var one = await story.StartAsync(handlers, options, Story.Types(Quick));
        await story.StartAsync(handlers, options, Story.Types(Quick));

        using var stop = new CancellationTokenSource();
        var killing = KillConnectionsAsync(story, stop.Token);
        for (var number = 0; number < each; number++)
        {
            // Sent again with the same ids until it is known to be stored.
            var batch = Enumerable.Range(0, keys).Select(key => new Outgoing(new Work(number), $"k{key}")
            {
                Id = new Guid(number, 0, (short)key, [1, 2, 3, 4, 5, 6, 7, 8]),
            }).ToList();
            while (true)
            {
                try
                {
                    await one.SendAsync(batch, Ct);
                    break;
                }
                catch (NpgsqlException)
                {
                    // a killed connection: it may have been stored or not
                }
            }
        }

        await WaitUntilAsync(() => handled.Values.Sum(it => it.Distinct().Count()) == keys * each);
        await stop.CancelAsync();
        Assert.InRange(await killing, 5, int.MaxValue);
        await story.ExpectNoMessagesAsync();
        await story.ExpectAsync("SELECT count(*) FROM xuanwu.message_claims", 0L);
        Assert.Equal(0, overlaps);
        foreach (var (key, numbers) in handled)
        {
            // A message may come again, when its acknowledgement or that of its sending was lost, but first times are
            // in order.
            Assert.True(numbers.Distinct().SequenceEqual(Enumerable.Range(0, each)),
                $"{key}: {string.Join(' ', numbers)}");
        }
    }

    private static async Task<int> KillConnectionsAsync(Story story, CancellationToken stop)
    {
        var kills = 0;
        var random = new Random(4711);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(40));
        await using var connection = await story.Database.ConnectAsync();
        while (!stop.IsCancellationRequested)
        {
            var which = random.Next(4) == 0 ? "xuanwu" : "xuanwu messages";
            await using var kill = new NpgsqlCommand($"""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE application_name = '{which}' AND datname = current_database() AND pid <> pg_backend_pid()
                ORDER BY random() LIMIT 1
                """, connection);
            if (await kill.ExecuteScalarAsync(CancellationToken.None) is true) kills++;
            try
            {
                await timer.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                // the end
            }
        }

        return kills;
    }

    private static async Task WaitUntilAsync(Func<bool> reached)
    {
        var clock = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!reached())
        {
            Assert.True(clock.Elapsed < Story.Limit, "It was not reached in time.");
            await timer.WaitForNextTickAsync();
        }
    }

    public sealed record Number(JsonElement Value);
}
