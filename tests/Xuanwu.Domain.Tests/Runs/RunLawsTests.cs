using FsCheck;
using FsCheck.Fluent;
using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Tests.Runs.RunStory;

namespace Xuanwu.Domain.Tests.Runs;

public sealed class RunLawsTests
{
    private static readonly Gen<string> TriggerIds = Gen.Elements("t1", "t2", "t3");

    private static readonly Gen<object> Observations =
        from seen in Gen.Elements(
            (RunState.Accepted, "INITIALIZING"),
            (RunState.Running, "RUNNING"),
            (RunState.Running, "RESTARTING"),
            (RunState.Running, "CANCELLING"),
            (RunState.Failed, "FAILED"),
            (RunState.Canceled, "CANCELED"),
            (RunState.Finished, "FINISHED"))
        from cause in Gen.Elements(null, "boom", "boom\n\tat a.b.C")
        select (object)Seen(seen.Item1, seen.Item2, cause);

    private static readonly Gen<object> Commands = Gen.Frequency(
        (2, Gen.Constant((object)new RequestRun(Requested))),
        (2, Gen.Elements<object>(new MarkRunDeployed(), new MarkRunSubmitted())),
        (8, Observations),
        (1, from state in Gen.Elements(RunState.Failed, RunState.Canceled)
            select (object)new EndRun(state, "It is gone.", RootCause: null)),
        (3, TriggerIds.Select(id => (object)new RequestSavepoint(id, Noon))),
        (3, from id in TriggerIds
            from with in Gen.Elements(true, true, false)
            select (object)Stop(id, with)),
        (1, Gen.Constant((object)new RequestCancel())),
        (4, from id in TriggerIds
            from path in Gen.Elements("s3://sp/1", null)
            select (object)new SettleSavepoint(id, path, path is null ? "disk full" : null)),
        (1, Gen.Constant((object)new MarkRunReleased())));

    [Fact]
    public void Whatever_happens_a_run_begins_once_and_a_users_end_and_a_release_are_final() =>
        Laws.Hold(TheRun, Commands, events =>
            events.Select((it, at) => it is RunRequested == (at == 0)).All(it => it)
            && OnlySettled(events.SkipWhile(it => it is not RunEnded { State: RunState.Canceled }).Skip(1)
                .Where(it => it is not RunReleased))
            && OnlySettled(events.SkipWhile(it => it is not RunReleased).Skip(1))
            && NothingIsSettledUnasked(events));

    private static bool OnlySettled(IEnumerable<RunEvent> events) =>
        events.All(it => it is RunSavepointTaken or RunSavepointFailed);

    private static bool NothingIsSettledUnasked(IEnumerable<RunEvent> events)
    {
        var asked = new HashSet<string>();
        return events.All(it => it switch
        {
            RunSavepointRequested one => asked.Add(one.TriggerId),
            RunStopRequested one => asked.Add(one.TriggerId),
            RunSavepointTaken one => asked.Remove(one.TriggerId),
            RunSavepointFailed one => asked.Remove(one.TriggerId),
            _ => true,
        });
    }
}
