using Xuanwu.Messaging;
using Xuanwu.Postgres;

namespace Xuanwu.Server.Tracking;

/// <summary>
/// At start every run that is not released has a tracking message and is looked at at once. A run without one can only
/// come from a
/// message that was discarded by hand; it would otherwise never be seen again.
/// </summary>
public sealed class TrackingStart(Database database, MessageBus bus)
{
    private const string Untracked =
        """
        select run.id from xuanwu.mt_doc_run run
        where not (run.data ->> 'Released')::boolean
          and not exists (
            select from xuanwu.messages message
            where message.key = run.id::text
              and message.type in ('deploy_run', 'submit_run', 'poll_run', 'release_run'))
        """;

    private const string Live = "select id from xuanwu.mt_doc_run where not (data ->> 'Released')::boolean";

    public async Task RunAsync(CancellationToken ct)
    {
        var untracked = await IdsAsync(Untracked, ct);
        await bus.SendAsync(untracked.Select(id => new Outgoing(new PollRun(id), id.ToString())), ct);

        // A commit each while the workers do not run yet: thousands one after the other would hold up the start.
        await Parallel.ForEachAsync(
            await IdsAsync(Live, ct),
            new ParallelOptions { MaxDegreeOfParallelism = 16, CancellationToken = ct },
            async (id, stop) => await bus.HurryAsync<PollRun>(id.ToString(), stop));
    }

    private async Task<List<Guid>> IdsAsync(string sql, CancellationToken ct)
    {
        await using var command = database.Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync(ct);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(ct)) ids.Add(reader.GetGuid(0));
        return ids;
    }
}
