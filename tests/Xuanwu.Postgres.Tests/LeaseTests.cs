using Xuanwu.Testing;

namespace Xuanwu.Postgres.Tests;

public sealed class LeaseTests : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(10);
    private TestDatabase _test = null!;
    private Database _one = null!;
    private Database _two = null!;

    public async Task InitializeAsync()
    {
        _test = await TestDatabase.CreateAsync();
        (_one, _two) = (_test.Open(), _test.Open());
    }

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task One_of_many_that_ask_at_once_gets_it()
    {
        var asked = await Task.WhenAll(Enumerable.Range(0, 20)
            .Select(i => Lease.TryTakeAsync(i % 2 == 0 ? _one : _two, "a", Long, CancellationToken.None)));
        Assert.Single(asked, lease => lease is not null);
    }

    [Fact]
    public async Task After_its_time_another_takes_it_with_a_greater_epoch_and_the_first_cannot_renew()
    {
        var first = await Lease.TryTakeAsync(_one, "a", Long, CancellationToken.None);
        Assert.Null(await Lease.TryTakeAsync(_two, "a", Long, CancellationToken.None));
        Assert.True(await first!.RenewAsync(CancellationToken.None));
        await _test.ExecuteAsync("UPDATE xuanwu.leases SET expires_at = now()");

        var second = await Lease.TryTakeAsync(_two, "a", Long, CancellationToken.None);
        Assert.True(second!.Epoch > first.Epoch);
        Assert.False(await first.RenewAsync(CancellationToken.None));
        Assert.False(first.IsHeld);
        Assert.True(second.IsHeld);
    }

    [Fact]
    public async Task One_that_is_over_but_that_nobody_took_can_be_renewed()
    {
        var lease = await Lease.TryTakeAsync(_one, "a", Long, CancellationToken.None);
        await _test.ExecuteAsync("UPDATE xuanwu.leases SET expires_at = now() - interval '1 minute'");
        Assert.True(await lease!.RenewAsync(CancellationToken.None));
        Assert.Null(await Lease.TryTakeAsync(_two, "a", Long, CancellationToken.None));
    }

    [Fact]
    public async Task A_released_one_is_free_at_once_and_stays_released()
    {
        var first = await Lease.TryTakeAsync(_one, "a", Long, CancellationToken.None);
        await first!.ReleaseAsync();
        Assert.False(await first.RenewAsync(CancellationToken.None));
        var second = await Lease.TryTakeAsync(_two, "a", Long, CancellationToken.None);
        Assert.NotNull(second);
        await first.ReleaseAsync(); // too late: it is another's now
        Assert.True(await second.RenewAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_node_is_listed_as_dead_after_its_time_and_forgotten_once()
    {
        await using var alive = await NodeLease.JoinAsync(_one, Long, CancellationToken.None);
        var dead = Guid.NewGuid();
        await _test.ExecuteAsync($"""
            INSERT INTO xuanwu.nodes (id, machine, process_id, expires_at) VALUES ('{dead}', 'gone', 1, now())
            """);
        Assert.Equal([dead], await alive.ExpiredAsync(CancellationToken.None));
        await alive.ForgetAsync(dead, CancellationToken.None);
        await alive.ForgetAsync(alive.Node, CancellationToken.None); // alive: stays
        Assert.Equal([alive.Node], await _test.ColumnAsync<Guid>("SELECT id FROM xuanwu.nodes"));
    }

    [Fact]
    public async Task A_node_that_others_may_have_replaced_is_lost_and_joins_anew()
    {
        await using var node = await NodeLease.JoinAsync(_one, TimeSpan.FromSeconds(1), CancellationToken.None);
        var before = node.Lost;
        var lost = new TaskCompletionSource();
        await using var registration = before.Register(lost.SetResult);
        await _test.ExecuteAsync("DELETE FROM xuanwu.nodes");
        await lost.Task.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.False(node.Lost.IsCancellationRequested);
        Assert.Equal(1L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.nodes"));
    }

    [Fact]
    public async Task A_node_that_leaves_is_dead_at_once()
    {
        var node = await NodeLease.JoinAsync(_one, Long, CancellationToken.None);
        await using var other = await NodeLease.JoinAsync(_two, Long, CancellationToken.None);
        await node.DisposeAsync();
        Assert.True(node.Lost.IsCancellationRequested);
        Assert.Equal([node.Node], await other.ExpiredAsync(CancellationToken.None));
    }
}
