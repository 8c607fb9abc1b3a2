namespace Xuanwu.Messaging.Tests;

public sealed class HurryTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private static CancellationToken Ct => Story.Ct;

    [Fact]
    public async Task A_scheduled_message_can_be_hurried_by_type_and_key()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<string>();
        var bus = await story.StartAsync(Story.Handlers(probe: (probe, _, _) =>
        {
            seen.Add(probe.Target);
            return Task.FromResult<object?>(null);
        }));
        await bus.SendAsync(
        [
            new Outgoing(new Probe("a"), "a", Hour), new Outgoing(new Probe("b"), "b", Hour),
            new Outgoing(new Work(1), "b", Hour),
        ], Ct);

        var heard = await Task.WhenAll(bus.HurryAsync<Probe>("c", Ct), bus.HurryAsync<Probe>("b", Ct));
        Assert.Equal([0, 1], heard);
        await seen.WaitForAsync(1);
        Assert.Equal(["b"], seen.All);
        await story.ExpectAsync("SELECT string_agg(type || ' ' || key, ', ' ORDER BY type) FROM xuanwu.messages",
            "probe a, work b");
    }

    [Fact]
    public async Task A_node_that_handles_nothing_can_hurry_too()
    {
        await using var story = await Story.BeginAsync();
        var seen = new Seen<string>();
        await story.StartAsync(Story.Handlers(probe: (probe, _, _) =>
        {
            seen.Add(probe.Target);
            return Task.FromResult<object?>(null);
        }));
        var other = story.Bus();
        await other.SendAsync(new Outgoing(new Probe("a"), "a", Hour), Ct);

        Assert.Equal(1, await other.HurryAsync<Probe>("a", Ct));
        await seen.WaitForAsync(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_message_that_is_hurried_while_it_runs_does_not_wait_when_it_comes_back(bool putBack)
    {
        await using var story = await Story.BeginAsync();
        var started = new Seen<int>();
        var gate = new Gate();
        var bus = await story.StartAsync(Story.Handlers(probe: async (probe, _, ct) =>
        {
            started.Add(1);
            await gate.PassAsync(ct);
            return started.All.Length > 1 ? null : putBack ? new PutBack(Hour) : new Later(Hour, probe);
        }));
        await bus.SendAsync(new Outgoing(new Probe("a"), "a"), Ct);
        await started.WaitForAsync(1);

        Assert.Equal(1, await bus.HurryAsync<Probe>("a", Ct));
        gate.Open();
        await started.WaitForAsync(2);
        await story.ExpectNoMessagesAsync();
    }

    [Fact]
    public async Task Other_messages_that_a_hurried_one_sends_keep_their_delay()
    {
        await using var story = await Story.BeginAsync();
        var started = new Gate();
        var gate = new Gate();
        var bus = await story.StartAsync(Story.Handlers(probe: async (_, _, ct) =>
        {
            started.Open();
            await gate.PassAsync(ct);
            return new object[] { new Later(Hour, new Work(1)), new To("b", new Later(Hour, new Probe("b"))) };
        }));
        await bus.SendAsync(new Outgoing(new Probe("a"), "a"), Ct);
        await started.PassAsync();
        await bus.HurryAsync<Probe>("a", Ct);
        gate.Open();

        await story.ExpectAsync(
            "SELECT string_agg(state || ' ' || type, ', ' ORDER BY type) FROM xuanwu.message_states",
            "scheduled probe, scheduled work");
    }
}
