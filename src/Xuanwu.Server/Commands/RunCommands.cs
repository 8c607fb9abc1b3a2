using Xuanwu.Domain;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;

namespace Xuanwu.Server.Commands;

/// <summary>A command for a run, as handlers return it and mutations send it.</summary>
public sealed record ChangeRun(Guid RunId, object Command);

public static class RunCommands
{
    /// <summary>Decides on the run; its job follows in the same commit, so that no reader sees one without the
    /// other.</summary>
    public static async ValueTask<Rejection?> ChangeAsync(this CommandScope scope, ChangeRun change)
    {
        var before = await scope.LoadAsync(Aggregates.Run, change.RunId);
        if (await scope.DecideAsync(Aggregates.Run, change.RunId, run => Decide(run, change.Command)) is { } rejection)
        {
            return rejection;
        }

        var after = await scope.LoadAsync(Aggregates.Run, change.RunId);
        if (after.Request is not { } request) return null;
        if (after.State != before.State || !before.Exists)
        {
            await scope.DecideAsync(
                Aggregates.Job, request.JobId, job => Job.Decide(job, new FollowRun(change.RunId, after.State)));
        }

        foreach (var taken in scope.Decided(change.RunId).OfType<RunSavepointTaken>().ToList())
        {
            await scope.DecideAsync(
                Aggregates.Job, request.JobId, job => Job.Decide(
                    job, new KeepSavepoint(change.RunId, taken.Savepoint)));
        }

        return null;
    }

    private static Decision<RunEvent> Decide(Run run, object command) => command switch
    {
        RequestRun it => Run.Decide(run, it),
        MarkRunDeployed it => Run.Decide(run, it),
        MarkRunSubmitted it => Run.Decide(run, it),
        ObserveRun it => Run.Decide(run, it),
        EndRun it => Run.Decide(run, it),
        RequestSavepoint it => Run.Decide(run, it),
        RequestStop it => Run.Decide(run, it),
        RequestCancel it => Run.Decide(run, it),
        SettleSavepoint it => Run.Decide(run, it),
        MarkRunReleased it => Run.Decide(run, it),
        _ => throw new InvalidOperationException($"{command.GetType().Name} is not a command for a run."),
    };
}
