using System.Collections.Concurrent;
using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

/// <summary>
/// The database goes away at bad moments: what was acknowledged is there, once, and nothing is told wrongly.
/// </summary>
public sealed class LostConnectionTests : IAsyncLifetime
{
    private TestDatabase _test = null!;

    public async Task InitializeAsync() => _test = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task Sessions_killed_at_random_moments_lose_and_double_nothing()
    {
        await using var bank = await Bank.OpenAsync(_test);
        var acknowledged = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var clients = Enumerable.Range(0, 8).Select(async client =>
        {
            var id = await bank.OpenAccountAsync();
            for (var i = 0; i < 150; i++)
            {
                var note = $"{client}/{i}";
                await bank.PayInAsync(id, 1, note, key: i % 3 == 0 ? note : null);
                acknowledged.Add(note);
            }
        }).ToList();
        var killer = Task.Run(async () =>
        {
            var random = new Random(7);
            while (!stop.IsCancellationRequested)
            {
                await _test.ExecuteAsync("""
                    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                    WHERE application_name = 'xuanwu writer' AND datname = current_database()
                    """);
                await stop.Token.WaitHandle.WaitOneAsync(random.Next(5, 40));
            }
        });
        await Task.WhenAll(clients).WaitAsync(TimeSpan.FromSeconds(60));
        await stop.CancelAsync();
        await killer;

        var stored = await _test.ColumnAsync<string>(
            "SELECT data ->> 'Note' FROM xuanwu.mt_events WHERE type = 'money_paid_in' ORDER BY 1");
        Assert.Equal(acknowledged.Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
        Assert.Equal(1200, stored.Distinct().Count());
        Assert.Equal(
            1200L, await _test.ScalarAsync<long>("SELECT sum((data ->> 'Balance')::int) FROM xuanwu.mt_doc_account"));
    }

    [Fact]
    public async Task A_commit_whose_answer_is_lost_is_found_and_acknowledged_not_applied_again()
    {
        await using var proxy = _test.NewProxy();
        await using var bank = await Bank.OpenAsync(_test, _test.OpenThrough(proxy));
        var (id, other) = (await bank.OpenAccountAsync(), await bank.OpenAccountAsync());
        for (var round = 0; round < 5; round++)
        {
            proxy.LoseNextAnswer();
            var outcome = await bank.Store.CommitAsync(
                Bank.NewCommit($"k{round}").Append(bank.Accounts, id, 1 + round, [new MoneyPaidIn(1)])
                    .Append(bank.Accounts, other, 1 + round, [new MoneyPaidIn(1)]).Enlist(bank.Notes, $"note {round}"),
                CancellationToken.None);
            var committed = Assert.IsType<Committed>(outcome);
            Assert.Equal([new StreamVersion(id, 2 + round), new StreamVersion(other, 2 + round)], committed.Streams);
            Assert.Equal((long?)committed.FirstSequence,
                await _test.ScalarAsync<long>($"SELECT seq_id FROM xuanwu.mt_events WHERE stream_id = '{id}' AND "
                    + $"version = {2 + round}"));
        }

        Assert.Equal(5, proxy.Lost);
        Assert.Equal(5L, await _test.ScalarAsync<long>("SELECT count(*) FROM public.notes"));
        Assert.Equal(5L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.commands"));
        Assert.Equal(5, (await bank.Store.LoadAsync(bank.Accounts, id, CancellationToken.None)).State.Balance);
    }

    [Fact]
    public async Task A_commit_without_events_whose_answer_is_lost_is_written_once()
    {
        await using var proxy = _test.NewProxy();
        await using var bank = await Bank.OpenAsync(_test, _test.OpenThrough(proxy));
        await bank.OpenAccountAsync();
        proxy.LoseNextAnswer();
        Assert.IsType<Committed>(await bank.Store.CommitAsync(
            Bank.NewCommit().Enlist(bank.Notes, "once"), CancellationToken.None));
        Assert.Equal(1, proxy.Lost);
        Assert.Equal(["once"], await _test.ColumnAsync<string>("SELECT text FROM public.notes"));
    }

    [Fact]
    public async Task While_the_database_is_away_commits_fail_as_unavailable_and_afterwards_they_work()
    {
        await using var proxy = _test.NewProxy();
        await using var bank = await Bank.OpenAsync(
            _test, _test.OpenThrough(proxy), reconnectFor: TimeSpan.FromMilliseconds(300));
        var id = await bank.OpenAccountAsync();
        proxy.Refusing = true;
        var gone = await Assert.ThrowsAsync<StoreUnavailable>(() => bank.AppendAsync(id, 1, new MoneyPaidIn(1)));
        Assert.Contains("database", gone.Message, StringComparison.Ordinal);
        proxy.Refusing = false;
        await bank.PayInAsync(id, 2);
        Assert.Equal(2, (await bank.Store.FindViewAsync<AccountView>(id, CancellationToken.None))!.Balance);
    }
}

internal static class Waiting
{
    /// <summary>Ends when the handle is set or the time is over; no thread sleeps.</summary>
    public static Task WaitOneAsync(this WaitHandle handle, int milliseconds)
    {
        var done = new TaskCompletionSource();
        var waiting = ThreadPool.RegisterWaitForSingleObject(
            handle, (_, _) => done.TrySetResult(), null, milliseconds, true);
        return done.Task.ContinueWith(_ => waiting.Unregister(null), TaskScheduler.Default);
    }
}
