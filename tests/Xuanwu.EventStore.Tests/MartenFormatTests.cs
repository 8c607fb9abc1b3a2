using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

/// <summary>The tables as Marten 9.29 makes them, column by column and in order.</summary>
public sealed class MartenFormatTests : IAsyncLifetime
{
    private TestDatabase _test = null!;

    public async Task InitializeAsync() => _test = await TestDatabase.CreateAsync();

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Theory]
    [InlineData("mt_streams", """
        id uuid NO -
        type varchar YES -
        version int8 YES -
        timestamp timestamptz NO now()
        created timestamptz NO now()
        tenant_id varchar YES '*DEFAULT*'::character varying
        is_archived bool YES false
        """)]
    [InlineData("mt_events", """
        seq_id int8 NO -
        id uuid NO -
        stream_id uuid YES -
        version int8 NO -
        data jsonb NO -
        bdata bytea YES -
        type varchar NO -
        timestamp timestamptz NO now()
        tenant_id varchar YES '*DEFAULT*'::character varying
        mt_dotnet_type varchar YES -
        correlation_id varchar YES -
        causation_id varchar YES -
        headers jsonb YES -
        user_name varchar YES -
        is_archived bool YES false
        """)]
    [InlineData("mt_event_progression", """
        name varchar NO -
        last_seq_id int8 YES -
        last_updated timestamptz YES transaction_timestamp()
        """)]
    [InlineData("mt_high_water_skips", """
        ending_sequence int8 NO -
        starting_sequence int8 NO -
        timestamp timestamptz YES transaction_timestamp()
        """)]
    [InlineData("mt_doc_account", """
        id uuid NO -
        data jsonb NO -
        mt_last_modified timestamptz YES transaction_timestamp()
        mt_dotnet_type varchar YES -
        mt_version int8 NO 0
        """)]
    public async Task Columns_types_nullability_and_defaults(string table, string expected)
    {
        await using var bank = await Bank.OpenAsync(_test);
        Assert.Equal(expected.ReplaceLineEndings("\n"), string.Join('\n', await _test.ColumnAsync<string>($"""
            SELECT column_name || ' ' || udt_name || ' ' || is_nullable || ' ' || coalesce(column_default, '-')
            FROM information_schema.columns WHERE table_schema = 'xuanwu' AND table_name = '{table}'
            ORDER BY ordinal_position
            """)));
    }

    [Fact]
    public async Task Keys_indexes_and_sequence()
    {
        await using var bank = await Bank.OpenAsync(_test);
        Assert.Equal(
            [
                "mt_doc_account pkey_mt_doc_account_id PRIMARY KEY (id)",
                "mt_event_progression pk_mt_event_progression PRIMARY KEY (name)",
                "mt_events fkey_mt_events_stream_id FOREIGN KEY (stream_id) REFERENCES xuanwu.mt_streams(id) ON "
                + "DELETE CASCADE",
                "mt_events pkey_mt_events_seq_id PRIMARY KEY (seq_id)",
                "mt_high_water_skips mt_high_water_skips_pkey PRIMARY KEY (ending_sequence)",
                "mt_streams pkey_mt_streams_id PRIMARY KEY (id)",
            ],
            await _test.ColumnAsync<string>("""
                SELECT replace(conrelid::regclass::text, 'xuanwu.', '') || ' ' || conname || ' ' || pg_get_constraintdef(oid)
                FROM pg_constraint WHERE connamespace = 'xuanwu'::regnamespace
                  AND conrelid::regclass::text LIKE 'xuanwu.mt\_%' ORDER BY 1
                """));
        Assert.Equal(
            "CREATE UNIQUE INDEX pk_mt_events_stream_and_version ON xuanwu.mt_events USING btree (stream_id, version)",
            await _test.ScalarAsync<string>(
                "SELECT indexdef FROM pg_indexes WHERE indexname = 'pk_mt_events_stream_and_version'"));
        Assert.Equal("xuanwu.mt_events_sequence",
            await _test.ScalarAsync<string>("SELECT pg_get_serial_sequence('xuanwu.mt_events', 'seq_id')"));
        Assert.Equal(500, await _test.ScalarAsync<int>("""
            SELECT character_maximum_length::int FROM information_schema.columns
            WHERE table_schema = 'xuanwu' AND table_name = 'mt_events' AND column_name = 'type'
            """));
    }

    [Fact]
    public async Task Rows_are_as_Marten_writes_them()
    {
        await using var bank = await Bank.OpenAsync(_test);
        var id = Guid.NewGuid();
        await bank.Store.CommitAsync(
            new Commit(new Who("ada", "c1", "Open"), Bank.Day).Append(bank.Accounts, id, 0, [new AccountOpened("ada")]),
            CancellationToken.None);
        Assert.Equal(
            "1|account_opened|Xuanwu.EventStore.Tests.AccountOpened, Xuanwu.EventStore.Tests|{\"Owner\": \"ada\"}|"
            + "{\"command\": \"Open\", \"commandId\": \"c1\"}|ada|*DEFAULT*|false|2026-01-02 03:04:05+00",
            await _test.ScalarAsync<string>("""
                SET timezone = 'UTC';
                SELECT concat_ws('|', seq_id, type, mt_dotnet_type, data, headers, user_name, tenant_id, is_archived::text, timestamp)
                FROM xuanwu.mt_events
                """));
        Assert.Equal("account|1|2026-01-02 03:04:05+00|2026-01-02 03:04:05+00|false", await _test.ScalarAsync<string>("""
            SET timezone = 'UTC';
            SELECT concat_ws('|', type, version, timestamp, created, is_archived::text) FROM xuanwu.mt_streams
            """));
        Assert.Equal("1|Xuanwu.EventStore.Tests.AccountView|ada", await _test.ScalarAsync<string>(
            "SELECT concat_ws('|', mt_version, mt_dotnet_type, data ->> 'Owner') FROM xuanwu.mt_doc_account"));
    }
}
