using Xuanwu.GraphQL.Execution;
using Xuanwu.GraphQL.Types;

namespace Xuanwu.Bench.GraphQL;

/// <summary>A job in memory.</summary>
public sealed record BenchJob(string Id, string Name, BenchState State, IReadOnlyList<BenchVersion> All);

/// <summary>A version of a job.</summary>
public sealed record BenchVersion(int Number, DateTimeOffset CreatedAt);

/// <summary>Where a job stands.</summary>
public enum BenchState
{
    Idle,
    Running,
    Failed,
}

/// <summary>The fields of the benchmark's schema: 200 jobs with 10 versions each.</summary>
public static class BenchQueries
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    internal static readonly IReadOnlyList<BenchJob> All =
    [
        .. Enumerable.Range(0, 200).Select(job => new BenchJob(
            $"job-{job:000}",
            $"orders {job * 37 % 200:000}",
            (BenchState)(job % 3),
            [.. Enumerable.Range(1, 10).Select(it => new BenchVersion(it, Start.AddMinutes((job * 10) + it)))])),
    ];

    public static string GetHello() => "world";

    public static Connection<BenchJob> GetJobs(
        PageArguments page,
        [GraphQLType("JobFilterInput")] InputValue? where,
        [GraphQLType("[JobSortInput!]")] IReadOnlyList<InputValue>? order)
    {
        var found = All;
        if (where is not null) found = [.. All.Where(job => Matches(where, job))];
        if (order is [var by, ..])
        {
            found = by["name"] is "DESC"
                ? [.. found.OrderByDescending(job => job.Name, StringComparer.Ordinal)]
                : [.. found.OrderBy(job => job.Name, StringComparer.Ordinal)];
        }

        return Page(found, page.Size);
    }

    internal static Connection<T> Page<T>(IReadOnlyList<T> all, int size) => new(
        size >= all.Count ? all : [.. all.Take(size)],
        it => all.IndexOf(it).ToString(System.Globalization.CultureInfo.InvariantCulture),
        size < all.Count,
        false,
        _ => ValueTask.FromResult(all.Count));

    private static bool Matches(InputValue where, BenchJob job) => where.All(field => field.Key switch
    {
        "name" => Each(field.Value, (name, value) => name switch
        {
            "contains" => job.Name.Contains((string)value!, StringComparison.Ordinal),
            "startsWith" => job.Name.StartsWith((string)value!, StringComparison.Ordinal),
            _ => job.Name == (string?)value,
        }),
        "state" => Each(field.Value, (name, value) => (name == "neq") != value?.Equals(job.State) is true),
        _ => true,
    });

    private static bool Each(object? operations, Func<string, object?, bool> holds) =>
        operations is not InputValue all || all.All(it => holds(it.Key, it.Value));

    private static int IndexOf<T>(this IReadOnlyList<T> all, T item)
    {
        for (var i = 0; i < all.Count; i++)
        {
            if (EqualityComparer<T>.Default.Equals(all[i], item)) return i;
        }

        return -1;
    }
}

/// <summary>What belongs to a job.</summary>
public static class BenchJobFields
{
    public static Connection<BenchVersion> Versions(BenchJob job, PageArguments page) =>
        BenchQueries.Page(job.All, page.Size);
}
