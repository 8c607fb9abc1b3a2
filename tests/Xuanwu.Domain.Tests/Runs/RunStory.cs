using Xuanwu.Domain.Runs;

namespace Xuanwu.Domain.Tests.Runs;

/// <summary>The third attempt of the job clicks, and the words that its stories are told in.</summary>
public static class RunStory
{
    public static readonly Aggregate<Run, RunEvent> TheRun = new(Run.Absent, Run.Evolve, (run, command) =>
        command switch
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
        _ => throw new ArgumentException($"{command} is no command of a run."),
    });

    public static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    public static readonly RunRequested Requested = new(
        new Guid(1, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]),
        "ads",
        "clicks",
        Version: 4,
        new Guid(2, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0]),
        Attempt: 3,
        "1.20",
        "flink:1.20",
        "0123456789abcdef0123456789abcdef",
        RestorePoint.None);

    /// <summary>What lies behind a run that Flink runs.</summary>
    public static readonly RunEvent[] Running =
        [Requested, new RunDeployed(), new RunSubmitted(), new RunObserved(RunState.Running, "RUNNING")];

    public static Story<Run, RunEvent> Given(params RunEvent[] past) => TheRun.Given(past);

    public static ObserveRun Seen(RunState state, string flink, string? rootCause = null) =>
        new(state, flink, rootCause);

    public static RequestStop Stop(string id = "t1", bool withSavepoint = true, bool drain = false) =>
        new(withSavepoint, drain, id, Noon);

    public static RunStopRequested StopAsked(string id = "t1") => new(id, Noon, Drain: false);

    public static RunEnded Ended(RunState state, string? flink, string reason, string? rootCause = null) =>
        new(state, flink, reason, rootCause);
}
