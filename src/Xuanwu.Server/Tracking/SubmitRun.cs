using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Rest;
using Xuanwu.Kubernetes;
using Xuanwu.Messaging;
using Xuanwu.Server.Catalogs;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;
using Xuanwu.Server.Runs;

namespace Xuanwu.Server.Tracking;

public sealed record SubmitRun(Guid RunId, int Attempt);

// Delivered at least once and one at a time per run. Never sends blindly: it first looks for the job by the id that we
// chose,
// and sends only when Flink says for certain that it does not know it. Should an earlier send arrive after all, Flink
// refuses
// the second by that same id.
public static class SubmitRunHandler
{
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(1);

    public static async Task<object[]> Handle(
        SubmitRun message, RunReader runs, ClusterLinks links, Observations observations, TimeProvider clock,
        CancellationToken ct)
    {
        var run = await runs.FindAsync(message.RunId, ct);
        if (run is null || run.Attempt != message.Attempt) return []; // overtaken
        if (run.Ended || run.Submitted || run.CancelRequested) return [new PollRun(run.Id)];

        var link = await links.GetAsync(run.ClusterId, ct);
        var job = await link.Flink(run.Id).JobAsync(run.FlinkJobId, ct);
        if (job is Exists<FlinkJob>) return Taken(run.Id);
        try
        {
            if (job is Unknown<FlinkJob> && await link.IsGoneAsync(run.Id, ct))
            {
                return Absence.Counts(observations.NoteAbsence(run.Id), clock.GetUtcNow())
                    ? [new ChangeRun(run.Id, Absence.End(run, jobOnly: false)), new PollRun(run.Id)]
                    : [new PutBack(Again)];
            }

            observations.Note(run.Id, await link.PodTroubleAsync(run.Id, ct) ?? (job as Unknown<FlinkJob>)?.Reason);
            return job is Absent<FlinkJob> && await link.GatewayAsync(run.Id, ct) is { } gateway
                ? await SubmitAsync(gateway, run, runs, observations, ct)
                : [new PutBack(Again)];
        }
        catch (Exception broken) when (broken is ApiError or SecretMissing)
        {
            observations.Note(run.Id, broken.Message);
            return [new PutBack(Again * 2)];
        }
    }

    private static async Task<object[]> SubmitAsync(
        SqlGateway gateway, RunView run, RunReader runs, Observations observations, CancellationToken ct)
    {
        switch (await SqlSubmission.RunAsync(gateway, await runs.SqlPlanAsync(run, ct), ct))
        {
            case Submitted:
                return Taken(run.Id);
            case SubmissionRefused refused:
                var why = await runs.MaskAsync(run, refused.Sentence, ct);
                return [new ChangeRun(run.Id, new EndRun(RunState.Failed, why, why)), new PollRun(run.Id)];
            case SubmissionUnknown unknown:
                observations.Note(run.Id, await runs.MaskAsync(run, unknown.Reason, ct));
                return [new PutBack(Again * 2)];
            case var other:
                throw new InvalidOperationException($"{other} is not an outcome of a submission.");
        }
    }

    private static object[] Taken(Guid runId) =>
        [new ChangeRun(runId, new MarkRunSubmitted()), new Later(TimeSpan.FromMilliseconds(200), new PollRun(runId))];
}
