using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

public sealed class RebuildTests : IAsyncLifetime
{
    private readonly StreamView<Statement, AccountEvent> _statements = new("statement", Statement.Evolve);
    private readonly CancellationToken _limit = new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token;
    private TestDatabase _test = null!;
    private Bank _bank = null!;
    private ProjectionDaemon _daemon = null!;

    public async Task InitializeAsync()
    {
        _test = await TestDatabase.CreateAsync();
        _bank = await Bank.OpenAsync(_test);
        _daemon = await StartAsync();
    }

    private async Task<ProjectionDaemon> StartAsync()
    {
        var options = new ProjectionOptions { LeaseTime = TimeSpan.FromSeconds(2) };
        var daemon = new ProjectionDaemon(_bank.Store, [_statements], options);
        await daemon.StartAsync(_limit);
        return daemon;
    }

    public async Task DisposeAsync()
    {
        await _daemon.DisposeAsync();
        await _bank.DisposeAsync();
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task Views_that_were_damaged_are_right_after_a_rebuild_while_commits_and_reads_go_on()
    {
        await _test.ExecuteAsync("CREATE INDEX by_owner ON xuanwu.mt_doc_account ((data ->> 'Owner'))");
        var ids = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => _bank.OpenAccountAsync($"owner {i}")));
        await Task.WhenAll(ids.Select(id => _bank.PayInAsync(id, 1)));
        await _daemon.WaitForAsync(_statements, 80, _limit);
        await _test.ExecuteAsync("""
            UPDATE xuanwu.mt_doc_account SET data = jsonb_set(data, '{Balance}', '-1000');
            UPDATE xuanwu.mt_doc_statement SET data = jsonb_set(data, '{Balance}', '-1000');
            """);

        await using var other = await Bank.OpenAsync(_test);
        using var stop = new CancellationTokenSource();
        var paid = 0;
        var load = Task.WhenAll(new[] { _bank, other }.SelectMany((bank, b) => ids.Chunk(10).Select(async chunk =>
        {
            while (!stop.IsCancellationRequested)
            {
                foreach (var id in chunk)
                {
                    await bank.PayInAsync(id, 1);
                    Interlocked.Increment(ref paid);
                    Assert.NotNull(await bank.Store.FindViewAsync<AccountView>(id, _limit));
                    Assert.NotNull(await _bank.Store.FindViewAsync<Statement>(id, _limit));
                }
            }
        })));
        Assert.True(await _daemon.RebuildAsync(_bank.View, _limit) >= 80);
        Assert.True(await _daemon.RebuildAsync(_statements, _limit) >= 80);
        await stop.CancelAsync();
        await load;
        await _daemon.WaitForAsync(_statements, await _bank.Store.HeadAsync(_limit), _limit);

        foreach (var view in new[] { "account", "statement" })
        {
            Assert.Equal(40L, await _test.ScalarAsync<long>($"""
                SELECT count(*) FROM xuanwu.mt_doc_{view} d JOIN xuanwu.mt_streams s USING (id)
                WHERE (d.data ->> 'Balance')::bigint = s.version - 1 AND d.mt_version = s.version
                """));
        }

        Assert.True(paid > 0);
        Assert.Equal(["by_owner", "pkey_mt_doc_account_id"], await _test.ColumnAsync<string>(
            "SELECT indexname FROM pg_indexes WHERE tablename = 'mt_doc_account' ORDER BY 1"));
        Assert.Null(await _test.ScalarAsync<string>("SELECT to_regclass('xuanwu.mt_doc_account_next')::text"));
        Assert.All(
            await _daemon.StatusAsync(_limit),
            status => Assert.Equal((2L, false), (status.Generation, status.Rebuilding)));
    }

    [Fact]
    public async Task A_node_that_remembers_views_of_before_the_rebuild_does_not_write_them_back()
    {
        await using var other = await Bank.OpenAsync(_test);
        var id = await other.OpenAccountAsync();
        await other.PayInAsync(id, 1); // the other node's cache has the view with balance 1
        // The journal is corrected by hand, which is why the view is rebuilt.
        await _test.ExecuteAsync(
            "UPDATE xuanwu.mt_events SET data = '{\"Amount\": 50, \"Note\": \"\"}' WHERE version = 2");
        await _daemon.RebuildAsync(_bank.View, _limit);
        await other.PayInAsync(id, 1);
        Assert.Equal(51, (await other.Store.FindViewAsync<AccountView>(id, _limit))!.Balance);
        await other.PayInAsync(id, 1);
        Assert.Equal(52, (await other.Store.FindViewAsync<AccountView>(id, _limit))!.Balance);
    }

    [Fact]
    public async Task A_rebuild_that_meets_an_event_it_cannot_apply_says_which_and_the_live_view_stays()
    {
        var id = await _bank.OpenAccountAsync();
        await _bank.PayInAsync(id, 1);
        await _daemon.WaitForAsync(_statements, 2, _limit);
        await _test.ExecuteAsync("UPDATE xuanwu.mt_events SET data = '{\"Amount\": -3}' WHERE seq_id = 2");
        var failed = await Assert.ThrowsAsync<RebuildFailed>(() => _daemon.RebuildAsync(_statements, _limit));
        Assert.Equal((2L, id, 2L, "money_paid_in"),
            (failed.Fault!.Sequence, failed.Fault.StreamId, failed.Fault.Version, failed.Fault.Type));
        Assert.Equal(1, (await _bank.Store.FindViewAsync<Statement>(id, _limit))!.Balance);
        Assert.Null(await _test.ScalarAsync<string>("SELECT to_regclass('xuanwu.mt_doc_statement_next')::text"));
    }

    [Fact]
    public async Task One_rebuild_of_a_view_at_a_time()
    {
        await _test.ExecuteAsync("""
            INSERT INTO xuanwu.leases (name, holder, epoch, expires_at)
            VALUES ('rebuild/statement', gen_random_uuid(), 1, now() + interval '1 hour')
            """);
        await Assert.ThrowsAsync<RebuildFailed>(() => _daemon.RebuildAsync(_statements, _limit));
        Assert.True((await _daemon.StatusAsync(_limit)).Single(s => s.Name == "statement").Rebuilding);
    }

    [Fact]
    public async Task A_rebuild_starts_a_stopped_view_again()
    {
        var id = await _bank.OpenAccountAsync();
        var poison = await _bank.PayInAsync(id, -1);
        ProjectionStatus status;
        do status = (await _daemon.StatusAsync(_limit)).Single(s => s.Name == "statement");
        while (status.State != ProjectionState.Stopped);
        await _test.ExecuteAsync(
            $"UPDATE xuanwu.mt_events SET data = '{{\"Amount\": 1}}' WHERE seq_id = {poison.LastSequence}");
        await _daemon.RebuildAsync(_statements, _limit);
        var paid = await _bank.PayInAsync(id, 1);
        await _daemon.WaitForAsync(_statements, paid.LastSequence, _limit);
        Assert.Equal(2, (await _bank.Store.FindViewAsync<Statement>(id, _limit))!.Balance);
    }

    [Fact]
    public async Task An_inline_view_that_is_new_to_the_journal_is_filled_before_the_store_starts()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _bank.OpenAccountAsync()));
        await Task.WhenAll(ids.Select(id => _bank.PayInAsync(id, 3)));
        await _test.ExecuteAsync(
            "DROP TABLE xuanwu.mt_doc_account; DELETE FROM xuanwu.projections WHERE name = 'account'");
        await using var late = await Bank.OpenAsync(_test);
        Assert.Equal(20L, await _test.ScalarAsync<long>(
            "SELECT count(*) FROM xuanwu.mt_doc_account WHERE (data ->> 'Balance')::int = 3"));
    }
}
