using Npgsql;

namespace Xuanwu.Messaging;

/// <summary>A message that this node has claimed.</summary>
internal sealed record Claimed(
    Guid Id, long Lane, long Turn, string Queue, string Key, string Type, string Body, int Attempts, int Lap,
    string? CorrelationId, string? CausedBy, string By, DateTimeOffset EnqueuedAt);

/// <summary>What becomes of a claimed message, and what it sends on in the same transaction.</summary>
internal sealed record Settlement(Claimed Message, Outcome Outcome)
{
    private const int MaxReason = 4000;

    /// <summary>Failed attempts from now on.</summary>
    public int Attempts { get; init; }
    public string? Queue { get; init; }
    public TimeSpan? Delay { get; init; }
    public string? Fault { get; init; }
    public string? Reason { get; init; }
    public IReadOnlyList<OutgoingRow> Sent { get; init; } = [];

    /// <summary>True once a round with it failed: it may have been settled all the same.</summary>
    public bool Uncertain { get; set; }

    /// <summary>The attempt failed: again later, or given up when it was the last or cannot succeed.</summary>
    public static Settlement Failed(Claimed message, RetryPolicy policy, Failure failure, string fault, string reason)
    {
        var attempts = message.Attempts + 1;
        var dead = failure is Failure.Permanent || policy.IsLast(attempts);
        return new Settlement(message, dead ? Outcome.Dead : Outcome.Retry)
        {
            Attempts = attempts,
            Delay = failure is Failure.RetryAfter exactly
                ? exactly.Delay
                : policy.Wait(attempts, Random.Shared.NextDouble()),
            Fault = fault,
            Reason = Printable(reason),
        };
    }

    public static Settlement Dead(Claimed message, string fault, string reason, int attempts) =>
        new(message, Outcome.Dead) { Attempts = attempts, Fault = fault, Reason = Printable(reason) };

    /// <summary>Text that PostgreSQL takes, at most 4 kB of it.</summary>
    private static string Printable(string text)
    {
        if (text.Length > MaxReason) text = text[..MaxReason];
        return string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < from.Length; i++)
                to[i] = from[i] == '\0' || char.IsSurrogate(from[i]) ? '\uFFFD' : from[i];
        });
    }

    /// <summary>Parameters $1 to $22 of <see cref="MessageSql.Settle"/>.</summary>
    public static NpgsqlBatchCommand ToCommand(Guid node, IReadOnlyList<Settlement> settlements)
    {
        var command = new NpgsqlBatchCommand(MessageSql.Settle);
        var p = command.Parameters;
        var ordinals = new int[settlements.Count];
        var sent = new List<(int, OutgoingRow)>();
        var same = new List<bool>();
        for (var i = 0; i < settlements.Count; i++)
        {
            ordinals[i] = i;
            var handled = settlements[i].Message;
            foreach (var row in settlements[i].Sent)
            {
                sent.Add((i, row));
                same.Add(row.Type == handled.Type && row.Key == handled.Key);
            }
        }

        p.Add(new NpgsqlParameter<Guid> { TypedValue = node });
        Add(p, ordinals);
        Add(p, settlements, it => it.Message.Id);
        Add(p, settlements, it => it.Message.Lane);
        Add(p, settlements, it => it.Message.Turn);
        Add(p, settlements, it => (int)it.Outcome);
        Add(p, settlements, it => it.Attempts);
        Add(p, settlements, it => it.Queue);
        Add(p, settlements, it => it.Delay > TimeSpan.Zero ? it.Delay : null);
        Add(p, settlements, it => it.Fault);
        Add(p, settlements, it => it.Reason);
        OutgoingRows.Bind(p, sent);
        Add(p, same.ToArray());
        return command;
    }

    private static void Add<T>(NpgsqlParameterCollection p, IReadOnlyList<Settlement> from, Func<Settlement, T> column)
    {
        var values = new T[from.Count];
        for (var i = 0; i < values.Length; i++) values[i] = column(from[i]);
        Add(p, values);
    }

    private static void Add<T>(NpgsqlParameterCollection p, T[] values) =>
        p.Add(new NpgsqlParameter<T[]> { TypedValue = values });
}

/// <summary>Rows to enqueue as the ten arrays of <see cref="MessageSql.Rows"/>.</summary>
internal static class OutgoingRows
{
    public const int ParameterCount = 10;

    public static void Bind(NpgsqlParameterCollection p, IReadOnlyList<(int Ordinal, OutgoingRow Row)> rows)
    {
        Add(p, rows, it => it.Ordinal);
        Add(p, rows, it => it.Row.Id);
        Add(p, rows, it => it.Row.Queue);
        Add(p, rows, it => it.Row.Key);
        Add(p, rows, it => it.Row.Type);
        Add(p, rows, it => it.Row.Body);
        Add(p, rows, it => it.Row.Delay);
        Add(p, rows, it => it.Row.CorrelationId);
        Add(p, rows, it => it.Row.CausedBy);
        Add(p, rows, it => it.Row.By);
    }

    private static void Add<T>(
        NpgsqlParameterCollection p, IReadOnlyList<(int, OutgoingRow)> rows,
        Func<(int Ordinal, OutgoingRow Row), T> column)
    {
        var values = new T[rows.Count];
        for (var i = 0; i < values.Length; i++) values[i] = column(rows[i]);
        p.Add(new NpgsqlParameter<T[]> { TypedValue = values });
    }
}
