using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.GraphQL.Tests;

/// <summary>Where a plan stands.</summary>
public enum PlanState
{
    /// <summary>Nobody has started it.</summary>
    NotStarted,

    /// <summary>It is done.</summary>
    FinishedOk,

    [Deprecated("use FINISHED_OK")]
    Done,
}

/// <summary>What can go wrong.</summary>
public interface IFailure
{
    /// <summary>For people.</summary>
    string Message { get; }
}

public sealed record NameTaken(string Message, string Name) : IFailure;

public sealed record NotFound(string Message) : IFailure;

/// <summary>A plan as people see it.</summary>
/// <param name="Id">Never changes.</param>
/// <param name="Name">Unique.</param>
public sealed record PlanView(
    [property: Id] Guid Id,
    string Name,
    PlanState State,
    string? Note,
    int Priority,
    long Size,
    bool Open,
    double Load,
    DateTimeOffset CreatedAt,
    TimeSpan Age,
    IReadOnlyList<string> Tags,
    IReadOnlyDictionary<string, string> Labels)
{
    [GraphQLIgnore]
    public string Hidden => Name + " hidden";
}

public sealed record StepView(int Number, DateTimeOffset CreatedAt);

/// <summary>Makes a plan.</summary>
/// <param name="Name">Unique.</param>
public sealed record CreatePlan(
    string Name, PlanState State = PlanState.NotStarted, Optional<string?> Note = default, IReadOnlyList<Part>? Parts = null);

public sealed record Part(int Weight, [property: Id] Guid? Of, Part? Inner = null);

public sealed record CreatePlanPayload(PlanView? Plan, IReadOnlyList<IFailure> Errors);

[OneOf]
public sealed record PlanKey([property: Id] Guid? Id, string? Name);

public sealed class Clock
{
    public DateTimeOffset Now { get; init; } = new(2026, 1, 1, 0, 0, 1, TimeSpan.Zero);
}

public static class PlanQueries
{
    public static readonly IReadOnlyList<PlanView> All = [.. Enumerable.Range(0, 20).Select(Make)];

    /// <summary>One plan.</summary>
    /// <param name="id">Its id.</param>
    public static PlanView? GetPlan([Id] Guid id) => All.FirstOrDefault(it => it.Id == id);

    public static Task<PlanView?> GetPlanByKeyAsync(PlanKey key) => Task.FromResult(
        All.FirstOrDefault(it => key.Id is { } id ? it.Id == id : it.Name == key.Name));

    public static Connection<PlanView> GetPlans(
        PageArguments page,
        [GraphQLType("PlanFilterInput")] InputValue? where,
        [GraphQLType("[PlanSortInput!]")] IReadOnlyList<InputValue>? order)
    {
        var found = All.Where(it => Contains(where, it.Name)).ToList();
        if (order is [var first, ..] && first["name"] is "DESC") found.Reverse();
        var start = page.After is { } after ? int.Parse(after, null) + 1 : 0;
        var nodes = found.Skip(start).Take(page.Size).ToList();
        return new Connection<PlanView>(
            nodes,
            it => found.IndexOf(it).ToString(System.Globalization.CultureInfo.InvariantCulture),
            start + nodes.Count < found.Count,
            start > 0,
            _ => ValueTask.FromResult(found.Count));
    }

    public static string Now(Clock clock, CancellationToken cancellation) =>
        cancellation.IsCancellationRequested ? "" : clock.Now.ToString("O", null);

    public static int Add(int left, int right = 2) => left + right;

    [GraphQLIgnore]
    public static PlanView Make(int number) => new(
        new Guid(number, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8),
        "plan-" + number,
        (PlanState)(number % 2),
        number % 3 == 0 ? null : "note \"" + number + "\"",
        number,
        number * 10_000_000_000L,
        number % 2 == 0,
        number / 4.0,
        new DateTimeOffset(2026, 1, 1, 0, 0, number, TimeSpan.Zero),
        TimeSpan.FromMinutes(number),
        ["a", "b"],
        new Dictionary<string, string> { ["team"] = "red" });

    private static bool Contains(InputValue? where, string name) =>
        where is null || !where.TryGetValue("name", out var it) || it is not InputValue operations
        || !operations.TryGetValue("contains", out var part) || name.Contains((string)part!, StringComparison.Ordinal);
}

public static class PlanMutations
{
    /// <summary>Makes a plan, or says why not.</summary>
    public static async Task<CreatePlanPayload> CreatePlan(CreatePlan input, Clock clock)
    {
        await Task.Yield();
        if (input.Name == "plan-1") return new CreatePlanPayload(null, [new NameTaken("taken", input.Name)]);
        var made = PlanQueries.Make(input.Parts?.Sum(it => it.Weight + (it.Inner?.Weight ?? 0)) ?? 0) with
        {
            Name = input.Name,
            State = input.State,
            Note = input.Note.HasValue ? input.Note.Value : "unset",
            CreatedAt = clock.Now,
        };
        return new CreatePlanPayload(made, []);
    }
}

public static class PlanFields
{
    public static IReadOnlyList<StepView> Steps(PlanView plan, int first = 3) =>
        [.. Enumerable.Range(1, first).Select(it => new StepView(it, plan.CreatedAt))];

    public static async ValueTask<string> Slow(PlanView plan)
    {
        await Task.Yield();
        return plan.Name + " at last";
    }
}

public static class Sample
{
    public static SchemaBuilder Builder() => new SchemaBuilder()
        .Query(typeof(PlanQueries))
        .Mutation(typeof(PlanMutations))
        .Object<PlanView>("Plan")
        .Object<NameTaken>("NameTakenError")
        .Object<NotFound>()
        .Fields<PlanView>(typeof(PlanFields))
        .Interface<IFailure>("Error")
        .FilterInput("PlanFilterInput", ("name", "String"), ("state", "PlanState"), ("id", "UUID"), ("priority", "Int"))
        .SortInput("PlanSortInput", "name", "priority")
        .Services(it => it == typeof(Clock));

    public static Schema Schema { get; } = Builder().Build();
}
