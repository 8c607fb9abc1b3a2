using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Npgsql;

namespace Xuanwu.Server.Tests;

/// <summary>
/// The server's own statements that run often find their rows by an index, on tables that are not small. They are heard
/// as Npgsql sends them, so that what is explained is what is run.
/// </summary>
public sealed partial class PlanStories : IAsyncLifetime, IDisposable
{
    private readonly ConcurrentDictionary<string, byte> _heard = new();
    private ActivityListener _listener = null!;
    private XuanwuHost _host = null!;

    public async Task InitializeAsync()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                foreach (var (name, value) in activity.Tags)
                {
                    if (name is "db.query.text" or "db.statement" && value is not null) _heard[value] = 0;
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
        _host = await XuanwuHost.StartAsync();
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task Statements_that_run_often_find_their_rows_by_an_index()
    {
        var (job, run) = await _host.RunningJobAsync("plans");
        var jobs = await AskAsync(
            "{ jobs(first: 20) { nodes { id } pageInfo { endCursor } } }", "from xuanwu.mt_doc_job where");
        var cursor = await EndAsync("jobs");
        var jobsAfter = await AskAsync(
            $"{{ jobs(first: 20, after: \"{cursor}\") {{ nodes {{ id }} }} }}", "from xuanwu.mt_doc_job where");
        var jobsChanged = await AskAsync(
            "{ jobs(first: 20, order: [{ changedAt: DESC }]) { nodes { id } } }", "from xuanwu.mt_doc_job where");
        var runs = await AskAsync("{ runs(first: 20) { nodes { id } } }", "from xuanwu.mt_doc_run where");
        var runsOfJob = await AskAsync(
            $"{{ job(id: \"{job}\") {{ runs(first: 20) {{ nodes {{ id }} }} }} }}", "'JobId')::uuid) = $1 order by");
        var history = await AskAsync(
            $"{{ job(id: \"{job}\") {{ history(first: 20) {{ nodes {{ id }} }} }} }}", "stream_id in (select");
        var runHistory = await AskAsync(
            $"{{ run(id: \"{run}\") {{ history(first: 20) {{ nodes {{ id }} }} }} }}", "where stream_id = $1");
        var events = await AskAsync(
            "{ events(first: 20) { nodes { id } } }", "from xuanwu.mt_events where true order by");
        var last = await EndAsync("events");
        var eventsAfter = await AskAsync(
            $"{{ events(first: 20, after: \"{last}\") {{ nodes {{ id }} }} }}", "from xuanwu.mt_events where");
        var observation = await AskAsync($"{{ run(id: \"{run}\") {{ observedAt }} }}", "from xuanwu.observations");

        await FillAsync();
        await ExplainAsync(jobs, "mt_doc_job_created");
        await ExplainAsync(jobsAfter, "mt_doc_job_created");
        await ExplainAsync(jobsChanged, "mt_doc_job_changed");
        await ExplainAsync(runs, "mt_doc_run_requested");
        await ExplainAsync(runsOfJob, "mt_doc_run_job");
        await ExplainAsync(history, "pk_mt_events_stream_and_version");
        await ExplainAsync(runHistory, "pk_mt_events_stream_and_version");
        await ExplainAsync(events, "pkey_mt_events_seq_id");
        await ExplainAsync(eventsAfter, "pkey_mt_events_seq_id");
        await ExplainAsync(observation, "observations_pkey");
        await ExplainAsync(
            _heard.Keys.Single(
                it => it.StartsWith("select id from xuanwu.mt_doc_run where not", StringComparison.Ordinal)),
            "mt_doc_run_live");
    }

    private async Task<string> EndAsync(string list) => (string)(await _host.QueryAsync(
        $"{{ {list}(first: 1) {{ pageInfo {{ endCursor }} }} }}"))[list]!["pageInfo"]!["endCursor"]!;

    // The statement that the query led to and no earlier one did.
    private async Task<string> AskAsync(string query, string part)
    {
        var before = _heard.Keys.ToHashSet();
        await _host.QueryAsync(query);
        var fresh = _heard.Keys.Except(before).Where(it => it.Contains(part, StringComparison.Ordinal)).ToList();
        return fresh.Count > 0 ? fresh[0] : before.First(it => it.Contains(part, StringComparison.Ordinal));
    }

    private async Task FillAsync()
    {
        await using var connection = new NpgsqlConnection(_host.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(
            """
            create function pg_temp.at(i int) returns text language sql immutable return
                to_char(timestamp '2026-01-01' + i * interval '1 s', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"');
            insert into xuanwu.mt_doc_job (id, data, mt_version)
            select md5('job' || i)::uuid, jsonb_build_object(
                'Project', 'p' || i % 50, 'Name', 'n' || i, 'State', 'Finished', 'Archived', false,
                'CreatedAt', pg_temp.at(i), 'ChangedAt', pg_temp.at(2 * i)), 1
            from generate_series(1, 20000) i;
            insert into xuanwu.mt_doc_run (id, data, mt_version)
            select md5('run' || i)::uuid, jsonb_build_object(
                'JobId', md5('job' || i % 20000)::uuid, 'State', 'Finished', 'Released', i % 200 <> 0,
                'RequestedAt', pg_temp.at(i)), 1
            from generate_series(1, 60000) i;
            insert into xuanwu.mt_streams (id, type, version)
            select md5('job' || i)::uuid, 'job', 5 from generate_series(1, 20000) i;
            insert into xuanwu.mt_events (seq_id, id, stream_id, version, data, type)
            select nextval('xuanwu.mt_events_sequence'), gen_random_uuid(), md5('job' || i)::uuid, v, '{}',
                'job_archived'
            from generate_series(1, 5) v, generate_series(1, 20000) i;
            insert into xuanwu.observations (run_id, node)
            select md5('run' || i)::uuid, gen_random_uuid() from generate_series(1, 20000) i;
            """,
            connection)
        { CommandTimeout = 120 };
        await command.ExecuteNonQueryAsync();
        await using var analyze = new NpgsqlCommand("analyze", connection) { CommandTimeout = 120 };
        await analyze.ExecuteNonQueryAsync();
    }

    // As the server prepares it: one plan for all values.
    private async Task ExplainAsync(string sql, string index)
    {
        await using var connection = new NpgsqlConnection(_host.ConnectionString);
        await connection.OpenAsync();
        await RunAsync(connection, "set plan_cache_mode = force_generic_plan");
        await RunAsync(connection, $"prepare asked as {sql}");
        var parameters = Parameter().Matches(sql).Select(match => match.Value).Distinct().Select(_ => "null");
        var values = string.Join(", ", parameters);
        var plan = await RunAsync(connection, $"explain execute asked{(values.Length == 0 ? "" : $" ({values})")}");
        Assert.True(
            plan.Contains(index, StringComparison.Ordinal) && !plan.Contains("Seq Scan", StringComparison.Ordinal),
            $"{sql}\n{plan}");
    }

    private static async Task<string> RunAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return string.Join('\n', lines);
    }

    [GeneratedRegex(@"\$\d+")]
    private static partial Regex Parameter();
}
