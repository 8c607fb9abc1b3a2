using Xuanwu.Postgres;

namespace Xuanwu.Messaging.Tests;

public sealed class DeadLettersTests
{
    private static readonly RetryPolicy Once = new(1, TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1));

    private static CancellationToken Ct => Story.Ct;

    [Fact]
    public async Task A_dead_letter_can_be_listed_found_and_replayed_once_at_the_tail_of_its_key()
    {
        await using var story = await Story.BeginAsync();
        var fails = true;
        var seen = new Seen<string>();
        var gate = new Gate();
        var bus = await story.StartAsync(Story.Handlers(async (work, context, ct) =>
        {
            seen.Add($"{work.Number}.{context.Attempt}");
            if (work.Number == 1 && fails) throw new TimeoutException("the cluster is away");
            if (work.Number == 2) await gate.PassAsync(ct);
            return null;
        }), types: Story.Types(Once));
        await bus.SendAsync(
        [
            new Outgoing(new Work(1), "k") { CorrelationId = "c" }, new Outgoing(new Work(2), "k"),
            new Outgoing(new Work(3), "k"),
        ], Ct);
        await seen.WaitForAsync(2);

        var letter = Assert.Single(await bus.DeadLetters.ListAsync("default", null, 10, false, Ct));
        Assert.Empty(await bus.DeadLetters.ListAsync("probes", null, 10, false, Ct));
        Assert.Empty(await bus.DeadLetters.ListAsync(null, letter.Number, 10, false, Ct));
        Assert.Equal(letter, await bus.DeadLetters.FindAsync(letter.Number, Ct));
        Assert.Equal(("work", "k", "c", "TimeoutException", "the cluster is away", null),
            (letter.Type, letter.Key, letter.CorrelationId, letter.Fault, letter.Reason, letter.Resolution));

        fails = false;
        Assert.True(await bus.DeadLetters.ReplayAsync(letter.Number, "ada", Ct));
        Assert.False(await bus.DeadLetters.ReplayAsync(letter.Number, "bob", Ct));
        Assert.False(await bus.DeadLetters.DiscardAsync(letter.Number, "bob", Ct));
        gate.Open();
        Assert.Equal(["1.1", "2.1", "3.1", "1.1"], await seen.WaitForAsync(4));
        Assert.Empty(await bus.DeadLetters.ListAsync(null, null, 10, false, Ct));
        var resolved = Assert.Single(await bus.DeadLetters.ListAsync(null, null, 10, true, Ct));
        Assert.Equal(("replayed", "ada"), (resolved.Resolution, resolved.ResolvedBy));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task A_discarded_one_says_who_did_it_and_cannot_be_replayed()
    {
        await using var story = await Story.BeginAsync();
        var bus = await story.StartAsync(
            Story.Handlers((_, _, _) => throw new TimeoutException(new string('x', 10_000))), types: Story.Types(Once));
        await bus.SendAsync(new Outgoing(new Work(1), "k"), Ct);
        await story.ExpectAsync("SELECT length(reason) FROM xuanwu.dead_letters", 4000);

        var letter = Assert.Single(await bus.DeadLetters.ListAsync(null, null, 10, false, Ct));
        Assert.True(await bus.DeadLetters.DiscardAsync(letter.Number, "ada", Ct));
        Assert.False(await bus.DeadLetters.ReplayAsync(letter.Number, "ada", Ct));
        var found = await bus.DeadLetters.FindAsync(letter.Number, Ct);
        Assert.Equal(("discarded", "ada"), (found!.Resolution, found.ResolvedBy));
        Assert.Null(await bus.DeadLetters.FindAsync(letter.Number + 1, Ct));
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task What_was_resolved_long_ago_is_deleted_and_nodes_that_are_gone_are_forgotten()
    {
        await using var story = await Story.BeginAsync();
        await story.Database.ExecuteAsync("""
            INSERT INTO xuanwu.dead_letters (id, queue, key, type, body, enqueued_at, attempts, lap, by_user, fault,
                                             reason, failures, resolved_at, resolved_by, resolution)
            SELECT gen_random_uuid(), 'default', key, 'work', '{}', now(), 1, 0, 'x', 'f', 'r', '[]', at,
                   CASE WHEN at IS NOT NULL THEN 'ada' END, CASE WHEN at IS NOT NULL THEN 'discarded' END
            FROM (VALUES ('open', NULL), ('new', now() - interval '29 days'), ('old', now() - interval '31 days'))
                AS v (key, at);
            INSERT INTO xuanwu.nodes (id, machine, process_id, expires_at) VALUES
                ('11111111-1111-1111-1111-111111111111', 'm', 1, '-infinity'),
                ('22222222-2222-2222-2222-222222222222', 'm', 2, now() + interval '1 h')
            """);
        var node = story.Database.Open();
        await using (var lease = await NodeLease.JoinAsync(node, TimeSpan.FromSeconds(5), Ct))
        await using (var janitor = new Janitor(node, new MessageBusOptions(), lease))
            await janitor.CleanAsync(Ct);

        Assert.Equal(["new", "open"], await story.Database.ColumnAsync<string>(
            "SELECT key FROM xuanwu.dead_letters ORDER BY key"));
        Assert.Equal([2], await story.Database.ColumnAsync<int>(
            $"SELECT process_id FROM xuanwu.nodes WHERE id <> '{node.Node}'"));
    }

    [Fact]
    public async Task The_state_of_queues_and_keys_can_be_seen()
    {
        await using var story = await Story.BeginAsync();
        var gate = new Gate();
        var started = new Seen<int>();
        var bus = story.Bus(
            Story.Handlers(async (work, _, ct) =>
            {
                if (work.Number == 0) throw new TimeoutException("no");
                started.Add(work.Number);
                await gate.PassAsync(ct);
                return null;
            }),
            types: new MessageTypes().Register<Work>("default", Once).Register<Probe>("probes").Register<Report>());
        Assert.Equal("The message bus was not started.", bus.Problem);
        await bus.StartAsync(Ct);
        await bus.SendAsync(
        [
            new Outgoing(new Work(0), "dead"), new Outgoing(new Work(1), "k"), new Outgoing(new Work(2), "k"),
            new Outgoing(new Work(3), "k", TimeSpan.FromHours(1)),
            new Outgoing(new Probe("x"), "p", TimeSpan.FromHours(1)),
        ], Ct);
        await started.WaitForAsync(1);
        await story.ExpectAsync("SELECT count(*) FROM xuanwu.dead_letters", 1L);

        var status = await bus.StatusAsync(Ct);
        Assert.True(status.Healthy, status.Problem);
        var work = status.Queues.Single(queue => queue.Queue == "default");
        Assert.Equal((1, 1, 0, 1, 1, 8, 1), ((int)work.Ready, (int)work.Scheduled, (int)work.Retrying,
            (int)work.Running, (int)work.Dead, work.Workers, work.Busy));
        Assert.InRange(work.Oldest!.Value, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        var probes = status.Queues.Single(queue => queue.Queue == "probes");
        Assert.Equal((0, 1, null), ((int)probes.Ready, (int)probes.Scheduled, probes.Oldest));
        Assert.Equal(["""{"Note": "", "Number": 1} running""", """{"Note": "", "Number": 2} ready""",
            """{"Note": "", "Number": 3} scheduled"""],
            (await bus.PendingAsync("k", Ct)).Select(it => $"{it.Body} {it.State}"));
        gate.Open();
        await bus.StopAsync(TimeSpan.FromSeconds(5));
        Assert.False((await bus.StatusAsync(Ct)).Healthy);
    }
}
