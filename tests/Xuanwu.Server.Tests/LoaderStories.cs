using System.Collections.Concurrent;
using System.Diagnostics;

namespace Xuanwu.Server.Tests;

/// <summary>What a page costs in statements, heard as Npgsql sends them, does not grow with its length.</summary>
public sealed class LoaderStories(XuanwuFixture fixture) : IClassFixture<XuanwuFixture>
{
    private const int Runs = 8;
    private readonly XuanwuHost _host = fixture.Host;

    [Fact]
    public async Task A_page_of_runs_with_all_that_belongs_to_them_costs_a_bounded_number_of_statements()
    {
        for (var i = 0; i < Runs; i++) await _host.StartAsync(await _host.PublishedJobAsync($"loads-{i}"));

        var statements = await CountAsync(
            $$"""
            { runs(first: {{Runs}}) { nodes {
                sequence uiAddress observedAt unreachableSince unreachableReason timeline { restarts }
                cluster { name } job { name sequence currentRun { state cluster { name } job { name } } }
            } } }
            """,
            "runs");

        // The page, and one each for sequences of runs, clusters, observations, timelines, jobs, sequences of jobs and
        // current runs. Workers send statements of their own meanwhile: hence the least of several tries.
        Assert.InRange(statements, 8, 10);
    }

    [Fact]
    public async Task A_page_of_jobs_costs_one_statement_for_all_their_runs()
    {
        for (var i = 0; i < Runs; i++) await _host.StartAsync(await _host.PublishedJobAsync($"runs-{i}"));

        Assert.InRange(
            await CountAsync(
                $$"""{ jobs(first: {{Runs}}) { nodes { name currentVersion { number } currentRun { state } } } }""", "jobs"),
            2,
            4);
    }

    private async Task<int> CountAsync(string query, string list)
    {
        var least = int.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            var heard = new ConcurrentQueue<string>();
            using var listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Npgsql",
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity =>
                {
                    foreach (var (name, value) in activity.Tags)
                    {
                        if (name is "db.query.text" or "db.statement" && value is not null) heard.Enqueue(value);
                    }
                },
            };
            ActivitySource.AddActivityListener(listener);
            var answer = await _host.QueryAsync(query);
            Assert.Equal(Runs, answer[list]!["nodes"]!.AsArray().Count);
            least = Math.Min(least, heard.Count);
        }

        return least;
    }
}
