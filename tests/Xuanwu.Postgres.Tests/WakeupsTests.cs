using Xuanwu.Testing;

namespace Xuanwu.Postgres.Tests;

public sealed class WakeupsTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);
    private TestDatabase _test = null!;
    private Database _database = null!;

    public async Task InitializeAsync()
    {
        _test = await TestDatabase.CreateAsync();
        _database = _test.Open();
    }

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task A_notification_of_another_session_wakes_the_listeners_of_its_channel_only()
    {
        var payloads = new List<string>();
        using var mine = _database.Wakeups.Listen("mine", payloads.Add);
        using var other = _database.Wakeups.Listen("other");
        await ConnectedAsync(mine, other);

        await _test.ExecuteAsync("SELECT pg_notify('mine', 'hello')");
        Assert.True(await mine.WaitAsync(Limit, CancellationToken.None));
        Assert.Equal("hello", payloads[^1]);
        Assert.False(await other.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }

    [Fact]
    public async Task A_channel_that_comes_later_is_listened_to_as_well()
    {
        using var first = _database.Wakeups.Listen("first");
        await ConnectedAsync(first);
        using var second = _database.Wakeups.Listen("Second \"one\"");
        await ConnectedAsync(second);
        await _test.ExecuteAsync("SELECT pg_notify('Second \"one\"', '')");
        Assert.True(await second.WaitAsync(Limit, CancellationToken.None));
    }

    [Fact]
    public async Task A_lost_connection_is_made_again_and_wakes_everybody()
    {
        using var listener = _database.Wakeups.Listen("mine");
        await ConnectedAsync(listener);
        await _test.ExecuteAsync("""
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE application_name = 'xuanwu listen' AND datname = current_database()
            """);
        Assert.True(await listener.WaitAsync(Limit, CancellationToken.None)); // the reconnect itself
        await _test.ExecuteAsync("SELECT pg_notify('mine', '')");
        Assert.True(await listener.WaitAsync(Limit, CancellationToken.None));
        Assert.True(_database.Wakeups.Connected);
    }

    [Fact]
    public async Task Wakes_while_busy_are_remembered_as_one_and_a_local_wake_needs_no_database()
    {
        using var listener = _database.Wakeups.Listen("mine");
        await ConnectedAsync(listener);
        _database.Wakeups.Wake("mine");
        _database.Wakeups.Wake("mine");
        Assert.True(await listener.WaitAsync(TimeSpan.Zero, CancellationToken.None));
        Assert.False(await listener.WaitAsync(TimeSpan.Zero, CancellationToken.None));
    }

    private static async Task ConnectedAsync(params Listener[] listeners)
    {
        // The wake after LISTEN says that it is in effect.
        foreach (var listener in listeners) Assert.True(await listener.WaitAsync(Limit, CancellationToken.None));
    }
}
