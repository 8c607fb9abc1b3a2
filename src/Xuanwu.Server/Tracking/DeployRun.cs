using Xuanwu.Domain.Runs;
using Xuanwu.Flink.Manifests;
using Xuanwu.Messaging;
using Xuanwu.Server.Clusters;
using Xuanwu.Server.Commands;

namespace Xuanwu.Server.Tracking;

public sealed record DeployRun(Guid RunId, int Attempt);

public static class DeployRunPolicy
{
    public static Outgoing On(RunRequested it, Guid id) => new(new DeployRun(id, it.Attempt), id.ToString());
}

// Delivered at least once and one at a time per run. Applying twice is harmless: server-side apply of the same objects.
public static class DeployRunHandler
{
    public static async Task<object[]> Handle(
        DeployRun message, RunReader runs, ClusterLinks links, Observations observations, CancellationToken ct)
    {
        var run = await runs.FindAsync(message.RunId, ct);
        if (run is null || run.Attempt != message.Attempt) return []; // overtaken
        if (run.Ended || run.CancelRequested || run.Deployed) return [new PollRun(run.Id)];

        try
        {
            var link = await links.GetAsync(run.ClusterId, ct);
            var plan = await runs.PlanAsync(run, link.Spec, ct);
            var root = await link.Kubernetes.ApplyAsync(
                RunManifests.Root(plan), ClusterLink.FieldManager, force: true, ct);
            foreach (var manifest in RunManifests.Render(plan, root.Uid!))
            {
                await link.Kubernetes.ApplyAsync(manifest, ClusterLink.FieldManager, force: true, ct);
            }

            return [new ChangeRun(run.Id, new MarkRunDeployed()), Next(run, plan)];
        }
        catch (Exception broken) when (broken is not OperationCanceledException)
        {
            observations.Note(run.Id, broken.Message); // whoever waits for the run sees what it waits for
            throw;
        }
    }

    private static object Next(Runs.RunView run, RunPlan plan) => plan.Spec.Sql is null
        ? new Later(TimeSpan.FromSeconds(1), new PollRun(run.Id))
        : new SubmitRun(run.Id, run.Attempt);
}
