using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

public sealed record Statement(int Balance, List<long> Versions, long LastSequence)
{
    public static Statement? Evolve(Statement? statement, Recorded<AccountEvent> happened) => happened.Event switch
    {
        AccountOpened => new Statement(0, [happened.Version], happened.Sequence),
        MoneyPaidIn { Amount: < 0 } => throw new InvalidOperationException("A negative payment."),
        MoneyPaidIn it => Next(statement!, it.Amount, happened),
        MoneyPaidOut it => Next(statement!, -it.Amount, happened),
        AccountClosed => null,
        _ => statement,
    };

    private static Statement Next(Statement statement, int amount, Recorded<AccountEvent> happened) => new(
        statement.Balance + amount, [.. statement.Versions, happened.Version], happened.Sequence);
}

public sealed class ProjectionTests : IAsyncLifetime
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly ProjectionOptions Quick = new()
    {
        LeaseTime = TimeSpan.FromSeconds(2),
        RetryStopped = TimeSpan.FromMinutes(10),
        PieceSize = 50,
    };

    private readonly StreamView<Statement, AccountEvent> _statements = new("statement", Statement.Evolve);
    private readonly CancellationToken _limit = new CancellationTokenSource(Limit).Token;
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
    public async Task An_asynchronous_view_follows_the_journal_from_its_first_event()
    {
        var ids = await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => _bank.OpenAccountAsync()));
        await Task.WhenAll(ids.Select(id => _bank.PayInAsync(id, 1)));
        await using var daemon = await StartAsync(_bank);
        await Task.WhenAll(ids.Select(id => _bank.PayInAsync(id, 2)));
        var last = await _bank.PayInAsync(ids[0], 3);
        await _bank.AppendAsync(ids[1], 3, new AccountClosed());
        await daemon.WaitForAsync(_statements, last.LastSequence + 1, _limit);

        var first = await _bank.Store.FindViewAsync<Statement>(ids[0], _limit);
        Assert.Equal((6, last.LastSequence), (first!.Balance, first.LastSequence));
        Assert.Equal([1, 2, 3, 4], first.Versions);
        Assert.Null(await _bank.Store.FindViewAsync<Statement>(ids[1], _limit));
        Assert.Equal(29L, await _test.ScalarAsync<long>(
            "SELECT count(*) FROM xuanwu.mt_doc_statement d JOIN xuanwu.mt_streams s USING (id) WHERE d.mt_version "
            + "= s.version"));
        var status = await StatusAsync(daemon);
        Assert.Equal((ProjectionState.Running, 0L, null), (status.State, status.Lag, status.Fault));
    }

    [Fact]
    public async Task An_event_that_cannot_be_applied_stops_the_view_says_which_and_nothing_is_skipped()
    {
        await using var daemon = await StartAsync(_bank);
        var (good, bad) = (await _bank.OpenAccountAsync(), await _bank.OpenAccountAsync());
        var before = await _bank.PayInAsync(good, 1);
        var poison = await _bank.PayInAsync(bad, -5);
        await _bank.PayInAsync(good, 1);
        var status = await UntilAsync(daemon, s => s.State == ProjectionState.Stopped);
        Assert.Equal(
            new ProjectionFault(poison.LastSequence, bad, 2, "money_paid_in", "A negative payment."), status.Fault);
        Assert.Equal(before.LastSequence, status.Sequence);
        Assert.Equal(1, (await _bank.Store.FindViewAsync<Statement>(good, _limit))!.Balance);
        Assert.Equal(2, (await _bank.Store.FindViewAsync<AccountView>(good, _limit))!.Balance); // inline goes on

        // What made it fail is mended; the view goes on where it stopped.
        await _test.ExecuteAsync(
            $"UPDATE xuanwu.mt_events SET data = '{{\"Amount\": 5}}' WHERE seq_id = {poison.LastSequence}");
        await daemon.ResumeAsync(_limit);
        await daemon.WaitForAsync(_statements, poison.LastSequence + 1, _limit);
        status = await UntilAsync(daemon, s => s.State == ProjectionState.Running);
        Assert.Null(status.Fault);
        Assert.Equal(2, (await _bank.Store.FindViewAsync<Statement>(good, _limit))!.Balance);
        Assert.Equal(5, (await _bank.Store.FindViewAsync<Statement>(bad, _limit))!.Balance);
    }

    [Fact]
    public async Task An_event_type_that_nobody_knows_stops_the_view_and_one_of_another_aggregate_does_not()
    {
        var types = new EventTypes().Register<AccountEvent>().Register<Shape>();
        await using var store = new EventStore(_test.Open(), types, new EventStoreOptions());
        await using var daemon = new ProjectionDaemon(store, [_statements], Quick);
        await daemon.StartAsync(_limit);
        var id = await _bank.OpenAccountAsync();
        await _bank.PayInAsync(id, 1);
        await _test.ExecuteAsync("""
            INSERT INTO xuanwu.mt_events (seq_id, id, stream_id, version, data, type)
            SELECT nextval('xuanwu.mt_events_sequence'), gen_random_uuid(), id, 10, '{}', 'a1_seen' FROM xuanwu.mt_streams
            """);
        await daemon.WaitForAsync(_statements, 3, _limit); // passed, though no event there is the view's
        await _test.ExecuteAsync("""
            INSERT INTO xuanwu.mt_events (seq_id, id, stream_id, version, data, type)
            SELECT nextval('xuanwu.mt_events_sequence'), gen_random_uuid(), id, 11, '{}', 'account_merged' FROM xuanwu.mt_streams
            """);
        var status = await UntilAsync(daemon, s => s.State == ProjectionState.Stopped);
        Assert.Equal((4L, "account_merged"), (status.Fault!.Sequence, status.Fault.Type));
        Assert.Equal(3, status.Sequence);
    }

    [Fact]
    public async Task When_the_node_that_follows_dies_another_takes_over_within_ten_seconds()
    {
        await using var dying = await StartAsync(_bank);
        var id = await _bank.OpenAccountAsync();
        await dying.WaitForAsync(_statements, 1, _limit);

        // A killed node: its lease stays as it is and nobody renews it.
        await dying.DisposeAsync();
        await _test.ExecuteAsync("""
            UPDATE xuanwu.leases SET holder = gen_random_uuid(), expires_at = now() + interval '2 seconds'
            WHERE name = 'projection/statement'
            """);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await using var other = await Bank.OpenAsync(_test);
        await using var daemon = await StartAsync(other);
        var paid = await other.PayInAsync(id, 1);
        await daemon.WaitForAsync(_statements, paid.LastSequence, _limit);
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task Two_nodes_follow_one_view_and_every_event_is_applied_once()
    {
        await using var other = await Bank.OpenAsync(_test);
        await using var one = await StartAsync(_bank);
        await using var two = await StartAsync(other);
        var ids = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => _bank.OpenAccountAsync()));
        var paying = Task.WhenAll(ids.Select(async id =>
        {
            for (var i = 0; i < 30; i++) await other.PayInAsync(id, 1);
        }));
        while (!paying.IsCompleted)
        {
            // Leases are torn away from whoever has one, again and again; the old holder writes on until it notices.
            await _test.ExecuteAsync("UPDATE xuanwu.leases SET expires_at = now() WHERE name = 'projection/statement'");
            await DaemonTurnAsync();
        }

        await paying;
        await one.WaitForAsync(_statements, 310, _limit);
        Assert.Equal(10L, await _test.ScalarAsync<long>("""
            SELECT count(*) FROM xuanwu.mt_doc_statement
            WHERE (data ->> 'Balance')::int = 30 AND jsonb_array_length(data -> 'Versions') = 31 AND mt_version = 31
            """));

        async Task DaemonTurnAsync()
        {
            var before = (await StatusAsync(one)).Sequence;
            await one.WaitForAsync(_statements, Math.Min(before + 20, 310), _limit);
        }
    }

    private async Task<ProjectionDaemon> StartAsync(Bank bank)
    {
        var daemon = new ProjectionDaemon(bank.Store, [_statements], Quick);
        await daemon.StartAsync(_limit);
        return daemon;
    }

    private static async Task<ProjectionStatus> StatusAsync(ProjectionDaemon daemon) =>
        (await daemon.StatusAsync(CancellationToken.None)).Single(status => status.Name == "statement");

    private async Task<ProjectionStatus> UntilAsync(ProjectionDaemon daemon, Func<ProjectionStatus, bool> reached)
    {
        while (true)
        {
            _limit.ThrowIfCancellationRequested();
            var status = await StatusAsync(daemon);
            if (reached(status)) return status;
        }
    }
}
