using Npgsql;

namespace Xuanwu.Messaging;

/// <summary>A request to make what is scheduled of a type and key due now.</summary>
internal sealed record HurryRequest(string Type, string Key)
{
    /// <summary>How many messages heard of it.</summary>
    public TaskCompletionSource<int> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>Where the walk of a queue ended: at which lane, after how many finds and look-ups.</summary>
internal sealed record Walk(string Queue, long Lane, int Found, int Steps);

/// <param name="Ours">False: another node was promoting.</param>
/// <param name="Next">Until the next message is due; null: none is scheduled.</param>
internal sealed record Promotion(bool Ours, int Count, TimeSpan? Next);

/// <summary>What a round came back with, known to be committed.</summary>
internal sealed class Answer
{
    /// <summary>Indices of the settlements that took effect.</summary>
    public HashSet<int> Settled { get; } = [];
    public long TakenOver { get; set; }
    public int[] Hurried { get; set; } = [];
    public Promotion? Promotion { get; set; }
    public List<Walk> Walks { get; } = [];
    public List<Claimed> Claimed { get; } = [];
}

/// <summary>What the pump asks of the database in one round trip and one transaction.</summary>
/// <param name="Settlements">What became of messages.</param>
/// <param name="Hurries">What shall be due now.</param>
/// <param name="Poll">Look for claims without an owner.</param>
/// <param name="Promote">Look for what is due.</param>
/// <param name="Asked">Pools that want messages; <see cref="Pool.Asked"/> says how many.</param>
/// <param name="Turn">Of the claim; with the node it is the fencing token.</param>
/// <param name="Call">Wake the other nodes.</param>
/// <param name="Lost">Of the membership under which it claims.</param>
internal sealed record Round(
    List<Settlement> Settlements, List<HurryRequest> Hurries, bool Poll, bool Promote, List<Pool> Asked, long Turn,
    bool Call, CancellationToken Lost)
{
    public const int MostPromotions = 1000;
    public const int MostSteps = 1000;

    /// <summary>A round of one settlement alone.</summary>
    public static Round Of(Settlement settlement, CancellationToken lost) =>
        new([settlement], [], false, false, [], 0, false, lost);

    /// <param name="connection">The pump's.</param>
    /// <param name="node">This node.</param>
    /// <param name="turns">Those at work here; other claims of this node are void.</param>
    /// <param name="ct">Gives the connection up.</param>
    public async Task<Answer> ExecuteAsync(
        NpgsqlConnection connection, Guid node, long[] turns, CancellationToken ct)
    {
        await using var batch = new NpgsqlBatch(connection) { Timeout = 15 };
        var commands = batch.BatchCommands;
        if (Settlements.Count > 0) commands.Add(Settlement.ToCommand(node, Settlements));
        if (Poll) commands.Add(TakeOverCommand(node, turns));
        if (Hurries.Count > 0) commands.Add(HurryCommand(Hurries));
        if (Promote) commands.Add(PromoteCommand());
        if (Asked.Count > 0) commands.Add(ClaimCommand(node));
        if (Call) commands.Add(CallCommand());

        var answer = new Answer { Hurried = new int[Hurries.Count] };
        await using (var reader = await batch.ExecuteReaderAsync(ct))
        {
            if (Settlements.Count > 0)
            {
                while (await reader.ReadAsync(ct)) answer.Settled.Add(reader.GetInt32(0));
                await reader.NextResultAsync(ct);
            }

            if (Poll)
            {
                if (await reader.ReadAsync(ct)) answer.TakenOver = reader.GetInt64(0);
                await reader.NextResultAsync(ct);
            }

            if (Hurries.Count > 0)
            {
                while (await reader.ReadAsync(ct)) answer.Hurried[reader.GetInt64(0) - 1] = (int)reader.GetInt64(1);
                await reader.NextResultAsync(ct);
            }

            if (Promote)
            {
                if (await reader.ReadAsync(ct)) answer.Promotion = ReadPromotion(reader);
                await reader.NextResultAsync(ct);
            }

            if (Asked.Count > 0)
                while (await reader.ReadAsync(ct)) ReadClaim(reader, answer);
            while (await reader.NextResultAsync(ct))
            {
                // nothing is believed before the end of the transaction has been read
            }
        }

        return answer;
    }

    public static NpgsqlBatchCommand HurryCommand(IReadOnlyList<HurryRequest> requests) => new(MessageSql.Hurry)
    {
        Parameters =
        {
            new NpgsqlParameter<string[]> { TypedValue = [.. requests.Select(it => it.Type)] },
            new NpgsqlParameter<string[]> { TypedValue = [.. requests.Select(it => it.Key)] },
        },
    };

    /// <summary>Wakes the other nodes.</summary>
    public static NpgsqlBatchCommand CallCommand() => new($"SELECT pg_notify('{MessageSql.Channel}', '')::text");

    private static NpgsqlBatchCommand TakeOverCommand(Guid node, long[] turns) => new(MessageSql.TakeOver)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = node },
            new NpgsqlParameter<long[]> { TypedValue = turns },
        },
    };

    private static NpgsqlBatchCommand PromoteCommand() => new(MessageSql.Promote)
    {
        Parameters = { new NpgsqlParameter<int> { TypedValue = MostPromotions } },
    };

    private NpgsqlBatchCommand ClaimCommand(Guid node) => new(MessageSql.Claim)
    {
        Parameters =
        {
            new NpgsqlParameter<Guid> { TypedValue = node },
            new NpgsqlParameter<long> { TypedValue = Turn },
            new NpgsqlParameter<string[]> { TypedValue = [.. Asked.Select(pool => pool.Queue)] },
            new NpgsqlParameter<long[]> { TypedValue = [.. Asked.Select(pool => pool.Start)] },
            new NpgsqlParameter<int[]> { TypedValue = [.. Asked.Select(pool => pool.Asked)] },
            new NpgsqlParameter<int> { TypedValue = MostSteps },
        },
    };

    private static Promotion ReadPromotion(NpgsqlDataReader reader) => new(
        reader.GetBoolean(0), (int)reader.GetInt64(1),
        reader.IsDBNull(2) ? null : TimeSpan.FromSeconds(Math.Max(0, reader.GetDouble(2))));

    private void ReadClaim(NpgsqlDataReader reader, Answer answer)
    {
        var queue = reader.GetString(0);
        if (answer.Walks.Count == 0 || answer.Walks[^1].Queue != queue)
            answer.Walks.Add(new Walk(queue, reader.GetInt64(1), reader.GetInt32(2), reader.GetInt32(3)));
        if (!reader.GetBoolean(4)) return;
        answer.Claimed.Add(new Claimed(
            reader.GetGuid(5), reader.GetInt64(6), Turn, queue, reader.GetString(7), reader.GetString(8),
            reader.GetString(9), reader.GetInt32(10), reader.GetInt32(11), Text(12), Text(13), reader.GetString(14),
            reader.GetFieldValue<DateTimeOffset>(15)));

        string? Text(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
