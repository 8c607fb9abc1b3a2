using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

public sealed class CommitTests : IAsyncLifetime
{
    private TestDatabase _test = null!;
    private Bank _bank = null!;

    public async Task InitializeAsync()
    {
        _test = await TestDatabase.CreateAsync();
        _bank = await Bank.OpenAsync(_test);
    }

    public async Task DisposeAsync()
    {
        await _bank.DisposeAsync();
        await _test.DisposeAsync();
    }

    [Fact]
    public async Task Events_come_back_as_they_were_with_who_and_when_and_why()
    {
        var id = Guid.NewGuid();
        var correlation = Guid.NewGuid();
        var who = new Who("吴", "cmd-7", "OpenAccount", correlation, "msg-3");
        var outcome = await _bank.Store.CommitAsync(new Commit(who, Bank.Day).Append(
            _bank.Accounts, id, 0, [new AccountOpened("直播 \"a\""), new MoneyPaidIn(5, "雪")]), CancellationToken.None);

        var committed = Assert.IsType<Committed>(outcome);
        Assert.Equal([new StreamVersion(id, 2)], committed.Streams);
        Assert.Equal(committed.FirstSequence + 1, committed.LastSequence);

        var events = await _bank.Store.ReadStreamAsync<AccountEvent>(id, 0, null, null, CancellationToken.None).ToListAsync();
        Assert.Equal([new AccountOpened("直播 \"a\""), new MoneyPaidIn(5, "雪")], events.Select(e => e.Event));
        Assert.Equal([committed.FirstSequence, committed.LastSequence], events.Select(e => e.Sequence));
        var first = events[0];
        Assert.Equal(
            (id, 1L, Bank.Day, "吴", "OpenAccount", "cmd-7", correlation.ToString(), "msg-3"),
            (first.StreamId, first.Version, first.At, first.By, first.Command, first.CommandId, first.CorrelationId,
                first.CausedBy));
    }

    [Fact]
    public async Task A_stream_at_another_version_is_a_conflict_and_nothing_of_the_commit_is_stored()
    {
        var id = await _bank.OpenAccountAsync();
        var outcome = await _bank.Store.CommitAsync(
            Bank.NewCommit("k").Append(_bank.Accounts, id, 3, [new MoneyPaidIn(1)]).Enlist(_bank.Notes, "note"),
            CancellationToken.None);
        Assert.Equal(new Conflict(id, 3, 1), outcome);
        Assert.Equal(new Conflict(id, 0, 1), await _bank.AppendAsync(id, 0, new AccountOpened("again")));
        Assert.IsType<Conflict>(await _bank.AppendAsync(Guid.NewGuid(), 1, new MoneyPaidIn(1)));
        Assert.Equal(1L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.mt_events"));
        Assert.Equal(0L, await _test.ScalarAsync<long>("SELECT count(*) FROM public.notes"));
        Assert.Equal(0L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.commands"));
    }

    [Fact]
    public async Task A_commit_over_several_streams_is_stored_whole_or_not_at_all()
    {
        var (one, two, fresh) = (await _bank.OpenAccountAsync(), await _bank.OpenAccountAsync(), Guid.NewGuid());
        var transfer = Bank.NewCommit()
            .Append(_bank.Accounts, one, 1, [new MoneyPaidOut(7)])
            .Append(_bank.Accounts, two, 1, [new MoneyPaidIn(7)])
            .Append(_bank.Accounts, fresh, 0, [new AccountOpened("bea"), new MoneyPaidIn(1)]);
        var committed = Assert.IsType<Committed>(await _bank.Store.CommitAsync(transfer, CancellationToken.None));
        Assert.Equal([2, 2, 2], committed.Streams.Select(s => s.Version));

        var late = Bank.NewCommit()
            .Append(_bank.Accounts, one, 2, [new MoneyPaidOut(7)])
            .Append(_bank.Accounts, two, 1, [new MoneyPaidIn(7)])
            .Append(_bank.Accounts, Guid.NewGuid(), 0, [new AccountOpened("cy")]);
        Assert.Equal(new Conflict(two, 1, 2), await _bank.Store.CommitAsync(late, CancellationToken.None));
        Assert.Equal(6L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.mt_events"));
        Assert.Equal(3L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.mt_streams"));
        Assert.Equal(-7, (await _bank.Store.FindViewAsync<AccountView>(one, CancellationToken.None))!.Balance);
    }

    [Fact]
    public async Task A_key_is_applied_once_and_a_repetition_says_when_it_was()
    {
        var id = await _bank.OpenAccountAsync();
        var first = Assert.IsType<Committed>(await _bank.Store.CommitAsync(
            Bank.NewCommit("job/1").Append(_bank.Accounts, id, 1, [new MoneyPaidIn(1)]), CancellationToken.None));
        var again = await _bank.Store.CommitAsync(
            Bank.NewCommit("job/1").Append(_bank.Accounts, id, 2, [new MoneyPaidIn(1)]), CancellationToken.None);
        Assert.Equal(new Repeated("job/1", Bank.Day, first.LastSequence), again);
        // A repetition that was decided on the old version is a repetition too, not a conflict.
        Assert.IsType<Repeated>(await _bank.Store.CommitAsync(
            Bank.NewCommit("job/1").Append(_bank.Accounts, id, 1, [new MoneyPaidIn(1)]), CancellationToken.None));
        Assert.Equal(again, await _bank.Store.FindCommandAsync("job/1", CancellationToken.None));
        Assert.Null(await _bank.Store.FindCommandAsync("job/2", CancellationToken.None));
        Assert.Equal(2, (await _bank.Store.LoadAsync(_bank.Accounts, id, CancellationToken.None)).Version);
    }

    [Fact]
    public async Task A_hundred_callers_with_one_key_apply_it_once()
    {
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => _bank.Store.CommitAsync(
            Bank.NewCommit("same").Append(_bank.Accounts, Guid.NewGuid(), 0, [new AccountOpened("x")]),
            CancellationToken.None)));
        Assert.Single(outcomes.OfType<Committed>());
        Assert.Equal(99, outcomes.OfType<Repeated>().Count());
        Assert.Equal(1L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.mt_events"));
    }

    [Fact]
    public async Task A_commit_without_events_stores_its_rows_and_its_key()
    {
        var rows = Bank.NewCommit("rows").Enlist(_bank.Notes, "a").Enlist(_bank.Notes, "b");
        var committed = Assert.IsType<Committed>(await _bank.Store.CommitAsync(rows, CancellationToken.None));
        Assert.Equal((0, 0L), (committed.Streams.Count, committed.LastSequence));
        Assert.IsType<Repeated>(await _bank.Store.CommitAsync(
            Bank.NewCommit("rows").Enlist(_bank.Notes, "c"), CancellationToken.None));
        Assert.Equal(["a", "b"], await _test.ColumnAsync<string>("SELECT text FROM public.notes ORDER BY 1"));
        Assert.Equal(["a", "b"], _bank.Notes.Told);
        // Without a key of its own it may come as often as it likes.
        await _bank.Store.CommitAsync(Bank.NewCommit().Enlist(_bank.Notes, "d"), CancellationToken.None);
        await _bank.Store.CommitAsync(Bank.NewCommit().Enlist(_bank.Notes, "d"), CancellationToken.None);
        Assert.Equal(4L, await _test.ScalarAsync<long>("SELECT count(*) FROM public.notes"));
    }

    [Fact]
    public async Task Rows_of_refused_commits_are_not_written_beside_those_of_accepted_ones()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 40).Select(_ => _bank.OpenAccountAsync()));
        // A store without a cache leaves all refusals to the statement.
        await using var other = await Bank.OpenAsync(_test);
        var outcomes = await Task.WhenAll(ids.Select((id, i) => other.Store.CommitAsync(
            Bank.NewCommit($"key/{i}").Append(other.Accounts, id, i % 2 == 0 ? 1 : 5, [new MoneyPaidIn(i)])
                .Enlist(other.Notes, $"{i:00}"),
            CancellationToken.None)));
        Assert.All(
            outcomes.Index(), o => Assert.IsType(o.Index % 2 == 0 ? typeof(Committed) : typeof(Conflict), o.Item));
        var even = Enumerable.Range(0, 40).Where(i => i % 2 == 0).Select(i => $"{i:00}").ToList();
        Assert.Equal(even, await _test.ColumnAsync<string>("SELECT text FROM public.notes ORDER BY text"));
        Assert.Equal(20L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.commands"));
    }

    [Fact]
    public async Task A_poisoned_commit_fails_alone_and_its_neighbours_are_stored()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => _bank.OpenAccountAsync()));
        var tasks = ids.Select((id, i) => Record.ExceptionAsync(
            () => _bank.AppendAsync(id, 1, new MoneyPaidIn(i, i is 13 or 40 ? "nul \0 inside" : "fine")))).ToList();
        var faults = await Task.WhenAll(tasks);
        Assert.Equal([13, 40], faults.Index().Where(f => f.Item is not null).Select(f => f.Index));
        Assert.All(faults.OfType<Exception>(), fault => Assert.IsType<CommitUnstorable>(fault));
        Assert.Equal(64L + 62, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.mt_events"));
        // The streams of the failed ones go on from where they were.
        await _bank.PayInAsync(ids[13], 1);
    }

    [Fact]
    public async Task Poison_at_any_moment_leaves_the_outcomes_of_the_others_true()
    {
        // Seeded: batches of one and of many, with and without poison, on new and old streams, on a fresh connection.
        for (var seed = 0; seed < 8; seed++)
        {
            await using var bank = await Bank.OpenAsync(_test);
            var random = new Random(seed);
            var ids = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToArray();
            var versions = new long[ids.Length];
            for (var step = 0; step < 10; step++)
            {
                var chosen = Enumerable.Range(0, ids.Length).OrderBy(_ => random.Next())
                    .Take(random.Next(2) == 0 ? 1 : random.Next(1, ids.Length)).ToArray();
                var poisoned = chosen.Select(_ => random.Next(5) == 0).ToArray();
                var outcomes = await Task.WhenAll(chosen.Select(async (account, i) =>
                {
                    try
                    {
                        var owner = poisoned[i] ? "nul \0" : "ada";
                        return await bank.AppendAsync(ids[account], versions[account], new AccountOpened(owner)) as object;
                    }
                    catch (CommitUnstorable unstorable)
                    {
                        return unstorable;
                    }
                }));
                for (var i = 0; i < chosen.Length; i++)
                {
                    Assert.IsType(poisoned[i] ? typeof(CommitUnstorable) : typeof(Committed), outcomes[i]);
                    if (!poisoned[i]) versions[chosen[i]]++;
                }
            }

            Assert.Equal(versions.Sum(), await _test.ScalarAsync<long>(
                $"SELECT count(*) FROM xuanwu.mt_events WHERE stream_id = ANY ('{{{string.Join(',', ids)}}}')"));
        }
    }

    [Fact]
    public async Task An_archived_stream_takes_no_more_events_and_is_passed_over_in_the_journal()
    {
        var (kept, archived) = (await _bank.OpenAccountAsync(), await _bank.OpenAccountAsync());
        Assert.True(await _bank.Store.ArchiveAsync(archived, CancellationToken.None));
        Assert.False(await _bank.Store.ArchiveAsync(Guid.NewGuid(), CancellationToken.None));
        await Assert.ThrowsAsync<StreamArchived>(() => _bank.AppendAsync(archived, 1, new MoneyPaidIn(1)));
        var all = await _bank.Store.ReadAllAsync(0, 100, CancellationToken.None).ToListAsync();
        Assert.Equal([kept], all.Select(e => e.StreamId));
        Assert.Single(await _bank.Store.ReadStreamAsync<AccountEvent>(archived, 0, null, null, CancellationToken.None)
            .ToListAsync());
    }

    [Fact]
    public async Task A_stream_is_read_from_to_and_until()
    {
        var id = Guid.NewGuid();
        for (var v = 0; v < 5; v++)
        {
            await _bank.Store.CommitAsync(new Commit(new Who("ada"), Bank.Day.AddHours(v)).Append(
                _bank.Accounts, id, v,
                [v == 0 ? new AccountOpened("ada") : new MoneyPaidIn(v)]), CancellationToken.None);
        }

        async Task<List<long>> Read(long after, long? to, DateTimeOffset? until) =>
            await _bank.Store.ReadStreamAsync<AccountEvent>(id, after, to, until, CancellationToken.None)
                .Select(e => e.Version).ToListAsync();
        Assert.Equal([1, 2, 3, 4, 5], await Read(0, null, null));
        Assert.Equal([3, 4], await Read(2, 4, null));
        Assert.Equal([1, 2], await Read(0, null, Bank.Day.AddHours(1)));
    }

    [Fact]
    public async Task A_caller_that_gives_up_does_not_undo_what_was_sent()
    {
        var id = await _bank.OpenAccountAsync();
        await using var lockHolder = await _test.ConnectAsync();
        await using var hold = new Npgsql.NpgsqlCommand(AppendStatement.TakeLock.Replace("_xact", "", StringComparison.Ordinal),
            lockHolder);
        await hold.ExecuteNonQueryAsync();
        using var givingUp = new CancellationTokenSource();
        var sent = _bank.Store.CommitAsync(
            Bank.NewCommit().Append(_bank.Accounts, id, 1, [new MoneyPaidIn(1)]), givingUp.Token);
        var queued = _bank.Store.CommitAsync(
            Bank.NewCommit().Append(_bank.Accounts, Guid.NewGuid(), 0, [new AccountOpened("never")]), givingUp.Token);
        await givingUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sent);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued);
        await lockHolder.CloseAsync();

        await _bank.PayInAsync(id, 10); // goes behind the one that was sent
        var state = await _bank.Store.LoadAsync(_bank.Accounts, id, CancellationToken.None);
        Assert.Equal((11, 3L), (state.State.Balance, state.Version));
        Assert.Equal(1L, await _test.ScalarAsync<long>("SELECT count(*) FROM xuanwu.mt_streams"));
    }

    [Fact]
    public async Task An_aggregate_or_event_or_table_that_is_not_registered_is_an_error_that_names_it()
    {
        var stranger = new Aggregate<Account, AccountEvent>("stranger", Account.Absent, Account.Evolve);
        var error = await Assert.ThrowsAsync<ArgumentException>(() => _bank.Store.CommitAsync(
            Bank.NewCommit().Append(stranger, Guid.NewGuid(), 0, [new AccountOpened("x")]), CancellationToken.None));
        Assert.Contains("stranger", error.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => _bank.Store.CommitAsync(
            Bank.NewCommit().Enlist(new Notes(), "x"), CancellationToken.None));
        Assert.Throws<ArgumentException>(() => Bank.NewCommit().Append(_bank.Accounts, Guid.NewGuid(), 0, []));
    }
}
