using FsCheck;
using FsCheck.Fluent;
using Xuanwu.Domain.Jobs;
using Xuanwu.Domain.Runs;
using static Xuanwu.Domain.Tests.Jobs.JobStory;

namespace Xuanwu.Domain.Tests.Jobs;

public sealed class JobLawsTests
{
    private static readonly string[] Paths = ["s3://sp/1", "s3://sp/2", "s3://sp/3"];

    private static readonly Gen<object> Starts =
        from run in Gen.Choose(1, 4)
        from version in Gen.Elements<int?>(null, null, 1, 2, 9)
        from @from in Gen.Elements(Enum.GetValues<RestoreFrom>())
        from path in Gen.Elements([null, "", .. Paths])
        from force in Gen.Elements(true, false)
        select (object)Start(run, version, @from, path, dropState: force, force);

    private static readonly Gen<object> Savepoints =
        from run in Gen.Choose(1, 3)
        from at in Gen.Choose(0, 2)
        from flink in Gen.Elements("1.20", "2.0")
        select (object)new KeepSavepoint(RunId(run), Savepoint(Paths[at], attempt: run, minute: at, flink));

    private static readonly Gen<object> Commands = Gen.Frequency(
        (2, Gen.Elements<object>(
            new CreateJob("ads", "clicks", JobKind.Sql, "li", NoLabels),
            new CreateJob("ads", "", JobKind.Sql, "li", NoLabels))),
        (4, Gen.Elements<object>(
            new SaveDraft(Sql("SELECT 1")),
            new SaveDraft(Sql("SELECT 2", "1.19")),
            new SaveDraft(Sql("SELECT 3", "2.0")),
            new SaveDraft(Sql("")),
            new SaveDraft(Jar()))),
        (4, Gen.Elements<object>(new PublishVersion("a"), new PublishVersion("b"))),
        (2, Gen.Choose(0, 4).Select(version => (object)new RollBackJob(version, ""))),
        (4, Starts),
        (3, Savepoints),
        (4, from run in Gen.Choose(1, 4)
            from state in Gen.Elements(Enum.GetValues<RunState>())
            select (object)new FollowRun(RunId(run), state)),
        // Rare: after it little happens.
        (1, Gen.Frequency(
            (1, Gen.Constant((object)new ArchiveJob())), (5, Gen.Constant((object)new PublishVersion("c"))))));

    [Fact]
    public void Whatever_is_asked_versions_and_attempts_are_numbered_without_gaps_and_runs_come_one_at_a_time() =>
        Laws.Hold(TheJob, Commands, events =>
            Numbered(events.OfType<JobVersionPublished>().Select(it => it.Number))
            && Numbered(events.OfType<JobStartRequested>().Select(it => it.Attempt))
            && OneRunAtATime(events)
            && NothingAfterTheArchive(events));

    private static bool Numbered(IEnumerable<int> numbers) =>
        numbers.Select((number, at) => number == at + 1).All(it => it);

    private static bool OneRunAtATime(IEnumerable<JobEvent> events)
    {
        RunState? current = null;
        foreach (var happened in events)
        {
            if (happened is JobRunObserved observed) current = observed.State;
            if (happened is not JobStartRequested) continue;
            if (current is RunState.Accepted or RunState.Running) return false;
            current = RunState.Accepted;
        }

        return true;
    }

    private static bool NothingAfterTheArchive(IEnumerable<JobEvent> events) =>
        events.SkipWhile(it => it is not JobArchived).Skip(1).All(it => it is JobRunObserved or JobSavepointTaken);
}
