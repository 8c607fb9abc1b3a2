using System.Text.Json;
using Npgsql;

namespace Xuanwu.Messaging.Tests;

/// <summary>
/// What the pump's statements read, with plans that were made while the tables were empty: 100,000 scheduled messages,
/// 10,000 ready ones of one key and 2,000 of others are there, no statistics are.
/// </summary>
public sealed class MessageSqlTests : IAsyncLifetime
{
    private static readonly Guid Node = Guid.NewGuid();

    private Story _story = null!;
    private NpgsqlConnection _pump = null!;

    public async Task InitializeAsync()
    {
        _story = await Story.BeginAsync();
        _pump = await _story.Database.ConnectAsync();
        await RunAsync(MessageSql.Settings);
        await RunAsync($"""
            INSERT INTO xuanwu.nodes (id, machine, process_id, expires_at)
            VALUES ('{Node}', 'm', 1, now() + interval '1 h');
            PREPARE claim (uuid, bigint, text[], bigint[], int[], int) AS {MessageSql.Claim};
            PREPARE promote (int) AS {MessageSql.Promote};
            PREPARE hurry (text[], text[]) AS {MessageSql.Hurry};
            PREPARE take_over (uuid, bigint[]) AS {MessageSql.TakeOver};
            PREPARE settle (uuid, int[], uuid[], bigint[], bigint[], int[], int[], text[], interval[], text[], text[],
                int[], uuid[], text[], text[], text[], text[], interval[], text[], text[], text[], bool[])
                AS {MessageSql.Settle};
            """);
        // The plans are made now.
        await ReadAsync(Claim(10));
        await ReadAsync("EXECUTE promote(10)");
        await ReadAsync("EXECUTE hurry('{work}', '{x}')");
        await ReadAsync($"EXECUTE take_over('{Node}', '{{1}}')");
        await ReadAsync(await SettleAsync(Outcome.Done));
        await RunAsync("""
            INSERT INTO xuanwu.messages (id, number, position, due_at, queue, key, type, body, by_user)
            SELECT gen_random_uuid(), n, CASE WHEN n > 100000 THEN n END,
                   CASE WHEN n <= 100000 THEN now() + interval '1 h' + n * interval '1 ms' END,
                   CASE WHEN n BETWEEN 100001 AND 110000 THEN 'hot' ELSE 'default' END,
                   CASE WHEN n BETWEEN 100001 AND 110000 THEN 'hot' ELSE 'k' || n END, 'work', '{}', 'x'
            FROM generate_series(1, 112000) AS n
            """);
    }

    [Fact]
    public async Task A_claim_of_32_reads_a_few_blocks_for_each()
    {
        var (rows, blocks) = await ExplainAsync(Claim(32));
        Assert.Equal(32, rows);
        Assert.InRange(blocks, 1, 32 * 25);
    }

    [Fact]
    public async Task Ten_thousand_messages_of_one_key_cost_the_claim_one_step()
    {
        var (rows, blocks) = await ExplainAsync(Claim(32, queue: "hot"));
        Assert.Equal(1, rows);
        Assert.InRange(blocks, 1, 60);
        Assert.Equal(1L, await _story.Database.ScalarAsync<long>("SELECT count(*) FROM xuanwu.message_claims"));

        // Now it runs; nothing of the key can be claimed, and finding that out is as cheap.
        (rows, blocks) = await ExplainAsync(Claim(32, queue: "hot"));
        Assert.Equal(1, rows); // where the walk ended
        Assert.InRange(blocks, 1, 60);
    }

    [Fact]
    public async Task Settling_64_messages_reads_a_few_blocks_for_each()
    {
        await ReadAsync(Claim(64));
        var (rows, blocks) = await ExplainAsync(await SettleAsync(Outcome.PutBack));
        Assert.Equal(64, rows);
        Assert.InRange(blocks, 1, 64 * 60);
        await ReadAsync(Claim(64));
        (rows, blocks) = await ExplainAsync(await SettleAsync(Outcome.Done));
        Assert.Equal(64, rows);
        Assert.InRange(blocks, 1, 64 * 30);
    }

    [Fact]
    public async Task Looking_for_what_is_due_among_100_000_scheduled_reads_a_few_blocks()
    {
        var (_, blocks) = await ExplainAsync("EXECUTE promote(1000)");
        Assert.InRange(blocks, 1, 20);
        await RunAsync("UPDATE xuanwu.messages SET due_at = now() - interval '1 s' WHERE number <= 50");
        (_, blocks) = await ExplainAsync("EXECUTE promote(1000)");
        Assert.InRange(blocks, 50, 50 * 60);
        Assert.Equal(50L, await _story.Database.ScalarAsync<long>(
            "SELECT count(*) FROM xuanwu.messages WHERE position > 0 AND number <= 50"));
    }

    [Fact]
    public async Task Hurrying_and_taking_over_read_a_few_blocks()
    {
        var (_, blocks) = await ExplainAsync("EXECUTE hurry('{work,work}', '{k7,k8}')");
        Assert.InRange(blocks, 1, 150);
        await ReadAsync(Claim(64));
        (_, blocks) = await ExplainAsync($"EXECUTE take_over('{Guid.NewGuid()}', '{{1}}')");
        Assert.InRange(blocks, 1, 200);
        await RunAsync("UPDATE xuanwu.nodes SET expires_at = now()");
        (_, blocks) = await ExplainAsync($"EXECUTE take_over('{Guid.NewGuid()}', '{{1}}')");
        Assert.InRange(blocks, 1, 64 * 60);
        Assert.Equal(0L, await _story.Database.ScalarAsync<long>("SELECT count(*) FROM xuanwu.message_claims"));
    }

    [Fact]
    public async Task A_walk_goes_round_and_serves_every_key()
    {
        await RunAsync("DELETE FROM xuanwu.messages WHERE due_at IS NOT NULL");
        var pool = new Pool("default", 100);
        var claimed = new HashSet<string>();
        for (var walks = 0; claimed.Count < 2000; walks++)
        {
            Assert.InRange(walks, 0, 40);
            pool.Asked = 100;
            var (lane, found, steps, keys) = await ClaimAsync(pool.Start, 100, mostSteps: 150);
            claimed.UnionWith(keys);
            pool.GoOn(new Walk("default", lane, found, steps), out _);
            await RunAsync("DELETE FROM xuanwu.message_claims");
            await RunAsync($"DELETE FROM xuanwu.messages WHERE key = ANY ('{{{string.Join(',', keys)}}}')");
        }
    }

    public async Task DisposeAsync()
    {
        await _pump.DisposeAsync();
        await _story.DisposeAsync();
    }

    private static string Claim(
        int wanted, long start = long.MinValue, int mostSteps = 1000, string queue = "default") =>
        $"EXECUTE claim('{Node}', 1, '{{{queue}}}', '{{{start}}}', '{{{wanted}}}', {mostSteps})";

    private async Task<(long Lane, int Found, int Steps, List<string> Keys)> ClaimAsync(
        long start, int wanted, int mostSteps)
    {
        await using var command = new NpgsqlCommand(Claim(wanted, start, mostSteps), _pump);
        await using var reader = await command.ExecuteReaderAsync();
        var keys = new List<string>();
        var (lane, found, steps) = (long.MinValue, 0, 0);
        while (await reader.ReadAsync())
        {
            (lane, found, steps) = (reader.GetInt64(1), reader.GetInt32(2), reader.GetInt32(3));
            if (reader.GetBoolean(4)) keys.Add(reader.GetString(7));
        }

        return (lane, found, steps, keys);
    }

    private async Task<string> SettleAsync(Outcome outcome)
    {
        var of = "FROM xuanwu.message_claims";
        return "EXECUTE settle(" + string.Join(", ",
            $"'{Node}'",
            await ArrayAsync($"SELECT array_agg(n)::text FROM (SELECT row_number() OVER () AS n {of}) r"),
            await ArrayAsync($"SELECT array_agg(message ORDER BY lane)::text {of}"),
            await ArrayAsync($"SELECT array_agg(lane ORDER BY lane)::text {of}"),
            await ArrayAsync($"SELECT array_agg(turn)::text {of}"),
            await ArrayAsync($"SELECT array_agg({(int)outcome})::text {of}"),
            await ArrayAsync($"SELECT array_agg(0)::text {of}"),
            "'{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}'") + ")";
    }

    private async Task<string> ArrayAsync(string sql) => $"'{await _story.Database.ScalarAsync<string>(sql) ?? "{}"}'";

    /// <summary>Executes it, and says how many rows it gave and how many blocks it touched.</summary>
    private async Task<(long Rows, long Blocks)> ExplainAsync(string execute)
    {
        var plan = await ReadAsync($"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {execute}");
        using var json = JsonDocument.Parse(plan);
        var root = json.RootElement[0].GetProperty("Plan");
        Assert.DoesNotContain("Seq Scan on messages", Scans(root));
        return ((long)root.GetProperty("Actual Rows").GetDouble(),
            root.GetProperty("Shared Hit Blocks").GetInt64() + root.GetProperty("Shared Read Blocks").GetInt64());
    }

    private static IEnumerable<string> Scans(JsonElement node)
    {
        var below = node.TryGetProperty("Plans", out var plans) ? plans.EnumerateArray().SelectMany(Scans) : [];
        return node.TryGetProperty("Relation Name", out var relation)
            ? below.Append($"{node.GetProperty("Node Type").GetString()} on {relation.GetString()}")
            : below;
    }

    private async Task RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _pump);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<string> ReadAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _pump);
        return (await command.ExecuteScalarAsync())?.ToString() ?? "";
    }
}
