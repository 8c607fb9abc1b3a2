using Xuanwu.EventStore;

namespace Xuanwu.Bench;

/// <summary>Events of about 170 to 200 bytes, like those of a job, for the benchmarks of the kernels.</summary>
public abstract record TaskEvent;

public sealed record TaskOpened(string Project, string Name, string Owner) : TaskEvent;

public sealed record TaskProgressed(int Step, string State, string Detail, double Rate, Guid Host) : TaskEvent;

public sealed record TaskState(int Steps, string State)
{
    public static readonly TaskState Absent = new(0, "none");

    public static TaskState Evolve(TaskState state, TaskEvent happened) => happened switch
    {
        TaskOpened => state with { State = "open" },
        TaskProgressed it => new TaskState(state.Steps + 1, it.State),
        _ => throw new InvalidOperationException($"Unknown event {happened}."),
    };
}

public sealed record TaskView(
    string Project, string Name, string Owner, string State, int Steps, double Rate, string LastDetail,
    DateTimeOffset ChangedAt, string ChangedBy)
{
    public static TaskView? Evolve(TaskView? view, Recorded<TaskEvent> happened) => happened.Event switch
    {
        TaskOpened it => new(it.Project, it.Name, it.Owner, "open", 0, 0, "", happened.At, happened.By),
        TaskProgressed it when view is not null => view with
        {
            State = it.State,
            Steps = view.Steps + 1,
            Rate = it.Rate,
            LastDetail = it.Detail,
            ChangedAt = happened.At,
            ChangedBy = happened.By,
        },
        _ => view,
    };
}

internal static class BenchEvents
{
    public static readonly DateTimeOffset Day = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public static TaskOpened Open(int number) => new("advertising", $"click-windows-{number}", "ada");

    public static TaskProgressed Progress(int step) => new(
        step, "RUNNING", "checkpoint 17 completed, 4 of 4 subtasks acknowledged", 1234.5, Host);

    private static readonly Guid Host = Guid.Parse("7e7a2f6c-53a1-4c9d-8a70-7e6c1f2d9b10");
}
