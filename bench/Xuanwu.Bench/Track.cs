using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Xuanwu.Flink.Manifests;
using Xuanwu.Testing;

namespace Xuanwu.Bench;

/// <summary>
/// Thousands of runs on one sandbox, watched by one server. Jobs are created and started over GraphQL as users do; when
/// all run, the server's cost of watching them is measured, and how fresh what it knows is; then some jobs are ended
/// behind its back, by Flink's own REST API, and it is measured how long after Flink's end-time the run's end is an
/// event. At last the server is killed, and it is measured how long a new one takes to have looked at every run.
/// <c>--runs=N</c> asks for another number of runs.
/// </summary>
internal static class Track
{
    private const int Clients = 16;
    private const int Changes = 100;
    private const string Sql =
        "CREATE TABLE a (x INT) WITH ('connector' = 'datagen'); "
        + "CREATE TABLE b (x INT) WITH ('connector' = 'blackhole'); INSERT INTO b SELECT x FROM a;";

    private const string Create =
        "mutation ($name: String!) { createJob(input: { project: \"bench\", name: $name, kind: SQL }) "
        + "{ job { id } errors { code message } } }";

    private const string Draft =
        "mutation ($job: UUID!, $sql: String!) { saveDraft(input: { jobId: $job, sql: $sql, resources: "
        + "{ jobManager: { replicas: 1 }, taskManager: { slots: 1 } } }) { errors { code message } } }";

    private const string Publish =
        "mutation ($job: UUID!) { publishVersion(input: { jobId: $job }) { errors { code message } } }";

    private const string Begin =
        "mutation ($job: UUID!) { startJob(input: { jobId: $job }) { errors { code message } } }";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Oldest = TimeSpan.FromSeconds(16); // the slowest period, and a second to write it

    public static async Task RunAsync(bool quick)
    {
        var runs = Asked() ?? (quick ? 300 : 5_000);
        var window = TimeSpan.FromSeconds(quick ? 20 : 60);
        var folder = Directory.CreateTempSubdirectory("xuanwu-track-").FullName;
        try
        {
            await using var postgres = await PostgresServer.StartAsync(new PostgresServerOptions { Durable = true });
            await using var database = await postgres.CreateDatabaseAsync();
            await using var source = NpgsqlDataSource.Create(database.ConnectionString);
            var (ingress, port) = (Child.FreePort(), Child.FreePort());
            var kubeconfig = Path.Combine(folder, "kubeconfig");
            using var sandbox = Child.Start(
                "Xuanwu.Sandbox", ["--data", folder, "--ingress-port", $"{ingress}", "--kubeconfig", kubeconfig]);
            await sandbox.UntilAsync(
                () => Task.FromResult(sandbox.Output.Contains("faults", StringComparison.Ordinal) ? kubeconfig : null),
                Limit, TimeSpan.FromMilliseconds(50));
            using var http = Machine.Client(port);
            using var server = await StartServerAsync();
            var idle = server.ResidentMiB;

            var load = Machine.Load();
            var clock = Stopwatch.StartNew();
            await StartJobsAsync(http, runs);
            var asked = clock.Elapsed;
            await AllRunAsync(source, runs, clock, server, sandbox);
            var running = clock.Elapsed;
            var startCpu = server.Cpu;
            Progress(clock, $"all {runs} run; settling");
            await Task.Delay(window); // periods grow with the age of a run
            var steady = await WatchAsync(source, server, sandbox, postgres, window);
            Progress(clock, "ending jobs");
            var delays = await EndAsync(source, ingress, Math.Min(Changes, runs / 3));
            Progress(clock, "starting the server again");
            server.Dispose();
            var restarted = DateTimeOffset.UtcNow;
            using var second = await StartServerAsync();
            var ready = DateTimeOffset.UtcNow - restarted;
            var seen = await AllSeenAsync(source, restarted) - restarted;
            Results.Write("track", Command(quick), string.Create(CultureInfo.InvariantCulture, $"""
                {runs} runs (one JobManager, one TaskManager each) in one sandbox process, one server process,
                PostgreSQL with fsync, all on this machine; load average {load} before, {Machine.Load()} after.

                | starting | |
                |---|---|
                | create, save, publish and start, {Clients} clients | {runs / asked.TotalSeconds:N1} jobs/s |
                | until all run | {running.TotalSeconds:N0} s, {runs / running.TotalSeconds:N1} runs/s |
                | server CPU a run | {startCpu.TotalMilliseconds / runs:N0} ms |

                | watching for {window.TotalSeconds:N0} s | |
                |---|---|
                | server CPU a 1,000 runs | **{steady.ServerCores * 1000 * 1000 / runs:N0} ms/s** |
                | server resident size, {idle:N0} MiB without runs | {steady.MiB:N0} MiB |
                | so a 1,000 runs | **{(steady.MiB - idle) * 1000 / runs:N0} MiB** |
                | polls | {steady.PollsPerSecond:N0}/s, one per run every {runs / steady.PollsPerSecond:N1} s |
                | server CPU a poll | {steady.ServerCores * 1000 / steady.PollsPerSecond:N2} ms |
                | runs last seen over {Oldest.TotalSeconds:N0} s ago, mean of samples | **{steady.StaleMean:P2}** |
                | the same, worst sample | {steady.StaleWorst:P2} |
                | PostgreSQL CPU | {steady.PostgresCores * 1000:N0} ms/s |
                | sandbox CPU | {steady.SandboxCores * 1000:N0} ms/s |

                | from Flink's end-time to the event, {delays.Count} jobs ended by Flink's REST API | s |
                |---|---|
                | p50 | **{At(delays, 0.5):N2}** |
                | p99 | **{At(delays, 0.99):N2}** |
                | longest | {delays[^1]:N2} |

                Nothing tells the server of such an end but its next poll: the delay is a part of the period between
                polls, which grows to 15 s with the time that a run has been steady.

                | after SIGKILL, a new server | s |
                |---|---|
                | ready | **{ready.TotalSeconds:N1}** |
                | has looked at every run | **{seen.TotalSeconds:N1}** |
                """));

            async Task<Child> StartServerAsync()
            {
                var child = Child.Start(
                    "Xuanwu.Server", [],
                    ("XUANWU_POSTGRES", database.ConnectionString), ("XUANWU_PORT", $"{port}"),
                    ("XUANWU_SANDBOX_KUBECONFIG", kubeconfig), ("XUANWU_SANDBOX_INGRESS_PORT", $"{ingress}"));
                await child.UntilAsync(
                    async () => await http.GetStringAsync("readyz"), Limit, TimeSpan.FromMilliseconds(50));
                return child;
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static string? Argument => Environment.GetCommandLineArgs()
        .FirstOrDefault(argument => argument.StartsWith("--runs=", StringComparison.Ordinal));

    private static int? Asked() =>
        Argument is { } argument ? int.Parse(argument["--runs=".Length..], CultureInfo.InvariantCulture) : null;

    private static string Command(bool quick) =>
        $"./dev.sh bench track{(quick ? " --quick" : "")}{(Argument is { } runs ? " " + runs : "")}";

    private static double At(List<double> sorted, double part) => sorted[(int)(sorted.Count * part)];

    private static void Progress(Stopwatch clock, string text) =>
        Console.Error.WriteLine(
            string.Create(CultureInfo.InvariantCulture, $"{clock.Elapsed.TotalSeconds,5:N0} s  {text}"));

    private static async Task StartJobsAsync(HttpClient http, int count) => await Parallel.ForAsync(
        0, count, new ParallelOptions { MaxDegreeOfParallelism = Clients }, async (number, _) =>
        {
            var created = await Child.QueryAsync(http, Create, new { name = $"job-{number}" });
            var job = (Guid)created["job"]!["id"]!;
            await Child.QueryAsync(http, Draft, new { job, sql = Sql });
            await Child.QueryAsync(http, Publish, new { job });
            await Child.QueryAsync(http, Begin, new { job });
        });

    private static async Task AllRunAsync(
        NpgsqlDataSource source, int runs, Stopwatch clock, params IReadOnlyList<Child> processes)
    {
        var (most, since) = (-1L, clock.Elapsed);
        while (true)
        {
            foreach (var ended in processes.Where(process => process.Ended))
            {
                throw new InvalidOperationException($"A process has ended.\n{ended.Output}");
            }

            var running = await ScalarAsync(
                source, "select count(*) from xuanwu.mt_doc_run where data ->> 'State' = 'Running'");
            if (running == runs) return;
            if (running > most) (most, since) = (running, clock.Elapsed);
            if (clock.Elapsed - since > TimeSpan.FromMinutes(2))
            {
                throw new TimeoutException($"{running} of {runs} runs run, and for two minutes no more have come.");
            }

            Progress(clock, $"{running} of {runs} run");
            await Task.Delay(TimeSpan.FromSeconds(running > runs * 9 / 10 ? 1 : 5));
        }
    }

    // Each poll puts its message back, which counts its laps: so polls are counted without asking the server.
    private static async Task<Steady> WatchAsync(
        NpgsqlDataSource source, Child server, Child sandbox, PostgresServer postgres, TimeSpan window)
    {
        const string Laps = "select sum(lap)::bigint from xuanwu.messages where type = 'poll_run'";
        var stale = new List<double>();
        var clock = Stopwatch.StartNew();
        var (lapsBefore, serverBefore, sandboxBefore, postgresBefore) =
            (await ScalarAsync(source, Laps), server.Cpu, sandbox.Cpu, postgres.CpuTime());
        while (clock.Elapsed < window)
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            stale.Add(await StaleAsync(source));
        }

        var seconds = clock.Elapsed.TotalSeconds;
        return new(
            (await ScalarAsync(source, Laps) - lapsBefore) / seconds,
            (server.Cpu - serverBefore).TotalSeconds / seconds,
            (postgres.CpuTime() - postgresBefore).TotalSeconds / seconds,
            (sandbox.Cpu - sandboxBefore).TotalSeconds / seconds,
            server.ResidentMiB,
            stale.Average(),
            stale.Max());
    }

    private static async Task<double> StaleAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(
            """
            select avg((seen.observed_at is null or seen.observed_at < now() - $1)::int)::float8
            from xuanwu.mt_doc_run run left join xuanwu.observations seen on seen.run_id = run.id
            """);
        command.Parameters.Add(new() { Value = Oldest });
        return (double)(await command.ExecuteScalarAsync())!;
    }

    // At random moments of one slowest period, so that the moment has nothing to do with when a run is polled.
    private static async Task<List<double>> EndAsync(NpgsqlDataSource source, int ingress, int count)
    {
        using var flink = Machine.Client(ingress);
        var random = new Random(5);
        var ended = await Task.WhenAll((await SomeAsync(source, count)).Select(async run =>
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(15_000)));
            return (run.Id, At: await CancelAsync(flink, run));
        }));
        var delays = new List<double>();
        foreach (var (id, at) in ended) delays.Add((await EndedAtAsync(source, id) - at).TotalSeconds);
        delays.Sort();
        return delays;
    }

    private static async Task<DateTimeOffset> CancelAsync(HttpClient flink, (Guid Id, string FlinkJobId) run)
    {
        var host = $"{RunNames.ClusterId(run.Id)}.flink.localhost";
        using (var answer = await SendAsync(HttpMethod.Patch, "?mode=cancel")) answer.EnsureSuccessStatusCode();
        while (true)
        {
            using var answer = await SendAsync(HttpMethod.Get, "");
            var job = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonNode>())!;
            if ((long)job["end-time"]! is > 0 and var at) return DateTimeOffset.FromUnixTimeMilliseconds(at);
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }

        async Task<HttpResponseMessage> SendAsync(HttpMethod method, string query)
        {
            using var request = new HttpRequestMessage(method, $"jobs/{run.FlinkJobId}{query}");
            request.Headers.Host = host;
            return await flink.SendAsync(request);
        }
    }

    private static async Task<List<(Guid Id, string FlinkJobId)>> SomeAsync(NpgsqlDataSource source, int count)
    {
        await using var command = source.CreateCommand(
            "select id, data ->> 'FlinkJobId' from xuanwu.mt_doc_run order by md5(id::text) limit $1");
        command.Parameters.Add(new() { Value = count });
        await using var reader = await command.ExecuteReaderAsync();
        var some = new List<(Guid, string)>();
        while (await reader.ReadAsync()) some.Add((reader.GetGuid(0), reader.GetString(1)));
        return some;
    }

    private static async Task<DateTimeOffset> EndedAtAsync(NpgsqlDataSource source, Guid run)
    {
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Limit)
        {
            await using var command = source.CreateCommand(
                """
                select timestamp from xuanwu.mt_events
                where stream_id = $1 and type = 'run_ended' order by version limit 1
                """);
            command.Parameters.Add(new() { Value = run });
            if (await command.ExecuteScalarAsync() is DateTime at) return new DateTimeOffset(at);
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        }

        throw new TimeoutException($"The end of run {run} was not seen within {Limit.TotalSeconds:N0} s.");
    }

    private static async Task<DateTimeOffset> AllSeenAsync(NpgsqlDataSource source, DateTimeOffset since)
    {
        const string Unseen =
            """
            select count(*) from xuanwu.mt_doc_run run left join xuanwu.observations seen on seen.run_id = run.id
            where run.data ->> 'State' = 'Running' and (seen.observed_at is null or seen.observed_at < $1)
            """;
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Limit * 2)
        {
            if (await ScalarAsync(source, Unseen, since) == 0) return DateTimeOffset.UtcNow;
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }

        throw new TimeoutException("A run was not looked at within two minutes after a new start.");
    }

    private static async Task<long> ScalarAsync(NpgsqlDataSource source, string sql, params object[] values)
    {
        await using var command = source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new() { Value = value });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed record Steady(
        double PollsPerSecond, double ServerCores, double PostgresCores, double SandboxCores, double MiB,
        double StaleMean, double StaleWorst);
}
