using Xuanwu.Postgres;
using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

public abstract record AccountEvent;

public sealed record AccountOpened(string Owner) : AccountEvent;

public sealed record MoneyPaidIn(int Amount, string Note = "") : AccountEvent;

public sealed record MoneyPaidOut(int Amount) : AccountEvent;

public sealed record AccountClosed : AccountEvent;

/// <summary>What the tests of the store decide on.</summary>
public sealed record Account(string? Owner, int Balance)
{
    public static readonly Account Absent = new(Owner: null, Balance: 0);

    public static Account Evolve(Account account, AccountEvent happened) => happened switch
    {
        AccountOpened it => account with { Owner = it.Owner },
        MoneyPaidIn it => account with { Balance = account.Balance + it.Amount },
        MoneyPaidOut it => account with { Balance = account.Balance - it.Amount },
        AccountClosed => account with { Owner = null },
        _ => throw new InvalidOperationException($"Unknown event {happened}."),
    };
}

public sealed record AccountView(string Owner, int Balance, int Payments, DateTimeOffset ChangedAt, string ChangedBy)
{
    public static AccountView? Evolve(AccountView? view, Recorded<AccountEvent> happened) => happened.Event switch
    {
        AccountOpened it => new AccountView(it.Owner, 0, 0, happened.At, happened.By),
        MoneyPaidIn it => Paid(view!, it.Amount, happened),
        MoneyPaidOut it => Paid(view!, -it.Amount, happened),
        AccountClosed => null,
        _ => throw new InvalidOperationException($"Unknown event {happened.Event}."),
    };

    private static AccountView Paid(AccountView view, int amount, Recorded<AccountEvent> happened) => view with
    {
        Balance = view.Balance + amount,
        Payments = view.Payments + 1,
        ChangedAt = happened.At,
        ChangedBy = happened.By,
    };
}

/// <summary>A batch table of the tests: notes written with a commit.</summary>
public sealed class Notes : BatchTable
{
    public List<object> Told { get; } = [];

    public override string Name => "notes";

    public override int ParameterCount => 2;

    public override string? NotifyChannel => "notes";

    public override string Cte(string accepted, int firstParameter) => $"""
        INSERT INTO public.notes (text)
        SELECT u.text FROM unnest(${firstParameter}, ${firstParameter + 1}) AS u(ord, text) JOIN {accepted} USING (ord)
        """;

    public override void Bind(
        Npgsql.NpgsqlParameterCollection parameters, IReadOnlyList<(int Ordinal, object Row)> rows)
    {
        parameters.Add(new Npgsql.NpgsqlParameter<int[]> { TypedValue = [.. rows.Select(row => row.Ordinal)] });
        parameters.Add(new Npgsql.NpgsqlParameter<string[]> { TypedValue = [.. rows.Select(row => (string)row.Row)] });
    }

    public override void Committed(IReadOnlyList<object> rows)
    {
        lock (Told) Told.AddRange(rows);
    }
}

/// <summary>A store as a server has it, with its own cache, writer and aggregates.</summary>
public sealed class Bank : IAsyncDisposable
{
    public static readonly DateTimeOffset Day = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private Bank(Database database, TimeSpan reconnectFor)
    {
        Accounts = new("account", Account.Absent, Account.Evolve);
        Options = new EventStoreOptions { BatchTables = [Notes], ReconnectFor = reconnectFor }
            .Add(Accounts, View);
        Store = new EventStore(database, new EventTypes().Register<AccountEvent>(), Options);
    }

    public Aggregate<Account, AccountEvent> Accounts { get; }

    public Notes Notes { get; } = new();

    public EventStoreOptions Options { get; }

    public EventStore Store { get; }

    /// <summary>The inline view.</summary>
    public StreamView<AccountView, AccountEvent> View { get; } = new("account", AccountView.Evolve);

    public static async Task<Bank> OpenAsync(
        TestDatabase test, Database? database = null, TimeSpan? reconnectFor = null)
    {
        await test.ExecuteAsync("CREATE TABLE IF NOT EXISTS public.notes (text text)");
        var bank = new Bank(database ?? test.Open(), reconnectFor ?? TimeSpan.FromSeconds(10));
        await bank.Store.StartAsync(CancellationToken.None);
        return bank;
    }

    public static Commit NewCommit(string? key = null, string user = "ada") => new(new Who(user), Day) { Key = key };

    public Task<CommitOutcome> AppendAsync(Guid id, long expected, params AccountEvent[] events) =>
        Store.CommitAsync(NewCommit().Append(Accounts, id, expected, events), CancellationToken.None);

    public async Task<Guid> OpenAccountAsync(string owner = "ada")
    {
        var id = Guid.NewGuid();
        await AppendAsync(id, 0, new AccountOpened(owner));
        return id;
    }

    /// <summary>Loads, decides, commits, and does it again after a conflict, as a command runner does.</summary>
    public async Task<Committed> PayInAsync(Guid id, int amount, string note = "", string? key = null)
    {
        while (true)
        {
            var account = await Store.LoadAsync(Accounts, id, CancellationToken.None);
            var commit = NewCommit(key).Append(Accounts, id, account.Version, [new MoneyPaidIn(amount, note)]);
            if (await Store.CommitAsync(commit, CancellationToken.None) is Committed committed) return committed;
        }
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
