using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Gateway;
using Xuanwu.Flink.Rest;
using Xuanwu.Messaging;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;

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
        SubmitRun message, RunReader runs, ClusterLinks links, Observations observations, CancellationToken ct)
    {
        var run = await runs.FindAsync(message.RunId, ct);
        if (run is null || run.Attempt != message.Attempt) return []; // overtaken
        if (run.Ended || run.Submitted || run.CancelRequested) return [new PollRun(run.Id)];

        var link = await links.GetAsync(run.ClusterId, ct);
        var job = await link.Flink(run.Id).JobAsync(run.FlinkJobId, ct);
        if (job is Exists<FlinkJob>) return Taken(run.Id);
        observations.Note(run.Id, (job as Unknown<FlinkJob>)?.Reason);
        if (job is not Absent<FlinkJob>)
        {
            if (await link.PodTroubleAsync(run.Id, ct) is { } trouble) observations.Note(run.Id, trouble);
            return [new PutBack(Again)];
        }

        if (await link.GatewayAsync(run.Id, ct) is not { } gateway) return [new PutBack(Again)];

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
