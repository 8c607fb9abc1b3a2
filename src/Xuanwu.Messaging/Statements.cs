using Npgsql;

namespace Xuanwu.Messaging;

/// <summary>The workers of one queue on this node, and where its next walk begins.</summary>
internal sealed class Pool(string queue, int parallelism)
{
    public int InFlight;

    public string Queue { get; } = queue;
    public int Parallelism { get; } = parallelism;
    public long Start { get; set; } = long.MinValue;

    /// <summary>How many the last claim asked for.</summary>
    public int Asked { get; set; }
    public int Free => Parallelism - InFlight;
}

/// <summary>Where the walk of a queue ended.</summary>
internal sealed record Walk(string Queue, long Lane, int Found, int Steps);

internal sealed record Promotion(bool Ours, int Count, TimeSpan? Next);

internal sealed record HurryRequest(string Type, string Key)
{
    public TaskCompletionSource<int> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>The pump's statements with their parameters and answers.</summary>
internal static class Statements
{
    public static NpgsqlBatchCommand TakeOver(Guid node, long[] turns) => new(MessageSql.TakeOver)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = node },
            new NpgsqlParameter<long[]> { TypedValue = turns },
        },
    };

    public static NpgsqlBatchCommand Hurry(IReadOnlyList<HurryRequest> requests) => new(MessageSql.Hurry)
    {
        Parameters =
        {
            new NpgsqlParameter<string[]> { TypedValue = [.. requests.Select(it => it.Type)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. requests.Select(it => it.Key)] },
        },
    };

    public static NpgsqlBatchCommand Promote(int most) => new(MessageSql.Promote)
    {
        Parameters = { new NpgsqlParameter<int> { TypedValue = most } },
    };

    public static NpgsqlBatchCommand Call() => new("SELECT pg_notify($1, '')::text")
    {
        Parameters = { new NpgsqlParameter<string> { TypedValue = MessageSql.Channel } },
    };

    public static NpgsqlBatchCommand Claim(Guid node, long turn, IReadOnlyList<Pool> pools, int mostSteps)
    {
        foreach (var pool in pools) pool.Asked = pool.Free;
        return new NpgsqlBatchCommand(MessageSql.Claim)
        {
            Parameters =
            {
                new NpgsqlParameter<Guid> { TypedValue = node },
                new NpgsqlParameter<long> { TypedValue = turn },
                new NpgsqlParameter<string[]> { TypedValue = [.. pools.Select(pool => pool.Queue)] },
                new NpgsqlParameter<long[]> { TypedValue = [.. pools.Select(pool => pool.Start)] },
                new NpgsqlParameter<int[]> { TypedValue = [.. pools.Select(pool => pool.Asked)] },
                new NpgsqlParameter<int> { TypedValue = mostSteps },
            },
        };
    }

    public static async Task<Promotion> ReadPromotionAsync(NpgsqlDataReader reader)
    {
        await reader.ReadAsync();
        return new Promotion(
            reader.GetBoolean(0), (int)reader.GetInt64(1),
            await reader.IsDBNullAsync(2) ? null : TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(2))));
    }

    public static async Task ReadClaimAsync(NpgsqlDataReader reader, long turn, List<Walk> walks, List<Claimed> claimed)
    {
        while (await reader.ReadAsync())
        {
            var queue = reader.GetString(0);
            if (walks.Count == 0 || walks[^1].Queue != queue)
                walks.Add(new Walk(queue, reader.GetInt64(1), reader.GetInt32(2), reader.GetInt32(3)));
            if (!reader.GetBoolean(4)) continue;
            claimed.Add(new Claimed(
                reader.GetGuid(5), reader.GetInt64(6), turn, queue, reader.GetString(7), reader.GetString(8),
                reader.GetString(9), reader.GetInt32(10), reader.GetInt32(11), Text(reader, 12), Text(reader, 13),
                reader.GetString(14), reader.GetFieldValue<DateTimeOffset>(15)));
        }
    }

    private static string? Text(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetString(column);
}
