using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

public abstract record Shape;

public sealed record HTTPServerSeen(string URL) : Shape;

public sealed record A1Seen : Shape;

public sealed class EventTypesTests
{
    [Theory]
    [InlineData(typeof(AccountOpened), "account_opened")]
    [InlineData(typeof(MoneyPaidIn), "money_paid_in")]
    [InlineData(typeof(HTTPServerSeen), "http_server_seen")]
    [InlineData(typeof(A1Seen), "a1_seen")]
    public void Stored_names_are_the_words_of_the_type_in_lower_case(Type type, string name) =>
        Assert.Equal(name, EventTypes.StoredName(type));

    [Fact]
    public void A_type_that_is_not_registered_and_a_name_that_is_not_known_are_errors_that_name_them()
    {
        var types = new EventTypes().Register<AccountEvent>();
        Assert.Contains(nameof(A1Seen), Assert.Throws<UnknownEventType>(() => types.Of(typeof(A1Seen))).Message,
            StringComparison.Ordinal);
        Assert.Equal("account_merged", Assert.Throws<UnknownEventType>(() => types.Of("account_merged")).Type);
    }

    [Fact]
    public void A_former_name_is_read_as_the_type_of_today_and_written_under_its_name_of_today()
    {
        var types = new EventTypes().Register<AccountEvent>().Formerly<MoneyPaidIn>("deposit");
        Assert.Equal(typeof(MoneyPaidIn), types.Of("deposit").Clr);
        Assert.Equal("money_paid_in", types.Of(typeof(MoneyPaidIn)).Name);
        Assert.Throws<ArgumentException>(() => types.Formerly<MoneyPaidIn>("account_opened"));
    }

    [Fact]
    public async Task A_stream_with_an_event_of_a_later_release_cannot_be_decided_on()
    {
        await using var test = await TestDatabase.CreateAsync();
        await using var bank = await Bank.OpenAsync(test);
        var id = await bank.OpenAccountAsync();
        await test.ExecuteAsync("UPDATE xuanwu.mt_events SET type = 'account_merged'");
        await using var late = await Bank.OpenAsync(test);
        var error = await Assert.ThrowsAsync<UnknownEventType>(
            () => late.Store.LoadAsync(late.Accounts, id, CancellationToken.None).AsTask());
        Assert.Contains("account_merged", error.Message, StringComparison.Ordinal);
    }
}
