using Npgsql;

namespace Xuanwu.Messaging.Tests;

public sealed class OutboxTests
{
    private static CancellationToken Ct => Story.Ct;

    [Fact]
    public async Task Messages_of_accepted_commits_are_enqueued_in_order_and_those_of_refused_ones_are_not()
    {
        await using var story = await Story.BeginAsync();
        var bus = story.Bus();
        await CommitAsync(story, bus, accepted: [1, 3], commit: true,
            (1, new Outgoing(new Work(11), "k") { By = "ada", CausedBy = "e1", CorrelationId = "c1" }),
            (1, new Outgoing(new Work(12), "k")), (2, new Outgoing(new Work(21), "k")),
            (3, new Outgoing(new Work(31), "k", TimeSpan.FromHours(1))), (3, new Outgoing(new Work(32), "k")));

        Assert.Equal(["11 ready", "12 ready", "32 ready", "31 scheduled"], await story.Database.ColumnAsync<string>(
            "SELECT (body ->> 'Number') || ' ' || state FROM xuanwu.message_states ORDER BY position"));
        Assert.Equal("c1 e1 ada", await story.Database.ScalarAsync<string>(
            "SELECT concat_ws(' ', correlation_id, caused_by, by_user) FROM xuanwu.messages "
            + "ORDER BY position LIMIT 1"));
    }

    [Fact]
    public async Task Messages_of_a_transaction_that_is_rolled_back_do_not_exist()
    {
        await using var story = await Story.BeginAsync();
        var bus = await story.StartAsync();
        await CommitAsync(story, bus, accepted: [1], commit: false, (1, new Outgoing(new Work(1), "k")));
        await story.ExpectNoMessagesAsync();
        await story.ExpectAsync("SELECT count(*) FROM xuanwu.dead_letters", 0L);
    }

    [Fact]
    public async Task A_commit_wakes_its_own_node_and_the_others()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<int>();
        var options = new MessageBusOptions
        {
            Queues = [new("default", 4), new("probes", 1)],
            Poll = TimeSpan.FromMinutes(5),
        };
        await story.StartAsync(Story.Handlers((work, _, _) =>
        {
            seen.Add(work.Number);
            return Task.FromResult<object?>(null);
        }), options);
        var sender = story.Bus();
        await CommitAsync(story, sender, accepted: [0], commit: true, (0, new Outgoing(new Work(1), "k")));
        await seen.WaitForAsync(1);
    }

    [Fact]
    public async Task A_row_that_cannot_be_stored_fails_before_it_reaches_the_statement()
    {
        await using var story = await Story.BeginAsync();
        var bus = story.Bus();
        await using var command = new NpgsqlCommand();
        Assert.Throws<ArgumentException>(() =>
            bus.Outbox.Bind(command.Parameters, [(0, new Outgoing(new Work(1, "\0"), "k"))]));
    }

    /// <summary>What the event store does with a batch table.</summary>
    private static async Task CommitAsync(
        Story story, MessageBus bus, int[] accepted, bool commit, params (int, Outgoing)[] rows)
    {
        await using var connection = await story.Database.ConnectAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand($"""
            WITH accepted AS (SELECT ord FROM unnest($1::int[]) AS a (ord)),
                 {bus.Outbox.Name} AS ({bus.Outbox.Cte("accepted", 2)})
            SELECT ord FROM accepted
            """, connection, transaction);
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = accepted });
        bus.Outbox.Bind(command.Parameters, [.. rows.Select(row => (row.Item1, (object)row.Item2))]);
        Assert.Equal(1 + bus.Outbox.ParameterCount, command.Parameters.Count);
        await command.ExecuteNonQueryAsync(Ct);
        if (commit) await transaction.CommitAsync(Ct);
        else await transaction.RollbackAsync(Ct);
        if (commit) bus.Outbox.Committed([.. rows.Where(row => accepted.Contains(row.Item1)).Select(row => row.Item2)]);
    }
}
