using Npgsql;
using Xuanwu.Testing;

namespace Xuanwu.EventStore.Tests;

/// <summary>
/// Statements that run often use their indexes, on tables that are not small and never were analyzed too.
/// </summary>
public sealed class PlanTests : IAsyncLifetime
{
    private TestDatabase _test = null!;
    private Bank _bank = null!;

    public async Task InitializeAsync()
    {
        _test = await TestDatabase.CreateAsync();
        _bank = await Bank.OpenAsync(_test);
        await _test.ExecuteAsync("""
            INSERT INTO xuanwu.mt_streams (id, type, version) SELECT md5(i::text)::uuid, 'account', 10 FROM generate_series(1, 3000) i;
            INSERT INTO xuanwu.mt_events (seq_id, id, stream_id, version, data, type)
            SELECT nextval('xuanwu.mt_events_sequence'), gen_random_uuid(), md5(i::text)::uuid, v, '{"Amount": 1}', 'money_paid_in'
            FROM generate_series(1, 10) v, generate_series(1, 3000) i;
            INSERT INTO xuanwu.mt_doc_account (id, data, mt_version) SELECT id, '{}', 10 FROM xuanwu.mt_streams;
            INSERT INTO xuanwu.commands (key, at, id) SELECT i::text, now(), gen_random_uuid() FROM generate_series(1, 5000) i;
            """);
    }

    public async Task DisposeAsync()
    {
        await _bank.DisposeAsync();
        await _test.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Reading_a_stream_a_view_and_the_head_of_the_journal(bool analyzed)
    {
        if (analyzed) await _test.ExecuteAsync("ANALYZE");
        await using var connection = await _test.ConnectAsync();
        Assert.Contains("pk_mt_events_stream_and_version", await PlanAsync(connection, EventReader.SelectState,
            Guid.NewGuid()), StringComparison.Ordinal);
        Assert.Contains("pk_mt_events_stream_and_version", await PlanAsync(connection, EventReader.SelectStream,
            Guid.NewGuid(), 0L, 100L, DateTime.UtcNow), StringComparison.Ordinal);
        Assert.Contains("pkey_mt_doc_account_id", await PlanAsync(connection,
            "SELECT data FROM xuanwu.mt_doc_account WHERE id = $1", Guid.NewGuid()), StringComparison.Ordinal);
        Assert.Contains("pkey_mt_events_seq_id", await PlanAsync(connection, "SELECT coalesce(max(seq_id), 0) FROM "
            + "xuanwu.mt_events"),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Reading_on_from_a_sequence_number_once_the_table_was_analyzed()
    {
        // Before, the planner does not know that the table lies in the order of seq_id; autovacuum tells it within a
        // minute.
        await _test.ExecuteAsync("ANALYZE");
        await using var connection = await _test.ConnectAsync();
        Assert.Contains("pkey_mt_events_seq_id", await PlanAsync(connection, EventReader.SelectAll, 29_000L, 100),
            StringComparison.Ordinal);
        Assert.Contains("pkey_mt_events_seq_id", await PlanAsync(connection, EventReader.SelectProjected,
            29_000L, Array.Empty<string>(), 1000), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Appending_looks_up_rows_and_scans_nothing(bool analyzed)
    {
        if (analyzed) await _test.ExecuteAsync("ANALYZE");
        await using var connection = await _test.ConnectAsync();
        await ExecuteAsync(connection, "SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan");
        var statement = new AppendStatement(_bank.Options.InlineViews, _bank.Options.BatchTables);
        var types = string.Join(',', """
            int int[] uuid[] varchar[] bigint[] bigint[] timestamptz[]
            int[] uuid[] uuid[] bigint[] jsonb[] varchar[] varchar[] timestamptz[] varchar[] varchar[] jsonb[] varchar[]
            bigint text[] int[] text[] uuid[] timestamptz[]
            int[] uuid[] jsonb[] bigint[] timestamptz[] int[] uuid[] int[] text[]
            """.Split((char[])[' ', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries));
        await ExecuteAsync(connection, $"PREPARE append ({types}) AS {statement.WholeText()}");
        var nulls = string.Join(',', Enumerable.Repeat("NULL", types.Split(',').Length));
        var plan = string.Join('\n', await LinesAsync(connection, $"EXPLAIN EXECUTE append ({nulls})"));
        Assert.Contains("Index Scan using pkey_mt_streams_id on mt_streams m", plan, StringComparison.Ordinal);
        Assert.Contains("Tid Scan on mt_streams t", plan, StringComparison.Ordinal);
        Assert.Contains("using commands_pkey on commands c", plan, StringComparison.Ordinal);
        Assert.Contains("using pkey_mt_doc_account_id on mt_doc_account", plan, StringComparison.Ordinal);
        Assert.DoesNotMatch("Seq Scan on (mt_|commands)", plan);
    }

    private static async Task<string> PlanAsync(NpgsqlConnection connection, string sql, params object[] values)
    {
        await ExecuteAsync(connection, "SET plan_cache_mode = force_generic_plan");
        await using var command = new NpgsqlCommand("EXPLAIN " + sql, connection);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<List<string>> LinesAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return lines;
    }
}
