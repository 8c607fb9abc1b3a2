using System.Collections.Concurrent;
using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

/// <summary>Commit order is sequence order, with two nodes that append at once.</summary>
public sealed class OrderTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(50);
    private TestDatabase _test = null!;
    private Bank _one = null!;
    private Bank _two = null!;

    public async Task InitializeAsync()
    {
        _test = await TestDatabase.CreateAsync();
        (_one, _two) = (await Bank.OpenAsync(_test), await Bank.OpenAsync(_test));
    }

    public async Task DisposeAsync()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task A_reader_that_polls_after_its_last_sequence_sees_every_event_once_and_in_order()
    {
        const int each = 1500;
        var written = new ConcurrentBag<long>();
        var writing = Task.WhenAll(new[] { _one, _two }.SelectMany(bank => Enumerable.Range(0, 8).Select(async _ =>
        {
            var id = await bank.OpenAccountAsync();
            for (var i = 0; i < each / 8; i++) written.Add((await bank.PayInAsync(id, 1)).LastSequence);
        })));

        var seen = new List<long>();
        var last = 0L;
        var reader = _test.Open();
        await using var store = new EventStore(
            reader, new EventTypes().Register<AccountEvent>(), new EventStoreOptions());
        for (var done = false; !done;)
        {
            done = writing.IsCompleted; // asked before the last reading, so that it sees all
            await foreach (var happened in store.ReadAllAsync(last, 500, CancellationToken.None))
            {
                Assert.True(happened.Sequence > last, "out of order");
                seen.Add(last = happened.Sequence);
            }
        }

        await writing.WaitAsync(Limit);
        await foreach (var happened in store.ReadAllAsync(last, int.MaxValue, CancellationToken.None)) seen.Add(happened.Sequence);
        Assert.Equal(await _test.ColumnAsync<long>("SELECT seq_id FROM xuanwu.mt_events ORDER BY seq_id"), seen);
        Assert.Empty(written.Except(seen));
        Assert.Equal((each / 8 * 16) + 16, seen.Count);
    }

    [Fact]
    public async Task A_transaction_that_holds_the_lock_and_commits_late_holds_up_the_others_instead_of_being_skipped()
    {
        var id = await _one.OpenAccountAsync();
        await using var slow = await _test.ConnectAsync();
        await using var transaction = await slow.BeginTransactionAsync();
        await using (var insert = new Npgsql.NpgsqlCommand($"""
            {AppendStatement.TakeLock};
            INSERT INTO xuanwu.mt_streams (id, type, version) VALUES ('{Guid.NewGuid()}', 'account', 1);
            INSERT INTO xuanwu.mt_events (seq_id, id, stream_id, version, data, type)
            SELECT nextval('xuanwu.mt_events_sequence'), gen_random_uuid(), id, 1, '{"{\"Owner\": \"slow\"}"}', 'account_opened'
            FROM xuanwu.mt_streams WHERE id <> '{id}'
            """, slow)) await insert.ExecuteNonQueryAsync();

        var quick = _two.PayInAsync(id, 1);
        await WaitForLockWaiterAsync();
        Assert.Equal([1L], await SequencesAsync()); // neither of the two is visible
        await transaction.CommitAsync();
        Assert.Equal(3, (await quick.WaitAsync(Limit)).LastSequence);
        Assert.Equal([1L, 2L, 3L], await SequencesAsync());
    }

    [Fact]
    public async Task Two_nodes_on_the_same_streams_lose_no_payment_and_store_no_stale_view()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => _one.OpenAccountAsync()));
        await Task.WhenAll(new[] { _one, _two }.SelectMany(bank => Enumerable.Range(0, 8).Select(async worker =>
        {
            for (var i = 0; i < 50; i++) await bank.PayInAsync(ids[(worker + i) % ids.Length], 1);
        }))).WaitAsync(Limit);

        foreach (var id in ids)
        {
            var view = await _one.Store.FindViewAsync<AccountView>(id, CancellationToken.None);
            var versions = await _test.ColumnAsync<long>(
                $"SELECT version FROM xuanwu.mt_events WHERE stream_id = '{id}' ORDER BY seq_id");
            Assert.Equal(Enumerable.Range(1, versions.Count).Select(v => (long)v), versions);
            Assert.Equal((versions.Count - 1, versions.Count - 1), (view!.Balance, view.Payments));
            Assert.Equal((long)versions.Count,
                await _test.ScalarAsync<long>($"SELECT mt_version FROM xuanwu.mt_doc_account WHERE id = '{id}'"));
        }

        Assert.Equal(4L + 800, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.mt_events"));
    }

    [Fact]
    public async Task A_stale_cache_leads_to_a_conflict_and_the_next_load_reads()
    {
        var id = await _one.OpenAccountAsync();
        await _one.PayInAsync(id, 1);
        await _two.PayInAsync(id, 10); // _one does not know
        var stale = await _one.Store.LoadAsync(_one.Accounts, id, CancellationToken.None);
        Assert.Equal(2, stale.Version);
        Assert.Equal(new Conflict(id, 2, 3), await _one.AppendAsync(id, stale.Version, new MoneyPaidIn(100)));
        var fresh = await _one.Store.LoadAsync(_one.Accounts, id, CancellationToken.None);
        Assert.Equal((11, 3L), (fresh.State.Balance, fresh.Version));
    }

    private Task<List<long>> SequencesAsync() =>
        _test.ColumnAsync<long>("SELECT seq_id FROM xuanwu.mt_events ORDER BY seq_id");

    private async Task WaitForLockWaiterAsync()
    {
        using var limit = new CancellationTokenSource(Limit);
        while (await _test.ScalarAsync<long>("""
            SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
            WHERE locktype = 'advisory' AND NOT granted AND d.datname = current_database()
            """) == 0) limit.Token.ThrowIfCancellationRequested();
    }
}
