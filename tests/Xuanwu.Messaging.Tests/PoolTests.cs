namespace Xuanwu.Messaging.Tests;

public sealed class PoolTests
{
    [Fact]
    public void A_walk_that_found_enough_goes_on_behind_it_and_then_from_the_start()
    {
        var pool = new Pool("q", 4) { Asked = 4 };
        Assert.False(pool.GoOn(new Walk("q", 10, 4, 4), out var filled));
        Assert.Equal((true, 11), (filled, pool.Start));
        Assert.True(pool.GoOn(new Walk("q", 20, 3, 5), out filled));
        Assert.Equal((false, long.MinValue), (filled, pool.Start));
        Assert.False(pool.GoOn(new Walk("q", 20, 3, 5), out filled));
        Assert.False(filled);
    }

    [Fact]
    public void A_walk_over_more_blocked_keys_than_it_may_look_at_ends_after_one_turn()
    {
        var pool = new Pool("q", 4) { Asked = 4 };
        Assert.True(pool.GoOn(new Walk("q", 10, 0, Round.MostSteps), out _));
        Assert.True(pool.GoOn(new Walk("q", 20, 0, Round.MostSteps), out _));
        Assert.False(pool.GoOn(null, out _));
        Assert.Equal(long.MinValue, pool.Start);
    }

    [Fact]
    public void What_becomes_ready_behind_a_walk_in_parts_is_found_by_another_turn()
    {
        var pool = new Pool("q", 4) { Asked = 4 };
        Assert.True(pool.GoOn(new Walk("q", 10, 0, Round.MostSteps), out _));
        pool.News();
        Assert.True(pool.GoOn(null, out _));
        Assert.False(pool.GoOn(new Walk("q", 20, 1, 30), out _));
    }

    [Fact]
    public void The_last_lane_is_followed_by_the_first()
    {
        var pool = new Pool("q", 1) { Asked = 1 };
        Assert.False(pool.GoOn(new Walk("q", long.MaxValue, 1, 1), out _));
        Assert.Equal(long.MinValue, pool.Start);
    }

    [Fact]
    public void Only_a_pool_whose_handlers_are_faster_than_a_round_trip_claims_ahead()
    {
        var pool = new Pool("q", 10) { Running = 2 };
        Assert.Equal(8, pool.Wanted(TimeSpan.FromMilliseconds(2)));
        for (var i = 0; i < 200; i++) pool.Took(TimeSpan.FromMilliseconds(1));
        Assert.InRange(pool.Wanted(TimeSpan.FromMilliseconds(2)), 16, 18);
        for (var i = 0; i < 200; i++) pool.Took(TimeSpan.Zero);
        Assert.Equal(78, pool.Wanted(TimeSpan.FromMilliseconds(2)));
        pool.Took(TimeSpan.FromSeconds(1));
        Assert.Equal(8, pool.Wanted(TimeSpan.FromMilliseconds(2)));
    }
}
