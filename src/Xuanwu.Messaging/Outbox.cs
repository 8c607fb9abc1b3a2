using Npgsql;
using Xuanwu.Postgres;

namespace Xuanwu.Messaging;

/// <summary>
/// Enlist an <see cref="Outgoing"/> in a commit and it is enqueued if, and only if, the commit is accepted.
/// </summary>
public sealed class Outbox : BatchTable
{
    private readonly MessageBus _bus;

    internal Outbox(MessageBus bus) => _bus = bus;

    public override string Name => "messages_out";

    public override int ParameterCount => OutgoingRows.ParameterCount;

    public override string Cte(string accepted, int firstParameter) => MessageSql.Insert(
        MessageSql.Rows(firstParameter), $"(i.ord IN (SELECT a.ord FROM {accepted} a)) IS TRUE", "true");

    public override void Bind(NpgsqlParameterCollection parameters, IReadOnlyList<(int Ordinal, object Row)> rows)
    {
        var bound = new List<(int, OutgoingRow)>(rows.Count);
        foreach (var (ordinal, row) in rows) bound.Add((ordinal, _bus.ToRow((Outgoing)row)));
        OutgoingRows.Bind(parameters, bound);
    }

    public override void Committed(IReadOnlyList<object> rows)
    {
        foreach (var row in rows) _bus.Enqueued(((Outgoing)row).Delay);
    }
}
